/* worker: runs the jobs. As a daemon until SIGTERM, or from cron: worker --once --seconds 50 */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "checked.h"
#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "job.h"
#include "log.h"
#include "mail.h"
#include "moment.h"
#include "reconcile.h"

enum { ARENA = 64 << 20, ROUND_SECONDS = 10, SCHEDULE_SECONDS = 60, WAIT_MS = 1000 };

struct worker {
	struct db *db;
	struct mem *mem;
	int64_t seconds; /* of one round */
	int64_t ran;
	int64_t scheduled; /* when last, seconds since 1970 */
	bool behind; /* just started, or away for a while: Stripe is asked what was missed */
};

static void on_signal(int number)
{
	(void)number;
	jobs_stop();
}

static void signals_set(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void round_run(void *arg)
{
	struct worker *worker = arg;
	int64_t now = moment_unix(moment_now());
	worker->ran = 0;
	if (now >= worker->scheduled + SCHEDULE_SECONDS || now < worker->scheduled) {
		jobs_schedule(worker->db);
		worker->scheduled = now;
	}
	if (worker->behind)
		reconcile_ask(worker->db);
	worker->behind = false;
	worker->ran = jobs_run(worker->db, worker->mem, worker->seconds);
}

/* One round; a lost database is a log line when it goes, and one when it is back. */
static bool round_done(struct worker *worker)
{
	static bool lost;
	struct failure failure;
	clock_read();
	bool whole = attempt(round_run, worker, &failure);
	db_leave(worker->db);
	if (!whole && !lost)
		log_line(failure.event, "why=%s", log_word(failure.message));
	if (whole && lost)
		log_line("worker.back", "%s", "");
	worker->behind |= !whole;
	lost = !whole;
	return whole;
}

static int daemon_run(struct worker *worker)
{
	const struct timespec wait = { WAIT_MS / 1000, (WAIT_MS % 1000) * 1000000L };
	log_line("worker.start", "%s", "");
	worker->behind = true;
	while (!jobs_stopped()) {
		bool whole = round_done(worker);
		if ((!whole || !worker->ran) && !jobs_stopped())
			nanosleep(&wait, NULL);
	}
	log_line("worker.end", "%s", "");
	return 0;
}

static void check_report(const char *file, int line, const char *message)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, message);
}

static void statements_check(void *arg)
{
	struct worker *worker = arg;
	worker->ran = (int64_t)db_check(worker->db, check_report);
}

static void mails_check(void *arg)
{
	struct worker *worker = arg;
	worker->ran = (int64_t)mail_check(check_report);
}

static int check(struct worker *worker)
{
	void (*const checks[])(void *) = { statements_check, mails_check };
	int64_t wrong = 0;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		struct failure failure;
		worker->ran = 0;
		if (!attempt(checks[i], worker, &failure)) {
			fprintf(stderr, "%s %s\n", failure.event, failure.message);
			wrong++;
		}
		wrong += worker->ran;
	}
	printf("%lld faults\n", (long long)wrong);
	return wrong != 0;
}

static void kind_print(const struct job_kind *kind, void *arg)
{
	(void)arg;
	if (kind->every)
		printf("%-24s every %6lld s  %s\n", kind->reaction, (long long)kind->every, kind->file);
	else
		printf("%-24s on demand       %s\n", kind->reaction, kind->file);
}

static int usage(void)
{
	fputs("usage: worker [--once [--seconds N] | --check | --list]\n", stderr);
	return 64;
}

int main(int argc, char **argv)
{
	bool once = argc > 1 && !strcmp(argv[1], "--once");
	int64_t seconds = ROUND_SECONDS;
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		job_kinds_each(kind_print, NULL);
		return 0;
	}
	bool checking = argc == 2 && !strcmp(argv[1], "--check");
	bool timed = once && argc == 4 && !strcmp(argv[2], "--seconds");
	if ((timed && !parse_int(argv[3], 0, 86400, &seconds)) || (argc > 1 && !checking && !timed && !(once && argc == 2)))
		return usage();
	if (sodium_init() < 0)
		return 70;
	conf_load("worker");
	clock_read();
	struct db db = { .mem = mem_program() };
	struct worker worker = { .db = &db, .mem = mem_new(ARENA), .seconds = seconds };
	if (checking)
		return check(&worker);
	signals_set();
	if (!once)
		return daemon_run(&worker);
	return round_done(&worker) ? 0 : 75; /* EX_TEMPFAIL */
}
