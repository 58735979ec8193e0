/* event.c: the topics and who reacts to them; writing events and jobs. */
#include "event.h"

#include <string.h>

#include "log.h"
#include "moment.h"

const struct reaction reactions[] = {
	{ "order.paid", "mail_receipt" },
	{ "order.failed", "mail_order_failed" },
	{ "order.disputed", "mail_disputed" },
	{ "refund.succeeded", "mail_refunded" },
	{ "invoice.issued", "invoice_print" },
	{ "subscription.created", "sessions_close" },
	{ "subscription.payment_failed", "mail_payment_failed" },
	{ "subscription.action_required", "mail_payment_failed" },
	{ "subscription.trial_will_end", "mail_trial_end" },
	{ "subscription.period_suspended", "subscription_dispute" },
	{ "subscription.period_suspended", "mail_month_disputed" },
	{ "subscription.period_active", "subscription_dispute" },
	{ "subscription.period_revoked", "subscription_dispute" },
};
const size_t reactions_count = sizeof reactions / sizeof reactions[0];

/* One open job of a reaction and key. One that waits runs at the earlier time; one that runs now gets another run_at, by
 * which the worker sees that it is wanted again; a dead one lives again. */
static void job_insert(struct db *db, const char *reaction, const char *unique_key, int64_t event_id, int64_t subject_id,
	struct moment run_at)
{
	db_run(db,
		"INSERT INTO job (reaction, unique_key, event_id, subject_id, state, run_at, request_id, created_at)"
		" VALUES (?, ?, ?, ?, 'ready', ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE run_at = CASE state WHEN 'ready' THEN LEAST(run_at, VALUES(run_at))"
		"  WHEN 'leased' THEN GREATEST(VALUES(run_at), run_at + INTERVAL 1 MICROSECOND) ELSE VALUES(run_at) END,"
		" tries = IF(state = 'dead', 0, tries), state = IF(state = 'dead', 'ready', state)",
		reaction, unique_key, event_id, subject_id, run_at, log_request_id(), moment_now());
}

int64_t event_put(struct db *db, const char *topic, int64_t account_id, int64_t subject_id, const char *payload)
{
	int64_t id = db_insert(db,
		"INSERT INTO event (topic, account_id, subject_id, payload, request_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		topic, account_id, subject_id, payload, log_request_id(), moment_now());
	for (size_t i = 0; i < reactions_count; i++)
		if (!strcmp(reactions[i].topic, topic))
			job_insert(db, reactions[i].reaction, mem_format(db->mem, "event:%lld", (long long)id), id, subject_id,
				moment_now());
	return id;
}

#define SUBJECTS                                                                                                      \
	" FROM JSON_TABLE(?, '$[*]' COLUMNS (account BIGINT PATH '$[0]', subject BIGINT PATH '$[1]')) told"

/* Without their events' ids, which most zones may not read back: the key is the subject's, which is told of this once. */
static void jobs_insert(struct db *db, const char *reaction, const char *topic, const char *subjects)
{
	db_run(db,
		"INSERT INTO job (reaction, unique_key, event_id, subject_id, state, run_at, request_id, created_at)"
		" SELECT ?, CONCAT(?, ':', subject), 0, subject, 'ready', ?, ?, ?" SUBJECTS
		" ON DUPLICATE KEY UPDATE run_at = LEAST(run_at, VALUES(run_at))",
		reaction, topic, moment_now(), log_request_id(), moment_now(), subjects);
}

void events_put(struct db *db, const char *topic, const char *subjects, const char *payload)
{
	db_run(db,
		"INSERT INTO event (topic, account_id, subject_id, payload, request_id, created_at)"
		" SELECT ?, account, subject, ?, ?, ?" SUBJECTS,
		topic, payload, log_request_id(), moment_now(), subjects);
	for (size_t i = 0; i < reactions_count; i++)
		if (!strcmp(reactions[i].topic, topic))
			jobs_insert(db, reactions[i].reaction, topic, subjects);
}

void job_put(struct db *db, const char *reaction, const char *unique_key, int64_t subject_id, int64_t delay)
{
	job_insert(db, reaction, unique_key, 0, subject_id, moment_add_seconds(moment_now(), delay));
}
