/* order_check_test.c: what became of an open order is asked for again and again; soon when Stripe did not answer in time. */
#include "plans.h"

#include "buyer.h"
#include "fake_stripe.h"
#include "job.h"
#include "stripe_api.h"

static void check_runs(struct fixture *f, int64_t order)
{
	struct job job = { .mem = f->request, .db = &f->db, .unique_key = "test", .subject_id = order };
	job_kind_named("order_check")->run(&job);
}

/* In how many seconds the order is asked about next; forgotten then. */
static int64_t next_check(struct fixture *f)
{
	int64_t seconds = db_int(&f->db, "SELECT TIMESTAMPDIFF(SECOND, ?, run_at) FROM job WHERE reaction = 'order_check'",
		moment_now());
	db_run(&f->db, "DELETE FROM job");
	return seconds;
}

static void who_did_not_answer_is_asked_soon(void **state)
{
	struct fixture *f = *state;
	const char *why;
	struct fake_stripe *stripe = fake_stripe_new(f);
	moment_clock_set(moment_from_unix(1800000000));
	int64_t order = an_order(f, a_member(f, "jenny@example.com"), a_price(f, "walk", 1900));
	db_run(&f->db, "UPDATE orders SET stripe_session = 'cs_1'");
	db_run(&f->db, "DELETE FROM job");
	fake_says(stripe, FAKE_HANGS, "");
	assert_true(conf_set("stripe_timeout", "1", &why));
	check_runs(f, order);
	assert_int_equal(next_check(f), 120);
	check_runs(f, order);
	assert_int_equal(next_check(f), 120);
	assert_int_equal(stripe->count, 1); /* the second did not hold up what waits behind it */
	assert_true(conf_set("stripe_timeout", "20", &why));
	moment_clock_set(moment_from_unix(1800000120));
	fake_says(stripe, 200, "{\"id\":\"cs_1\",\"mode\":\"payment\",\"status\":\"open\",\"payment_status\":\"unpaid\"}");
	check_runs(f, order);
	assert_int_equal(next_check(f), 1800);
	assert_int_equal(stripe->count, 1);
	fake_stripe_end(stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(who_did_not_answer_is_asked_soon) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
