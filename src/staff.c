/* staff.c: decisions about held orders, revoked rights, events that failed. */
#include "staff.h"

#include <string.h>

#include "audit.h"
#include "entitlement.h"
#include "event.h"
#include "moment.h"
#include "order.h"

/* The held order, locked, its hold taken away; NULL with the transaction rolled back when there is none. What was decided about
 * its money stands, also when it is held later for something else. */
static const struct order *let_go(struct db *db, int64_t order_id, const char *action, const char *decided,
	struct decision decision)
{
	db_begin(db);
	const struct order *order = order_locked(db, order_id);
	if (!order || !*order->review) {
		db_rollback(db);
		return NULL;
	}
	bool money = review_doubts_money(order->review);
	db_run(db, "UPDATE orders SET decision = ?, decided = ?, review = '', updated_at = ? WHERE id = ?",
		money ? decided : order->decision, money ? order->review : order->decided, moment_now(), order->id);
	audit_put(db, order->account_id, decision.actor_id, action, order->id,
		mem_format(db->mem, "%s: %s", order->review, decision.reason));
	return order;
}

struct begun {
	int64_t id;
	const char *public_id;
};
ROW(begun, id, public_id);

/* Of a subscription: its rights follow the decision, and where it is closed, Stripe is told to end it (subscription_settle.c). */
static void subscriptions_follow(struct db *db, int64_t order_id)
{
	struct list begun = db_all(db, begun, "SELECT id, public_id FROM subscription WHERE order_id = ?", order_id);
	LIST_EACH(begun, subscription, begun)
		job_put(db, "subscription_check", subscription->public_id, subscription->id, 0);
}

bool order_release(struct db *db, int64_t order_id, struct decision decision)
{
	const struct order *order = let_go(db, order_id, "order.released", "release", decision);
	if (!order)
		return false;
	/* Its events too: what is left among the held ones says that somebody still has to look. */
	db_run(db, "UPDATE stripe_event SET retry_at = ?, tries = 0 WHERE object_id = ? AND state = 'review'", moment_now(),
		order->stripe_session);
	if (!order->paid_at.us && order->stripe_session)
		job_put(db, "order_check", mem_format(db->mem, "%s/released", order->number), order->id, 0);
	subscriptions_follow(db, order->id);
	db_commit(db);
	return true;
}

bool order_close(struct db *db, int64_t order_id, struct decision decision)
{
	const struct order *order = let_go(db, order_id, "order.closed", "close", decision);
	if (!order)
		return false;
	if (!order->paid_at.us)
		order_move(db, order, "failed", "staff");
	subscriptions_follow(db, order->id);
	db_commit(db);
	return true;
}

bool right_reinstate(struct db *db, int64_t order_id, const char *public_id, struct decision decision)
{
	db_begin(db);
	int64_t id = db_int(db, "SELECT id FROM entitlement WHERE public_id = ? AND order_id = ?", public_id, order_id);
	bool back = id && entitlement_reinstate(db, id, decision.actor_id, decision.reason);
	if (back)
		db_commit(db);
	else
		db_rollback(db);
	return back;
}

bool stripe_event_again(struct db *db, const char *event_id, struct decision decision)
{
	db_begin(db);
	bool again = db_run(db,
		"UPDATE stripe_event SET retry_at = ?, tries = 0 WHERE id = ? AND state IN ('failed', 'dead', 'review')",
		moment_now(), event_id) > 0;
	if (again) {
		audit_put(db, 0, decision.actor_id, "stripe_event.retried", 0, mem_format(db->mem, "%s: %s", event_id, decision.reason));
		job_put(db, "reconcile", "asked", 0, 0);
	}
	db_commit(db);
	return again;
}
