/* offer.h: what a price gives, as pages say it (templates/part/benefit.html). For the product page and the checkout. */
#ifndef OFFER_H
#define OFFER_H

#include "db.h"

struct benefit_view {
	int64_t price_id, position;
	bool is_download, is_license, is_tokens, is_module;
	const char *of_title; /* of a bundle: whose; "" when it is the page's own product */
	const char *parts;    /* "wav, stems"; "": all */
	int64_t download_limit; /* 0: none */
	int64_t seats;          /* 0: unlimited */
	bool one_seat;
	bool updates_forever, updates_one_year;
	int64_t updates_days;
	bool lasts_forever, lasts_one_year;
	int64_t duration_days;
	const char *tokens; /* grouped: "3,000" */
	bool while_subscribed; /* of a price that recurs: tokens come every month, updates and time say nothing */
	const char *module, *level;
	int64_t uses; /* 0: unlimited */
};
ROW(benefit_view, price_id, position, is_download, is_license, is_tokens, is_module, of_title, parts, download_limit, seats,
	one_seat, updates_forever, updates_one_year, updates_days, lasts_forever, lasts_one_year, duration_days, tokens,
	while_subscribed, module, level, uses);

/* The benefits of every active price of a product, in the order of prices: one query for the whole page. */
struct list benefits_of_product(struct db *db, int64_t product_id, const char *language);

/* Those of one price among them, in their order. */
struct list benefits_of_price(struct db *db, struct list benefits, int64_t price_id);

#endif
