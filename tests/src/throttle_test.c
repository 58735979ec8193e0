/* throttle_test.c: the brake: its limit, its window, and many tries at once. */
#include "crowd.h"
#include "throttle.h"

static void the_eleventh_try_waits(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_from_unix(1800000000));
	for (int i = 0; i < 10; i++)
		assert_int_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com"), 0);
	later(100);
	assert_int_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com"), 801);
	assert_int_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "b@example.com"), 0);
	assert_int_equal(throttle_try(&f->db, BRAKE_LOGIN_CLIENT, "a@example.com"), 0);
	later(799);
	assert_int_not_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com"), 0);
	later(1);
	assert_int_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM throttle WHERE INSTR(bucket, 'example')"), 0);
}

static void the_right_password_clears(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 11; i++)
		throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com");
	throttle_clear(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com");
	assert_int_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com"), 0);
}

static void an_ipv6_customer_is_one(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(throttle_client(f->mem, "192.0.2.7"), "192.0.2.7");
	assert_string_equal(throttle_client(f->mem, "::ffff:192.0.2.7"), "192.0.2.7");
	assert_string_equal(
		throttle_client(f->mem, "2001:db8:1:2:3::4"), throttle_client(f->mem, "2001:db8:1:2:ffff::"));
	assert_string_not_equal(
		throttle_client(f->mem, "2001:db8:1:2::"), throttle_client(f->mem, "2001:db8:1:3::"));
}

/* An IPv4 address is itself however it is written; of an IPv6 address the first half counts. */
static void an_address_is_one_customer(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[][2] = { { "192.0.2.7", "192.0.2.7" }, { "::ffff:192.0.2.7", "192.0.2.7" },
		{ "::ffff:c000:207", "192.0.2.7" }, { "::1", "0000000000000000" }, { "0:0:1::1", "0000000000010000" },
		{ "2001:db8::1", "20010db800000000" }, { "0:0:1::ffff:1.2.3.4", "0000000000010000" }, { "nonsense", "nonsense" }, { "", "" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(throttle_client(f->mem, rows[i][0]), rows[i][1]);
}

static void old_buckets_go(void **state)
{
	struct fixture *f = *state;
	throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "a@example.com");
	later(90000);
	throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "b@example.com");
	throttle_sweep(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM throttle"), 1);
}

static bool one_try(struct db *db, void *arg)
{
	return throttle_try(db, BRAKE_LOGIN_ACCOUNT, arg) == 0;
}

static void ten_of_many_at_once_go_through(void **state)
{
	struct fixture *f = *state;
	int through = at_once(f, 40, one_try, mem_text(f->mem, "many@example.com"));
	assert_int_equal(through, 10);
	assert_int_not_equal(throttle_try(&f->db, BRAKE_LOGIN_ACCOUNT, "many@example.com"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(the_eleventh_try_waits), TEST(the_right_password_clears),
		TEST(an_ipv6_customer_is_one), TEST(old_buckets_go), TEST(an_address_is_one_customer), CROWDED(ten_of_many_at_once_go_through) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
