/* plan.h: a price that recurs, as Stripe and the pages of subscriptions need it. */
#ifndef PLAN_H
#define PLAN_H

#include "db.h"

struct plan {
	int64_t id, product_id;
	const char *public_id, *title, *price_title, *recurring; /* month, year */
	struct money amount;
	const char *stripe_price; /* NULL: not made at Stripe yet */
	int64_t trial_days;       /* 0: none */
	bool trial_card, active;
};
ROW(plan, id, product_id, public_id, title, price_title, recurring, amount, OPT(stripe_price), trial_days, trial_card,
	active);

/* NULL when it does not recur, or there is none. plan_of_order(): what an order is for. */
const struct plan *plan_by_id(struct db *db, int64_t price_id, const char *language);
const struct plan *plan_of_order(struct db *db, int64_t order_id, const char *language);

/* The other plans of the same product and currency that are on sale, cheapest first. */
struct list plans_beside(struct db *db, const struct plan *plan, const char *language);

/* Whether going there is an upgrade, which happens at once: to a longer interval, or to more money in the same. Anything
 * else begins with the next period. */
bool plan_is_upgrade(const struct plan *from, const struct plan *to);

/* The plan's name at Stripe, made there when it has none: a network call, so not inside a transaction. NULL when Stripe
 * could not be reached or refused. */
const char *plan_at_stripe(struct db *db, const struct plan *plan);

#endif
