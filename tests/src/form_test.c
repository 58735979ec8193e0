/* form_test.c: the rules of each kind of field, with what browsers send and what attackers send. */
#include "../each.h"
#include "../own_assets.h"

#include <string.h>

#include "web.h"

struct every_form {
	const char *line, *text, *secret, *email, *id, *choice, *path;
	int64_t number;
	bool flag;
};
FORM(every_form, LINE(line, 2, 5), TEXT(text, 0, 20), SECRET(secret, 0, 8), EMAIL(email), ID(id), NUMBER(number, 1, 99),
	FLAG(flag), CHOICE(choice, "en fr french"), PATH(path));

struct optional_form {
	const char *line, *secret, *word;
};
FORM(optional_form, LINE(line, 0, 3), SECRET(secret, 0, 3), WORD(word, 0, 4));

/* A body in which every field is right; case by case, one of them is replaced. */
#define GOOD "line=abc&text=&secret=&email=a%40b.example&id=0123456789abcdefghijAB&number=7&choice=fr&path="
static const char *const names[] = { "line", "text", "secret", "email", "id", "number", "flag", "choice", "path" };

static const struct every_form *read_form(struct request *req, const char *body)
{
	*req = (struct request){ .mem = req->mem, .method = POST, .language = "en",
		.body = { (const unsigned char *)body, strlen(body) } };
	return form_read(req, every_form);
}

/* The body with the value of one field replaced by what is given. */
static const char *body_with(struct mem *mem, const char *name, const char *pairs)
{
	struct buffer body = buffer_new(mem, 256);
	const char *at = GOOD;
	while (*at) {
		size_t whole = strcspn(at, "&"), length = strlen(name);
		if (strncmp(at, name, length) || at[length] != '=')
			buffer_format(&body, "%.*s&", (int)whole, at);
		at += whole + (at[whole] == '&');
	}
	buffer_text(&body, pairs);
	return body.text;
}

static const char *error_of(struct request *req, const char *name)
{
	const struct field *field = shape_field(&every_form_shape, name, strlen(name));
	return req->form.errors[field - every_form_shape.fields];
}

static void expect(struct mem *mem, const char *name, const char *pairs, const char *error)
{
	struct request req = { .mem = mem };
	read_form(&req, body_with(mem, name, pairs));
	const char *found = error_of(&req, name);
	if (!found != !error || (error && strcmp(found, error)))
		fail_msg("%s: '%s' instead of '%s'", pairs, found ? found : "fine", error ? error : "fine");
	assert_int_equal(form_ok(&req), error == NULL);
}

struct expected {
	const char *name, *pairs, *error;
};

#define REQUIRED "en: needed"
#define NOT_EMAIL "en: no address"

static void each_kind_has_its_rule(void **state)
{
	struct mem *mem = *state;
	static const struct expected table[] = {
		{ "line", "line=ab", NULL }, { "line", "line=++abcde++", NULL }, { "line", "line=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9", NULL },
		{ "line", "", REQUIRED }, { "line", "line=", REQUIRED }, { "line", "line=+%20", REQUIRED },
		{ "line", "line=a", "error.too_short" }, { "line", "line=abcdef", "error.too_long" },
		{ "line", "line=a%0Ab", "error.characters" }, { "line", "line=a%00b", "error.characters" },
		{ "line", "line=a%FFb", "error.characters" }, { "line", "line=a%7Fb", "error.characters" },
		{ "line", "line=a%1Bb", "error.characters" }, { "line", "line=%C0%AF%C0%AF", "error.characters" },
		{ "line", "line=a%", "error.characters" }, { "line", "line=ab&line=ab", "error.invalid" },
		{ "line", "line=ab&line=", "error.invalid" },
		{ "line", "line=%C2%A0%E2%80%8B%EF%BB%BF", REQUIRED }, { "line", "line=%C2%A0ab%E3%80%80", NULL },
		{ "line", "line=a%E2%80%AEb", "error.characters" }, { "line", "line=a%E2%81%A6b", "error.characters" },
		{ "line", "line=a%C2%9Bb", "error.characters" }, { "line", "line=a%E2%80%8Db", NULL }, /* joined: one letter in some scripts */
		{ "text", "text=a%E2%80%AEb", NULL },
		{ "text", "text=a%0D%0Ab%09c", NULL }, { "text", "text=a%0Bb", "error.characters" },
		{ "text", "text=123456789012345678901", "error.too_long" },
		{ "secret", "secret=+a+", NULL }, { "secret", "secret=123456789", "error.too_long" },
		{ "secret", "secret=a%00", "error.characters" },
		{ "email", "email=+A%40B.Example+", NULL }, { "email", "email=a+b%40c.d", NOT_EMAIL },
		{ "email", "email=a%2Bb%40c.d", NULL }, { "email", "email=", REQUIRED }, { "email", "email=abc", NOT_EMAIL },
		{ "email", "email=%40b.c", NOT_EMAIL }, { "email", "email=a%40b", NOT_EMAIL }, { "email", "email=a%40b%40c.d", NOT_EMAIL },
		{ "email", "email=a%40.c", NOT_EMAIL }, { "email", "email=a%40b.", NOT_EMAIL },
		{ "email", "email=a%40b.c%0ABcc:x%40y.z", "error.characters" }, { "email", "email=a%3Cb%40c.d", NOT_EMAIL },
		{ "email", "email=a%2Cb%40c.d", NOT_EMAIL },
		{ "id", "id=0123456789abcdefghij", "error.too_short" }, { "id", "id=0123456789abcdefghijA%27", "error.invalid" },
		{ "id", "id=", REQUIRED }, { "id", "id=0123456789abcdefghijABC", "error.too_long" },
		{ "number", "number=1", NULL }, { "number", "number=+99+", NULL }, { "number", "number=0", "error.number" },
		{ "number", "number=100", "error.number" }, { "number", "number=-1", "error.number" },
		{ "number", "number=1.5", "error.number" }, { "number", "number=0x10", "error.number" },
		{ "number", "number=1e1", "error.number" }, { "number", "number=9223372036854775808", "error.number" },
		{ "number", "number=18446744073709551617", "error.number" }, { "number", "number=", REQUIRED },
		{ "number", "number=1&number=1", "error.invalid" }, { "number", "number=%EF%BC%91", "error.number" },
		{ "flag", "flag=on", NULL }, { "flag", "flag=", NULL }, { "flag", "flag=1&flag=1", "error.invalid" },
		{ "choice", "choice=en", NULL }, { "choice", "choice=french", NULL }, { "choice", "choice=e", "error.choice" },
		{ "choice", "choice=en+fr", "error.choice" }, { "choice", "choice=EN", "error.choice" }, { "choice", "choice=", REQUIRED },
		{ "choice", "choice=n", "error.choice" },
		{ "path", "path=%2Faccount%3Fa%3D1", NULL }, { "path", "", NULL }, { "path", "path=%2F%2Fevil.example", "error.invalid" },
		{ "path", "path=%2F%5Cevil.example", "error.invalid" }, { "path", "path=http%3A%2F%2Fevil", "error.invalid" },
		{ "path", "path=account", "error.invalid" }, { "path", "path=%2Fa%0D%0Ab", "error.characters" },
		{ "path", "path=%2Fa%09b", "error.characters" },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		expect(mem, table[i].name, table[i].pairs, table[i].error);
}

static void values_arrive(void **state)
{
	struct request req = { .mem = *state };
	const struct every_form *form = read_form(&req, "line=+a+b+&text=+x%0Ay+&secret=+p+&email=+A%40B.Example"
		"&id=0123456789abcdefghijAB&number=007&flag=on&choice=en&path=%2Fa&csrf=x&extra=1");
	assert_true(form_ok(&req));
	assert_string_equal(form->line, "a b");
	assert_string_equal(form->text, " x\ny ");
	assert_string_equal(form->secret, " p ");
	assert_string_equal(form->email, "a@b.example");
	assert_string_equal(form->id, "0123456789abcdefghijAB");
	assert_string_equal(form->choice, "en");
	assert_string_equal(form->path, "/a");
	assert_int_equal(form->number, 7);
	assert_true(form->flag);
}

static void nothing_sent_is_every_error_and_no_null(void **state)
{
	struct request req = { .mem = *state };
	const struct every_form *form = read_form(&req, "");
	assert_false(form_ok(&req));
	assert_int_equal(req.form.wrong, 5); /* line, email, id, number, choice */
	assert_string_equal(form->line, "");
	assert_string_equal(form->path, "");
	assert_false(form->flag);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_non_null(shape_field(&every_form_shape, names[i], strlen(names[i])));
}

static void odd_bodies_do_no_harm(void **state)
{
	struct mem *mem = *state;
	static const char *const bodies[] = { "&", "=", "&&&&", "line", "line&line", "=line", "%", "line==&=", "line=%00%00%00", ";line=a",
		"LINE=abc", "line[]=abc", "line%00=abc", "\xff\xfe=1", "email=%40%40%40", "path=/&path=//", "number=--1" };
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct request req = { .mem = mem };
		read_form(&req, bodies[i]);
		assert_false(form_ok(&req));
	}
	/* A NUL in the middle of the raw body ends nothing. */
	struct request req = { .mem = mem, .method = POST, .language = "en", .body = { (const unsigned char *)"line=a\0b&x=1", 12 } };
	form_read(&req, every_form);
	assert_string_equal(error_of(&req, "line"), "error.characters");
}

static void get_forms_read_the_query(void **state)
{
	struct request req = { .mem = *state, .method = GET, .language = "en", .query = "line=abc" };
	const struct optional_form *form = form_read(&req, optional_form);
	assert_true(form_ok(&req));
	assert_string_equal(form->line, "abc");
}

static void words_are_plain(void **state)
{
	static const struct { const char *query, *word; bool fine; } rows[] = { { "word=a-_~", "a-_~", true }, { "word=+ab+", "ab", true },
		{ "word=", "", true }, { "", "", true }, { "word=a+b", "a b", false }, { "word=%C3%A9", "\xC3\xA9", false },
		{ "word=abcde", "abcde", false }, { "word=%7F", "\x7f", false }, { "word=a%00", "", false }, { "word=%FF", "", false } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct request req = { .mem = *state, .method = GET, .language = "en", .query = rows[i].query };
		assert_string_equal(form_read(&req, optional_form)->word, rows[i].word);
		assert_int_equal(form_ok(&req), rows[i].fine);
	}
}

static void added_errors_count(void **state)
{
	struct request req = { .mem = *state, .method = GET, .language = "fr", .query = "" };
	assert_false(form_ok(&req));
	form_read(&req, optional_form);
	assert_true(form_ok(&req));
	form_error(&req, "summary", "error.required");
	assert_false(form_ok(&req));
	assert_string_equal(req.form.summary, "fr: needed");
	form_error(&req, "secret", "error.email");
	assert_string_equal(req.form.errors[1], "fr: no address");
}

static void unknown_field_named(void *arg)
{
	form_error(arg, "colour", "error.required");
}

static void an_error_for_no_field_is_a_fault(void **state)
{
	struct request req = { .mem = *state, .method = GET, .language = "en", .query = "" };
	form_read(&req, optional_form);
	assert_int_equal(failing(unknown_field_named, &req).kind, FAILURE_FAULT);
}

static void utf8_is_checked_strictly(void **state)
{
	(void)state;
	static const char *const good[] = { "", "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80" };
	static const char *const bad[] = { "\x80", "\xBF", "\xC3", "\xC3(", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
		"\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
		"\xFE", "\xFF", "\xF8\x88\x80\x80\x80", "a\xF0\x9F\x98" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (utf8_valid(bad[i], strlen(bad[i])))
			fail_msg("bad sequence %zu is taken", i);
	assert_false(utf8_valid("a\0b", 3));
	for (size_t at = 0; at < 20; at++) { /* eight bytes are taken at once where all are ASCII */
		char text[] = "twenty ASCII letters";
		assert_true(utf8_valid(text, 20));
		text[at] = 0;
		assert_false(utf8_valid(text, 20));
		text[at] = '\x80';
		assert_false(utf8_valid(text, 20));
		memcpy(text + (at < 19 ? at : 18), "\xC3\xA9", 2);
		assert_true(utf8_valid(text, 20));
	}
	assert_int_equal(utf8_length("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 4);
}

/* Of every length of character the first and last, and what lies just outside. */
static void utf8_has_its_bounds(void **state)
{
	(void)state;
	static const struct { const char *text; bool valid; } rows[] = {
		{ "\x7F", true }, { "\xC2\x80", true }, { "\xDF\xBF", true }, { "\xE0\xA0\x80", true }, { "\xED\x9F\xBF", true },
		{ "\xEE\x80\x80", true }, { "\xEF\xBF\xBF", true }, { "\xF0\x90\x80\x80", true }, { "\xF4\x8F\xBF\xBF", true },
		{ "\x80", false }, { "\xC1\xBF", false }, { "\xE0\x9F\xBF", false }, { "\xED\xA0\x80", false },
		{ "\xF0\x8F\xBF\xBF", false }, { "\xF4\x90\x80\x80", false }, { "\xF5\x80\x80\x80", false }, { "\xC3", false },
		{ "\xE2\x82", false }, { "\xE2\x82x", false }, { "\xF0\x9F\x98", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (utf8_valid(rows[i].text, strlen(rows[i].text)) != rows[i].valid)
			fail_msg("row %zu", i);
}

static void what_is_encoded_badly_is_nothing(void **state)
{
	struct mem *mem = *state;
	static const struct { const char *text; size_t length; const char *read; } rows[] = {
		{ "a%20b+c", 7, "a b c" }, { "%C3%A9", 6, "é" }, { "%4", 2, NULL }, { "%", 1, NULL }, { "%4z", 3, NULL }, { "%z4", 3, NULL },
		{ "%4\0", 3, NULL }, { "%\0" "4", 3, NULL }, { "%00", 3, NULL }, { "%C3", 3, NULL }, { "%c3%a9", 6, "é" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *read = url_decode(mem, rows[i].text, rows[i].length, true);
		if (!read != !rows[i].read || (read && strcmp(read, rows[i].read)))
			fail_msg("%s", rows[i].text);
	}
}

static void encoding_comes_back(void **state)
{
	struct mem *mem = *state;
	const char *text = "a b/?&=%+\xC3\xA9~-_.'\"<>\n";
	const char *encoded = url_encode(mem, text);
	assert_string_equal(encoded, "a%20b%2F%3F%26%3D%25%2B%C3%A9~-_.%27%22%3C%3E%0A");
	assert_string_equal(url_decode(mem, encoded, strlen(encoded), false), text);
	assert_string_equal(url_decode(mem, "a+b", 3, false), "a+b");
	assert_string_equal(url_decode(mem, "a+b", 3, true), "a b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(each_kind_has_its_rule), MEM_TEST(values_arrive), MEM_TEST(nothing_sent_is_every_error_and_no_null),
		MEM_TEST(odd_bodies_do_no_harm), MEM_TEST(get_forms_read_the_query), MEM_TEST(words_are_plain), MEM_TEST(added_errors_count),
		MEM_TEST(an_error_for_no_field_is_a_fault), MEM_TEST(utf8_is_checked_strictly), MEM_TEST(utf8_has_its_bounds),
		MEM_TEST(what_is_encoded_badly_is_nothing), MEM_TEST(encoding_comes_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
