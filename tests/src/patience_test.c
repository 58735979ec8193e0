/* patience_test.c: the one deadline of a page. */
#include "test.h"

#include <unistd.h>

#include "patience.h"

static void nobody_waits_for_ever(void **state)
{
	(void)state;
	patience_end();
	assert_false(patience_counts());
	assert_true(patience_left() == INT64_MAX);
	patience_begin(10);
	assert_true(patience_counts());
	assert_true(patience_left() > 9000 && patience_left() <= 10000);
	patience_begin(INT64_MAX); /* an hour is the most, and nothing overflows */
	assert_true(patience_left() > 3599000 && patience_left() <= 3600000);
	patience_end();
	assert_false(patience_counts());
}

static void time_goes_by_and_ends(void **state)
{
	(void)state;
	patience_begin(0); /* a second is the least */
	int64_t before = patience_left();
	assert_true(before > 0 && before <= 1000);
	usleep(20000);
	assert_true(patience_left() < before);
	usleep(1000000);
	assert_int_equal(patience_left(), 0);
	assert_true(patience_counts()); /* over is not the same as none */
	patience_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(time_goes_by_and_ends),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
