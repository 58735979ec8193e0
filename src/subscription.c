/* subscription.c: subscriptions read, and what their members note; no fact is written here (subscription_fact.c). */
#include "subscription.h"

#include <string.h>

#include "audit.h"
#include "event.h"
#include "moment.h"

const struct subscription *subscription_of(struct db *db, int64_t account_id, const char *public_id)
{
	return db_one(db, subscription,
		"SELECT " SUBSCRIPTION_COLUMNS " FROM subscription WHERE public_id = ? AND account_id = ?", public_id, account_id);
}

struct list subscriptions_of(struct db *db, int64_t account_id, int64_t before, int64_t limit)
{
	return db_all(db, subscription,
		"SELECT " SUBSCRIPTION_COLUMNS " FROM subscription WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
		account_id, before, limit);
}

bool subscription_is_over(const char *status)
{
	return !strcmp(status, "canceled") || !strcmp(status, "incomplete_expired");
}

void subscription_next_set(struct db *db, const struct subscription *subscription, int64_t price_id)
{
	db_begin(db);
	if (db_run(db, "UPDATE subscription SET next_price_id = ? WHERE id = ? AND next_price_id <> ?", price_id,
		subscription->id, price_id)) {
		audit_put(db, subscription->account_id, subscription->account_id,
			price_id ? "subscription.change_planned" : "subscription.change_undone", subscription->id, "");
		job_put(db, "plan_switch", subscription->public_id, subscription->id, 0);
	}
	db_commit(db);
}

void subscription_changing(struct db *db, const struct subscription *subscription)
{
	db_begin(db);
	db_run(db, "UPDATE subscription SET changing_at = ? WHERE id = ?", moment_now(), subscription->id);
	job_put(db, "subscription_check", subscription->public_id, subscription->id, 0);
	if (subscription->next_price_id) /* its schedule was released for the change */
		job_put(db, "plan_switch", subscription->public_id, subscription->id, 0);
	db_commit(db);
}
