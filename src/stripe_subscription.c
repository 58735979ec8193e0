/* stripe_subscription.c: events about subscriptions and their invoices: each leaves its fact, then rights follow. */
#include <string.h>

#include "event.h"
#include "json.h"
#include "moment.h"
#include "payment.h"
#include "stripe_handler.h"
#include "stripe_read.h"
#include "subscription_settle.h"

/* Which of two events of one second is the later: Checkout makes a subscription and changes it within one. */
static const char *rank_of(struct db *db, struct json_object *event)
{
	const char *type = json_text(event, "type");
	bool incomplete = !strcmp(json_text(event, "data.object.status"), "incomplete");
	char rank = !strcmp(type, "customer.subscription.created") ? '0' : incomplete ? '1' : '2';
	return mem_format(db->mem, "%c%s", rank, json_text(event, "id"));
}

enum stripe_taken subscription_event(struct db *db, struct json_object *event)
{
	struct json_object *object = json_at(event, "data.object");
	struct subscription_fact fact = subscription_read(object);
	if (!*fact.stripe_subscription || !*fact.status)
		return TAKEN_IGNORED;
	fact.told_at = moment_from_unix(json_int(event, "created", 1));
	fact.rank = rank_of(db, event);
	enum subscription_news news = subscription_told(db, fact);
	subscription_link_number(db, fact.stripe_subscription, fact.stripe_customer, json_text(object, "metadata.order_id"));
	const struct subscription *subscription = subscription_locked(db, fact.stripe_subscription);
	if (news == NEWS_SAME_SECOND) /* which was the later, only Stripe knows */
		job_put(db, "subscription_check", subscription->public_id, subscription->id, 5);
	subscription_settle(db, fact.stripe_subscription);
	return TAKEN_APPLIED;
}

enum stripe_taken subscription_trial_event(struct db *db, struct json_object *event)
{
	enum stripe_taken taken = subscription_event(db, event);
	const struct subscription *subscription = subscription_locked(db, json_text(event, "data.object.id"));
	if (subscription && subscription->account_id && !strcmp(subscription->status, "trialing"))
		event_put(db, "subscription.trial_will_end", subscription->account_id, subscription->id, "{}");
	return taken;
}

enum stripe_taken invoice_event(struct db *db, struct json_object *event)
{
	return invoice_apply(db, json_at(event, "data.object"));
}

/* Before 2025-03-31.basil an invoice names its payment; since then a list of them may come with it. */
static void invoice_payments(struct db *db, struct json_object *invoice)
{
	const char *intent = json_id(invoice, "payment_intent");
	struct json_object *list = json_at(invoice, "payments.data");
	if (*intent)
		payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = json_id(invoice, "charge"),
			.stripe_invoice = json_text(invoice, "id") });
	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
		intent = json_id(json_object_array_get_idx(list, i), "payment.payment_intent");
		if (*intent)
			payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = "",
				.stripe_invoice = json_text(invoice, "id") });
	}
}

bool invoice_note(struct db *db, struct json_object *invoice)
{
	struct invoice_fact fact = invoice_read(invoice);
	if (!*fact.id || !*fact.stripe_subscription)
		return false;
	invoice_payments(db, invoice);
	invoice_told(db, fact);
	return true;
}

enum stripe_taken invoice_apply(struct db *db, struct json_object *invoice)
{
	struct invoice_fact fact = invoice_read(invoice);
	if (!invoice_note(db, invoice))
		return TAKEN_IGNORED;
	subscription_placed(db, fact.stripe_subscription);
	subscription_link_number(db, fact.stripe_subscription, json_id(invoice, "customer"), invoice_order_number(invoice));
	subscription_settle(db, fact.stripe_subscription);
	return TAKEN_APPLIED;
}

/* Tells the buyer, unless the invoice was paid meanwhile or nobody is known to tell. */
static enum stripe_taken invoice_told_as(struct db *db, struct json_object *event, const char *topic)
{
	const char *invoice = json_text(event, "data.object.id");
	int64_t attempt = json_int(event, "data.object.attempt_count", 0);
	enum stripe_taken taken = invoice_event(db, event);
	if (taken != TAKEN_APPLIED)
		return taken;
	const struct subscription *subscription = subscription_locked(db, invoice_subscription(db, invoice));
	bool open = db_int(db, "SELECT COUNT(*) FROM stripe_invoice WHERE id = ? AND status = 'open' AND attempts <= ?",
		invoice, attempt);
	if (open && subscription && subscription->account_id)
		event_put(db, topic, subscription->account_id, subscription->id,
			mem_format(db->mem, "{\"invoice\":\"%s\",\"attempt\":%lld}", invoice, (long long)attempt));
	return TAKEN_APPLIED;
}

enum stripe_taken invoice_failed_event(struct db *db, struct json_object *event)
{
	return invoice_told_as(db, event, "subscription.payment_failed");
}

enum stripe_taken invoice_action_event(struct db *db, struct json_object *event)
{
	return invoice_told_as(db, event, "subscription.action_required");
}
