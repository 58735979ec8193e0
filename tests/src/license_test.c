/* license_test.c: keys are unique, survive what people type, and tell a typing error from a key. */
#include "fixture.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "license.h"

static struct mem *mem;

static int fresh(void **state)
{
	(void)state;
	mem = mem_new((size_t)16 << 20);
	return sodium_init() < 0;
}

static int gone(void **state)
{
	(void)state;
	mem_free(mem);
	return 0;
}

static void keys_read_back(void **state)
{
	(void)state;
	char *key = license_key_new(mem);
	assert_int_equal(strlen(key), 34);
	assert_string_equal(license_key_read(mem, key), key);
	char *lower = mem_text(mem, key);
	for (char *p = lower; *p; p++)
		*p = *p == '0' ? 'o' : *p == '1' ? 'l' : *p == '-' ? ' ' : (char)tolower((unsigned char)*p);
	assert_string_equal(license_key_read(mem, lower), key);
	assert_string_not_equal(license_key_new(mem), key);
}

/* A key is read aloud, copied by hand: letters that look like digits are those digits. */
static void lookalikes_are_meant_well(void **state)
{
	(void)state;
	static const char *const meant[] = { "0Oo", "1IiLl" };
	char *key;
	do
		key = license_key_new(mem);
	while (!strchr(key, '0') || !strchr(key, '1'));
	for (size_t i = 0; i < 2; i++)
		for (const char *typed = meant[i]; *typed; typed++) {
			char *bent = mem_text(mem, key);
			*strchr(bent, *meant[i]) = *typed;
			assert_string_equal(license_key_read(mem, bent), key);
		}
}

static void typing_errors_are_told(void **state)
{
	(void)state;
	size_t caught = 0, tried = 0;
	const char *key = license_key_new(mem);
	for (size_t i = 0; key[i]; i++) {
		if (key[i] == '-')
			continue;
		char *bent = mem_text(mem, key);
		bent[i] = key[i] == '7' ? '8' : '7';
		tried++;
		caught += !license_key_read(mem, bent);
	}
	assert_true(caught >= tried - 1); /* ten bits of checksum: one in a thousand slips through */
	assert_null(license_key_read(mem, ""));
	assert_null(license_key_read(mem, "0000"));
	assert_null(license_key_read(mem, mem_format(mem, "%s0", key)));
	assert_null(license_key_read(mem, mem_format(mem, "U%s", key + 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_read_back, fresh, gone),
		cmocka_unit_test_setup_teardown(lookalikes_are_meant_well, fresh, gone),
		cmocka_unit_test_setup_teardown(typing_errors_are_told, fresh, gone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
