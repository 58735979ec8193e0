/* zone.c: the program of a zone: its routes listed, itself checked, or requests served. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "gateway.h"
#include "log.h"
#include "mail.h"
#include "serve.h"

/* Weak: to name it here must not bring the outbox, and the rights it needs, into programs that write no mails. */
#pragma weak mail_check

static const char *const methods[] = { "GET", "POST" };
static const char *const guards[] = { "anyone", "member", "seller", "staff", "signed", "key", "monitor" };

static void route_print(const struct route *route, void *arg)
{
	const char *zone = arg;
	const char *csrf = route->method != POST ? "-" : route->guard == SIGNED ? "signature" : route->guard == KEY ? "key" : "token";
	printf("%-9s %-4s %-34s %-7s %-9s %s:%d\n", zone, methods[route->method], route->pattern, guards[route->guard],
		csrf, route->file, route->line);
}

static void check_report(const char *file, int line, const char *message)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, message);
}

static size_t statements_wrong;

static void statements_check(void *arg)
{
	statements_wrong = db_check(arg, check_report);
}

static int check(struct db *db)
{
	struct failure failure;
	size_t wrong = render_check(check_report);
	if (mail_check)
		wrong += mail_check(check_report);
	if (!attempt(statements_check, db, &failure)) {
		fprintf(stderr, "%s %s\n", failure.event, failure.message);
		return 1;
	}
	wrong += statements_wrong;
	printf("%zu faults\n", wrong);
	return wrong != 0;
}

int zone_main(const char *zone, int argc, char **argv)
{
	/* Under a web server argv may come from the query (RFC 3875 §4.4): it is not ours. */
	bool shell = !getenv("GATEWAY_INTERFACE") && argc == 2;
	if (shell && !strcmp(argv[1], "--routes")) {
		routes_each(route_print, (void *)(uintptr_t)zone);
		return 0;
	}
	conf_load(zone);
	clock_read();
	struct db db = { .mem = mem_program(), .manual = !strcmp(zone, "hook") };
	if (shell && !strcmp(argv[1], "--check"))
		return check(&db);
	gateway_run(&db);
	return 0;
}
