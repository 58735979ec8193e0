/* invoice_test.c: numbers without a gap, whatever happens beside them; what documents say. Their PDF:
 * invoice_pdf_test.c. */
#include "invoices.h"

#include "invariant.h"

enum { PROCESSES = 16, EACH = 6 };

static void an_order_has_one_invoice_a_free_one_none(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 1900, "fr");
	int64_t id = issued(f, order);
	assert_true(id > 0);
	assert_int_equal(issued(f, order), id);
	const struct invoice *invoice = invoice_by_id(&f->db, id);
	assert_int_equal(invoice->total.minor, 1900);
	assert_string_equal(invoice->language, "fr");
	assert_string_equal(invoice->number + 5, "-000001");
	assert_int_equal(issued(f, a_paid_order(f, "b@example.com", "gift", 0, "en")), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 1);
	db_run(&f->db, "UPDATE account SET name = 'Somebody else'");
	assert_null(strstr(invoice_by_id(&f->db, id)->buyer, "Somebody else"));
}

static void a_rollback_gives_its_number_back(void **state)
{
	struct fixture *f = *state;
	int64_t first = a_paid_order(f, "a@example.com", "walk", 1900, "en");
	db_begin(&f->db);
	invoice_issue(&f->db, first);
	db_rollback(&f->db);
	assert_string_equal(invoice_by_id(&f->db, issued(f, first))->number + 5, "-000001");
}

struct crowd {
	int64_t orders[PROCESSES * EACH];
};

struct turn {
	struct db *db;
	int64_t order_id;
	bool undo;
};

static void turn_run(void *arg)
{
	struct turn *turn = arg;
	db_begin(turn->db);
	invoice_issue(turn->db, turn->order_id);
	if (turn->undo)
		db_rollback(turn->db);
	else
		db_commit(turn->db);
}

/* Until it ends in something other than a conflict, as serve() and the worker do. */
static bool turn_done(struct turn turn)
{
	struct failure failure;
	for (int i = 0; i < 50; i++) {
		bool whole = attempt(turn_run, &turn, &failure);
		db_leave(turn.db);
		if (whole)
			return true;
		if (failure.kind != FAILURE_AGAIN)
			return false;
	}
	return false;
}

/* Each process takes its turn at every order, beginning elsewhere; every third is given up first. */
static bool everybody(struct db *db, void *arg)
{
	const struct crowd *crowd = arg;
	size_t from = (size_t)getpid() % (PROCESSES * EACH);
	for (size_t i = 0; i < PROCESSES * EACH; i++) {
		int64_t order = crowd->orders[(from + i * 7) % (PROCESSES * EACH)];
		if ((i % 3 == 0 && !turn_done((struct turn){ db, order, true })) || !turn_done((struct turn){ db, order, false }))
			return false;
	}
	return true;
}

static void no_gap_in_a_crowd(void **state)
{
	struct fixture *f = *state;
	struct crowd crowd;
	for (size_t i = 0; i < PROCESSES * EACH; i++)
		crowd.orders[i] = a_paid_order(f, mem_format(f->mem, "c%zu@example.com", i), mem_format(f->mem, "p%zu", i), 1900, "en");
	int done = at_once(f, PROCESSES, everybody, &crowd);
	assert_int_equal(done, PROCESSES);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), PROCESSES * EACH);
	assert_int_equal(db_int(&f->db, "SELECT MAX(last) FROM invoice_counter"), PROCESSES * EACH);
	invariants_prove(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT broken FROM invariant WHERE name = 'invoice_gaps'"), 0);
}

static void a_refund_has_its_credit_note_and_loses_it(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 2000, "en");
	db_run(&f->db, "UPDATE orders SET tax = 400, total = 2400 WHERE id = ?", order);
	issued(f, order);
	refund_told_as(f, order, "pending");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice WHERE kind = 'credit'"), 0);
	refund_told_as(f, order, "succeeded");
	refund_told_as(f, order, "succeeded");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice WHERE kind = 'credit'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT total FROM invoice WHERE kind = 'credit'"), -1000);
	assert_int_equal(db_int(&f->db, "SELECT tax FROM invoice WHERE kind = 'credit'"), -166);
	assert_int_equal(db_int(&f->db, "SELECT net FROM invoice WHERE kind = 'credit'"), -834);
	assert_non_null(strstr(db_text(&f->db, "SELECT number FROM invoice WHERE kind = 'credit'"), "A20"));
	refund_told_as(f, order, "failed");
	refund_told_as(f, order, "failed");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 3);
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(total) AS SIGNED) FROM invoice"), 2400);
}

/* Three lines of one order: each with its share of the tax, the last with what dividing left behind. */
static int64_t an_order_of_three(struct fixture *f)
{
	int64_t order = a_paid_order(f, "a@example.com", "walk", 500, "en");
	db_run(&f->db,
		"INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity,"
		" unit_amount, amount, currency) SELECT order_id, 2, product_id, price_id, 0, 'Second', '', 3, 111, 333, currency"
		" FROM order_line WHERE order_id = ? UNION ALL SELECT order_id, 3, product_id, price_id, 0, 'Third', '', 1, 167, 167,"
		" currency FROM order_line WHERE order_id = ?",
		order, order);
	return order;
}

static void lines_add_up_to_the_total(void **state)
{
	static const struct { int64_t discount, tax, total, rows, first_tax; } rows[] = {
		{ 0, 200, 1200, 3, 100 }, { 0, 1, 1001, 3, 0 }, { 0, 0, 1000, 3, 0 }, { 100, 180, 1080, 4, 90 }, { 100, 0, 900, 4, 0 },
	};
	struct fixture *f = *state;
	int64_t order = an_order_of_three(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_run(&f->db, "UPDATE orders SET subtotal = 1000, discount = ?, tax = ?, total = ? WHERE id = ?", rows[i].discount,
			rows[i].tax, rows[i].total, order);
		int64_t id = issued(f, order);
		assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(net + tax) AS SIGNED) FROM invoice_line WHERE invoice_id = ?", id),
			rows[i].total);
		assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(tax) AS SIGNED) FROM invoice_line WHERE invoice_id = ?", id), rows[i].tax);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice_line WHERE invoice_id = ?", id), rows[i].rows);
		assert_int_equal(db_int(&f->db, "SELECT tax FROM invoice_line WHERE invoice_id = ? AND position = 1", id),
			rows[i].first_tax);
		assert_int_equal(db_int(&f->db, "SELECT net + tax - total FROM invoice WHERE id = ?", id), 0);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* What Stripe told of each line is on the document, as far as it makes the order's tax; where prices hold it, nets do not. */
static void lines_have_the_tax_they_were_told(void **state)
{
	static const struct { const char *behavior; int64_t told[3], total; const char *lines; } rows[] = {
		{ "exclusive", { 100, 18, 33 }, 1151, "500+100 333+18 167+33" },
		{ "inclusive", { 100, 18, 33 }, 1000, "400+100 315+18 134+33" },
		{ "exclusive", { 100, 18, 32 }, 1151, "500+75 333+50 167+26" },
		{ "inclusive", { 0, 0, 0 }, 1000, "425+75 283+50 141+26" },
	};
	struct fixture *f = *state;
	int64_t order = an_order_of_three(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_run(&f->db, "UPDATE orders SET subtotal = 1000, tax = 151, total = ?, tax_behavior = ? WHERE id = ?", rows[i].total,
			rows[i].behavior, order);
		for (size_t line = 0; line < 3; line++)
			db_run(&f->db, "UPDATE order_line SET tax = ? WHERE order_id = ? AND position = ?", rows[i].told[line], order,
				(int64_t)line + 1);
		issued(f, order);
		assert_string_equal(db_text(&f->db, "SELECT GROUP_CONCAT(CONCAT(net, '+', tax) ORDER BY position SEPARATOR ' ')"
			" FROM invoice_line"), rows[i].lines);
		assert_int_equal(db_int(&f->db, "SELECT net FROM invoice"), rows[i].total - 151);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void invoice_of_an_open_order(void *arg)
{
	struct fixture *f = arg;
	invoice_issue(&f->db, db_int(&f->db, "SELECT MAX(id) FROM orders"));
}

static void invoice_of_no_order(void *arg)
{
	invoice_issue(&((struct fixture *)arg)->db, 999999999);
}

static void what_is_not_paid_has_no_invoice(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0;
	assert_int_equal(order_make(&f->db, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1, random_id(f->mem), "en", &id),
		ORDER_MADE);
	assert_string_equal(failing(invoice_of_an_open_order, f).event, "invoice.unpaid");
	assert_string_equal(failing(invoice_of_no_order, f).event, "invoice.unpaid");
	assert_int_equal(credit_issue(&f->db, 999999999), 0);
	assert_int_equal(credit_undo(&f->db, 999999999), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice_counter"), 0); /* no number is lost */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_order_has_one_invoice_a_free_one_none),
		TEST(a_rollback_gives_its_number_back),
		CROWDED(no_gap_in_a_crowd),
		TEST(a_refund_has_its_credit_note_and_loses_it),
		TEST(lines_add_up_to_the_total),
		TEST(lines_have_the_tax_they_were_told),
		TEST(what_is_not_paid_has_no_invoice),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
