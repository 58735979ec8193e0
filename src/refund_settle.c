/* refund_settle.c: what follows from each refund once, however often it is told. */
#include "event.h"
#include "invoice.h"
#include "moment.h"
#include "refund.h"

struct ended {
	int64_t id;
	const char *public_id;
	bool cancels;
};
ROW(ended, id, public_id, cancels);

static void succeeded_settle(struct db *db, const struct order *order, const char *payment_intent)
{
	struct list ended = db_all(db, ended,
		"SELECT id, public_id, cancels FROM refund WHERE payment_intent = ? AND status = 'succeeded' AND settled_at IS NULL"
		" ORDER BY id FOR UPDATE",
		payment_intent);
	LIST_EACH(ended, refund, ended) {
		db_run(db, "UPDATE refund SET settled_at = ?, order_id = ? WHERE id = ?", moment_now(), order->id, refund->id);
		credit_issue(db, refund->id);
		event_put(db, "refund.succeeded", order->account_id, refund->id, "{}");
		if (refund->cancels)
			job_put(db, "subscription_end", refund->public_id, refund->id, 0);
	}
}

/* The buyer was not repaid after all: the rights are back, and a person decides what else is owed. Once for each: who has
 * been told does not need to be told by the next event. */
static void failed_settle(struct db *db, const struct order *order, const char *payment_intent)
{
	struct list ended = db_all(db, ended,
		"SELECT id, public_id, cancels FROM refund WHERE payment_intent = ? AND status IN ('failed', 'canceled') AND undone_at IS NULL"
		" ORDER BY id FOR UPDATE",
		payment_intent);
	LIST_EACH(ended, refund, ended) {
		db_run(db, "UPDATE refund SET undone_at = ?, order_id = ? WHERE id = ?", moment_now(), order->id, refund->id);
		credit_undo(db, refund->id);
		event_put(db, "refund.failed", order->account_id, refund->id, "{}");
	}
	if (ended.count && !*order->review)
		order_hold(db, order, "refund_failed");
}

void refunds_settle(struct db *db, const struct order *order, const char *payment_intent)
{
	succeeded_settle(db, order, payment_intent);
	failed_settle(db, order, payment_intent);
}
