/* letter_test.c: what is cut from the ends, and what is refused. */
#include "test.h"

#include "letter.h"

#include <string.h>

static void ends_are_cut(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "", "" }, { " ", "" }, { "a", "a" }, { "  a b\t\n", "a b" }, { "\xC2\xA0 été\xE2\x80\x8B", "été" },
		{ "\xE2\x80\x8B\xE2\x80\x8F\xE2\x80\xAE\xE2\x81\xA6", "" }, { "\xEF\xBB\xBFx\xE3\x80\x80", "x" },
		{ "\xC2\xAD\xE1\x9A\x80\xE1\xA0\x8E\xE2\xA0\x80\xE3\x85\xA4", "" }, { "a\xE2\x80\x8D", "a" }, { "\xC2\x85z\xC2\x85", "z" },
		{ "a\xC2\xA0\xC2\xA0" "b", "a\xC2\xA0\xC2\xA0" "b" }, { "\xF0\x9F\x8E\xB5 ", "\xF0\x9F\x8E\xB5" }, { "\xE2\x82\xAC", "\xE2\x82\xAC" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[40];
		memcpy(text, rows[i][0], strlen(rows[i][0]) + 1);
		assert_string_equal(letters_trim(text), rows[i][1]);
	}
}

static void what_controls_is_seen(void **state)
{
	(void)state;
	static const struct { const char *text; bool line, text_too; } rows[] = {
		{ "", false, false }, { "Élodie 🎵 naïve", false, false }, { "a\tb\r\nc", true, false }, { "a\vb", true, true },
		{ "\x1B[0m", true, true }, { "\x7F", true, true }, { "a\xC2\x80", true, true }, { "a\xC2\x9F", true, true }, { "\xC2\xA0", false, false },
		{ "a\xE2\x80\xAA", true, false }, { "a\xE2\x80\xAE" "b", true, false }, { "\xE2\x81\xA6", true, false }, { "\xE2\x81\xA9", true, false },
		{ "\xE2\x80\xA9", false, false }, { "\xE2\x81\xA5", false, false }, { "\xD7\x90\xE2\x80\x8F", false, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (letters_control(rows[i].text, false) != rows[i].line || letters_control(rows[i].text, true) != rows[i].text_too)
			fail_msg("row %zu: %s", i, rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_cut),
		cmocka_unit_test(what_controls_is_seen),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
