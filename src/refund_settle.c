/* refund_settle.c: what follows from each refund once, however often it is told. */
#include "event.h"
#include "invoice.h"
#include "moment.h"
#include "refund.h"

struct ended {
	int64_t id;
};
ROW(ended, id);

static void succeeded_settle(struct db *db, const struct order *order)
{
	struct list ended = db_all(db, ended,
		"SELECT id FROM refund WHERE payment_intent = ? AND status = 'succeeded' AND settled_at IS NULL ORDER BY id FOR UPDATE",
		order->stripe_payment);
	LIST_EACH(ended, refund, ended) {
		db_run(db, "UPDATE refund SET settled_at = ?, order_id = ? WHERE id = ?", moment_now(), order->id, refund->id);
		credit_issue(db, refund->id);
		event_put(db, "refund.succeeded", order->account_id, refund->id, "{}");
	}
}

/* The buyer was not repaid after all: the rights are back, and a person decides what else is owed. Once for each: who has
 * been told does not need to be told by the next event. */
static void failed_settle(struct db *db, const struct order *order)
{
	struct list ended = db_all(db, ended,
		"SELECT id FROM refund WHERE payment_intent = ? AND status IN ('failed', 'canceled') AND undone_at IS NULL"
		" ORDER BY id FOR UPDATE",
		order->stripe_payment);
	LIST_EACH(ended, refund, ended) {
		db_run(db, "UPDATE refund SET undone_at = ?, order_id = ? WHERE id = ?", moment_now(), order->id, refund->id);
		credit_undo(db, refund->id);
		event_put(db, "refund.failed", order->account_id, refund->id, "{}");
	}
	if (ended.count && !*order->review)
		order_hold(db, order, "refund_failed");
}

void refunds_settle(struct db *db, const struct order *order)
{
	succeeded_settle(db, order);
	failed_settle(db, order);
}
