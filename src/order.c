/* order.c: orders and their lines, read. They are made in order_make.c, moved in order_move.c, fulfilled in fulfil.c: a program
 * holds, and its database user may do, what it links of these. */
#include "order.h"

#include <string.h>

#define ORDER_COLUMNS                                                                                                \
	"id, number, account_id, state, review, decision, decided, language, currency, subtotal, discount, tax, total,"     \
	" refunded, livemode, promotions, tax_behavior, settles_later, checkout_tries, stripe_session, stripe_url,"         \
	" stripe_payment, created_at, updated_at, expires_at, paid_at, closed_at"

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
		"SELECT id, position, product_id, price_id, title, price_title, quantity, unit_amount, amount, tax, currency"
		" FROM order_line WHERE order_id = ? ORDER BY position",
		order_id);
}

const char *order_line_name(struct mem *mem, const struct order_line *line)
{
	return *line->price_title ? mem_format(mem, "%s — %s", line->title, line->price_title) : line->title;
}

static struct money tax_if(const struct order *order, bool within)
{
	struct money tax = order->tax;
	if (within != !strcmp(order->tax_behavior, "inclusive"))
		tax.minor = 0;
	return tax;
}

struct money order_tax_added(const struct order *order)
{
	return tax_if(order, false);
}

struct money order_tax_within(const struct order *order)
{
	return tax_if(order, true);
}

bool review_doubts_money(const char *review)
{
	static const char *const reasons[] = { "amount_mismatch", "currency_mismatch", "livemode_mismatch", "unpaid_mismatch" };
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (!strcmp(reasons[i], review))
			return true;
	return false;
}

bool order_decided(const struct order *order, const char *decision)
{
	return !strcmp(order->decision, decision);
}

struct money order_trial(const struct order *order)
{
	struct money trial = order->subtotal;
	if (!order->paid_at.us || order->total.minor || order->discount.minor) /* discount: a coupon gave it */
		trial.minor = 0;
	return trial;
}
