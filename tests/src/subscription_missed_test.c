/* subscription_missed_test.c: months that nobody told of in time, taken all at once, and what becomes of them later. */
#include "club.h"

#include "payment.h"
#include "settle.h"

/* Months 2 to 4, all over by now, told in one transaction. */
static struct scene missed_months(struct fixture *f)
{
	struct scene scene = a_member_of_the_club(f);
	moment_clock_set(moment_from_unix(month_end(4) + 10));
	db_begin(&f->db);
	for (int k = 1; k < 4; k++) {
		const char *id = mem_format(f->mem, "in_%d", k + 1);
		invoice_told(&f->db, an_invoice(id, MONTH, 900, month_end(k), month_end(k + 1)));
	}
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	return scene;
}

static int64_t rights(struct fixture *f, const char *state)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE source = 'period' AND state = ?", state);
}

static void tell_dispute(struct fixture *f, int number, const char *status, int64_t at)
{
	const char *intent = mem_format(f->mem, "pi_%d", number), *charge = mem_format(f->mem, "ch_%d", number);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = intent, .charge = charge,
		.stripe_invoice = mem_format(f->mem, "in_%d", number), .amount = 900 });
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = mem_format(f->mem, "du_%d", number), .payment_intent = intent,
		.charge = charge, .status = status, .reason = "fraudulent", .currency = "usd", .amount = 900,
		.opened_at = moment_from_unix(at), .told_at = moment_from_unix(at) });
	payment_settle(&f->db, intent);
	db_commit(&f->db);
}

static void each_has_its_right_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = missed_months(f);
	for (int times = 0; times < 2; times++) {
		assert_int_equal(rights(f, "active"), 4);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT public_id) FROM entitlement WHERE source = 'period'"
			" AND public_id REGEXP '^[0-9A-Za-z]{22}$' AND title > '' AND price_title = 'monthly'"), 4);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'quota' AND granted = 1000"), 4);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE state = 'active' AND expires_at > ?", moment_now()), 0);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.granted' AND detail = 'tokens'"), 4);
		assert_int_equal(balance(f, &scene), 0);
		assert_int_equal(token_check(&f->db), 0);
		tell(f, "active", MONTH, begin + 100 + times);
	}
}

/* One of them was billed twice: it has its lot once, whoever asks how often. */
static void a_month_billed_twice_is_made_up_once(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	moment_clock_set(moment_from_unix(month_end(4) + 10));
	db_begin(&f->db);
	for (int k = 0; k < 4; k++) {
		invoice_told(&f->db, an_invoice(mem_format(f->mem, "in_%db", k + 1), MONTH, 900, month_end(k), month_end(k + 1)));
		invoice_told(&f->db, an_invoice(mem_format(f->mem, "in_%d", k + 1), MONTH, 900, month_end(k), month_end(k + 1)));
	}
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	tell(f, "active", MONTH, begin + 100);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'quota'"), 4);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT period_start) FROM token_lot"), 4);
	assert_int_equal(token_check(&f->db), 0);
}

/* Two of them are disputed together, and won: their rights come back, none is made anew. */
static void disputed_and_won_they_come_back(void **state)
{
	struct fixture *f = *state;
	missed_months(f);
	tell_dispute(f, 2, "needs_response", month_end(4) + 20);
	tell_dispute(f, 3, "needs_response", month_end(4) + 20);
	assert_int_equal(rights(f, "suspended"), 2);
	db_script(&f->db, "UPDATE dispute SET status = 'won'");
	db_begin(&f->db);
	payment_settle(&f->db, "pi_2");
	db_commit(&f->db);
	assert_int_equal(rights(f, "active"), 4);
	assert_int_equal(rights(f, "suspended"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'quota'"), 4);
	assert_int_equal(token_check(&f->db), 0);
}

/* Two benefits of tokens: one month has one of both already. */
static void each_benefit_is_made_up(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	db_run(&f->db,
		"INSERT INTO benefit (price_id, product_id, kind, position, tokens) SELECT id, product_id, 'tokens', 9, 50 FROM price"
		" WHERE id = ?", scene.month);
	moment_clock_set(moment_from_unix(month_end(4) + 10));
	db_begin(&f->db);
	for (int k = 1; k < 4; k++)
		invoice_told(&f->db, an_invoice(mem_format(f->mem, "in_%d", k + 1), MONTH, 900, month_end(k), month_end(k + 1)));
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	assert_int_equal(rights(f, "active"), 8);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE granted = 1000"), 4);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE granted = 50"), 4);
	assert_int_equal(token_check(&f->db), 0);
}

/* Two changes of plan within a second: the one that is paid for longer is in force, whatever their invoices are called. */
static void of_two_plans_of_a_second_the_longer(void **state)
{
	static const char *const names[][2] = { { "in_2", "in_3" }, { "in_3", "in_2" } };
	struct fixture *f = *state;
	for (size_t i = 0; i < 2; i++) {
		db_script(&f->db, "SAVEPOINT names");
		struct scene scene = a_member_of_the_club(f);
		int64_t at = month_end(1) - 86400;
		moment_clock_set(moment_from_unix(at + 5));
		tell_invoice(f, an_invoice(names[i][0], YEAR, 9900, at, month_end(13)));
		tell_invoice(f, an_invoice(names[i][1], MONTH, 900, at, month_end(1)));
		tell(f, "active", YEAR, at);
		assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), scene.year);
		moment_clock_set(moment_from_unix(month_end(1) + 5));
		assert_int_equal(quotas_renew(&f->db, 10), 1);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT names");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(each_has_its_right_once), CASE(a_month_billed_twice_is_made_up_once),
		CASE(disputed_and_won_they_come_back),
		CASE(each_benefit_is_made_up), CASE(of_two_plans_of_a_second_the_longer) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
