/* checked.h: arithmetic at the edges, and the strict parser of integers. */
#include "test.h"

#include "checked.h"

static void arithmetic(void **state)
{
	(void)state;
	int64_t out;
	assert_true(checked_add(INT64_MAX - 1, 1, &out));
	assert_int_equal(out, INT64_MAX);
	assert_false(checked_add(INT64_MAX, 1, &out));
	assert_false(checked_add(INT64_MIN, -1, &out));
	assert_true(checked_sub(-1, INT64_MAX, &out));
	assert_int_equal(out, INT64_MIN);
	assert_false(checked_sub(-2, INT64_MAX, &out));
	assert_false(checked_sub(0, INT64_MIN, &out));
	assert_true(checked_mul(INT64_C(3037000499), INT64_C(3037000499), &out));
	assert_false(checked_mul(INT64_C(3037000500), INT64_C(3037000500), &out));
	assert_false(checked_mul(INT64_MIN, -1, &out));
}

static void reads(const char *text, int64_t expected)
{
	int64_t out = 99;
	assert_true(parse_int(text, INT64_MIN, INT64_MAX, &out));
	assert_int_equal(out, expected);
}

static void integers_are_read(void **state)
{
	(void)state;
	reads("0", 0);
	reads("-0", 0);
	reads("007", 7);
	reads("1234567890123", INT64_C(1234567890123));
	reads("9223372036854775807", INT64_MAX);
	reads("-9223372036854775808", INT64_MIN);
}

static void everything_else_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { NULL, "", "-", "+1", " 1", "1 ", "1\n", "--1", "1-", "0x1", "1e3",
		"1.0", "1,0", "a", "9223372036854775808", "-9223372036854775809", "99999999999999999999",
		"\xd9\xa1" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int64_t out = 99;
		assert_false(parse_int(bad[i], INT64_MIN, INT64_MAX, &out));
		assert_int_equal(out, 99);
	}
}

static void bounds_hold(void **state)
{
	(void)state;
	int64_t out = 99;
	assert_true(parse_int("1", 1, 10, &out));
	assert_true(parse_int("10", 1, 10, &out));
	assert_false(parse_int("0", 1, 10, &out));
	assert_false(parse_int("11", 1, 10, &out));
	assert_int_equal(out, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(integers_are_read),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(bounds_hold),
	};
	return RUN_TAP(tests);
}
