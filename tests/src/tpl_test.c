/* tpl.h: typed views, words, the check's reports, mail text, errors. The Mustache language itself:
 * tpl_spec_test.c. */
#include "test.h"

#include <stdio.h>

#include "tpl.h"

struct author {
	const char *name;
};
VIEW(author, name);

struct line {
	const char *title;
	int64_t quantity;
	struct money price;
	struct moment shipped_at;
	const struct author *author;
};
VIEW(line, title, quantity, price, OPT(shipped_at), REF(author, author));

struct page {
	const char *title;
	bool many;
	int64_t count;
	struct money total;
	struct moment paid_at;
	struct html text;
	struct size size;
	struct bytes key;
	const struct line *first;
	struct list lines;
	struct list none;
};
VIEW(page, OPT(title), many, count, total, OPT(paid_at), OPT(text), size, OPT(key), REF(first, line),
	LIST(lines, line), LIST(none, line));

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

static const struct author author = { "Anne <Martin>" };
static struct line lines[] = {
	{ "Book & pen", 1, { 1900, "eur" }, { 0 }, &author },
	{ "Font", 0, { 0, "eur" }, { INT64_C(1795269780000000) }, NULL },
};
static const struct page page = {
	.title = "<Licences>",
	.many = true,
	.count = -3,
	.total = { 190000, "eur" },
	.paid_at = { INT64_C(1795269780000000) },
	.text = { "<p>kept</p>" },
	.size = { 1234567 },
	.key = { (const unsigned char *)"k", 1 },
	.first = &lines[0],
	.lines = { lines, 2, &line_shape },
};
static const struct page empty;

/* Templates and words of a test: name, text, …, NULL. Names that start with "t." are words. */
struct shelf {
	const char *const *pairs;
};

static const char *found(const struct tpl_source *source, const char *prefix, const char *name)
{
	const struct shelf *shelf = source->arg;
	size_t length = strlen(prefix);
	for (const char *const *pair = shelf->pairs; *pair; pair += 2)
		if (!strncmp(pair[0], prefix, length) && !strcmp(pair[0] + length, name))
			return pair[1];
	return NULL;
}

static const char *template_text(const struct tpl_source *source, const char *name)
{
	return found(source, "", name);
}

static const char *word_text(const struct tpl_source *source, const char *key)
{
	return found(source, "t.", key);
}

#define SHELF(...) ((const struct shelf){ (const char *const[]){ __VA_ARGS__, NULL } })

static struct tpl_source source_of(const struct shelf *shelf)
{
	return (struct tpl_source){ template_text, word_text, "en", true, (void *)shelf };
}

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
		"21 November 2026, 14:03|21 November 2026|14:03|2026-11-21T14:03:00Z");
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
		"1\u202f900,00\u00a0€ 21 novembre 2026 à 14:03 21 novembre 2026 1,2\u00a0Mo");
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
		"21 November 2026, 14:03 14:03 &lt;Licences&gt;");
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
