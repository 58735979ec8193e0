/* stripe_read.c: both shapes of subscriptions and invoices, before and since 2025-03-31.basil. */
#include "stripe_read.h"

#include <string.h>

#include "json.h"
#include "moment.h"

enum { STATUS = 24, REASON = 48 }; /* what their columns hold */

static struct moment moment_at(struct json_object *value, const char *path)
{
	int64_t seconds = json_int(value, path, 0);
	return seconds > 0 && seconds < (int64_t)1 << 36 ? moment_from_unix(seconds) : (struct moment){ 0 };
}

static struct moment moment_or(struct moment one, struct moment other)
{
	return one.us ? one : other;
}

static const char *text_or(const char *one, const char *other)
{
	return *one ? one : other;
}

static struct json_object *item_at(struct json_object *value, const char *path, size_t i)
{
	struct json_object *list = json_at(value, path);
	if (!json_object_is_type(list, json_type_array) || i >= json_object_array_length(list))
		return NULL;
	return json_object_array_get_idx(list, i);
}

struct subscription_fact subscription_read(struct mem *mem, struct json_object *subscription)
{
	struct json_object *item = item_at(subscription, "items.data", 0);
	struct moment end = moment_or(moment_at(item, "current_period_end"), moment_at(subscription, "current_period_end"));
	struct subscription_fact fact = { .stripe_subscription = json_text(subscription, "id"),
		.stripe_customer = json_id(subscription, "customer"), .stripe_item = json_text(item, "id"),
		.stripe_price = text_or(json_id(item, "price"), json_id(item, "plan")),
		.status = json_word(mem, subscription, "status", STATUS),
		.pause_behavior = json_word(mem, subscription, "pause_collection.behavior", STATUS),
		.stripe_schedule = json_id(subscription, "schedule"),
		.pause_resumes_at = moment_at(subscription, "pause_collection.resumes_at"),
		.started_at = moment_at(subscription, "start_date"), .anchor_at = moment_at(subscription, "billing_cycle_anchor"),
		.period_start = moment_or(moment_at(item, "current_period_start"), moment_at(subscription, "current_period_start")),
		.period_end = end, .trial_start = moment_at(subscription, "trial_start"),
		.trial_end = moment_at(subscription, "trial_end"), .cancel_at = moment_at(subscription, "cancel_at"),
		.canceled_at = moment_at(subscription, "canceled_at"), .ended_at = moment_at(subscription, "ended_at"), .rank = "" };
	if (json_is_true(subscription, "cancel_at_period_end"))
		fact.cancel_at = moment_or(fact.cancel_at, end);
	return fact;
}

/* One line of an invoice, whatever its shape. */
struct line {
	bool of_plan;   /* the subscription's own, for a period */
	bool proration;
	int64_t amount;
	const char *price;
	struct moment start, end;
};

static struct line line_read(struct json_object *line)
{
	const char *item = "parent.subscription_item_details", *old = json_text(line, "type");
	bool proration = json_is_true(line, "proration") ||
		json_is_true(line, "parent.subscription_item_details.proration") ||
		json_is_true(line, "parent.invoice_item_details.proration");
	bool newer = json_object_is_type(json_at(line, item), json_type_object);
	return (struct line){ .of_plan = newer || !strcmp(old, "subscription"), .proration = proration,
		.amount = json_int(line, "amount", 0),
		.price = text_or(json_id(line, "pricing.price_details.price"),
			text_or(json_id(line, "price"), json_id(line, "plan"))),
		.start = moment_at(line, "period.start"), .end = moment_at(line, "period.end") };
}

/* The period is that of the plan's lines which are no proration; a proration tells what plan was left, and when. */
static void line_add(struct invoice_fact *fact, const struct line *line)
{
	if (line->proration && line->amount < 0) {
		fact->from_price = line->price;
		fact->change_at = line->start;
		fact->left_end = line->end;
	}
	if (line->proration && line->amount >= 0) {
		fact->change_at = moment_or(fact->change_at, line->start);
		fact->change_end = line->end;
		fact->stripe_price = text_or(fact->stripe_price, line->price);
	}
	if (!line->proration && line->of_plan && line->end.us > fact->period_end.us) {
		fact->period_start = line->start;
		fact->period_end = line->end;
		fact->stripe_price = line->price;
	}
}

static const char *subscription_of_invoice(struct json_object *invoice)
{
	const char *id = text_or(json_id(invoice, "parent.subscription_details.subscription"),
		json_id(invoice, "subscription"));
	struct json_object *line = item_at(invoice, "lines.data", 0);
	const char *of_line = text_or(json_id(line, "parent.subscription_item_details.subscription"),
		json_id(line, "subscription"));
	return text_or(id, of_line);
}

static int64_t amounts_of(struct json_object *value, const char *path)
{
	struct json_object *one;
	int64_t sum = 0;
	for (size_t i = 0; (one = item_at(value, path, i)) != NULL; i++)
		sum += json_int(one, "amount", 0);
	return sum;
}

/* Said of the whole since 2025-03-31.basil, before it as a sum; where of neither, by its lines, in both shapes. */
static int64_t tax_of(struct json_object *invoice)
{
	struct json_object *line;
	int64_t whole = json_int(invoice, "tax", 0), of_lines = 0;
	whole = whole ? whole : amounts_of(invoice, "total_taxes");
	whole = whole ? whole : amounts_of(invoice, "total_tax_amounts");
	for (size_t i = 0; !whole && (line = item_at(invoice, "lines.data", i)) != NULL; i++)
		of_lines += amounts_of(line, "taxes") + amounts_of(line, "tax_amounts");
	return whole ? whole : of_lines;
}

void invoice_lines_read(struct invoice_fact *fact, struct json_object *list)
{
	struct json_object *one;
	for (size_t i = 0; (one = item_at(list, "data", i)) != NULL; i++) {
		struct line line = line_read(one);
		line_add(fact, &line);
	}
	if (fact->period_end.us && !fact->change_end.us)
		fact->change_end = fact->left_end;
}

struct invoice_fact invoice_read(struct mem *mem, struct json_object *invoice)
{
	struct invoice_fact fact = { .id = json_text(invoice, "id"), .stripe_subscription = subscription_of_invoice(invoice),
		.stripe_price = "", .from_price = "", .status = json_word(mem, invoice, "status", STATUS),
		.billing_reason = json_word(mem, invoice, "billing_reason", REASON), .currency = json_text(invoice, "currency"),
		.hosted_url = json_text(invoice, "hosted_invoice_url"), .amount_due = json_int(invoice, "amount_due", 0),
		.amount_paid = json_int(invoice, "amount_paid", 0), .tax = tax_of(invoice),
		.attempts = json_int(invoice, "attempt_count", 0), .next_attempt_at = moment_at(invoice, "next_payment_attempt"),
		.created_at = moment_or(moment_at(invoice, "created"), moment_from_unix(1)) };
	if (json_is_true(invoice, "lines.has_more"))
		fact.lines_told = LINES_MORE; /* of some of them nothing is taken: the period may stand in another */
	else
		invoice_lines_read(&fact, json_at(invoice, "lines"));
	fact.total = json_int(invoice, "total", fact.amount_due > fact.amount_paid ? fact.amount_due : fact.amount_paid);
	if (!*fact.status && json_is_true(invoice, "paid"))
		fact.status = "paid"; /* before there was a status */
	return fact;
}

const char *invoice_order_number(struct json_object *invoice)
{
	static const char *const places[] = { "parent.subscription_details.metadata.order_id",
		"subscription_details.metadata.order_id" };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (*json_text(invoice, places[i]))
			return json_text(invoice, places[i]);
	return json_text(item_at(invoice, "lines.data", 0), "metadata.order_id");
}
