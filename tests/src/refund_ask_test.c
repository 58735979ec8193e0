/* refund_ask_test.c: what may be given back of an order, by amount and by lines, to the last cent. */
#include "lines.h"
#include "payment.h"
#include "refund.h"

static enum refund_asked ask(struct fixture *f, int64_t order, int64_t amount, const int64_t *lines, size_t count)
{
	struct refund_wish wish = { .key = random_id(f->mem), .order_id = order, .amount = amount, .lines = lines,
		.line_count = count, .reason = "asked for" };
	return refund_ask(&f->db, &wish);
}

static int64_t asked_in_all(struct fixture *f)
{
	return db_int(&f->db, "SELECT CAST(SUM(amount) AS SIGNED) FROM refund WHERE status = 'asked'");
}

static void lines_go_back_at_what_they_cost(void **state)
{
	static const struct { const char *name; int64_t amounts[LINES], total, amount; size_t first, count; enum refund_asked asked;
		int64_t back; } rows[] = {
		{ "one line", { 500, 600, 800 }, 1900, 0, 1, 1, REFUND_ASKED, 600 },
		{ "two lines", { 500, 600, 800 }, 1900, 0, 1, 2, REFUND_ASKED, 1400 },
		{ "all lines", { 500, 600, 800 }, 1900, 0, 0, 3, REFUND_ASKED, 1900 },
		{ "one line after a discount", { 333, 333, 334 }, 950, 0, 0, 1, REFUND_ASKED, 316 },
		{ "two lines after a discount", { 333, 333, 334 }, 950, 0, 0, 2, REFUND_ASKED, 632 },
		{ "all lines, to the last cent", { 333, 333, 334 }, 950, 0, 0, 3, REFUND_ASKED, 950 },
		{ "with the tax", { 500, 600, 800 }, 2280, 0, 0, 1, REFUND_ASKED, 600 },
		{ "a part of a line", { 500, 600, 800 }, 1900, 250, 0, 1, REFUND_ASKED, 250 },
		{ "a part that is the line", { 500, 600, 800 }, 1900, 500, 0, 1, REFUND_ASKED, 500 },
		{ "more than the line", { 500, 600, 800 }, 1900, 501, 0, 1, REFUND_TOO_MUCH, 0 },
		{ "an amount beside two lines", { 500, 600, 800 }, 1900, 250, 0, 2, REFUND_ASKED, 1100 },
		{ "a line that cost nothing", { 0, 600, 800 }, 1400, 0, 0, 1, REFUND_LINE_BACK, 0 },
		{ "a line that a discount made free", { 1, 600, 800 }, 700, 0, 0, 1, REFUND_NOTHING_LEFT, 0 },
		{ "an amount", { 500, 600, 800 }, 1900, 250, 0, 0, REFUND_ASKED, 250 },
		{ "all", { 500, 600, 800 }, 1900, 0, 0, 0, REFUND_ASKED, 1900 },
		{ "more than all", { 500, 600, 800 }, 1900, 1901, 0, 0, REFUND_TOO_MUCH, 0 },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t lines[LINES];
		db_script(&f->db, "SAVEPOINT row");
		int64_t order = an_order_of_lines(f, rows[i].amounts, rows[i].total, lines);
		enum refund_asked asked = ask(f, order, rows[i].amount, lines + rows[i].first, rows[i].count);
		if (asked != rows[i].asked || asked_in_all(f) != rows[i].back)
			fail_msg("%s: %d, %lld", rows[i].name, (int)asked, (long long)asked_in_all(f));
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'refund_now'"), rows[i].back > 0);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund_line"), rows[i].back ? (int64_t)rows[i].count : 0);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static const int64_t amounts[LINES] = { 500, 600, 800 };

static void a_line_goes_back_once(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	assert_int_equal(ask(f, order, 0, lines, 1), REFUND_ASKED);
	assert_int_equal(ask(f, order, 0, lines, 1), REFUND_LINE_BACK);
	assert_int_equal(ask(f, order, 0, lines, 2), REFUND_LINE_BACK);
	assert_int_equal(asked_in_all(f), 500);
	db_run(&f->db, "UPDATE refund SET status = 'refused'");
	assert_int_equal(ask(f, order, 0, lines, 2), REFUND_ASKED); /* it never went */
	assert_int_equal(asked_in_all(f), 1100);
	assert_int_equal(ask(f, order, 801, NULL, 0), REFUND_TOO_MUCH);
	assert_int_equal(ask(f, order, 0, lines + 2, 1), REFUND_ASKED);
	assert_int_equal(ask(f, order, 1, NULL, 0), REFUND_NOTHING_LEFT);
	assert_int_equal(asked_in_all(f), 1900);
}

static void lines_of_another_order_are_not_given_back(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	int64_t other = a_purchase(f, a_member(f, "other@example.com"), a_price(f, "other", 300));
	int64_t foreign = db_int(&f->db, "SELECT id FROM order_line WHERE order_id = ?", other);
	assert_int_equal(ask(f, order, 0, &foreign, 1), REFUND_LINE_BACK);
	assert_int_equal(asked_in_all(f), 0);
}

/* What the desk shows as left is what may be asked for. */
static void a_key_is_of_one_order(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], first = an_order_of_lines(f, amounts, 1900, lines);
	struct refund_wish wish = { .key = random_id(f->mem), .order_id = first, .amount = 100, .reason = "asked for" };
	for (int twice = 0; twice < 2; twice++)
		assert_int_equal(refund_ask(&f->db, &wish), REFUND_ASKED);
	wish.order_id = a_purchase(f, db_int(&f->db, "SELECT id FROM account"), a_price(f, "other", 1900));
	db_run(&f->db, "UPDATE orders SET stripe_payment = 'pi_2' WHERE id = ?", wish.order_id);
	for (int twice = 0; twice < 2; twice++)
		assert_int_equal(refund_ask(&f->db, &wish), REFUND_KEY_USED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'refund_now'"), 1);
	wish.key = random_id(f->mem);
	assert_int_equal(refund_ask(&f->db, &wish), REFUND_ASKED);
}

static void what_is_left_is_shown(void **state)
{
	static const struct { const char *name, *set; int64_t left; } rows[] = {
		{ "nothing told of the payment", "", 1900 },
		{ "not paid", "UPDATE orders SET paid_at = NULL", 0 },
		{ "paid without a payment", "UPDATE orders SET stripe_payment = NULL", 0 },
		{ "the charge was told", "INSERT INTO payment (payment_intent, amount, created_at, updated_at)"
			" VALUES ('pi_1', 1800, NOW(), NOW())", 1800 },
		{ "its amount was not told", "INSERT INTO payment (payment_intent, created_at, updated_at) VALUES ('pi_1', NOW(), NOW())",
			1900 },
		{ "a part is back", "INSERT INTO payment (payment_intent, amount, refunded, created_at, updated_at)"
			" VALUES ('pi_1', 1900, 400, NOW(), NOW())", 1500 },
		{ "more than all is back", "INSERT INTO payment (payment_intent, amount, refunded, created_at, updated_at)"
			" VALUES ('pi_1', 1900, 2000, NOW(), NOW())", 0 },
	};
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		if (*rows[i].set)
			db_script(&f->db, rows[i].set);
		struct money left = refund_left(&f->db, order_locked(&f->db, order));
		if (left.minor != rows[i].left || strcmp(left.currency, "eur"))
			fail_msg("%s: %lld", rows[i].name, (long long)left.minor);
		enum refund_asked most = ask(f, order, left.minor, NULL, 0);
		assert_int_equal(most == REFUND_ASKED, left.minor > 0);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void nothing_is_left_of_what_the_bank_has_in_hand(void **state)
{
	static const struct { const char *status; int64_t left; enum refund_asked asked; } rows[] = {
		{ "needs_response", 0, REFUND_DISPUTED }, { "lost", 0, REFUND_DISPUTED }, { "won", 1900, REFUND_ASKED },
		{ "warning_needs_response", 1900, REFUND_ASKED },
	};
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "",
			.amount = 1900 });
		dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
			.status = rows[i].status, .reason = "general", .currency = "eur", .amount = 1900, .opened_at = moment_now(),
			.told_at = moment_now() });
		assert_int_equal(refund_left(&f->db, order_locked(&f->db, order)).minor, rows[i].left);
		assert_int_equal(ask(f, order, 0, NULL, 0), rows[i].asked);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_go_back_at_what_they_cost),
		TEST(a_line_goes_back_once),
		TEST(lines_of_another_order_are_not_given_back),
		TEST(a_key_is_of_one_order),
		TEST(what_is_left_is_shown),
		TEST(nothing_is_left_of_what_the_bank_has_in_hand),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
