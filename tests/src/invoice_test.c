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
	if (!invoice_pdf(&f->db, invoice) || system("command -v pdftotext > /dev/null"))
		skip(); /* built without pango, or nobody can read it here */
	const char *text = mem_format(f->mem, "%s.txt", invoice_path(f->mem, invoice));
	assert_int_equal(system(mem_format(f->mem, "pdftotext -layout '%s' '%s'", invoice_path(f->mem, invoice), text)), 0);
	FILE *file = fopen(text, "re");
	char said[8192] = "";
	assert_true(fread(said, 1, sizeof said - 1, file) > 0);
	fclose(file);
	static const char *const wanted[] = { "Éditions du Comptoir Ébréché SARL", "12 rue de l’Œuvre", "75011 Paris",
		"Facture F20", "Desœuvrée-Müller", "€", "567,89", "l’été", "Total hors taxes" };
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (!strstr(said, wanted[i]))
			print_error("lacks %s in:\n%s\n", wanted[i], said);
		assert_non_null(strstr(said, wanted[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_order_has_one_invoice_a_free_one_none),
		TEST(a_rollback_gives_its_number_back),
		TEST(no_gap_in_a_crowd),
		TEST(a_refund_has_its_credit_note_and_loses_it),
		TEST(the_pdf_says_it_all),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
