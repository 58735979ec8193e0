/* tokens.h: prices that give tokens and access to modules, and lots as subscriptions make them, for tests. */
#ifndef TOKENS_H
#define TOKENS_H

#include "buyer.h"
#include "token.h"

/* A price of a product of that slug whose one benefit is so many tokens; is access to a module (days, uses
 * 0: no end). */
static inline const char *a_tokens_price(struct fixture *f, const char *slug, int64_t tokens)
{
	const char *price = a_price(f, slug, 900);
	int64_t id = db_int(&f->db, "SELECT id FROM price WHERE public_id = ?", price);
	db_run(&f->db, "DELETE FROM benefit WHERE price_id = ? AND kind = 'license'", id);
	db_run(&f->db, "UPDATE benefit SET kind = 'tokens', tokens = ? WHERE price_id = ?", tokens, id);
	db_run(&f->db, "UPDATE price SET quantity_max = 10 WHERE id = ?", id);
	return price;
}

static inline const char *a_module_price(struct fixture *f, const char *slug, const char *module,
	const char *level, int64_t days, int64_t uses)
{
	const char *price = a_tokens_price(f, slug, 0);
	db_run(&f->db,
		"UPDATE benefit SET kind = 'module', module = ?, level = ?, duration_days = NULLIF(?, 0), uses ="
		" NULLIF(?, 0) WHERE price_id = (SELECT id FROM price WHERE public_id = ?)",
		module, level, days, uses, price);
	return price;
}

/* The only right of an order. */
static inline int64_t right_id_of(struct fixture *f, int64_t order_id)
{
	return db_int(&f->db, "SELECT id FROM entitlement WHERE order_id = ?", order_id);
}

/* The quota of one period, as a paid invoice grants it. */
static inline struct token_lot a_quota(int64_t account_id, int64_t subscription_id, struct moment from,
	struct moment to, int64_t granted)
{
	return (struct token_lot){ .account_id = account_id, .kind = TOKEN_QUOTA, .line = LINE_SUBSCRIPTION_RENEWAL,
		.entitlement_id = subscription_id * 1000, .subscription_id = subscription_id, .period_start = from,
		.expires_at = to, .granted = granted };
}

/* A lot of staff's, in the open transaction. */
static inline void some_tokens(struct fixture *f, int64_t account_id, int64_t amount)
{
	db_begin(&f->db);
	assert_true(token_adjust(&f->db, account_id, 0, amount, "for a test"));
	db_commit(&f->db);
}

#endif
