/* tpl_test.c: typed views, words, layouts, mail text as they are printed. What is wrong in a template: tpl_check_test.c. The
 * Mustache language itself: tpl_spec_test.c. */
#include "tpl_views.h"

#include <stdio.h>

/* A tree: a node's shape names itself. */
struct node {
	const char *name;
	struct list children;
};
static const struct shape node_shape;
static const struct field node_fields[] = {
	{ "name", offsetof(struct node, name), KIND_TEXT, false, NULL },
	{ "children", offsetof(struct node, children), KIND_LIST, false, &node_shape },
};
static const struct shape node_shape = { "node", sizeof(struct node), node_fields, 2 };

static void assert_renders(struct tpl_source source, const struct page *view, const char *expected)
{
	struct mem *mem = mem_new(1 << 20);
	struct buffer out = buffer_new(mem, 0);
	struct scope scope = { .shape = &page_shape, .view = view };
	tpl_render(&out, tpl_load(mem, &source, "page"), &scope);
	assert_string_equal(out.text, expected);
	mem_free(mem);
}

static void renders(const char *template, const char *expected)
{
	struct shelf shelf = SHELF("page", template);
	assert_renders(source_of(&shelf), &page, expected);
}

static void renders_empty(const char *template, const char *expected)
{
	struct shelf shelf = SHELF("page", template);
	assert_renders(source_of(&shelf), &empty, expected);
}

static void every_kind_prints(void **state)
{
	(void)state;
	renders("{{title}}", "&lt;Licences&gt;");
	renders("{{{title}}}{{&title}}", "<Licences><Licences>");
	renders("{{many}}", "true");
	renders("{{count}}", "-3");
	renders("{{total}}", "€1,900.00");
	renders("{{paid_at}}|{{paid_at.date}}|{{paid_at.time}}|{{paid_at.iso}}",
		"21 November 2026, 14:03 UTC|21 November 2026|14:03|2026-11-21T14:03:00Z");
	renders("{{text}}", "<p>kept</p>");
	renders("{{size}}", "1.2\u00a0MB");
	renders("{{first.title}} {{first.author.name}}", "Book &amp; pen Anne &lt;Martin&gt;");
	renders("{{lines.count}} {{none.count}}", "2 0");
}

static void what_does_not_print_prints_nothing(void **state)
{
	(void)state;
	renders("[{{key}}{{first}}{{lines}}{{nothing}}{{title.x}}{{count.x}}]", "[]");
	renders("[{{paid_at.day}}{{paid_at.date.iso}}{{lines.x}}{{first.x}}]",
		"[]");
	renders_empty("[{{title}}{{paid_at}}{{paid_at.iso}}{{text}}{{total}}]", "[]");
	renders_empty("[{{first.title}}{{first.author.name}}]", "[]");
	renders_empty("{{many}} {{count}} {{size}}", "false 0 0\u00a0B");
}

static void the_language_is_the_sources(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "{{total}} {{paid_at}} {{paid_at.date}} {{size}}");
	struct tpl_source source = source_of(&shelf);
	source.language = "fr";
	assert_renders(source, &page,
		"1\u202f900,00\u00a0€ 21 novembre 2026 à 14:03 UTC 21 novembre 2026 1,2\u00a0Mo");
}

static void every_kind_is_a_section(void **state)
{
	(void)state;
	static const char *const names[] = { "title", "many", "count", "total", "paid_at", "paid_at.date", "text",
		"size", "key", "first", "lines.count" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char template[100];
		snprintf(template, sizeof template, "{{#%s}}yes{{/%s}}{{^%s}}no{{/%s}}", names[i], names[i], names[i],
			names[i]);
		renders(template, "yes");
		renders_empty(template, "no");
	}
	renders("{{#lines}}x{{/lines}}{{^lines}}none{{/lines}}", "xx");
	renders_empty("{{#lines}}x{{/lines}}{{^lines}}none{{/lines}}", "none");
	renders("{{#nothing}}x{{/nothing}}{{^nothing}}none{{/nothing}}", "none");
}

static void empty_text_is_false(void **state)
{
	(void)state;
	struct page view = { .title = "", .text = { "" } };
	struct shelf shelf = SHELF("page", "{{#title}}a{{/title}}{{#text}}b{{/text}}[{{title}}]");
	assert_renders(source_of(&shelf), &view, "[]");
}

static void the_dot_is_the_sections_value(void **state)
{
	(void)state;
	renders("{{#title}}{{.}}{{/title}}", "&lt;Licences&gt;");
	renders("{{#count}}{{.}}{{/count}}", "-3");
	renders("{{#total}}{{.}}{{/total}}", "€1,900.00");
	renders("{{#paid_at}}{{.}} {{paid_at.time}} {{title}}{{/paid_at}}",
		"21 November 2026, 14:03 UTC 14:03 &lt;Licences&gt;");
	renders("{{#lines.count}}{{.}} of {{count}}{{/lines.count}}", "2 of -3");
	renders("{{#first}}{{#.}}{{title}}{{/.}}{{.}}{{/first}}", "Book &amp; pen");
	renders("{{#many}}{{.}}{{/many}}", "true");
}

static void lists_and_references_are_scopes(void **state)
{
	(void)state;
	renders("{{#lines}}{{title}}: {{quantity}} {{price}}{{#author}} by {{name}}{{/author}}{{#shipped_at}} on "
			"{{shipped_at.date}}{{/shipped_at}} ({{total}});{{/lines}}",
		"Book &amp; pen: 1 €19.00 by Anne &lt;Martin&gt; (€1,900.00);"
		"Font: 0 €0.00 on 21 November 2026 (€1,900.00);");
	renders("{{#first}}{{title}}{{/first}}/{{title}}", "Book &amp; pen/&lt;Licences&gt;");
	renders("{{#lines}}{{#quantity}}{{title}}{{/quantity}}{{^quantity}}-{{/quantity}}{{/lines}}",
		"Book &amp; pen-");
}

static void a_list_without_shape_has_that_of_its_field(void **state)
{
	(void)state;
	struct page view = { .lines = { lines, 2, NULL } };
	struct shelf shelf = SHELF("page", "{{#lines}}{{title}} {{/lines}}");
	assert_renders(source_of(&shelf), &view, "Book &amp; pen Font ");
}

static void trees_recurse(void **state)
{
	(void)state;
	struct node leaves[] = { { "b", { 0 } }, { "c", { 0 } } };
	struct node root = { "a", { leaves, 2, &node_shape } };
	struct shelf shelf = SHELF("page", "{{>node}}", "node", "{{name}}({{#children}}{{>node}}{{/children}})");
	struct tpl_source source = source_of(&shelf);
	struct mem *mem = mem_new(1 << 20);
	struct buffer out = buffer_new(mem, 0);
	struct scope scope = { .shape = &node_shape, .view = &root };
	tpl_render(&out, tpl_load(mem, &source, "page"), &scope);
	assert_string_equal(out.text, "a(b()c())");
	mem_free(mem);
}

static void json_and_views_mix(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page",
		"{{title}} {{event}} {{#list}}{{.}},{{/list}}{{n}} {{object}}{{list}}{{zero}}"
		"{{#zero}}x{{/zero}}{{#blank}}x{{/blank}}{{#object}}{{deep.key}}{{/object}}");
	struct tpl_source source = source_of(&shelf);
	struct mem *mem = mem_new(1 << 20);
	struct buffer out = buffer_new(mem, 0);
	struct json_object *json = json_tokener_parse("{\"event\":\"a<b\","
		"\"list\":[1,\"two\",[3],null],\"n\":1.50,"
		"\"zero\":0,\"blank\":\"\",\"object\":{\"deep\":{\"key\":true}}}");
	struct scope outer = { .shape = &page_shape, .view = &page };
	struct scope scope = { .outer = &outer, .json = json };
	tpl_render(&out, tpl_load(mem, &source, "page"), &scope);
	assert_string_equal(out.text, "&lt;Licences&gt; a&lt;b 1,two,,,1.50 0true");
	json_object_put(json);
	mem_free(mem);
}

static void no_scope_is_an_empty_one(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "a{{b}}{{.}}{{#c}}d{{/c}}");
	struct tpl_source source = source_of(&shelf);
	struct mem *mem = mem_new(1 << 20);
	struct buffer out = buffer_new(mem, 0);
	tpl_render(&out, tpl_load(mem, &source, "page"), NULL);
	assert_string_equal(out.text, "a");
	mem_free(mem);
}

static void mail_text_is_not_escaped(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "{{title}} {{t.and}}", "t.and", "R&D \"{{first.title}}\"");
	struct tpl_source source = source_of(&shelf);
	source.html = false;
	assert_renders(source, &page, "<Licences> R&D \"Book & pen\"");
}

static void words(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "<h1>{{t.head}}</h1> {{t.nested}} {{#lines}}{{t.each}}{{/lines}}",
		"t.head", "Your licences", "t.nested", "[{{t.head}}]", "t.each",
		"{{#quantity}}{{quantity}} × {{/quantity}}{{title}}; ");
	assert_renders(source_of(&shelf), &page,
		"<h1>Your licences</h1> [Your licences] 1 × Book &amp; pen; Font; ");
}

/* A translator writes text, never markup. */
static void words_are_escaped(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "{{t.terms}}|{{{t.terms}}}", "t.terms", "<b> d'accord & {{title}}");
	assert_renders(source_of(&shelf), &page,
		"&lt;b&gt; d&#39;accord &amp; &lt;Licences&gt;|<b> d'accord & &lt;Licences&gt;");
}

static void a_lost_word_prints_its_key(void **state)
{
	(void)state;
	renders("{{t.order.title}}", "order.title");
}

static void without_words_t_is_a_name(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "[{{t.title}}]", "t.title", "word");
	struct tpl_source source = source_of(&shelf);
	source.word = NULL;
	assert_renders(source, &page, "[]");
}

static void words_stay_in_their_line(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page", "a {{t.w}} b\n", "t.w", "{{#many}}\n x\n{{/many}}\n y {{! no }}");
	assert_renders(source_of(&shelf), &page, "a \n x\n y  b\n");
}

static void layouts(void **state)
{
	(void)state;
	struct shelf shelf = SHELF("page",
		"{{<layout}}\n{{$title}}{{t.head}}{{/title}}\n{{$main}}\n<ul>\n{{#lines}}\n"
		"  <li>{{title}}</li>\n{{/lines}}\n"
		"</ul>\n{{/main}}\n{{/layout}}\n",
		"layout",
		"<title>{{$title}}?{{/title}}</title>\n<main>\n  {{$main}}\n  {{/main}}\n</main>\n"
		"{{$foot}}\n<hr>\n{{/foot}}\n",
		"t.head", "Licences");
	assert_renders(source_of(&shelf), &page,
		"<title>Licences</title>\n<main>\n  <ul>\n    <li>Book &amp; pen</li>\n"
		"    <li>Font</li>\n  </ul>\n</main>\n<hr>\n");
}

/* Indentation belongs to the template's lines; a value's own lines are left alone. */
static void indented_partials_leave_values_alone(void **state)
{
	(void)state;
	struct page view = { .title = "one\ntwo" };
	struct shelf shelf = SHELF("page", "<div>\n  {{>part}}\n</div>\n", "part",
		"<pre>\n{{title}}\n</pre>\n{{#title}}\n  {{>inner}}\n{{/title}}\n{{>inner}} tail\n", "inner",
		"a\nb\n");
	assert_renders(source_of(&shelf), &view,
		"<div>\n  <pre>\n  one\ntwo\n  </pre>\n    a\n    b\n  a\nb\n tail\n</div>\n");
}

static void missing_partials_print_nothing(void **state)
{
	(void)state;
	renders("a{{>gone}}{{<gone}}{{$x}}y{{/x}}{{/gone}}b", "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_prints),
		cmocka_unit_test(what_does_not_print_prints_nothing),
		cmocka_unit_test(the_language_is_the_sources),
		cmocka_unit_test(every_kind_is_a_section),
		cmocka_unit_test(empty_text_is_false),
		cmocka_unit_test(the_dot_is_the_sections_value),
		cmocka_unit_test(lists_and_references_are_scopes),
		cmocka_unit_test(a_list_without_shape_has_that_of_its_field),
		cmocka_unit_test(trees_recurse),
		cmocka_unit_test(json_and_views_mix),
		cmocka_unit_test(no_scope_is_an_empty_one),
		cmocka_unit_test(mail_text_is_not_escaped),
		cmocka_unit_test(words),
		cmocka_unit_test(words_are_escaped),
		cmocka_unit_test(a_lost_word_prints_its_key),
		cmocka_unit_test(without_words_t_is_a_name),
		cmocka_unit_test(words_stay_in_their_line),
		cmocka_unit_test(layouts),
		cmocka_unit_test(indented_partials_leave_values_alone),
		cmocka_unit_test(missing_partials_print_nothing),
	};
	int failed = RUN_TAP(tests);
	mem_free(mem_program());
	return failed;
}
