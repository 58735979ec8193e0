/* invoice_test.c: numbers without a gap, whatever happens beside them; what documents say; their PDF. */
#include <stdio.h>

#include "conf.h"
#include "invariant.h"
#include "invoice.h"
#include "order.h"
#include "payment.h"
#include "people.h"
#include "settle.h"
#include "sign.h"

enum { PROCESSES = 16, EACH = 6 };

static int64_t a_paid_order(struct fixture *f, const char *email, const char *slug, int64_t amount, const char *language)
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

static int64_t issued(struct fixture *f, int64_t order_id)
{
	db_begin(&f->db);
	int64_t id = invoice_issue(&f->db, order_id);
	db_commit(&f->db);
	return id;
}

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
	int64_t count = db_int(&f->db, "SELECT COUNT(*) FROM invoice"), last = db_int(&f->db, "SELECT MAX(last) FROM invoice_counter");
	invariants_prove(&f->db);
	int64_t gaps = db_int(&f->db, "SELECT broken FROM invariant WHERE name = 'invoice_gaps'");
	static const char *const tables[] = { "invoice_line", "invoice", "invoice_counter", "license", "entitlement", "event",
		"job", "audit", "order_line", "orders", "benefit", "price_text", "price", "product_file", "product_version_text",
		"product_version", "product_tag", "product_text", "product", "account", "invariant" };
	db_script(&f->db, "SET foreign_key_checks = 0");
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		db_script(&f->db, mem_format(f->mem, "DELETE FROM %s", tables[i]));
	db_script(&f->db, "SET foreign_key_checks = 1");
	commit_for_real(f);
	assert_int_equal(done, PROCESSES);
	assert_int_equal(count, PROCESSES * EACH);
	assert_int_equal(last, PROCESSES * EACH);
	assert_int_equal(gaps, 0);
}

static void refund_told_as(struct fixture *f, int64_t order_id, const char *status)
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

static char home[500];

/* A data folder of the test's own until it ends. */
static int fresh_folder(void **state)
{
	*state = fixture_new();
	snprintf(home, sizeof home, "%s", conf.data_folder);
	return 0;
}

static int gone_home(void **state)
{
	const char *why;
	return !conf_set("data_folder", home, &why) + gone(state);
}

/* What a PDF says; NULL: built without pango, or nobody can read it here. */
static const char *pdf_text(struct fixture *f, const struct invoice *invoice)
{
	if (!invoice_pdf(&f->db, invoice) || system("command -v pdftotext > /dev/null"))
		return NULL;
	const char *text = mem_format(f->mem, "%s.txt", invoice_path(f->mem, invoice));
	assert_int_equal(system(mem_format(f->mem, "pdftotext -layout '%s' '%s'", invoice_path(f->mem, invoice), text)), 0);
	FILE *file = fopen(text, "re");
	char *said = mem_get(f->mem, 65536);
	assert_true(fread(said, 1, 65535, file) > 0);
	fclose(file);
	return said;
}

static void the_pdf_of_a_credit_note_names_what_it_corrects(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 2400, "en");
	slots_of_our_own(f, "2");
	const struct invoice *invoice = invoice_by_id(&f->db, issued(f, order));
	refund_told_as(f, order, "succeeded");
	const struct invoice *credit = invoice_by_id(&f->db, db_int(&f->db, "SELECT id FROM invoice WHERE kind = 'credit'"));
	const char *said = pdf_text(f, credit);
	if (!said)
		skip();
	assert_non_null(strstr(said, mem_format(f->mem, "Credit note %s", credit->number)));
	assert_non_null(strstr(said, invoice->number));
	assert_non_null(strstr(said, "10.00"));
}

static void a_long_pdf_goes_on_overleaf(void **state)
{
	struct fixture *f = *state;
	int64_t id = issued(f, a_paid_order(f, "a@example.com", "walk", 2400, "en"));
	slots_of_our_own(f, "2");
	for (int i = 2; i <= 60; i++)
		db_run(&f->db,
			"INSERT INTO invoice_line (invoice_id, position, title, quantity, net, tax, currency) VALUES (?, ?, ?, ?, 100, 0, 'eur')",
			id, i, mem_format(f->mem, "Thing number %d", i), i == 60 ? 12 : 1);
	db_run(&f->db, "UPDATE invoice SET order_id = 0 WHERE id = ?", id); /* as of a subscription */
	const char *said = pdf_text(f, invoice_by_id(&f->db, id));
	if (!said)
		skip();
	assert_non_null(strstr(said, "Thing number 2 "));
	assert_non_null(strchr(said, '\f'));
	assert_non_null(strstr(strchr(said, '\f'), "12 × Thing number 60"));
	assert_non_null(strstr(strchr(said, '\f'), "24.00"));
	assert_null(strstr(said, "Order "));
}

static void pdf_run(void *arg)
{
	struct fixture *f = arg;
	invoice_pdf(&f->db, invoice_by_id(&f->db, db_int(&f->db, "SELECT MAX(id) FROM invoice")));
}

/* A folder that is none, a place that is taken: told as a fault, and no half of a file is left. */
static void a_pdf_that_cannot_be_written_is_a_fault(void **state)
{
	struct fixture *f = *state;
	int64_t id = issued(f, a_paid_order(f, "a@example.com", "walk", 2400, "en"));
	slots_of_our_own(f, "2");
	const char *why, *folder = mem_format(f->mem, "%s/pdf", conf.data_folder);
	if (!invoice_pdf(&f->db, invoice_by_id(&f->db, id)))
		skip(); /* built without pango */
	assert_int_equal(system(mem_format(f->mem, "rm -rf '%s' && echo > '%s'", folder, folder)), 0);
	assert_true(conf_set("data_folder", folder, &why));
	assert_string_equal(failing(pdf_run, f).event, "invoice.disk");
	assert_int_equal(system(mem_format(f->mem, "rm '%s' && mkdir -p '%s'", folder,
		invoice_path(f->mem, invoice_by_id(&f->db, id)))), 0); /* where the file should be is a folder */
	assert_string_equal(failing(pdf_run, f).event, "invoice.disk");
	assert_int_equal(system(mem_format(f->mem, "test $(ls '%s/invoices' | wc -l) = 1 && rm -r '%s'", folder, folder)), 0);
}

/* The page's words come through cmocka's own eyes elsewhere; here: the PDF holds what it should, with its accents. */
static void the_pdf_says_it_all(void **state)
{
	struct fixture *f = *state;
	const char *why;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 123456789, "fr");
	slots_of_our_own(f, "2");
	conf_set("shop_legal_name", "Éditions du Comptoir Ébréché SARL", &why);
	conf_set("shop_address", "12 rue de l’Œuvre|75011 Paris", &why);
	db_run(&f->db, "UPDATE account SET name = 'Zoé Desœuvrée-Müller de la Très-Longue-Appellation-Contrôlée d’Aÿ-Champagne'");
	db_run(&f->db, "UPDATE order_line SET title = ?", "Un titre qui n’en finit pas, ça déborde, et l’été où l’on naît à Nîmes"
		" sur une ligne, puis sur une autre encore");
	const struct invoice *invoice = invoice_by_id(&f->db, issued(f, order));
	const char *said = pdf_text(f, invoice);
	if (!said)
		skip();
	static const char *const wanted[] = { "Éditions du Comptoir Ébréché SARL", "12 rue de l’Œuvre", "75011 Paris",
		"Facture F20", "Desœuvrée-Müller", "€", "567,89", "l’été", "Total hors taxes" };
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (!strstr(said, wanted[i]))
			print_error("lacks %s in:\n%s\n", wanted[i], said);
		assert_non_null(strstr(said, wanted[i]));
	}
}

#define PDF_TEST(name) cmocka_unit_test_setup_teardown(name, fresh_folder, gone_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_order_has_one_invoice_a_free_one_none),
		TEST(a_rollback_gives_its_number_back),
		TEST(no_gap_in_a_crowd),
		TEST(a_refund_has_its_credit_note_and_loses_it),
		TEST(lines_add_up_to_the_total),
		TEST(what_is_not_paid_has_no_invoice),
		PDF_TEST(the_pdf_says_it_all),
		PDF_TEST(the_pdf_of_a_credit_note_names_what_it_corrects),
		PDF_TEST(a_long_pdf_goes_on_overleaf),
		PDF_TEST(a_pdf_that_cannot_be_written_is_a_fault),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
