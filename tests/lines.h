/* lines.h: a paid order of three lines, for tests of what goes back of it. */
#ifndef LINES_H
#define LINES_H

#include "buyer.h"

enum { LINES = 3 };

/* Of these amounts, of which so much was paid in all. */
static inline int64_t an_order_of_lines(struct fixture *f, const int64_t *amounts, int64_t total, int64_t *lines)
{
	int64_t subtotal = amounts[0] + amounts[1] + amounts[2];
	int64_t id = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	for (int i = 1; i < LINES; i++)
		db_run(&f->db,
			"INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity,"
			" unit_amount, amount, currency) SELECT order_id, ?, product_id, price_id, 0, 'More', 'Basic', 1, 0, 0, currency"
			" FROM order_line WHERE order_id = ? AND position = 1",
			i + 1, id);
	for (int i = 0; i < LINES; i++) {
		lines[i] = db_int(&f->db, "SELECT id FROM order_line WHERE order_id = ? AND position = ?", id, i + 1);
		db_run(&f->db, "UPDATE order_line SET unit_amount = ?, amount = ? WHERE id = ?", amounts[i], amounts[i], lines[i]);
	}
	db_run(&f->db, "UPDATE orders SET subtotal = ?, discount = GREATEST(0, ?), total = ?, stripe_payment = 'pi_1' WHERE id = ?",
		subtotal, subtotal - total, total, id);
	db_begin(&f->db);
	order_fulfil(&f->db, order_move(&f->db, order_locked(&f->db, id), "paid", "test"));
	db_commit(&f->db);
	return id;
}

#endif
