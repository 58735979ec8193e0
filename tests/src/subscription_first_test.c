/* subscription_first_test.c: the first invoice against the order: what was asked for counts, whatever paid it and whenever it is
 * told; and what staff decide about it. */
#include "club.h"

#include "staff.h"

static const struct decision why = { 1, "looked at it" };

static const char *end_of(struct fixture *f, const struct scene *scene)
{
	return db_text(&f->db,
		"SELECT CONCAT_WS(' ', state, review, total, discount, (SELECT COUNT(*) FROM entitlement WHERE state = 'active'), ?,"
		" (SELECT COUNT(*) FROM event WHERE topic = 'order.paid'), (SELECT COUNT(*) FROM event WHERE topic = 'order.held'))"
		" FROM orders",
		balance(f, scene));
}

static int64_t jobs(struct fixture *f, const char *reaction)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = ?", reaction);
}

static struct scene begun(struct fixture *f)
{
	struct scene scene = scene_of(f, false);
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	return scene;
}

/* A downgrade elsewhere left the customer credit: it pays before money does. */
static void credit_pays_as_money_does(void **state)
{
	static const struct { int64_t total, paid, tax; const char *end; } rows[] = {
		{ 900, 400, 0, "paid  900 0 3 1000 1 0" },
		{ 900, 0, 0, "paid  900 0 3 1000 1 0" },
		{ 1080, 100, 180, "paid  1080 0 3 1000 1 0" },
		{ 800, 800, 0, "pending amount_mismatch 900 0 0 0 0 1" },
		{ 901, 900, 0, "pending amount_mismatch 900 0 0 0 0 1" },
	};
	struct fixture *f = *state;
	struct scene scene = begun(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		struct invoice_fact first = the_first_invoice(rows[i].total, month_end(1));
		first.amount_paid = first.amount_due = rows[i].paid;
		first.tax = rows[i].tax;
		tell_invoice(f, first);
		assert_string_equal(end_of(f, &scene), rows[i].end);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* One end, whether the invoice it began with comes first or last, right or wrong. */
static void a_later_invoice_pays_no_order(void **state)
{
	static const struct { int64_t asked; const char *end; } rows[] = {
		{ 900, "paid  900 0 4 2000 1 0" }, { 100, "pending amount_mismatch 900 0 0 0 0 1" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < 4; i++) {
		db_script(&f->db, "SAVEPOINT row");
		struct scene scene = begun(f);
		struct invoice_fact first = the_first_invoice(rows[i / 2].asked, month_end(1));
		if (i % 2)
			tell_invoice(f, first);
		tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
		if (!(i % 2))
			tell_invoice(f, first);
		assert_string_equal(end_of(f, &scene), rows[i / 2].end);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static struct scene held(struct fixture *f)
{
	struct scene scene = begun(f);
	tell_invoice(f, the_first_invoice(100, month_end(1)));
	assert_string_equal(end_of(f, &scene), "pending amount_mismatch 900 0 0 0 0 1");
	return scene;
}

static void what_staff_let_go_stays_so(void **state)
{
	struct fixture *f = *state;
	struct scene scene = held(f);
	assert_true(order_release(&f->db, scene.order, why));
	assert_int_equal(jobs(f, "subscription_check"), 1); /* which settles, as here: */
	tell_invoice(f, the_first_invoice(100, month_end(1)));
	assert_string_equal(end_of(f, &scene), "paid  100 800 3 1000 1 1");
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	assert_string_equal(end_of(f, &scene), "paid  100 800 4 2000 1 1");
	assert_int_equal(jobs(f, "subscription_close"), 0);
}

/* Also when it is held for something else meanwhile. */
static void another_hold_leaves_the_decision(void **state)
{
	static const struct { bool (*decide)(struct db *, int64_t, struct decision); const char *end; } rows[] = {
		{ order_release, "paid  100 800 3 1000 1 1" }, { order_close, "failed  900 0 0 0 0 1" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		struct scene scene = held(f);
		assert_true(rows[i].decide(&f->db, scene.order, why));
		db_run(&f->db, "UPDATE orders SET review = 'refund_failed'");
		assert_true(order_release(&f->db, scene.order, why));
		tell_invoice(f, the_first_invoice(100, month_end(1)));
		assert_string_equal(end_of(f, &scene), rows[i].end);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* An amount of another currency is no amount of the order. */
static void another_currency_that_is_let_go_changes_no_amount(void **state)
{
	struct fixture *f = *state;
	struct scene scene = begun(f);
	struct invoice_fact first = the_first_invoice(700, month_end(1));
	first.currency = "eur";
	tell_invoice(f, first);
	assert_string_equal(end_of(f, &scene), "pending currency_mismatch 900 0 0 0 0 1");
	assert_true(order_release(&f->db, scene.order, why));
	tell_invoice(f, first);
	assert_string_equal(end_of(f, &scene), "paid  900 0 3 1000 1 1");
}

/* More than was ordered, and another doubt than the one that staff looked at. */
static void only_the_doubt_that_was_decided_is_let_go(void **state)
{
	struct fixture *f = *state;
	struct scene scene = begun(f);
	struct invoice_fact first = the_first_invoice(1000, month_end(1));
	db_run(&f->db, "UPDATE orders SET decision = 'release', decided = 'currency_mismatch'");
	tell_invoice(f, first);
	assert_string_equal(end_of(f, &scene), "pending amount_mismatch 900 0 0 0 0 1");
	assert_true(order_release(&f->db, scene.order, why));
	tell_invoice(f, first);
	assert_string_equal(end_of(f, &scene), "paid  1000 0 3 1000 1 1");
}

static void what_staff_close_ends_at_stripe(void **state)
{
	struct fixture *f = *state;
	struct scene scene = held(f);
	assert_true(order_close(&f->db, scene.order, why));
	assert_int_equal(jobs(f, "subscription_check"), 1);
	tell(f, "active", MONTH, begin + 1);
	assert_int_equal(jobs(f, "subscription_close"), 1);
	assert_string_equal(end_of(f, &scene), "failed  900 0 0 0 0 1");
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	assert_string_equal(end_of(f, &scene), "failed  900 0 0 0 0 1"); /* not held again, and nothing given */
	db_run(&f->db, "DELETE FROM job WHERE reaction = 'subscription_close'");
	tell(f, "canceled", MONTH, month_end(1) + 1);
	assert_int_equal(jobs(f, "subscription_close"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(credit_pays_as_money_does),
		CASE(a_later_invoice_pays_no_order),
		CASE(what_staff_let_go_stays_so),
		CASE(another_hold_leaves_the_decision),
		CASE(another_currency_that_is_let_go_changes_no_amount),
		CASE(only_the_doubt_that_was_decided_is_let_go),
		CASE(what_staff_close_ends_at_stripe),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
