/* mem.h: arenas, scratch, deferred work, the cap, buffers. */
#include "test.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	for (size_t size = 1; size < 100; size += 7) {
		const unsigned char *p = mem_get(mem, size);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
	}
	mem_free(mem);
}

static void reset_gives_zeroed_memory_again(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	for (int round = 0; round < 3; round++) {
		unsigned char *small = mem_get(mem, 1000), *large = mem_get(mem, 100 * 1000);
		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(small[i] | large[i * 100], 0);
		memset(small, 0xff, 1000);
		memset(large, 0xff, 100 * 1000);
		assert_true(mem_used(mem) >= 101 * 1000);
		mem_reset(mem);
		assert_int_equal(mem_used(mem), 0);
	}
	mem_free(mem);
}

static void copies(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	assert_string_equal(mem_text(mem, "licence"), "licence");
	assert_string_equal(mem_textn(mem, "licence", 3), "lic");
	assert_string_equal(mem_textn(mem, NULL, 0), "");
	assert_memory_equal(mem_copy(mem, "a\0b", 3), "a\0b", 3);
	assert_non_null(mem_copy(mem, NULL, 0));
	assert_string_equal(mem_format(mem, "%s-%d", "A", 7), "A-7");
	assert_string_equal(program_copy("kept"), "kept");
	assert_ptr_equal(mem_program(), mem_program());
	mem_free(mem);
}

static void rewind_takes_back_what_came_after_the_mark(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	char *before = mem_text(mem, "before");
	size_t used = mem_used(mem);
	struct mem_mark mark = mem_mark(mem);
	for (int i = 0; i < 200; i++) {
		unsigned char *row = mem_get(mem, 5000);
		assert_int_equal(row[0] | row[4999], 0);
		memset(row, 1, 5000);
		mem_rewind(mem, mark);
	}
	assert_int_equal(mem_used(mem), used);
	assert_string_equal(before, "before");
	mem_free(mem);
}

static void a_mark_in_an_empty_arena_rewinds_to_empty(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	struct mem_mark mark = mem_mark(mem);
	mem_get(mem, 100 * 1000);
	mem_get(mem, 10);
	mem_rewind(mem, mark);
	assert_int_equal(mem_used(mem), 0);
	assert_string_equal(mem_text(mem, "again"), "again");
	mem_free(mem);
}

static char order[8];

static void note(void *p)
{
	strncat(order, p, sizeof order - strlen(order) - 1);
}

static void deferred_work_runs_newest_first(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	*order = 0;
	mem_defer(mem, note, "a");
	struct mem_mark mark = mem_mark(mem);
	mem_defer(mem, note, "b");
	mem_defer(mem, note, "c");
	mem_rewind(mem, mark);
	assert_string_equal(order, "cb");
	mem_defer(mem, note, "d");
	mem_reset(mem);
	assert_string_equal(order, "cbda");
	mem_reset(mem);
	assert_string_equal(order, "cbda");
	mem_defer(mem, note, "e");
	mem_free(mem);
	assert_string_equal(order, "cbdae");
}

static void take_too_much(void *arg)
{
	for (int i = 0; i < 100; i++)
		mem_get(arg, 100);
}

static volatile size_t huge = SIZE_MAX - 8; /* volatile: the compiler would see the mistake */

static void take_at_once(void *arg)
{
	mem_get(arg, huge);
}

static void take_wrapping_array(void *arg)
{
	mem_array(arg, huge / 4, 8);
}

static void grow_without_end(void *arg)
{
	struct buffer buffer = buffer_new(arg, 0);
	for (;;)
		buffer_text(&buffer, "more ");
}

static void put_a_wrapping_length(void *arg)
{
	struct buffer buffer = buffer_new(arg, 10);
	buffer_text(&buffer, "x");
	buffer_put(&buffer, "", SIZE_MAX);
}

static void the_cap_is_a_failure(void **state)
{
	(void)state;
	struct mem *mem = mem_new(5000);
	void (*const greedy[])(void *) = { take_too_much, take_at_once, take_wrapping_array, grow_without_end,
		put_a_wrapping_length };
	for (size_t i = 0; i < sizeof greedy / sizeof *greedy; i++) {
		assert_fails("mem.cap", greedy[i], mem);
		mem_reset(mem);
		assert_string_equal(mem_text(mem, "usable after"), "usable after");
	}
	mem_free(mem);
}

static void buffers_grow(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	struct buffer buffer = buffer_new(mem, 0);
	assert_string_equal(buffer.text, "");
	for (size_t i = 0; i < 1000; i++) {
		buffer_put(&buffer, "0123456789", i % 11);
		assert_int_equal(buffer.text[buffer.length], 0);
	}
	assert_int_equal(buffer.length, 990 / 11 * 55 + 45);
	buffer = buffer_new(mem, 4);
	buffer_format(&buffer, "%s %05d", "number", 42);
	buffer_put(&buffer, NULL, 0);
	buffer_format(&buffer, "!");
	assert_string_equal(buffer.text, "number 00042!");
	mem_free(mem);
}

static void numbers_are_printed(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	struct buffer buffer = buffer_new(mem, 0);
	static const int64_t numbers[] = { 0, 7, -7, 1234567, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		buffer_int(&buffer, numbers[i]);
		buffer_put(&buffer, " ", 1);
	}
	buffer_digits(&buffer, 7, 2);
	buffer_digits(&buffer, 123, 2);
	buffer_digits(&buffer, 0, 4);
	buffer_digits(&buffer, UINT64_MAX, 1);
	buffer_digits(&buffer, 1, 99);
	assert_string_equal(buffer.text, "0 7 -7 1234567 9223372036854775807 -9223372036854775808 "
		"071230000" "18446744073709551615" "00000000000000000001");
	mem_free(mem);
}

static void html_is_escaped(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	struct buffer buffer = buffer_new(mem, 0);
	buffer_html(&buffer, "");
	buffer_html(&buffer, "<a href=\"x\" title='y'>R&D é</a>");
	assert_string_equal(buffer.text,
		"&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D é&lt;/a&gt;");
	mem_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(reset_gives_zeroed_memory_again),
		cmocka_unit_test(copies),
		cmocka_unit_test(rewind_takes_back_what_came_after_the_mark),
		cmocka_unit_test(a_mark_in_an_empty_arena_rewinds_to_empty),
		cmocka_unit_test(deferred_work_runs_newest_first),
		cmocka_unit_test(the_cap_is_a_failure),
		cmocka_unit_test(buffers_grow),
		cmocka_unit_test(numbers_are_printed),
		cmocka_unit_test(html_is_escaped),
	};
	return RUN_TAP(tests);
}
