/* order.c: orders made, found, moved between their states. Fulfilment is in fulfil.c. */
#include "order.h"

#include <string.h>

#include "audit.h"
#include "conf.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "money.h"
#include "sign.h"

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

#define ORDER_COLUMNS                                                                                                \
	"id, number, account_id, state, review, language, currency, subtotal, discount, tax, total, refunded, livemode,"   \
	" promotions, settles_later, checkout_tries, stripe_session, stripe_url, stripe_payment, created_at, updated_at,"       \
	" expires_at, paid_at, closed_at"

const struct order *order_of(struct db *db, int64_t account_id, const char *number)
{
	return db_one(db, order, "SELECT " ORDER_COLUMNS " FROM orders WHERE number = ? AND account_id = ?", number,
		account_id);
}

const struct order *order_locked(struct db *db, int64_t order_id)
{
	return db_one(db, order, "SELECT " ORDER_COLUMNS " FROM orders WHERE id = ? FOR UPDATE", order_id);
}

const struct order *order_locked_by_number(struct db *db, const char *number)
{
	return db_one(db, order, "SELECT " ORDER_COLUMNS " FROM orders WHERE number = ? FOR UPDATE", number);
}

struct list order_lines(struct db *db, int64_t order_id)
{
	return db_all(db, order_line,
		"SELECT id, position, product_id, price_id, title, price_title, quantity, unit_amount, amount, currency"
		" FROM order_line WHERE order_id = ? ORDER BY position",
		order_id);
}

/* A price as it is sold now, with the words of the buyer's language. */
struct offer {
	int64_t price_id, product_id, seller_id, quantity_max;
	struct money amount;
	const char *title, *price_title;
	bool recurs;
};
ROW(offer, price_id, product_id, seller_id, quantity_max, amount, title, price_title, recurs);

static const struct offer *offer_of(struct db *db, const char *price_public_id, const char *language)
{
	return db_one(db, offer,
		"SELECT p.id AS price_id, p.product_id, d.seller_id, p.quantity_max, p.amount, p.currency, dt.title,"
		" pt.title AS price_title, p.recurring <> 'once' AS recurs FROM price p JOIN product d ON d.id = p.product_id"
		" JOIN product_text dt ON dt.product_id = d.id AND dt.language = ?"
		" JOIN price_text pt ON pt.price_id = p.id AND pt.language = ?"
		" WHERE p.public_id = ? AND p.active AND d.status = 'published'",
		language, language, price_public_id);
}

static int64_t order_insert(struct db *db, int64_t account_id, const struct offer *offer, struct money total,
	const char *request_key, const char *language)
{
	struct moment now = moment_now();
	return db_insert(db,
		"INSERT INTO orders (number, account_id, request_key, state, language, currency, subtotal, total, livemode,"
		" promotions, created_at, updated_at) VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?)",
		random_code(db->mem, 12, 4), account_id, request_key, language, offer->amount.currency, total.minor,
		total.minor, conf.stripe_livemode, conf.stripe_promotions && total.minor > 0, now, now);
}

static void line_insert(struct db *db, int64_t order_id, const struct offer *offer, int64_t quantity,
	struct money amount)
{
	int64_t fee = offer->seller_id ? money_fee(amount.minor, conf.fee_basis_points) : 0;
	db_run(db,
		"INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity,"
		" unit_amount, amount, currency, fee) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		order_id, offer->product_id, offer->price_id, offer->seller_id, offer->title, offer->price_title, quantity,
		offer->amount.minor, amount.minor, offer->amount.currency, fee);
}

static int64_t order_by_request(struct db *db, int64_t account_id, const char *request_key)
{
	return db_int(db, "SELECT id FROM orders WHERE account_id = ? AND request_key = ?", account_id, request_key);
}

enum order_made order_make(struct db *db, int64_t account_id, const char *price_public_id, int64_t quantity,
	const char *request_key, const char *language, int64_t *order_id)
{
	*order_id = order_by_request(db, account_id, request_key);
	if (*order_id)
		return ORDER_MADE;
	const struct offer *offer = offer_of(db, price_public_id, language);
	if (!offer)
		return ORDER_NO_PRICE;
	if (offer->recurs && !offer->amount.minor)
		return ORDER_NO_PRICE; /* nothing would ever be invoiced */
	if (quantity < 1 || quantity > (offer->recurs ? 1 : offer->quantity_max))
		return ORDER_BAD_QUANTITY;
	struct money total = money_mul(offer->amount, quantity);
	db_begin(db);
	/* The account row stands in line for its orders: two presses of one button cannot both find no order. */
	db_int(db, "SELECT id FROM account WHERE id = ? FOR UPDATE", account_id);
	*order_id = order_by_request(db, account_id, request_key);
	if (*order_id) {
		db_rollback(db);
		return ORDER_MADE;
	}
	int64_t id = order_insert(db, account_id, offer, total, request_key, language);
	line_insert(db, id, offer, quantity, total);
	if (!total.minor &&
		!db_run(db, "INSERT INTO free_claim (account_id, product_id, order_id) VALUES (?, ?, ?)"
			    " ON DUPLICATE KEY UPDATE order_id = order_id",
			account_id, offer->product_id, id)) {
		db_rollback(db);
		return ORDER_OWNED_FREE;
	}
	audit_put(db, account_id, account_id, "order.created", id, "");
	db_commit(db);
	*order_id = id;
	return ORDER_MADE;
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
