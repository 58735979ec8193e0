/* stripe_session.c: a Checkout Session against our stored order: every value must be the one we know, or a person looks. */
#include <string.h>

#include "conf.h"
#include "event.h"
#include "invoice.h"
#include "json.h"
#include "order_tax.h"
#include "payment.h"
#include "settle.h"
#include "stripe_handler.h"
#include "subscription_settle.h"

/* Each bound before the sum: what a session says is any number. Tax is Stripe's to say where Stripe Tax was asked for. */
static bool amounts_agree(const struct order *order, struct json_object *session)
{
	int64_t discount = json_int(session, "total_details.amount_discount", 0);
	int64_t tax = json_int(session, "total_details.amount_tax", 0);
	if (discount < 0 || discount > order->subtotal.minor)
		return false;
	int64_t net = order->subtotal.minor - (order->promotions ? discount : 0);
	if (tax != order->tax.minor && (!*order->tax_behavior || tax < 0 || tax > net))
		return false;
	bool within = !strcmp(order->tax_behavior, "inclusive");
	return json_int(session, "amount_total", -1) == net + (within ? 0 : tax);
}

/* Why a session that says "paid" must not be believed; NULL when everything agrees. */
static const char *doubt(const struct order *order, struct json_object *session)
{
	if (!order->stripe_session || strcmp(order->stripe_session, json_text(session, "id")))
		return "session_mismatch";
	if (strcasecmp(order->currency, json_text(session, "currency")))
		return "currency_mismatch";
	if (json_is_true(session, "livemode") != order->livemode)
		return "livemode_mismatch";
	return amounts_agree(order, session) ? NULL : "amount_mismatch";
}

static bool is_paid(const struct order *order)
{
	static const char *const paid[] = { "paid", "partially_refunded", "refunded", "disputed" };
	for (size_t i = 0; i < sizeof paid / sizeof paid[0]; i++)
		if (!strcmp(order->state, paid[i]))
			return true;
	return false;
}

/* Where several lines share a tax, Stripe is asked for each one's first: not in here, where rows are locked. */
static void document(struct db *db, const struct order *paid, struct json_object *session)
{
	if (!paid->tax.minor || order_tax_note(db, paid, json_at(session, "line_items.data")))
		invoice_issue_first(db, paid);
	else
		job_put(db, "order_tax", paid->number, paid->id, 0);
}

static enum stripe_taken pay(struct db *db, const struct order *order, struct json_object *session)
{
	const char *why = doubt(order, session);
	if (!why && !strcmp(json_text(session, "payment_status"), "no_payment_required") &&
		json_int(session, "amount_total", -1) != 0)
		why = "unpaid_mismatch";
	if (is_paid(order) && (!why || !strcmp(order->review, why)))
		return TAKEN_APPLIED;
	if (why) {
		if (strcmp(order->review, why))
			order_hold(db, order, why);
		return TAKEN_REVIEW;
	}
	if (*order->review)
		return TAKEN_REVIEW; /* a person has it in hand */
	struct order_payment payment = { .id = json_id(session, "payment_intent"),
		.discount = json_int(session, "total_details.amount_discount", 0),
		.tax = json_int(session, "total_details.amount_tax", 0), .total = json_int(session, "amount_total", 0) };
	const struct order *paid = order_pay(db, order, payment, "stripe");
	order_fulfil(db, paid);
	/* A refund or dispute may have been told before the payment. Touching the payment's row first makes whoever tells of
	 * it now wait, or us for them. */
	struct payment_fact fact = { .payment_intent = payment.id, .charge = "", .stripe_invoice = "" };
	bool known = *payment.id && !payment_told(db, fact);
	document(db, paid, session);   /* late: whoever pays waits for the counter of invoices */
	if (known && payment_contested(db, payment.id))
		payment_settle(db, payment.id);
	return TAKEN_APPLIED;
}

/* Only the order's own session may close it: an older one that expires says nothing about the newer. */
static enum stripe_taken close_order(struct db *db, const struct order *order, struct json_object *session,
	const char *state)
{
	if (!order->stripe_session || strcmp(order->stripe_session, json_text(session, "id")))
		return TAKEN_IGNORED;
	return order_move(db, order, state, "stripe") ? TAKEN_APPLIED : TAKEN_IGNORED;
}

/* What is bought recurs: 1, and its plan may begin with a trial: 2. */
static int64_t recurs(struct db *db, const char *number)
{
	return db_int(db,
		"SELECT MAX(IF(p.trial_days > 0, 2, 1)) FROM orders o JOIN order_line l ON l.order_id = o.id"
		" JOIN price p ON p.id = l.price_id WHERE o.number = ? AND p.recurring <> 'once'",
		number);
}

static bool begins_free(const struct order *order, struct json_object *session, bool trial)
{
	return (trial || order->promotions) && !strcmp(json_text(session, "payment_status"), "no_payment_required") &&
		!json_int(session, "amount_total", -1);
}

/* Ties the order to the subscription; never pays: invoices do. */
static enum stripe_taken subscribe(struct db *db, const struct order *order, struct json_object *session, bool trial)
{
	const char *subscription = json_id(session, "subscription"), *why = doubt(order, session);
	if (why && !strcmp(why, "amount_mismatch") && begins_free(order, session, trial))
		why = NULL;
	if (why && !strcmp(order->decided, why)) /* what staff decided stands */
		why = NULL;
	if (why && strcmp(order->review, why))
		order_hold(db, order, why);
	if (!why) {
		subscription_link(db, subscription, json_id(session, "customer"), order);
		if (!strcmp(json_text(session, "payment_status"), "unpaid"))
			order_delay(db, order);
	}
	subscription_settle(db, subscription);
	return why || *order->review ? TAKEN_REVIEW : TAKEN_APPLIED;
}

static enum stripe_taken session_subscription(struct db *db, struct json_object *session, const char *number)
{
	int64_t kind = recurs(db, number);
	const char *subscription = json_id(session, "subscription");
	if (!kind)
		return TAKEN_IGNORED;
	if (*subscription)
		subscription_placed(db, subscription); /* its row before the order's, as everywhere */
	const struct order *order = order_locked_by_number(db, number);
	if (!strcmp(json_text(session, "status"), "expired"))
		return close_order(db, order, session, "expired");
	return *subscription ? subscribe(db, order, session, kind == 2) : TAKEN_APPLIED;
}

const char *session_number(struct json_object *session)
{
	const char *number = json_text(session, "client_reference_id");
	return *number ? number : json_text(session, "metadata.order_id");
}

enum stripe_taken session_apply(struct db *db, struct json_object *session)
{
	const char *status = json_text(session, "status"), *payment = json_text(session, "payment_status");
	const char *number = session_number(session);
	if (!strcmp(json_text(session, "mode"), "subscription"))
		return session_subscription(db, session, number);
	if (strcmp(json_text(session, "mode"), "payment"))
		return TAKEN_IGNORED;
	const struct order *order = order_locked_by_number(db, number);
	if (!order)
		return TAKEN_IGNORED;
	if (!strcmp(payment, "paid") || !strcmp(payment, "no_payment_required"))
		return pay(db, order, session);
	if (!strcmp(status, "expired"))
		return close_order(db, order, session, "expired");
	if (!strcmp(status, "complete") && order->stripe_session &&
		!strcmp(order->stripe_session, json_text(session, "id")))
		order_delay(db, order);
	return TAKEN_APPLIED;
}
