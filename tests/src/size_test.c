/* size.h: numbers of bytes as people read them. */
#include "test.h"

#include "size.h"

static void prints(int64_t bytes, const char *english, const char *french)
{
	struct mem *mem = mem_new(4096);
	assert_string_equal(size_print(mem, (struct size){ bytes }, "en"), english);
	assert_string_equal(size_print(mem, (struct size){ bytes }, "fr"), french);
	mem_free(mem);
}

#define S "\u00a0"

static void sizes_print(void **state)
{
	(void)state;
	prints(0, "0" S "B", "0" S "o");
	prints(640, "640" S "B", "640" S "o");
	prints(999, "999" S "B", "999" S "o");
	prints(1000, "1" S "kB", "1" S "ko");
	prints(1049, "1" S "kB", "1" S "ko");
	prints(1050, "1.1" S "kB", "1,1" S "ko");
	prints(1234567, "1.2" S "MB", "1,2" S "Mo");
	prints(99949999, "99.9" S "MB", "99,9" S "Mo");
	prints(99950000, "100" S "MB", "100" S "Mo");
	prints(123456789, "123" S "MB", "123" S "Mo");
	prints(5000000000, "5" S "GB", "5" S "Go");
	prints(7250000000000, "7.3" S "TB", "7,3" S "To");
	prints(-1500, "-1.5" S "kB", "-1,5" S "ko");
}

static void rounding_carries_into_the_next_unit(void **state)
{
	(void)state;
	prints(999499, "999" S "kB", "999" S "ko");
	prints(999500, "1" S "MB", "1" S "Mo");
	prints(999999999, "1" S "GB", "1" S "Go");
	prints(999999999999999999, "1" S "EB", "1" S "Eo");
	prints(INT64_MAX, "9.2" S "EB", "9,2" S "Eo");
	prints(INT64_MIN, "-9.2" S "EB", "-9,2" S "Eo");
}

static void other_languages_are_english(void **state)
{
	(void)state;
	struct mem *mem = mem_new(4096);
	assert_string_equal(size_print(mem, (struct size){ 1500 }, NULL), "1.5" S "kB");
	assert_string_equal(size_print(mem, (struct size){ 1500 }, "fro"), "1.5" S "kB");
	assert_string_equal(size_print(mem, (struct size){ 1500 }, "fr-CA"), "1,5" S "ko");
	mem_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_print),
		cmocka_unit_test(rounding_carries_into_the_next_unit),
		cmocka_unit_test(other_languages_are_english),
	};
	return RUN_TAP(tests);
}
