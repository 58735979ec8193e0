/* owned.h: what a member holds of one product or order, for the pages of the shop. */
#ifndef OWNED_H
#define OWNED_H

#include "web.h"

/* Rights that stand, by kind and by the price that brought them. */
struct held {
	const char *kind;
	int64_t price_id;
};
VIEW(held, kind, price_id);

struct held_file {
	int64_t version_id;
	const char *entitlement, *file, *name, *order_number;
	struct size size;
};
VIEW(held_file, version_id, entitlement, file, name, order_number, size);

struct owned {
	const char *order_number;
	struct list downloads;
};
VIEW(owned, order_number, LIST(downloads, held_file));

/* A page of the account where something held is to be found. */
struct way {
	const char *href, *label;
	bool is_first;
};
VIEW(way, href, label, is_first);

/* Rights to a product that stand; none for a visitor. The same of one of the member's orders, and of the subscription bought
 * with it. */
struct list held_of(struct request *req, int64_t product_id);
struct list held_of_order(struct request *req, int64_t order_id);

/* The ways to what is held, the files first. Labels are the page's words: product.to_downloads, return.to_tokens … */
struct list ways_of(struct request *req, struct list held, const char *page);

/* The files they open now, and where they came from; NULL when nothing is owned. Tokens are spent, not owned: who has some
 * may well want more. */
const struct owned *owned_of(struct request *req, int64_t product_id, struct list held);

/* The public id of a subscription to this product that is not over; NULL for a visitor, and when there is none. */
const char *subscription_held(struct request *req, int64_t product_id);

/* Whether something owned came from this price. */
bool price_held(struct list held, int64_t price_id);

/* Whether a free price has nothing left to give: something of the product is owned, or it gave its tokens already. */
bool free_price_spent(struct list held, int64_t price_id);

#endif
