/* doctor_shop.c: what the database tells about the shop's health. */
#include <stdlib.h>
#include <time.h>

#include "checked.h"
#include "conf.h"
#include "entitlement.h"
#include "invariant.h"
#include "job.h"
#include "migrate.h"
#include "moment.h"
#include "order.h"
#include "reconcile.h"
#include "subscription_settle.h"
#include "token.h"
#include "tool/doctor.h"

enum { VERSION_MAJOR = 10, VERSION_MINOR = 6, CLOCK_WARN = 5, CLOCK_FAIL = 60, LATE_SECONDS = 300,
	RECONCILE_SECONDS = 3 * 3600 };

void check_database(struct doctor *doctor)
{
	const char *version = db_text(doctor->db, "SELECT VERSION()");
	char *minor;
	long major = strtol(version, &minor, 10);
	bool old = major < VERSION_MAJOR || (major == VERSION_MAJOR && *minor && strtol(minor + 1, NULL, 10) < VERSION_MINOR);
	found(doctor, old ? HEALTH_FAIL : HEALTH_OK, "MariaDB %s%s", version,
		old ? "; 10.6 or newer is needed (SKIP LOCKED)" : "");
}

void check_schema(struct doctor *doctor)
{
	struct migrate_report report;
	enum migrated state = migrate_check(doctor->db, migrations_known(doctor->mem), &report);
	if (state == MIGRATED)
		found(doctor, HEALTH_OK, "every migration is applied");
	else if (state == MIGRATE_PENDING)
		found(doctor, HEALTH_FAIL, "%lld migrations are not applied: comptoir migrate", (long long)report.applied);
	else
		found(doctor, HEALTH_FAIL, "it is not as the program expects it: `comptoir migrate --check` says more");
}

void check_clock(struct doctor *doctor)
{
	int64_t here = (int64_t)time(NULL), there = db_int(doctor->db, "SELECT CAST(UNIX_TIMESTAMP() AS SIGNED)");
	int64_t apart = here > there ? here - there : there - here;
	found(doctor, apart > CLOCK_FAIL ? HEALTH_FAIL : apart > CLOCK_WARN ? HEALTH_WARN : HEALTH_OK,
		"this host and the database are %lld s apart%s", (long long)apart,
		apart > CLOCK_WARN ? ": run NTP on both (Stripe's signatures bear 300 s)" : "");
}

void check_rights(struct doctor *doctor)
{
	int64_t lacking = orders_lacking_rights(doctor->db), sourceless = rights_lacking_source(doctor->db);
	int64_t recurring = subscriptions_lacking_rights(doctor->db), periods = periods_missing(doctor->db);
	found(doctor, HEALTH_OK, "every paid order and subscription has its rights, every right its paid order");
	if (lacking)
		found(doctor, HEALTH_FAIL, "%lld paid orders lack rights: comptoir doctor --repair", (long long)lacking);
	else if (recurring || periods)
		found(doctor, HEALTH_FAIL, "%lld paid subscriptions lack rights, %lld paid invoices lack their period:"
			" comptoir doctor --repair", (long long)recurring, (long long)periods);
	else if (sourceless)
		found(doctor, HEALTH_WARN, "%lld rights have no paid order: comptoir doctor --clean", (long long)sourceless);
}

void check_tokens(struct doctor *doctor)
{
	int64_t wrong = token_check(doctor->db);
	if (wrong)
		found(doctor, HEALTH_FAIL, "%lld accounts' balances are not the sum of their lots: comptoir doctor --repair",
			(long long)wrong);
	else
		found(doctor, HEALTH_OK, "every balance is the sum of its lots");
}

void check_orders(struct doctor *doctor)
{
	int64_t held = db_int(doctor->db, "SELECT COUNT(*) FROM orders WHERE review <> ''");
	found(doctor, held ? HEALTH_WARN : HEALTH_OK, "%lld held for review%s", (long long)held,
		held ? ": somebody must look at them" : "");
}

/* Hourly: three hours without one, and events that never came stay away. */
void check_reconcile(struct doctor *doctor)
{
	const struct reconcile *last = reconcile_last(doctor->db);
	if (!*conf.stripe_key)
		found(doctor, HEALTH_OK, "no stripe_key: there is nothing to ask for");
	else if (!last || !last->ran_at.us)
		found(doctor, HEALTH_WARN, "never ran: start the worker, or say comptoir reconcile");
	else if (last->ran_at.us < moment_add_seconds(moment_now(), -RECONCILE_SECONDS).us)
		found(doctor, HEALTH_WARN, "last ran %s: comptoir reconcile", moment_iso(doctor->db->mem, last->ran_at));
	else if (*last->error)
		found(doctor, HEALTH_WARN, "cut short (%s): comptoir reconcile", last->error);
	else
		found(doctor, HEALTH_OK, "ran %s, %lld events had been missed, %lld ever", moment_iso(doctor->db->mem, last->ran_at),
			(long long)last->missed, (long long)last->missed_ever);
}

void check_promises(struct doctor *doctor)
{
	invariants_prove(doctor->db);
	struct list promises = invariants_known(doctor->db);
	struct buffer broken = buffer_new(doctor->mem, 200);
	LIST_EACH(invariant, promise, promises)
		if (promise->broken)
			buffer_format(&broken, "%s%s=%lld", broken.length ? " " : "", promise->name, (long long)promise->broken);
	if (broken.length)
		found(doctor, HEALTH_FAIL, "broken: %s (src/invariant.c says what they count)", broken.text);
	else
		found(doctor, HEALTH_OK, "all %zu hold", promises.count);
}

void check_stripe_events(struct doctor *doctor)
{
	int64_t failed = db_int(doctor->db, "SELECT COUNT(*) FROM stripe_event WHERE state IN ('failed', 'dead')");
	int64_t review = db_int(doctor->db, "SELECT COUNT(*) FROM stripe_event WHERE state = 'review'");
	found(doctor, HEALTH_OK, "none failed, none held");
	if (failed)
		found(doctor, HEALTH_FAIL, "%lld failed: `comptoir stripe events` lists them, `stripe replay` tries again",
			(long long)failed);
	if (review)
		found(doctor, HEALTH_WARN, "%lld are held for review: comptoir stripe events", (long long)review);
}

struct pulse {
	int64_t kinds, late;
};
ROW(pulse, kinds, late);

/* Periodic jobs keep their rows: when all of them are overdue, nobody runs them. */
void check_worker(struct doctor *doctor)
{
	const struct pulse *pulse = db_one(doctor->db, pulse,
		"SELECT COUNT(*) AS kinds, COALESCE(MIN(TIMESTAMPDIFF(SECOND, run_at, ?)), 0) AS late FROM job"
		" WHERE unique_key = 'every' AND (state = 'ready' OR lease_until < ?)",
		moment_now(), moment_now());
	int64_t due = db_int(doctor->db,
		"SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_at < ?", moment_add_seconds(moment_now(), -LATE_SECONDS));
	if (!pulse->kinds && !db_int(doctor->db, "SELECT COUNT(*) FROM job WHERE unique_key = 'every'"))
		found(doctor, HEALTH_FAIL, "the worker never ran: start comptoir-worker, or call `worker --once` from cron");
	else if (pulse->kinds && pulse->late > LATE_SECONDS)
		found(doctor, HEALTH_FAIL, "no job ran for %lld s: is the worker running?", (long long)pulse->late);
	else if (due)
		found(doctor, HEALTH_WARN, "%lld jobs are over five minutes late: comptoir jobs", (long long)due);
	else
		found(doctor, HEALTH_OK, "jobs run in time");
}

void check_jobs(struct doctor *doctor)
{
	int64_t dead = db_int(doctor->db, "SELECT COUNT(*) FROM job WHERE state = 'dead'");
	int64_t failing = db_int(doctor->db, "SELECT COUNT(*) FROM job WHERE state = 'ready' AND tries >= 3");
	found(doctor, HEALTH_OK, "none dead");
	if (dead)
		found(doctor, HEALTH_FAIL, "%lld dead: `comptoir jobs` says why, `comptoir jobs retry` runs them again",
			(long long)dead);
	if (failing)
		found(doctor, HEALTH_WARN, "%lld fail again and again: comptoir jobs", (long long)failing);
}

void check_mails(struct doctor *doctor)
{
	int64_t dead = db_int(doctor->db, "SELECT COUNT(*) FROM mail WHERE state = 'dead'");
	int64_t late = db_int(doctor->db, "SELECT COUNT(*) FROM mail WHERE state = 'ready' AND send_at < ?",
		moment_add_seconds(moment_now(), -LATE_SECONDS));
	found(doctor, HEALTH_OK, "none waiting, none dead");
	if (late)
		found(doctor, HEALTH_WARN, "%lld wait for over five minutes: is mail_server right?", (long long)late);
	if (dead)
		found(doctor, HEALTH_WARN, "%lld were given up: table mail, state dead, says why", (long long)dead);
}
