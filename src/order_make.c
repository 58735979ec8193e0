/* order_make.c: what somebody wants becomes an order, with the words and amounts of that moment. */
#include "audit.h"
#include "conf.h"
#include "moment.h"
#include "money.h"
#include "order.h"
#include "sign.h"

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
		" promotions, tax_behavior, created_at, updated_at) VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		random_code(db->mem, 12, 4), account_id, request_key, language, offer->amount.currency, total.minor,
		total.minor, conf.stripe_livemode, conf.stripe_promotions && total.minor > 0,
		total.minor ? conf_tax_behavior() : "", now, now);
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

/* What a form of that key has made already, and whether it was of this price and quantity. */
struct earlier {
	int64_t id;
	bool same;
};
ROW(earlier, id, same);

static const struct earlier *earlier_of(struct db *db, int64_t account_id, const char *request_key,
	const char *price_public_id, int64_t quantity)
{
	return db_one(db, earlier,
		"SELECT o.id, COALESCE(p.public_id = ? AND l.quantity = ? AND l.unit_amount = p.amount, FALSE) AS same FROM orders o"
		" JOIN order_line l ON l.order_id = o.id AND l.position = 1 JOIN price p ON p.id = l.price_id"
		" WHERE o.account_id = ? AND o.request_key = ?",
		price_public_id, quantity, account_id, request_key);
}

/* A page that came back, or was changed meanwhile, must not lead to paying for something else than it says. */
static enum order_made order_again(const struct earlier *earlier, int64_t *order_id)
{
	*order_id = earlier->same ? earlier->id : 0;
	return earlier->same ? ORDER_MADE : ORDER_OTHER;
}

static int64_t claim_insert(struct db *db, int64_t account_id, int64_t product_id, int64_t order_id)
{
	return db_run(db,
		"INSERT INTO free_claim (account_id, product_id, order_id) VALUES (?, ?, ?)"
		" ON DUPLICATE KEY UPDATE order_id = order_id",
		account_id, product_id, order_id);
}

enum order_made order_make(struct db *db, int64_t account_id, const char *price_public_id, int64_t quantity,
	const char *request_key, const char *language, int64_t *order_id)
{
	*order_id = 0;
	const struct earlier *earlier = earlier_of(db, account_id, request_key, price_public_id, quantity);
	if (earlier)
		return order_again(earlier, order_id);
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
	earlier = earlier_of(db, account_id, request_key, price_public_id, quantity);
	if (earlier) {
		db_rollback(db);
		return order_again(earlier, order_id);
	}
	int64_t id = order_insert(db, account_id, offer, total, request_key, language);
	line_insert(db, id, offer, quantity, total);
	if (!total.minor && !claim_insert(db, account_id, offer->product_id, id)) {
		db_rollback(db);
		return ORDER_OWNED_FREE;
	}
	audit_put(db, account_id, account_id, "order.created", id, "");
	db_commit(db);
	*order_id = id;
	return ORDER_MADE;
}
