/* buyer.h: orders paid and fulfilled as in life, for the tests of the portal. */
#ifndef BUYER_H
#define BUYER_H

#include <string.h>

#include "each.h"
#include "moment.h"
#include "order.h"
#include "sign.h"

/* A pending order of one price; the same, paid and fulfilled. */
static inline int64_t an_order(struct fixture *f, int64_t account_id, const char *price)
{
	int64_t id = 0;
	assert_int_equal(order_make(&f->db, account_id, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
	return id;
}

static inline int64_t a_purchase(struct fixture *f, int64_t account_id, const char *price)
{
	int64_t id = an_order(f, account_id, price);
	db_begin(&f->db);
	assert_true(order_move(&f->db, order_locked(&f->db, id), "paid", "test"));
	order_fulfil(&f->db, order_locked(&f->db, id));
	db_commit(&f->db);
	return id;
}

static inline const char *number_of(struct fixture *f, int64_t order_id)
{
	return db_text(&f->db, "SELECT number FROM orders WHERE id = ?", order_id);
}

/* The public id of the download right an order brought; of a product's file by its name. */
static inline const char *right_of_order(struct fixture *f, int64_t order_id)
{
	return db_text(&f->db, "SELECT public_id FROM entitlement WHERE order_id = ? AND kind = 'download' LIMIT 1", order_id);
}

static inline const char *file_named(struct fixture *f, const char *name)
{
	return db_text(&f->db, "SELECT public_id FROM product_file WHERE name = ?", name);
}

/* One more version of a product, released so many days from now, with one file of a part. */
static inline void a_version(struct fixture *f, int64_t product_id, const char *name, int64_t days, const char *file,
	const char *part)
{
	int64_t version = db_insert(&f->db,
		"INSERT INTO product_version (product_id, name, released_at) VALUES (?, ?, ?)"
		" ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)", product_id, name,
		moment_add_days(moment_now(), days));
	db_run(&f->db,
		"INSERT INTO product_file (public_id, product_id, version_id, part, name, media_type, size, sha256, storage,"
		" created_at) SELECT ?, product_id, ?, ?, ?, media_type, size, sha256, storage, created_at FROM product_file"
		" WHERE product_id = ? ORDER BY id LIMIT 1",
		random_id(f->mem), version, part, file, product_id);
}

#define assert_has(page, text) assert_non_null(strstr((page).body, text))
#define assert_lacks(page, text) assert_null(strstr((page).body, text))

static inline size_t times(const char *body, const char *text)
{
	size_t count = 0;
	for (; (body = strstr(body, text)) != NULL; body += strlen(text))
		count++;
	return count;
}

/* The address of the next page, or NULL on the last. */
static inline const char *next_of(struct fixture *f, struct page page)
{
	const char *end = strstr(page.body, "\" rel=\"next\""), *at = end;
	while (at && strncmp(at, "href=\"", 6))
		at--;
	return at ? mem_textn(f->mem, at + 6, (size_t)(end - at) - 6) : NULL;
}

#endif
