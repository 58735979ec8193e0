/* payment_test.c: facts about payments, each right whether told first, last, twice or alone. */
#include "each.h"

#include <string.h>

#include "moment.h"
#include "payment.h"

static void told(struct fixture *f, int64_t amount, int64_t refunded)
{
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "", .stripe_invoice = "",
		.amount = amount, .refunded = refunded });
}

static void refund(struct fixture *f, const char *id, const char *status, int64_t amount)
{
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = id, .payment_intent = "pi_1", .currency = "eur",
		.status = status, .public_id = "", .amount = amount });
}

static void dispute(struct fixture *f, const char *status, int64_t at)
{
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
		.status = status, .reason = "fraudulent", .currency = "eur", .amount = 1900, .opened_at = moment_from_unix(1000),
		.told_at = moment_from_unix(at) });
}

static void amounts_only_grow(void **state)
{
	struct fixture *f = *state;
	assert_null(payment_of(&f->db, "pi_1"));
	told(f, 1900, 1900);
	told(f, 0, 500); /* an older event, told late */
	assert_int_equal(payment_of(&f->db, "pi_1")->refunded, 1900);
	assert_int_equal(payment_of(&f->db, "pi_1")->amount, 1900);
}

static void what_failed_is_not_refunded(void **state)
{
	struct fixture *f = *state;
	told(f, 1900, 1900);
	refund(f, "re_1", "failed", 1900);
	refund(f, "re_1", "pending", 1900);   /* late */
	refund(f, "re_1", "succeeded", 1900); /* later still */
	assert_int_equal(payment_of(&f->db, "pi_1")->refunded, 0);
	assert_int_equal(payment_of(&f->db, "pi_1")->refund_failed, 1900);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund"), 1);
}

/* Whether or not the charge still counts the one that failed. */
static void a_refund_after_one_that_failed_counts(void **state)
{
	struct fixture *f = *state;
	told(f, 1900, 1900);
	refund(f, "re_1", "failed", 1900);
	refund(f, "re_2", "succeeded", 1900);
	assert_int_equal(payment_of(&f->db, "pi_1")->refunded, 1900);
	refund(f, "re_2", "failed", 1900);
	told(f, 0, 3800);
	assert_int_equal(payment_of(&f->db, "pi_1")->refunded, 0);
}

static void a_refund_of_ours_is_known_by_its_name(void **state)
{
	struct fixture *f = *state;
	struct moment now = moment_now();
	told(f, 1900, 0);
	db_run(&f->db,
		"INSERT INTO refund (public_id, payment_intent, amount, currency, status, created_at, updated_at)"
		" VALUES ('0000000000000000000000', 'pi_1', 500, 'eur', 'asked', ?, ?)",
		now, now);
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_1", .payment_intent = "pi_1", .currency = "eur",
		.status = "succeeded", .public_id = "0000000000000000000000", .amount = 500 });
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund WHERE status = 'succeeded'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund"), 1);
}

static void disputes_end_once(void **state)
{
	struct fixture *f = *state;
	told(f, 1900, 0);
	dispute(f, "warning_needs_response", 1000);
	assert_true(payment_of(&f->db, "pi_1")->inquiry);
	assert_false(payment_of(&f->db, "pi_1")->dispute_open);
	dispute(f, "needs_response", 2000);
	assert_true(payment_of(&f->db, "pi_1")->dispute_open);
	dispute(f, "warning_needs_response", 1500); /* older, told late */
	assert_true(payment_of(&f->db, "pi_1")->dispute_open);
	dispute(f, "lost", 3000);
	dispute(f, "under_review", 4000);
	assert_true(payment_of(&f->db, "pi_1")->dispute_lost);
	assert_false(payment_of(&f->db, "pi_1")->dispute_open);
	dispute(f, "won", 5000); /* final is final */
	assert_true(payment_of(&f->db, "pi_1")->dispute_lost);
}

static void an_inquiry_becomes_a_dispute_within_a_second(void **state)
{
	struct fixture *f = *state;
	told(f, 1900, 0);
	dispute(f, "needs_response", 1000);
	dispute(f, "warning_needs_response", 1000);
	assert_true(payment_of(&f->db, "pi_1")->dispute_open);
}

static void unknown_states_of_a_dispute_suspend(void **state)
{
	struct fixture *f = *state;
	told(f, 1900, 0);
	dispute(f, "new_in_2031", 1000);
	assert_true(payment_of(&f->db, "pi_1")->dispute_open);
	dispute(f, "prevented", 2000);
	assert_false(payment_of(&f->db, "pi_1")->dispute_open);
	assert_false(payment_of(&f->db, "pi_1")->dispute_lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(amounts_only_grow),
		TEST(what_failed_is_not_refunded),
		TEST(a_refund_after_one_that_failed_counts),
		TEST(a_refund_of_ours_is_known_by_its_name),
		TEST(disputes_end_once),
		TEST(an_inquiry_becomes_a_dispute_within_a_second),
		TEST(unknown_states_of_a_dispute_suspend),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
