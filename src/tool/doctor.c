/* comptoir doctor: looks at everything that can be wrong, one line each. Exit code 0: all well, 1: warnings, 2: failures. */
#include <stdarg.h>
#include <stdio.h>

#include "entitlement.h"
#include "fail.h"
#include "moment.h"
#include "order.h"
#include "subscription_settle.h"
#include "token.h"
#include "tool/doctor.h"

enum { REPAIR_AT_ONCE = 500 };

static const struct {
	const char *name;
	void (*run)(struct doctor *doctor);
} checks[] = {
	{ "settings", check_settings },
	{ "secrets", check_secrets },
	{ "database", check_database },
	{ "schema", check_schema },
	{ "programs", check_programs },
	{ "clock", check_clock },
	{ "data folder", check_folder },
	{ "not served", check_not_served },
	{ "files", check_files },
	{ "stray files", check_strays },
	{ "rights", check_rights },
	{ "orders", check_orders },
	{ "tokens", check_tokens },
	{ "stripe events", check_stripe_events },
	{ "reconciler", check_reconcile },
	{ "promises", check_promises },
	{ "worker", check_worker },
	{ "jobs", check_jobs },
	{ "mails", check_mails },
};

void found(struct doctor *doctor, enum health health, const char *format, ...)
{
	struct finding *finding = doctor->finding;
	if (*finding->text && health <= finding->health)
		return;
	va_list args;
	va_start(args, format);
	finding->health = health;
	vsnprintf(finding->text, sizeof finding->text, format, args);
	va_end(args);
}

struct turn {
	struct doctor *doctor;
	void (*run)(struct doctor *doctor);
};

static void turn_run(void *arg)
{
	struct turn *turn = arg;
	turn->run(turn->doctor);
}

static enum health examine(struct doctor *doctor)
{
	static const char *const words[] = { "ok", "warn", "FAIL" };
	enum health worst = HEALTH_OK;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		struct finding finding = { 0 };
		struct turn turn = { doctor, checks[i].run };
		struct failure failure;
		doctor->finding = &finding;
		if (!attempt(turn_run, &turn, &failure))
			found(doctor, HEALTH_FAIL, "%s: %s", failure.event, failure.message);
		db_leave(doctor->db);
		printf("%-4s  %-14s %s\n", words[finding.health], checks[i].name, finding.text);
		worst = finding.health > worst ? finding.health : worst;
	}
	return worst;
}

/* What was paid and is not there, of everything. */
static struct fulfilment fulfil_all(struct db *db, struct fulfilment (*some)(struct db *db, struct moment since, int64_t limit))
{
	struct fulfilment sum = { 0 }, done;
	do {
		done = some(db, moment_from_unix(1), REPAIR_AT_ONCE);
		sum.orders += done.orders;
		sum.created += done.created;
		sum.skipped += done.skipped;
	} while (done.created && done.orders == REPAIR_AT_ONCE);
	return sum;
}

static void repair(struct db *db)
{
	struct fulfilment sum = fulfil_all(db, orders_fulfil_missing), recurring = fulfil_all(db, subscriptions_mend);
	int64_t filled = 0;
	for (int64_t some; (some = rights_fill(db, REPAIR_AT_ONCE)) > 0;)
		filled += some;
	int64_t balances = token_balances_repair(db);
	printf("repaired: orders=%lld created=%lld skipped=%lld subscriptions=%lld rights_filled=%lld balances=%lld\n",
		(long long)sum.orders, (long long)(sum.created + recurring.created), (long long)(sum.skipped + recurring.skipped),
		(long long)recurring.orders, (long long)filled, (long long)balances);
}

/* A right whose period was lost has no source either, and was paid: it must not be ended. */
static void clean(struct db *db, bool yes)
{
	int64_t missing = periods_missing(db);
	if (missing) {
		printf("not cleaned: %lld paid invoices of subscriptions have no period, and rights may lack their source for that alone:"
			" comptoir doctor --repair first\n", (long long)missing);
		return;
	}
	int64_t rights = entitlements_clean(db, !yes), files = strays_each(db, yes);
	printf("%s: rights without a paid source=%lld, stored files without a row=%lld\n",
		yes ? "cleaned" : "to be cleaned (say --yes)", (long long)rights, (long long)files);
}

int doctor_command(struct tool *tool)
{
	bool repairing = false, cleaning = false, yes = false;
	struct doctor doctor = { .db = tool->db, .mem = tool->mem };
	if (!options(tool, 0, 0, { "--repair", &repairing, NULL }, { "--clean", &cleaning, NULL }, { "--yes", &yes, NULL },
		    { "--deep", &doctor.deep, NULL }))
		return EXIT_USAGE;
	if (repairing)
		repair(tool->db);
	if (cleaning)
		clean(tool->db, yes);
	return (int)examine(&doctor);
}
