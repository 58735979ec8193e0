/* account_sweep_test.c: what has served its time goes, the rest stays. */
#include "account_token.h"
#include "job.h"
#include "people.h"
#include "throttle.h"

static void what_is_over_goes(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	struct job job = { .mem = f->mem, .db = &f->db, .unique_key = "test" };
	log_in(f, id);
	token_put(&f->db, id, TOKEN_RESET, "jenny@example.com", "");
	throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "jenny@example.com");
	later((conf.session_days + 1) * 86400);
	log_in(f, id);
	token_put(&f->db, id, TOKEN_RESET, "jenny@example.com", "");
	throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "other@example.com");
	job_kind_named("account_sweep")->run(&job);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account_token"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM throttle"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE expires_at > ?", moment_now()), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(what_is_over_goes) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
