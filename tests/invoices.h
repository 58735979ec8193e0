/* invoices.h: orders that are paid, their documents, what is given back of them, for tests. */
#ifndef INVOICES_H
#define INVOICES_H

#include "conf.h"
#include "crowd.h"
#include "invoice.h"
#include "order.h"
#include "payment.h"
#include "settle.h"
#include "sign.h"

static inline int64_t a_paid_order(struct fixture *f, const char *email, const char *slug, int64_t amount, const char *language)
{
	int64_t id = 0;
	assert_int_equal(order_make(&f->db, a_member(f, email), a_price(f, slug, amount), 1, random_id(f->mem), language, &id),
		ORDER_MADE);
	db_run(&f->db, "UPDATE orders SET stripe_payment = CONCAT('pi_', id) WHERE id = ?", id);
	db_begin(&f->db);
	order_fulfil(&f->db, order_move(&f->db, order_locked(&f->db, id), "paid", "test"));
	db_commit(&f->db);
	return id;
}

static inline int64_t issued(struct fixture *f, int64_t order_id)
{
	db_begin(&f->db);
	int64_t id = invoice_issue(&f->db, order_id);
	db_commit(&f->db);
	return id;
}

static inline void refund_told_as(struct fixture *f, int64_t order_id, const char *status)
{
	const char *intent = mem_format(f->mem, "pi_%lld", (long long)order_id);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = intent, .charge = "ch_1", .stripe_invoice = "",
		.amount = 2400 });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_1", .payment_intent = intent, .currency = "eur",
		.status = status, .public_id = "", .amount = 1000 });
	payment_settle(&f->db, intent);
	db_commit(&f->db);
}

static const char *home, *own; /* the data folder of the shop, of the test */

/* A data folder of the test's own, until it ends. */
static inline int fresh_folder(void **state)
{
	const char *why;
	struct fixture *f = *state = fixture_new();
	home = conf.data_folder;
	own = mem_format(f->mem, "%s/%s-own", home, conf.database_name);
	folders_make(mem_format(f->mem, "%s/files", own));
	return !conf_set("data_folder", own, &why);
}

static inline int gone_folder(void **state)
{
	const char *why;
	folder_remove(own);
	return !conf_set("data_folder", home, &why) + gone(state);
}

#define OWN_FOLDER(name) cmocka_unit_test_setup_teardown(name, fresh_folder, gone_folder)

#endif
