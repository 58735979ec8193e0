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
	struct subscription_fact fact = subscription_read(db->mem, object);
	if (!*fact.stripe_subscription || !*fact.status)
		return TAKEN_IGNORED;
	fact.told_at = moment_from_unix(json_int(event, "created", 1));
	fact.rank = rank_of(db, event);
	enum subscription_news news = subscription_told(db, fact);
	subscription_link_told(db, &fact, json_text(object, "metadata.order_id"));
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

/* One job reads the lines of all that have more. */
static void invoice_lines_ask(struct db *db)
{
	job_put(db, "invoice_lines", "asked", 0, 0);
}

enum stripe_taken invoice_event(struct db *db, struct json_object *event)
{
	return invoice_apply(db, json_at(event, "data.object"));
}

enum stripe_taken invoice_apply(struct db *db, struct json_object *invoice)
{
	struct invoice_fact fact = invoice_read(db->mem, invoice);
	const char *intent = json_id(invoice, "payment_intent");
	if (!*fact.id || !*fact.stripe_subscription)
		return TAKEN_IGNORED;
	if (*intent)
		payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = json_id(invoice, "charge"),
			.stripe_invoice = fact.id });
	invoice_told(db, fact);
	if (fact.lines_told == LINES_MORE)
		invoice_lines_ask(db);
	subscription_placed(db, fact.stripe_subscription);
	subscription_link_number(db, fact.stripe_subscription, json_id(invoice, "customer"), invoice_order_number(invoice));
	subscription_settle(db, fact.stripe_subscription);
	return TAKEN_APPLIED;
}

static void text_add(struct json_object *row, const char *name, const char *text)
{
	json_object_object_add(row, name, json_object_new_string(text));
}

static void number_add(struct json_object *row, const char *name, int64_t value)
{
	json_object_object_add(row, name, json_object_new_int64(value));
}

/* Stripe counts in seconds; what is absent stays so. */
static void moment_add(struct json_object *row, const char *name, struct moment moment)
{
	if (moment.us)
		number_add(row, name, moment_unix(moment));
}

static struct json_object *fact_row(const struct invoice_fact *fact)
{
	struct json_object *row = json_object_new_object();
	text_add(row, "id", fact->id);
	text_add(row, "sub", fact->stripe_subscription);
	text_add(row, "price", fact->stripe_price);
	text_add(row, "from", fact->from_price);
	text_add(row, "status", fact->status);
	text_add(row, "reason", fact->billing_reason);
	text_add(row, "currency", fact->currency);
	text_add(row, "url", fact->hosted_url);
	number_add(row, "due", fact->amount_due);
	number_add(row, "paid", fact->amount_paid);
	number_add(row, "total", fact->total);
	number_add(row, "tax", fact->tax);
	number_add(row, "tries", fact->attempts);
	moment_add(row, "starts", fact->period_start);
	moment_add(row, "ends", fact->period_end);
	moment_add(row, "change", fact->change_at);
	moment_add(row, "until", fact->change_end);
	moment_add(row, "next", fact->next_attempt_at);
	moment_add(row, "created", fact->created_at);
	number_add(row, "lines", (int64_t)fact->lines_told);
	return row;
}

static void payment_row_add(struct json_object *rows, const char *intent, const char *charge, const char *invoice)
{
	struct json_object *row = json_object_new_object();
	text_add(row, "intent", intent);
	text_add(row, "charge", charge);
	text_add(row, "invoice", invoice);
	json_object_array_add(rows, row);
}

/* Before 2025-03-31.basil an invoice names its payment; since then a list of them may come with it. */
static void payment_rows_add(struct json_object *rows, struct json_object *invoice)
{
	const char *id = json_text(invoice, "id"), *intent = json_id(invoice, "payment_intent");
	struct json_object *list = json_at(invoice, "payments.data");
	if (*intent)
		payment_row_add(rows, intent, json_id(invoice, "charge"), id);
	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
		intent = json_id(json_object_array_get_idx(list, i), "payment.payment_intent");
		if (*intent)
			payment_row_add(rows, intent, "", id);
	}
}

static void json_drop(void *value)
{
	json_object_put(value);
}

static struct json_object *rows_new(struct db *db)
{
	struct json_object *rows = json_object_new_array();
	mem_defer(db->mem, json_drop, rows);
	return rows;
}

void invoices_note(struct db *db, struct json_object *invoices)
{
	struct json_object *facts = rows_new(db), *payments = rows_new(db);
	bool more = false;
	for (size_t i = 0; i < json_object_array_length(invoices); i++) {
		struct json_object *invoice = json_object_array_get_idx(invoices, i);
		struct invoice_fact fact = invoice_read(db->mem, invoice);
		if (!*fact.id || !*fact.stripe_subscription)
			continue;
		json_object_array_add(facts, fact_row(&fact));
		more |= fact.lines_told == LINES_MORE;
		payment_rows_add(payments, invoice);
	}
	if (json_object_array_length(payments))
		payments_told(db, json_object_to_json_string_ext(payments, JSON_C_TO_STRING_PLAIN));
	if (json_object_array_length(facts))
		invoices_told(db, json_object_to_json_string_ext(facts, JSON_C_TO_STRING_PLAIN));
	if (more)
		invoice_lines_ask(db);
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
