/* subscription_ask.c: the road for lost webhooks of subscriptions, and the end of every change we ask for. */
#include "subscription_ask.h"

#include <string.h>

#include "event.h"
#include "fail.h"
#include "json.h"
#include "moment.h"
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

ROW(mirrored, told_rank, told_at);

/* Of none that is known: as one of which nothing was told yet. */
struct mirrored subscription_mirrored(struct db *db, int64_t order_id)
{
	const struct mirrored *known = db_one(db, mirrored,
		"SELECT told_rank, told_at FROM subscription WHERE order_id = ? ORDER BY id DESC LIMIT 1", order_id);
	return known ? *known : (struct mirrored){ .told_rank = "", .told_at = moment_from_unix(1) };
}

static bool told_since(const struct subscription *now, struct mirrored before)
{
	return now->told_at.us != before.told_at.us || strcmp(now->told_rank, before.told_rank);
}

void subscription_apply_since(struct db *db, struct json_object *subscription, struct mirrored before)
{
	const struct subscription *now = subscription_locked(db, json_text(subscription, "id"));
	if (now && told_since(now, before))
		job_put(db, "subscription_check", now->public_id, now->id, 0);
	else
		subscription_apply_read(db, subscription);
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
	if (told_since(now, (struct mirrored){ before->told_rank, before->told_at })) {
		db_rollback(db);
		return ASKED_LATER;
	}
	subscription_apply_read(db, answer.value);
	db_commit(db);
	return ASKED_APPLIED;
}

void subscription_end_now(struct db *db, const struct subscription *subscription)
{
	if (subscription_is_over(subscription->status))
		return;
	struct stripe_answer answer = stripe_subscription_end(db->mem, subscription);
	if (answer.end != STRIPE_GOOD)
		fail("subscription.end", "Stripe answers %d about %s", answer.status, subscription->public_id);
	subscription_ask(db, subscription->id);
}
