/* refund.c: asking for a refund: what is left, what is refused, the row that the worker sends. */
#include "refund.h"

#include "audit.h"
#include "event.h"
#include "moment.h"
#include "payment.h"

#define REFUND_STANDS "('asked', 'pending', 'requires_action', 'succeeded')"

/* What is meant to be given back: the order's own payment, or one of its subscription's. */
struct source {
	const char *payment_intent;
	int64_t amount; /* that it brought, as far as we know without Stripe's word */
};
ROW(source, payment_intent, amount);

static const struct source *source_of(struct db *db, const struct refund_wish *wish)
{
	if (!wish->payment)
		return db_one(db, source,
			"SELECT COALESCE(stripe_payment, '') AS payment_intent, total AS amount FROM orders WHERE id = ?"
			" AND paid_at IS NOT NULL AND stripe_payment IS NOT NULL",
			wish->order_id);
	return db_one(db, source,
		"SELECT y.payment_intent, p.amount FROM subscription s JOIN subscription_period p ON p.subscription_id = s.id"
		" JOIN payment y ON y.stripe_invoice = p.stripe_invoice WHERE s.order_id = ? AND y.payment_intent = ?",
		wish->order_id, wish->payment);
}

static int64_t left_of(struct db *db, const struct source *source, const struct payment *payment)
{
	int64_t whole = payment && payment->amount ? payment->amount : source->amount;
	int64_t asked = db_int(db,
		"SELECT CAST(SUM(amount) AS SIGNED) FROM refund WHERE payment_intent = ? AND status = 'asked'",
		source->payment_intent);
	int64_t back = payment ? payment->refunded : 0;
	return whole > back + asked ? whole - back - asked : 0;
}

static bool in_dispute(const struct payment *payment)
{
	return payment && (payment->dispute_open || payment->dispute_lost);
}

struct money refund_left(struct db *db, const struct order *order)
{
	struct money left = order->total;
	left.minor = 0;
	if (!order->paid_at.us || !order->stripe_payment)
		return left;
	left.minor = refund_left_of(db, order->stripe_payment, order->total.minor);
	return left;
}

int64_t refund_left_of(struct db *db, const char *payment_intent, int64_t amount)
{
	const struct payment *payment = payment_of(db, payment_intent);
	return in_dispute(payment) ? 0 : left_of(db, &(struct source){ payment_intent, amount }, payment);
}

/* What a line cost after the order's discount and with its tax; -1 when it is not of this order, or back already. */
static int64_t line_worth(struct db *db, const struct order *order, int64_t line_id)
{
	if (db_int(db, "SELECT COUNT(*) FROM refund_line l JOIN refund r ON r.id = l.refund_id"
		       " WHERE l.order_line_id = ? AND r.status IN " REFUND_STANDS, line_id))
		return -1;
	int64_t amount = db_int(db, "SELECT amount FROM order_line WHERE id = ? AND order_id = ?", line_id, order->id);
	if (!amount)
		return -1;
	return (int64_t)((__int128)amount * order->total.minor / order->subtotal.minor);
}

/* What goes back for one line of a wish. */
static int64_t line_amount(struct db *db, const struct order *order, const struct refund_wish *wish, size_t i)
{
	int64_t worth = line_worth(db, order, wish->lines[i]);
	bool part = wish->line_count == 1 && wish->amount && worth > 0;
	return part ? wish->amount : worth;
}

/* The amount of a wish; 0 with *why set when it cannot be. */
static int64_t amount_of(struct db *db, const struct order *order, const struct refund_wish *wish, int64_t left,
	enum refund_asked *why)
{
	int64_t sum = 0;
	for (size_t i = 0; i < wish->line_count; i++) {
		int64_t amount = line_amount(db, order, wish, i), worth = line_worth(db, order, wish->lines[i]);
		if (worth < 0 || amount > worth) {
			*why = worth < 0 ? REFUND_LINE_BACK : REFUND_TOO_MUCH;
			return 0;
		}
		sum += amount;
	}
	/* The last cent that dividing a discount left behind goes with the last line. */
	if (wish->line_count && sum < left && left - sum < (int64_t)wish->line_count && left == order->total.minor)
		sum = left;
	int64_t amount = wish->line_count ? sum : wish->amount ? wish->amount : left;
	*why = amount > left ? REFUND_TOO_MUCH : amount ? REFUND_ASKED : REFUND_NOTHING_LEFT; /* a line may have cost nothing */
	return amount > left ? 0 : amount;
}

/* False when the key was another refund's. */
static bool refund_insert(struct db *db, const struct order *order, const struct refund_wish *wish, const char *intent,
	int64_t amount)
{
	struct moment now = moment_now();
	int64_t id = db_place(db,
		"INSERT INTO refund (public_id, payment_intent, order_id, amount, currency, status, reason, actor_id, cancels,"
		" created_at, updated_at) VALUES (?, ?, ?, ?, ?, 'asked', ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE id = id",
		wish->key, intent, order->id, amount, order->currency, wish->reason, wish->actor_id, wish->cancels, now, now);
	if (!id)
		return false;
	for (size_t i = 0; i < wish->line_count; i++)
		db_run(db, "INSERT INTO refund_line (refund_id, order_line_id, amount) VALUES (?, ?, ?)", id, wish->lines[i],
			line_amount(db, order, wish, i));
	audit_put(db, order->account_id, wish->actor_id, "refund.asked", id, wish->reason);
	job_put(db, "refund_now", wish->key, id, 0);
	return true;
}

/* The payment's row first, then the order's: as whoever tells a fact about it (payment.h). */
static enum refund_asked ask(struct db *db, const struct refund_wish *wish)
{
	const struct source *source = source_of(db, wish);
	if (!source)
		return REFUND_UNPAID;
	payment_told(db, (struct payment_fact){ .payment_intent = source->payment_intent, .charge = "", .stripe_invoice = "" });
	const struct order *order = order_locked(db, wish->order_id);
	const struct payment *payment = payment_of(db, source->payment_intent);
	if (db_int(db, "SELECT COUNT(*) FROM refund WHERE public_id = ? AND order_id = ?", wish->key, order->id))
		return REFUND_ASKED;
	if (in_dispute(payment))
		return REFUND_DISPUTED;
	int64_t left = left_of(db, source, payment);
	enum refund_asked why = REFUND_NOTHING_LEFT;
	int64_t amount = left ? amount_of(db, order, wish, left, &why) : 0;
	if (amount && !refund_insert(db, order, wish, source->payment_intent, amount))
		return REFUND_KEY_USED;
	return why;
}

enum refund_asked refund_ask(struct db *db, const struct refund_wish *wish)
{
	db_begin(db);
	enum refund_asked asked = ask(db, wish);
	if (asked == REFUND_ASKED)
		db_commit(db);
	else
		db_rollback(db);
	return asked;
}
