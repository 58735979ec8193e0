/* reconcile_test.c: each minute what was paid and is not there comes back, of orders and of subscriptions. */
#include "../src/club.h"

#include "job.h"

static void minute(void *job)
{
	job_kind_named("reconcile")->run(job);
}

static void a_minute(struct fixture *f)
{
	struct failure failure;
	struct job job = { .db = &f->db, .mem = f->mem };
	assert_true(attempt(minute, &job, &failure));
}

static void lost_rights_come_back(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	a_purchase(f, scene.buyer, a_price(f, "walk", 1900));
	int64_t rights = db_int(&f->db, "SELECT COUNT(*) FROM entitlement");
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement");
	a_minute(f);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), rights);
	assert_int_equal(balance(f, &scene), 1000);
}

static void a_lost_period_comes_back(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	db_run(&f->db, "DELETE FROM subscription_period");
	a_minute(f);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 1);
	assert_int_equal(balance(f, &scene), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(lost_rights_come_back), CASE(a_lost_period_comes_back) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
