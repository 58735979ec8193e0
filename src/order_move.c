/* order_move.c: orders at the cashier, paid, held, closed, given back: each legal move once, with its audit row and its event. */
#include <string.h>

#include "audit.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "order.h"

/* Every legal transition. What is not here does not happen, whatever event says so: late news of a failure does not undo
 * a payment, late money still pays. */
static const struct {
	const char *from;
	const char *to;
} moves[] = {
	{ "draft", "pending" },
	{ "pending", "paid" },
	{ "pending", "failed" },
	{ "pending", "expired" },
	{ "failed", "pending" },
	{ "expired", "pending" },
	{ "failed", "paid" },
	{ "expired", "paid" },
	{ "paid", "partially_refunded" },
	{ "paid", "refunded" },
	{ "paid", "disputed" },
	{ "partially_refunded", "paid" },
	{ "partially_refunded", "refunded" },
	{ "partially_refunded", "disputed" },
	{ "refunded", "disputed" },
	{ "refunded", "paid" },
	{ "refunded", "partially_refunded" },
	{ "disputed", "paid" },
	{ "disputed", "partially_refunded" },
	{ "disputed", "refunded" },
};

static bool move_allowed(const char *from, const char *to)
{
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		if (!strcmp(moves[i].from, from) && !strcmp(moves[i].to, to))
			return true;
	return false;
}

/* The order after its move, as the database has it now. */
static struct order *order_after(struct db *db, const struct order *order, const char *state, struct moment now)
{
	bool closed = !strcmp(state, "failed") || !strcmp(state, "expired");
	struct order *after = mem_copy(db->mem, order, sizeof *order);
	after->state = state;
	after->updated_at = now;
	after->settles_later &= !strcmp(state, "pending");
	after->closed_at = closed ? now : (struct moment){ 0 };
	if (!strcmp(state, "paid") && !after->paid_at.us)
		after->paid_at = now;
	return after;
}

/* Paid is told once; coming back from a dispute or a failed refund is another thing. */
static void move_tell(struct db *db, const struct order *before, const struct order *order, const char *reason)
{
	bool back = before->paid_at.us && !strcmp(order->state, "paid");
	const char *action = back ? "order.restored" : mem_format(db->mem, "order.%s", order->state);
	audit_put(db, order->account_id, 0, action, order->id, reason);
	event_put(db, action, order->account_id, order->id, "{}");
}

const struct order *order_move(struct db *db, const struct order *order, const char *state, const char *reason)
{
	if (!move_allowed(order->state, state))
		return NULL;
	const struct order *after = order_after(db, order, state, moment_now());
	db_run(db, "UPDATE orders SET state = ?, updated_at = ?, settles_later = ?, paid_at = ?, closed_at = ? WHERE id = ?",
		after->state, after->updated_at, after->settles_later, after->paid_at, after->closed_at, after->id);
	move_tell(db, order, after, reason);
	return after;
}

const struct order *order_pay(struct db *db, const struct order *order, struct order_payment payment, const char *reason)
{
	if (!move_allowed(order->state, "paid"))
		return NULL;
	struct order *after = order_after(db, order, "paid", moment_now());
	after->stripe_payment = *payment.id ? payment.id : NULL;
	after->discount.minor = payment.discount;
	after->tax.minor = payment.tax;
	after->total.minor = payment.total;
	db_run(db,
		"UPDATE orders SET state = ?, updated_at = ?, settles_later = ?, paid_at = ?, closed_at = ?, stripe_payment = ?,"
		" discount = ?, tax = ?, total = ? WHERE id = ?",
		after->state, after->updated_at, after->settles_later, after->paid_at, after->closed_at, after->stripe_payment,
		payment.discount, payment.tax, payment.total, after->id);
	move_tell(db, order, after, reason);
	return after;
}

void order_hold(struct db *db, const struct order *order, const char *review)
{
	db_run(db, "UPDATE orders SET review = ?, updated_at = ? WHERE id = ?", review, moment_now(), order->id);
	audit_put(db, order->account_id, 0, "order.held", order->id, review);
	event_put(db, "order.held", order->account_id, order->id, "{}");
}

void order_delay(struct db *db, const struct order *order)
{
	if (strcmp(order->state, "pending") || order->settles_later)
		return;
	db_run(db, "UPDATE orders SET settles_later = TRUE, updated_at = ? WHERE id = ?", moment_now(), order->id);
	audit_put(db, order->account_id, 0, "order.delayed", order->id, "");
}

void order_payment_set(struct db *db, const struct order *order, struct order_payment payment)
{
	db_run(db, "UPDATE orders SET stripe_payment = COALESCE(NULLIF(?, ''), stripe_payment), discount = ?, tax = ?, total = ?"
		" WHERE id = ?",
		payment.id, payment.discount, payment.tax, payment.total, order->id);
}

void order_refunded_set(struct db *db, const struct order *order, int64_t refunded)
{
	db_run(db, "UPDATE orders SET refunded = ?, updated_at = ? WHERE id = ?", refunded, moment_now(), order->id);
}

void order_pay_free(struct db *db, int64_t order_id)
{
	db_begin(db);
	const struct order *order = order_locked(db, order_id);
	if (!order || order->total.minor)
		fail("order.free", "order %lld is not free", (long long)order_id);
	const struct order *paid = order_move(db, order, "paid", "free");
	order_fulfil(db, paid ? paid : order); /* pressed twice: it is paid already */
	db_commit(db);
}

void order_session_set(struct db *db, int64_t order_id, const char *session, const char *url, struct moment expires_at)
{
	db_run(db,
		"UPDATE orders SET stripe_session = ?, stripe_url = ?, expires_at = ?, updated_at = ? WHERE id = ?",
		session, url, expires_at, moment_now(), order_id);
}

int64_t order_try(struct db *db, int64_t order_id)
{
	db_run(db, "UPDATE orders SET checkout_tries = checkout_tries + 1 WHERE id = ?", order_id);
	return db_int(db, "SELECT checkout_tries FROM orders WHERE id = ?", order_id);
}

void order_try_spent(struct db *db, const struct order *order)
{
	db_run(db, "UPDATE orders SET checkout_tries = ? WHERE id = ? AND checkout_tries = ?", order->checkout_tries + 1, order->id,
		order->checkout_tries);
}
