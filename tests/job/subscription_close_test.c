/* subscription_close_test.c: a subscription whose order staff closed is ended at Stripe, once. */
#include "../src/club.h"

#include "fake_stripe.h"
#include "job.h"

static void closed(void *arg)
{
	struct fixture *f = arg;
	job_kind_named("subscription_close")->run(&(struct job){ .mem = f->mem, .db = &f->db,
		.unique_key = db_text(&f->db, "SELECT public_id FROM subscription"),
		.subject_id = db_int(&f->db, "SELECT id FROM subscription") });
}

static void it_is_ended_once(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	fake_says(fake, 400, "{}");
	assert_non_null(strstr(failing(closed, f).message, "Stripe answers 400"));
	fake_says(fake, 200, json_of(f, "{'id':'sub_1','status':'canceled','customer':'cus_1','ended_at':1800000100}"));
	closed(f);
	assert_string_equal(fake->paths, "DELETE /v1/subscriptions/sub_1\n"
		"GET /v1/subscriptions/sub_1?expand%5B%5D=latest_invoice\n");
	assert_string_equal(db_text(&f->db, "SELECT status FROM subscription"), "canceled");
	closed(f);
	assert_int_equal(fake->count, 2);
	fake_stripe_end(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(it_is_ended_once) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
