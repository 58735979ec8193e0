/* settle.c: the table of domain.md §6, written once: facts in, states out. */
#include "settle.h"

#include <string.h>

#include "audit.h"
#include "entitlement.h"
#include "event.h"
#include "order.h"
#include "payment.h"
#include "refund.h"
#include "subscription_settle.h"

/* What the facts say about an order, strongest first. */
static const struct {
	const char *state;
	const char *reason;
} verdicts[] = {
	{ "disputed", "dispute_lost" },
	{ "refunded", "refunded" },
	{ "disputed", "dispute_opened" },
	{ "partially_refunded", "partially_refunded" },
	{ "paid", "settled" },
};
enum verdict { VERDICT_LOST, VERDICT_REFUNDED, VERDICT_DISPUTED, VERDICT_PARTIAL, VERDICT_PAID };

static enum verdict verdict_of(const struct payment *payment, int64_t total)
{
	int64_t whole = payment->amount ? payment->amount : total;
	if (payment->dispute_lost)
		return VERDICT_LOST;
	if (whole && payment->refunded >= whole)
		return VERDICT_REFUNDED;
	if (payment->dispute_open)
		return VERDICT_DISPUTED;
	return payment->refunded ? VERDICT_PARTIAL : VERDICT_PAID;
}

/* Lines that staff gave back whole, by refunds that did not fail. Of a part, tokens go (refund_settle.c). */
static void lines_settle(struct db *db, const struct order *order)
{
	struct list lines = order_lines(db, order->id);
	LIST_EACH(order_line, line, lines) {
		__int128 share = (__int128)line->amount.minor * order->total.minor;
		int64_t worth = order->subtotal.minor ? (int64_t)(share / order->subtotal.minor) : 0;
		int64_t back = db_int(db,
			"SELECT CAST(SUM(l.amount) AS SIGNED) FROM refund r JOIN refund_line l ON l.refund_id = r.id WHERE r.order_id = ?"
			" AND l.order_line_id = ? AND r.status IN ('pending', 'requires_action', 'succeeded')",
			order->id, line->id);
		if (back && back >= worth)
			entitlements_revoke_line(db, line->id, "refunded");
		else
			entitlements_reinstate_line(db, line->id, "refunded", "refund_failed");
	}
}

static void rights_settle(struct db *db, const struct order *order, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_LOST:
		entitlements_revoke(db, order->id, "dispute_lost");
		return;
	case VERDICT_REFUNDED:
		entitlements_revoke(db, order->id, "refunded");
		return;
	case VERDICT_DISPUTED:
		lines_settle(db, order);
		entitlements_suspend(db, order->id, "dispute_opened");
		return;
	case VERDICT_PARTIAL:
	case VERDICT_PAID:
		entitlements_restore(db, order->id, "dispute_closed");
		lines_settle(db, order);
		return;
	}
}

/* A question of the bank: nothing is taken away, somebody should answer it. */
static void inquiry_tell(struct db *db, const struct order *order, const struct payment *payment)
{
	if (!inquiry_alert(db, payment->payment_intent))
		return;
	audit_put(db, order->account_id, 0, "order.inquiry", order->id, "");
	event_put(db, "order.inquiry", order->account_id, order->id, "{}");
}

static void order_settle(struct db *db, const struct order *order, const struct payment *payment)
{
	enum verdict verdict = verdict_of(payment, order->total.minor);
	if (order->refunded.minor != payment->refunded)
		order_refunded_set(db, order, payment->refunded);
	if (strcmp(order->state, verdicts[verdict].state))
		order_move(db, order, verdicts[verdict].state, verdicts[verdict].reason);
	rights_settle(db, order, verdict);
	refunds_settle(db, order, payment->payment_intent);
	if (payment->inquiry)
		inquiry_tell(db, order, payment);
}

/* A payment of a subscription's invoice. The invoice's row is taken first: whoever tells it meanwhile waits for us. */
static bool invoice_settle(struct db *db, const char *payment_intent)
{
	const char *invoice = db_text(db, "SELECT stripe_invoice FROM payment WHERE payment_intent = ?", payment_intent);
	if (!invoice || !*invoice)
		return false;
	invoice_touch(db, invoice);
	const char *subscription = invoice_subscription(db, invoice);
	return *subscription && subscription_settle(db, subscription);
}

bool payment_settle(struct db *db, const char *payment_intent)
{
	if (invoice_settle(db, payment_intent))
		return true;
	int64_t order_id = db_int(db, "SELECT id FROM orders WHERE stripe_payment = ?", payment_intent);
	const struct order *order = order_id ? order_locked(db, order_id) : NULL;
	const struct payment *payment = order && order->paid_at.us ? payment_of(db, payment_intent) : NULL;
	if (!payment)
		return false;
	order_settle(db, order, payment);
	return true;
}
