/* tpl_check_test.c: templates that cannot be read, and the check's reports. */
#include "tpl_views.h"

struct loading {
	const struct shelf *shelf;
	const char *name;
};

static void arena_free(void *p)
{
	mem_free(p);
}

/* Loads and renders; the arena outlives the failure and goes with the program's. */
static void load(void *arg)
{
	const struct loading *loading = arg;
	struct tpl_source source = source_of(loading->shelf);
	struct mem *mem = mem_new(1 << 20);
	mem_defer(mem_program(), arena_free, mem);
	struct buffer out = buffer_new(mem, 0);
	struct scope scope = { .shape = &page_shape, .view = &page };
	tpl_render(&out, tpl_load(mem, &source, loading->name), &scope);
}

static void a_lost_template_fails(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "");
	assert_string_equal(assert_fails("tpl.lost", load, &(struct loading){ &shelf, "gone" }), "gone");
}

static void syntax_errors_say_where(void **state)
{
	(void)state;
	static const struct {
		const char *template, *message;
	} bad[] = {
		{ "a\n{{b", "page:2: a tag that does not end" },
		{ "{{{b}}", "page:1: a tag that does not end" },
		{ "{{=a b}}", "page:1: a tag that does not end" },
		{ "{{}}", "page:1: a tag without a name" },
		{ "{{# }}", "page:1: a tag without a name" },
		{ "\n\n{{a b}}", "page:3: a name with a space in it" },
		{ "{{a..b}}", "page:1: a name with an empty part" },
		{ "{{.a}}", "page:1: a name with an empty part" },
		{ "{{#a}}\n{{/b}}", "page:2: {{/b}} closes the a of line 1" },
		{ "{{/b}}", "page:1: a closing tag that closes nothing" },
		{ "\n{{#a}}\n", "page:2: a is never closed" },
		{ "{{$a}}", "page:1: a is never closed" },
		{ "{{<a}}", "page:1: a is never closed" },
		{ "{{==}}", "page:1: delimiters are two words without =" },
		{ "{{= =}}", "page:1: delimiters are two words without =" },
		{ "{{=a=}}", "page:1: delimiters are two words without =" },
		{ "{{=a b c=}}", "page:1: delimiters are two words without =" },
		{ "{{=a= b=}}", "page:1: delimiters are two words without =" },
		{ "\n{{t.self}}", "page:2: a word that holds itself" },
		{ "\n{{t.broken}}", "page:2: b is never closed" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct shelf shelf = SHELF("page", bad[i].template, "t.self", "{{t.self}}", "t.broken", "a {{#b}}");
		const char *message = assert_fails("tpl.syntax", load, &(struct loading){ &shelf, "page" });
		assert_string_equal(message, bad[i].message);
	}
}

static void endless_templates_fail(void **state)
{
	(void)state;
	struct shelf endless = SHELF("page", "{{>page}}");
	assert_fails("tpl.depth", load, &(struct loading){ &endless, "page" });
	struct mem *mem = mem_new(1 << 20);
	struct buffer deep = buffer_new(mem, 0);
	for (int i = 0; i < 1000; i++)
		buffer_text(&deep, "{{#title}}");
	struct shelf nested = SHELF("page", deep.text);
	const char *message = assert_fails("tpl.syntax", load, &(struct loading){ &nested, "page" });
	assert_string_equal(message, "page:1: nested too deep");
	deep.length = 0;
	for (int i = 0; i < 50; i++)
		buffer_text(&deep, "{{#lines}}");
	for (int i = 0; i < 50; i++)
		buffer_text(&deep, "{{/lines}}");
	struct shelf rounds = SHELF("page", deep.text);
	assert_fails("tpl.depth", load, &(struct loading){ &rounds, "page" });
	mem_free(mem);
}

static void note(void *arg, const char *where, int line, const char *message)
{
	buffer_format(arg, "%s:%d: %s\n", where, line, message);
}

static void assert_reports(const struct shelf *shelf, const char *expected)
{
	struct tpl_source source = source_of(shelf);
	struct mem *mem = mem_new(1 << 20);
	struct buffer reports = buffer_new(mem, 0);
	const struct shape *shapes[] = { &author_shape, &page_shape };
	size_t count = tpl_check(tpl_load(mem, &source, "page"), shapes, 2, note, &reports);
	size_t lines_seen = 0;
	for (const char *c = reports.text; *c; c++)
		lines_seen += *c == '\n';
	assert_string_equal(reports.text, expected);
	assert_int_equal(count, lines_seen);
	mem_free(mem);
}

static void reports(const char *template, const char *expected)
{
	struct shelf shelf = SHELF("page", template);
	assert_reports(&shelf, expected);
}

static void a_good_template_is_silent(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page",
		"{{<layout}}{{$main}}{{#lines}}{{title}} {{price}} {{author.name}} "
		"{{shipped_at.date}} {{total}}{{/lines}}"
		"{{^lines}}{{title}}{{/lines}}{{lines.count}}{{#paid_at}}{{.}}{{/paid_at}}"
		"{{#first}}{{quantity}}{{/first}}"
		"{{name}}{{t.word}}{{/main}}{{/layout}}",
		"layout", "{{title}}{{$main}}{{/main}}{{$foot}}{{>part}}{{/foot}}", "part", "{{size}}{{text}}",
		"t.word", "{{count}}");
	assert_reports(&shelf, "");
}

static void unknown_names_are_reported(void **state)
{
	(void)state;
	reports("{{title}}\n{{titel}}", "page:2: titel: there is no titel\n");
	reports("{{first.titel}}", "page:1: first.titel: there is no titel in first\n");
	reports("{{first.author.nme.x}}", "page:1: first.author.nme.x: there is no nme in author\n");
	reports("{{title.x}}", "page:1: title.x: there is no x in title\n");
	reports("{{paid_at.day}}", "page:1: paid_at.day: there is no day in paid_at\n");
	reports("{{paid_at.date.iso}}", "page:1: paid_at.date.iso: there is no iso in date\n");
	reports("{{lines.title}}", "page:1: lines.title: there is no title in lines\n");
	reports("{{quantity}}{{#lines}}{{quantity}}{{/lines}}", "page:1: quantity: there is no quantity\n");
	reports("{{#gone}}{{also}}{{/gone}}", "page:1: gone: there is no gone\n");
	reports("{{^lines}}\n{{quantity}}\n{{/lines}}", "page:2: quantity: there is no quantity\n");
	reports("{{#many}}{{titel}}{{/many}}", "page:1: titel: there is no titel\n");
}

static void what_does_not_print_is_reported(void **state)
{
	(void)state;
	reports("{{lines}}", "page:1: lines: a whole line does not print\n");
	reports("{{first}}", "page:1: first: a whole line does not print\n");
	reports("{{.}}", "page:1: .: a whole page does not print\n");
	reports("{{#lines}}{{.}}{{/lines}}", "page:1: .: a whole line does not print\n");
	reports("{{key}}", "page:1: key: bytes do not print\n");
}

static void sections_over_no_section_are_reported(void **state)
{
	(void)state;
	reports("{{#key}}{{also}}{{/key}}", "page:1: key: bytes are no section\n");
	reports("{{^key}}x{{/key}}", "page:1: key: bytes are no section\n");
}

static void unescaped_tags_are_reported(void **state)
{
	(void)state;
	reports("{{{title}}}", "page:1: prints unescaped: title\n");
	reports("\n{{&title}}", "page:2: prints unescaped: title\n");
	struct shelf shelf = SHELF("page", "{{{t.word}}}", "t.word", "x");
	assert_reports(&shelf, "page:1: prints unescaped: word\n");
}

static void unknown_words_are_reported(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "{{t.known}}\n{{t.order.title}}", "t.known", "{{t.inner}} {{titel}}");
	assert_reports(&shelf, "page:1: there is no word inner\npage:1: titel: there is no titel\n"
		"page:2: there is no word order.title\n");
}

static void missing_templates_are_reported(void **state)
{
	(void)state;
	reports("{{>gone}}\n{{<away}}{{/away}}",
		"page:1: there is no template gone\npage:2: there is no template away\n");
}

static void reports_name_the_template_of_the_tag(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page",
		"{{#lines}}{{>row}}{{/lines}}\n{{>row}}\n{{<layout}}{{$main}}{{titel}}{{/main}}{{/layout}}",
		"row", "\n{{quantity}}", "layout",
		"{{lost}}{{$main}}{{covered}}{{/main}}{{$foot}}{{shown}}{{/foot}}");
	assert_reports(&shelf, "row:2: quantity: there is no quantity\nlayout:1: lost: there is no lost\n"
		"page:3: titel: there is no titel\nlayout:1: shown: there is no shown\n");
}

static void arguments_without_a_place_are_reported(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "{{<outer}}{{$main}}a{{/main}}\n{{$mian}}b{{/mian}}{{/outer}}",
		"outer", "{{<inner}}{{$main}}c{{/main}}{{/inner}}", "inner", "{{$main}}{{/main}}");
	assert_reports(&shelf, "page:2: outer has no block mian\n");
}

/* Walked once per shape, and a card inside a card is looked into as well. */
static void templates_that_name_themselves_are_walked(void **state)
{
	(void)state;
	struct shelf tree = SHELF("page", "{{#lines}}{{>page}}{{/lines}}{{titel}}");
	assert_reports(&tree, "page:1: titel: there is no titel\npage:1: titel: there is no titel\n");
	struct shelf cards = SHELF("page",
		"{{<card}}{{$body}}{{<card}}{{$body}}{{titel}}{{/body}}{{/card}}{{/body}}{{/card}}",
		"card", "<div>{{$body}}{{/body}}</div>");
	assert_reports(&cards, "page:1: titel: there is no titel\n");
	struct shelf endless = SHELF("page", "{{<page}}{{$a}}{{>page}}{{/a}}{{/page}}{{$a}}{{/a}}");
	assert_reports(&endless, "");
}

/* Every one names the next twice: 2^20 walks. */
static void endless_checks_end(void **state)
{
	(void)state;
	const char *pairs[2 * 22 + 1] = { "page", "{{>1}}" };
	struct mem *mem = mem_new(1 << 20);
	for (int i = 1; i <= 20; i++) {
		pairs[2 * i] = mem_format(mem, "%d", i);
		pairs[2 * i + 1] = mem_format(mem, "{{>%d}}{{>%d}}", i + 1, i + 1);
	}
	pairs[42] = "21";
	pairs[43] = "leaf";
	assert_reports(&(struct shelf){ pairs }, "20:1: 21: templates inside each other without end\n");
	mem_free(mem);
}

static void without_shapes_nothing_resolves(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "{{title}}{{.}}");
	struct tpl_source source = source_of(&shelf);
	struct mem *mem = mem_new(1 << 20);
	struct buffer out = buffer_new(mem, 0);
	assert_int_equal(tpl_check(tpl_load(mem, &source, "page"), NULL, 0, note, &out), 1);
	mem_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_template_fails),
		cmocka_unit_test(syntax_errors_say_where),
		cmocka_unit_test(endless_templates_fail),
		cmocka_unit_test(a_good_template_is_silent),
		cmocka_unit_test(unknown_names_are_reported),
		cmocka_unit_test(what_does_not_print_is_reported),
		cmocka_unit_test(sections_over_no_section_are_reported),
		cmocka_unit_test(unescaped_tags_are_reported),
		cmocka_unit_test(unknown_words_are_reported),
		cmocka_unit_test(missing_templates_are_reported),
		cmocka_unit_test(reports_name_the_template_of_the_tag),
		cmocka_unit_test(arguments_without_a_place_are_reported),
		cmocka_unit_test(templates_that_name_themselves_are_walked),
		cmocka_unit_test(endless_checks_end),
		cmocka_unit_test(without_shapes_nothing_resolves),
	};
	int failed = RUN_TAP(tests);
	mem_free(mem_program());
	return failed;
}
