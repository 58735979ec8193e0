/* subscription_ask.c: the road for lost webhooks of subscriptions, and the end of every change we ask for. */
#include "subscription_ask.h"

#include <string.h>

#include "json.h"
#include "stripe_event.h"
#include "stripe_manage.h"
#include "stripe_read.h"
#include "subscription_settle.h"

/* What stood in the mirror before Stripe was asked. */
struct known {
	const char *stripe_subscription, *told_rank;
	struct moment told_at;
};
ROW(known, stripe_subscription, told_rank, told_at);

int64_t subscription_apply_rights(struct db *db, struct json_object *subscription)
{
	struct subscription_fact fact = subscription_read(db->mem, subscription);
	struct json_object *invoice = json_at(subscription, "latest_invoice");
	if (!*fact.stripe_subscription || !*fact.status)
		return 0;
	if (json_object_is_type(invoice, json_type_object))
		invoice_apply(db, invoice);
	subscription_told(db, fact);
	subscription_link_told(db, &fact, json_text(subscription, "metadata.order_id"));
	return subscription_settle_rights(db, fact.stripe_subscription);
}

void subscription_apply_read(struct db *db, struct json_object *subscription)
{
	int64_t id = subscription_apply_rights(db, subscription);
	if (id)
		subscriptions_document(db, mem_format(db->mem, "[%lld]", (long long)id));
}

enum asked subscription_ask(struct db *db, int64_t subscription_id)
{
	const struct known *before = db_one(db, known,
		"SELECT stripe_subscription, told_rank, told_at FROM subscription WHERE id = ?", subscription_id);
	if (!before)
		return ASKED_NONE;
	struct stripe_answer answer = stripe_subscription_get(db->mem, before->stripe_subscription);
	if (answer.end != STRIPE_GOOD)
		return ASKED_NONE;
	db_begin(db);
	const struct subscription *now = subscription_locked(db, before->stripe_subscription);
	if (now->told_at.us != before->told_at.us || strcmp(now->told_rank, before->told_rank)) {
		db_rollback(db);
		return ASKED_LATER;
	}
	subscription_apply_read(db, answer.value);
	db_commit(db);
	return ASKED_APPLIED;
}
