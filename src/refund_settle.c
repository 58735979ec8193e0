/* refund_settle.c: what follows from each refund once, however often it is told. */
#include "event.h"
#include "invoice.h"
#include "moment.h"
#include "refund.h"
#include "token.h"

struct ended {
	int64_t id;
	const char *public_id;
	bool cancels;
};
ROW(ended, id, public_id, cancels);

/* A part of a line went back: of the tokens that the line brought, as great a part. */
struct part {
	int64_t right_id, amount, whole;
};
ROW(part, right_id, amount, whole);

static void parts_void(struct db *db, int64_t refund_id)
{
	struct list parts = db_all(db, part,
		"SELECT e.id AS right_id, x.amount, COALESCE(l.amount * o.total DIV o.subtotal, 0) AS whole FROM refund_line x"
		" JOIN order_line l ON l.id = x.order_line_id JOIN orders o ON o.id = l.order_id AND o.subtotal > 0"
		" JOIN entitlement e ON e.source = 'order_line' AND e.source_id = l.id AND e.kind = 'tokens'"
		" WHERE x.refund_id = ? AND x.amount < l.amount * o.total DIV o.subtotal",
		refund_id);
	LIST_EACH(part, part, parts)
		token_lots_void_part(db, part->right_id, part->amount, part->whole, "refunded in part");
}

static void succeeded_settle(struct db *db, const struct order *order, const char *payment_intent)
{
	struct list ended = db_all(db, ended,
		"SELECT id, public_id, cancels FROM refund WHERE payment_intent = ? AND status = 'succeeded' AND settled_at IS NULL"
		" ORDER BY id FOR UPDATE",
		payment_intent);
	LIST_EACH(ended, refund, ended) {
		db_run(db, "UPDATE refund SET settled_at = ?, order_id = ? WHERE id = ?", moment_now(), order->id, refund->id);
		credit_issue(db, refund->id);
		parts_void(db, refund->id);
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
