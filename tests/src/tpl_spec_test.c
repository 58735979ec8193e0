/* The public Mustache specification: every core test and every inheritance test, one cmocka test each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tpl.h"

enum { CORE = 136, INHERITANCE = 27 };

static const char *const files[] = { "comments", "delimiters", "interpolation", "inverted", "partials",
	"sections", "~inheritance" };
static struct CMUnitTest tests[CORE + INHERITANCE];
static size_t test_count;

/* A template named "" is the test's own, all others are its partials. */
static const char *spec_text(const struct tpl_source *source, const char *name)
{
	struct json_object *test = source->arg, *partials, *text;
	if (!*name)
		return json_object_get_string(json_object_object_get(test, "template"));
	if (json_object_object_get_ex(test, "partials", &partials) &&
		json_object_object_get_ex(partials, name, &text))
		return json_object_get_string(text);
	return NULL;
}

static void render_and_compare(void **state)
{
	struct json_object *test = *state;
	struct tpl_source source = { .text = spec_text, .language = "en", .html = true, .arg = test };
	struct scope scope = { .json = json_object_object_get(test, "data") };
	struct mem *mem = mem_new(1 << 20);
	struct buffer out = buffer_new(mem, 0);
	tpl_render(&out, tpl_load(mem, &source, ""), &scope);
	assert_string_equal(out.text, json_object_get_string(json_object_object_get(test, "expected")));
	mem_free(mem);
}

static struct json_object *read_file(const char *file)
{
	char path[200];
	snprintf(path, sizeof path, "tests/spec/mustache/%s.json", file);
	struct json_object *root = json_object_from_file(path);
	if (!root) {
		fprintf(stderr, "%s: %s\n", path, json_util_get_last_err());
		exit(1);
	}
	return root;
}

static void add_file(struct json_object *root, const char *file)
{
	struct json_object *list = json_object_object_get(root, "tests");
	for (size_t i = 0; i < json_object_array_length(list) && test_count < CORE + INHERITANCE; i++) {
		struct json_object *test = json_object_array_get_idx(list, i);
		const char *title = json_object_get_string(json_object_object_get(test, "name"));
		char *name = mem_format(mem_program(), "%s: %s", file, title);
		tests[test_count++] = (struct CMUnitTest){ name, render_and_compare, NULL, NULL, test };
	}
}

int main(void)
{
	struct json_object *roots[sizeof files / sizeof *files];
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		roots[i] = read_file(files[i]);
		add_file(roots[i], files[i]);
	}
	if (test_count != CORE + INHERITANCE) {
		fprintf(stderr, "%zu tests instead of %d\n", test_count, CORE + INHERITANCE);
		return 1;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		json_object_put(roots[i]);
	return failed;
}
