/* subscription_document.c: the documents of what subscribers paid, and what follows once from refunds. Last in a transaction:
 * everyone who pays waits for the counter of invoices. */
#include "invoice.h"
#include "refund.h"
#include "subscription_settle.h"

/* A refund that is not followed yet, of a payment of the order a subscription began with, which stands for all of them. */
struct open_refund {
	int64_t order_id;
	const char *payment_intent;
};
ROW(open_refund, order_id, payment_intent);

void subscriptions_document(struct db *db, const char *ids)
{
	invoices_issue_periods(db, ids);
	struct list refunds = db_all(db, open_refund,
		"SELECT DISTINCT s.order_id, y.payment_intent FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) ids"
		" STRAIGHT_JOIN subscription s ON s.id = ids.id STRAIGHT_JOIN subscription_period p ON p.subscription_id = s.id"
		" STRAIGHT_JOIN payment y ON y.stripe_invoice = p.stripe_invoice"
		" STRAIGHT_JOIN refund r ON r.payment_intent = y.payment_intent WHERE s.order_id > 0"
		" AND ((r.status = 'succeeded' AND r.settled_at IS NULL)"
		"  OR (r.status IN ('failed', 'canceled') AND r.undone_at IS NULL))",
		ids);
	LIST_EACH(open_refund, refund, refunds) {
		const struct order *order = order_locked(db, refund->order_id);
		if (order)
			refunds_settle(db, order, refund->payment_intent);
	}
}
