/* sign_test.c: Stripe's signature against the 24 vectors, mutated events, and the small spellings. */
#include "fixture.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "json.h"
#include "sign.h"

static struct mem *mem;

static int fresh(void **state)
{
	(void)state;
	mem = mem_new((size_t)64 << 20);
	return sodium_init() < 0;
}

static int gone(void **state)
{
	(void)state;
	mem_free(mem);
	return 0;
}

static const char *joined(struct json_object *secrets)
{
	struct buffer out = buffer_new(mem, 100);
	for (size_t i = 0; i < json_object_array_length(secrets); i++)
		buffer_format(&out, "%s%s", i ? "," : "", json_object_get_string(json_object_array_get_idx(secrets, i)));
	return out.text;
}

static enum signature judge(struct json_object *vector)
{
	const char *body = json_text(vector, "body");
	struct json_object *header = json_at(vector, "header");
	return stripe_signature(mem, header ? json_object_get_string(header) : "", body, strlen(body),
		joined(json_at(vector, "secrets")), json_int(vector, "now", 0), json_int(vector, "tolerance", 300));
}

/* "receiver policy" (a time in the future) is a refusal here: stripe.md §1 calls bounding the future safer. */
static void signature_vectors(void **state)
{
	(void)state;
	struct json_object *file = json_object_from_file("tests/spec/stripe/vectors/signatures.json");
	assert_non_null(file);
	struct json_object *cases = json_at(file, "cases");
	size_t count = json_object_array_length(cases);
	assert_int_equal(count, 24);
	for (size_t i = 0; i < count; i++) {
		struct json_object *vector = json_object_array_get_idx(cases, i);
		const char *name = json_text(vector, "name");
		bool accepted = judge(vector) == SIGNATURE_GOOD;
		bool expected = !strcmp(json_text(vector, "expect"), "accept");
		if (accepted != expected)
			print_error("%s: expected %s\n", name, json_text(vector, "expect"));
		assert_int_equal(accepted, expected);
	}
	json_object_put(file);
}

static const char secret[] = "whsec_test_secret_of_this_test";

static char *signed_header(const char *body, size_t length, int64_t at)
{
	struct buffer text = buffer_new(mem, length + 32);
	buffer_format(&text, "%lld.", (long long)at);
	buffer_put(&text, body, length);
	return mem_format(mem, "t=%lld,v1=%s", (long long)at, hex_of(mem, hmac_of(mem, secret, text.text, text.length)));
}

/* One byte of body or header changed, or the time moved: nothing of it may pass. */
static void no_mutation_passes(void **state)
{
	(void)state;
	const char body[] = "{\"id\":\"evt_1\",\"object\":\"event\",\"livemode\":false,\"account\":null,\"amount\":1900}";
	size_t length = sizeof body - 1;
	char *header = signed_header(body, length, 1000000);
	size_t accepted = 0;
	assert_int_equal(stripe_signature(mem, header, body, length, secret, 1000000, 300), SIGNATURE_GOOD);
	for (uint32_t i = 0; i < 5000; i++) {
		struct mem_mark mark = mem_mark(mem);
		char *bent_body = mem_text(mem, body), *bent_header = mem_text(mem, header);
		bool in_body = i % 2;
		char *bent = in_body ? bent_body : bent_header;
		size_t at = randombytes_uniform((uint32_t)strlen(bent));
		char was = bent[at];
		bent[at] = (char)(1 + randombytes_uniform(255));
		if (bent[at] != was)
			accepted += stripe_signature(mem, bent_header, bent_body, length, secret, 1000000, 300) == SIGNATURE_GOOD;
		mem_rewind(mem, mark);
	}
	assert_int_equal(accepted, 0);
}

static void time_and_secret(void **state)
{
	(void)state;
	const char body[] = "{}";
	char *header = signed_header(body, 2, 1000);
	assert_int_equal(stripe_signature(mem, header, body, 2, secret, 1300, 300), SIGNATURE_GOOD);
	assert_int_equal(stripe_signature(mem, header, body, 2, secret, 1301, 300), SIGNATURE_OLD);
	assert_int_equal(stripe_signature(mem, header, body, 2, secret, 699, 300), SIGNATURE_OLD);
	assert_int_equal(stripe_signature(mem, header, body, 2, "", 1000, 300), SIGNATURE_NO_SECRET);
	assert_int_equal(stripe_signature(mem, header, body, 2, " , ", 1000, 300), SIGNATURE_NO_SECRET);
	assert_int_equal(stripe_signature(mem, header, body, 2, "other", 1000, 300), SIGNATURE_BAD);
	assert_int_equal(stripe_signature(mem, "", body, 2, secret, 1000, 300), SIGNATURE_BAD);
	const char *list = mem_format(mem, "old, %s,other", secret);
	assert_int_equal(stripe_signature(mem, header, body, 2, list, 1000, 300), SIGNATURE_GOOD);
	const char *twice = mem_format(mem, "t=1000,%s", header);
	assert_int_equal(stripe_signature(mem, twice, body, 2, secret, 1000, 300), SIGNATURE_BAD);
}

static void spellings(void **state)
{
	(void)state;
	assert_string_equal(hex_of(mem, sha256_of(mem, "abc", 3)),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-4 example */
	assert_null(bytes_of_hex(mem, "0g", 2).data);
	assert_null(bytes_of_hex(mem, "abc", 3).data);
	assert_null(bytes_of_hex(mem, "AB", 2).data);
	assert_int_equal(bytes_of_hex(mem, "00ff", 4).data[1], 255);
	assert_string_equal(base64url_of(mem, bytes_of_base64url(mem, "_-8A")), "_-8A");
	assert_null(bytes_of_base64url(mem, "a+b/").data);
	assert_null(bytes_of_base64url(mem, "YQ==").data);
	assert_true(public_id_valid(random_id(mem)));
	assert_false(public_id_valid("short"));
	assert_false(public_id_valid("aaaaaaaaaaaaaaaaaaaaa-"));
	assert_int_equal(strlen(random_code(mem, 12, 4)), 14);
	assert_false(bytes_equal((struct bytes){ NULL, 0 }, (struct bytes){ NULL, 0 }));
}

static void bytes_are_read_strictly(void **state)
{
	(void)state;
	static const struct { const char *hex; size_t length; bool read; } rows[] = {
		{ "00ff", 4, true }, { "", 0, true }, { "abc", 3, false }, { "0g", 2, false }, { "0F", 2, false }, { "0\0", 2, false },
		{ " 0", 2, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bytes bytes = bytes_of_hex(mem, rows[i].hex, rows[i].length);
		assert_int_equal(bytes.data != NULL, rows[i].read);
		assert_int_equal(bytes.length, rows[i].read ? rows[i].length / 2 : 0);
	}
	struct bytes none = { NULL, 0 }, empty = bytes_of_hex(mem, "", 0), one = bytes_of_hex(mem, "00", 2);
	assert_false(bytes_equal(none, none)); /* what could not be read equals nothing */
	assert_false(bytes_equal(empty, none));
	assert_false(bytes_equal(empty, one));
	assert_true(bytes_equal(one, bytes_of_hex(mem, "00", 2)));
	assert_false(bytes_equal(one, bytes_of_hex(mem, "01", 2)));
}

static void public_ids_have_their_form(void **state)
{
	(void)state;
	static const struct { const char *id; bool valid; } rows[] = {
		{ "0123456789ABCDEFGHabcd", true }, { "0123456789ABCDEFGHabc", false }, { "0123456789ABCDEFGHabcde", false },
		{ "0123456789ABCDEFGHabcd-", false }, { "0123456789ABCDEFGHab-d", false }, { "", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(public_id_valid(rows[i].id), rows[i].valid);
	assert_true(public_id_valid(random_id(mem)));
}

/* However many signatures a header carries, a few are looked at. */
static void a_header_of_many_signatures_is_cut(void **state)
{
	(void)state;
	struct buffer early = buffer_new(mem, 8192), late = buffer_new(mem, 8192);
	const char *good = signed_header("{}", 2, 1000), *v1 = strchr(good, ',');
	buffer_text(&early, good);
	buffer_text(&late, "t=1000");
	for (int i = 0; i < 60; i++) {
		buffer_format(&early, ",v1=%064d", i);
		buffer_format(&late, ",v1=%064d", i);
	}
	buffer_text(&late, v1);
	assert_int_equal(stripe_signature(mem, early.text, "{}", 2, secret, 1000, 300), SIGNATURE_GOOD);
	assert_int_not_equal(stripe_signature(mem, late.text, "{}", 2, secret, 1000, 300), SIGNATURE_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signature_vectors, fresh, gone),
		cmocka_unit_test_setup_teardown(no_mutation_passes, fresh, gone),
		cmocka_unit_test_setup_teardown(time_and_secret, fresh, gone),
		cmocka_unit_test_setup_teardown(spellings, fresh, gone),
		cmocka_unit_test_setup_teardown(bytes_are_read_strictly, fresh, gone),
		cmocka_unit_test_setup_teardown(public_ids_have_their_form, fresh, gone),
		cmocka_unit_test_setup_teardown(a_header_of_many_signatures_is_cut, fresh, gone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
