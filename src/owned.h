/* owned.h: what a member holds of one product, for the product's page. */
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
	bool has_license;
	const char *order_number;
	struct list downloads;
};
VIEW(owned, has_license, order_number, LIST(downloads, held_file));

/* Rights that stand; none for a visitor. */
struct list held_of(struct request *req, int64_t product_id);

/* The files they open now, and where they came from; NULL when nothing is held. */
const struct owned *owned_of(struct request *req, int64_t product_id, struct list held);

/* The public id of a subscription to this product that is not over; NULL for a visitor, and when there is none. */
const char *subscription_held(struct request *req, int64_t product_id);

/* Whether one of them came from this price. */
bool price_held(struct list held, int64_t price_id);

#endif
