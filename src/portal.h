/* portal.h: lists that more than one page of the portal shows: the products held, the orders. */
#ifndef PORTAL_H
#define PORTAL_H

#include "web.h"

/* One product that the account holds, or held, a right of (templates/part/product_row.html). */
struct holding {
	int64_t id; /* of the product */
	const char *slug, *title, *price_title, *cover, *cover_alt, *version_name;
	const char *state, *state_label; /* of one of its rights, for when none is active */
	bool is_active, has_download, has_license;
};
VIEW(holding, id, slug, title, price_title, cover, cover_alt, version_name, state, state_label, is_active, has_download,
	has_license);

/* Products with an id below before, the shop's newest first. */
struct list holdings(struct request *req, int64_t before, int64_t limit);

/* One order in a list (templates/part/order_row.html). state is "review" while it is held. */
struct order_row {
	int64_t id;
	const char *number, *title, *state, *state_label;
	int64_t more; /* lines after the first */
	struct money total;
	struct moment created_at;
};
VIEW(order_row, id, number, title, state, state_label, more, total, created_at);

/* Orders with an id below before, newest first. */
struct list order_rows(struct request *req, int64_t before, int64_t limit);

#endif
