/* plans.h: plans that recur, and what Stripe tells of subscriptions to them, for tests. */
#ifndef PLANS_H
#define PLANS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "moment.h"
#include "sign.h"

enum { STEPS_MAX = 20 };

/* One more price of a product: so much a "month" or "year" for a download, a licence and tokens. Returns its row. */
static inline int64_t a_plan(struct fixture *f, int64_t product, const char *name, const char *stripe_price,
	int64_t amount, const char *every, int64_t tokens)
{
	int64_t price = db_insert(&f->db,
		"INSERT INTO price (public_id, product_id, name, amount, currency, recurring, stripe_price, created_at)"
		" VALUES (?, ?, ?, ?, 'usd', ?, ?, ?)",
		random_id(f->mem), product, name, amount, every, stripe_price, moment_now());
	db_run(&f->db,
		"INSERT INTO price_text (price_id, language, title, summary) VALUES (?, 'en', ?, ''), (?, 'fr', ?, '')", price,
		name, price, name);
	db_run(&f->db,
		"INSERT INTO benefit (price_id, product_id, kind, position, seats, tokens) VALUES (?, ?, 'download', 0, NULL, 0),"
		" (?, ?, 'license', 1, 2, 0), (?, ?, 'tokens', 2, NULL, ?)",
		price, product, price, product, price, product, tokens);
	return price;
}

/* A product with nothing but plans. */
static inline int64_t a_club(struct fixture *f)
{
	a_price(f, "club", 900);
	int64_t product = product_id_of(f, "club");
	db_run(&f->db, "UPDATE price SET active = FALSE WHERE product_id = ?", product);
	return product;
}

static inline const char *file_body(struct fixture *f, const char *path)
{
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	struct buffer text = buffer_new(f->mem, 8192);
	char block[4096];
	for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
		buffer_put(&text, block, n);
	fclose(file);
	return text.text;
}

static inline int step_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The events of a story, in the order of their files, after those that are there. */
static inline size_t story_events(struct fixture *f, const char *name, const char *bodies[STEPS_MAX], size_t count)
{
	struct dirent **names;
	const char *folder = mem_format(f->mem, "tests/spec/stripe/stories/%s", name);
	int found = scandir(folder, &names, NULL, step_order);
	assert_true(found > 2);
	for (int i = 0; i < found; i++) {
		if (names[i]->d_name[0] == '0' || names[i]->d_name[0] == '1')
			bodies[count++] = file_body(f, mem_format(f->mem, "%s/%s", folder, names[i]->d_name));
		free(names[i]);
	}
	free(names);
	return count;
}

#endif
