/* markup.h: what sellers may write, what they may not, and input that was made to hurt. */
#include "test.h"

#include <stdlib.h>

#include "markup.h"

static void becomes(const char *markdown, const char *html)
{
	struct mem *mem = mem_new(1 << 20);
	assert_string_equal(markup_html(mem, markdown).text, html);
	mem_free(mem);
}

static void ordinary_text(void **state)
{
	(void)state;
	becomes(NULL, "");
	becomes("", "");
	becomes("Two *words* and **more**.", "<p>Two <em>words</em> and <strong>more</strong>.</p>\n");
	becomes("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
	becomes("R&D < 3 \"x\"", "<p>R&amp;D &lt; 3 &quot;x&quot;</p>\n");
}

static void headings_start_below_the_page(void **state)
{
	(void)state;
	becomes("# One", "<h2>One</h2>\n");
	becomes("Two\n---", "<h3>Two</h3>\n");
	becomes("##### Five", "<h6>Five</h6>\n");
	becomes("###### Six", "<h6>Six</h6>\n");
}

static void extensions(void **state)
{
	(void)state;
	becomes("~~old~~", "<p><del>old</del></p>\n");
	becomes("see https://example.com/a?b=1&c=2.",
		"<p>see <a href=\"https://example.com/a?b=1&amp;c=2\">https://example.com/a?b=1&amp;c=2</a>.</p>\n");
	becomes("www.example.com", "<p><a href=\"http://www.example.com\">www.example.com</a></p>\n");
	becomes("me@example.com", "<p><a href=\"mailto:me@example.com\">me@example.com</a></p>\n");
}

static void tables_have_no_alignment(void **state)
{
	(void)state;
	becomes("|a|b|\n|:-|-:|\n|1|2|",
		"<table>\n<thead>\n<tr>\n<th scope=\"col\">a</th>\n<th scope=\"col\">b</th>\n</tr>\n</thead>\n<tbody>\n"
		"<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n");
}

static void empty_corner_heads_nothing(void **state)
{
	(void)state;
	becomes("| |b|\n|-|-|\n|1|&lt;th>&lt;/th>|",
		"<table>\n<thead>\n<tr>\n<td></td>\n<th scope=\"col\">b</th>\n</tr>\n</thead>\n<tbody>\n"
		"<tr>\n<td>1</td>\n<td>&lt;th&gt;&lt;/th&gt;</td>\n</tr>\n</tbody>\n</table>\n");
}

static void raw_html_vanishes(void **state)
{
	(void)state;
	becomes("a <b>bold</b> <img src=x onerror=alert(1)> move", "<p>a bold  move</p>\n");
	becomes("<script>\nalert(1)\n</script>\n\nafter", "<p>after</p>\n");
	becomes("<!-- a --><style>*{}</style>", "");
	becomes("<SCRIPT SRC=//x></SCRIPT>", "");
	becomes("<svg/onload=alert(1)>", "<p>&lt;svg/onload=alert(1)&gt;</p>\n");
	becomes("&lt;script&gt;", "<p>&lt;script&gt;</p>\n");
	becomes("`<b>`", "<p><code>&lt;b&gt;</code></p>\n");
}

static void dangerous_addresses_vanish(void **state)
{
	(void)state;
	static const char *const bad[] = { "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
		"[x](vbscript:x)", "[x](<java\tscript:alert(1)>)", "[x](java&#9;script:alert(1))",
		"[x](<\001javascript:alert(1)>)", "[x](&#106;avascript:alert(1))", "[x](data:text/html,<script>)",
		"[x](file:///etc/passwd)", "[x](ftp://x/)", "[x](blob:x)", "[x](unknown:x)",
		"[x][r]\n\n[r]: javascript:alert(1)", "[x](java&NewLine;script:alert(1))" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mem *mem = mem_new(1 << 20);
		const char *html = markup_html(mem, bad[i]).text;
		const char *address = strstr(html, "href=\"");
		if (address && address[6] != '"')
			fail_msg("%s gives %s", bad[i], html);
		mem_free(mem);
	}
	becomes("![x](data:image/svg+xml,x)", "<p><img src=\"\" alt=\"x\" /></p>\n");
	becomes("![x](mailto:a@example.com)", "<p><img src=\"\" alt=\"x\" /></p>\n");
	becomes("<javascript:alert(1)>", "<p><a href=\"\">javascript:alert(1)</a></p>\n");
}

static void good_addresses_stay(void **state)
{
	(void)state;
	becomes("[x](/p/a#b)", "<p><a href=\"/p/a#b\">x</a></p>\n");
	becomes("[x](a?b=c:d)", "<p><a href=\"a?b=c:d\">x</a></p>\n");
	becomes("[x](HTTPS://example.com)", "<p><a href=\"HTTPS://example.com\">x</a></p>\n");
	becomes("[x](mailto:a@example.com)", "<p><a href=\"mailto:a@example.com\">x</a></p>\n");
	becomes("![x](https://example.com/a.png)",
		"<p><img src=\"https://example.com/a.png\" alt=\"x\" /></p>\n");
	becomes("[x](/\" onclick=\"y)", "<p>[x](/&quot; onclick=&quot;y)</p>\n");
	becomes("[x](</\" onclick=\"y>)", "<p><a href=\"/%22%20onclick=%22y\">x</a></p>\n");
}

static void broken_utf8_is_replaced(void **state)
{
	(void)state;
	becomes("a\xff" "b\xc3", "<p>a\ufffdb\ufffd</p>\n");
}

/* count times unit, in a text of its own. */
static char *repeated(const char *unit, size_t count)
{
	size_t length = strlen(unit);
	char *text = malloc(length * count + 1);
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * length, unit, length);
	text[length * count] = 0;
	return text;
}

static void long_input_is_cut_at_a_character(void **state)
{
	(void)state;
	struct mem *mem = mem_new(8 << 20);
	char *text = repeated("é€", MARKUP_CAP / 5 + 10);
	const char *html = markup_html(mem, text).text;
	size_t length = strlen(html);
	assert_in_range(length, MARKUP_CAP - 3 + 8, MARKUP_CAP + 8);
	assert_null(strstr(html, "\ufffd"));
	free(text);
	text = repeated("x", MARKUP_CAP);
	assert_int_equal(strlen(markup_html(mem, text).text), MARKUP_CAP + 8);
	free(text);
	mem_free(mem);
}

static void hostile(const char *head, const char *unit)
{
	struct mem *mem = mem_new(8 << 20);
	struct buffer text = buffer_new(mem, MARKUP_CAP + 1000);
	buffer_text(&text, head);
	while (text.length < MARKUP_CAP)
		buffer_text(&text, unit);
	assert_true(strlen(markup_html(mem, text.text).text) <= 1600 * 1024);
	mem_free(mem);
}

/* Each ends within the arena's cap of a request, and soon. */
static void hostile_input_stays_small(void **state)
{
	(void)state;
	static const char *const units[] = { ">", "> ", "- ", "1. ", "> - 1) ", "[", "![", "[a](", "*a ", "_",
		"`", "~a", "<", "<x\n", "a@", "\"", "&", "| ", "\\", "[a]: b\n\n",
		">>>>>>>>>>>>>>>>>>>>>>>>>>>>a\n\n", "|x|\n|-|\n" };
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		hostile("", units[i]);
	char *quotes = repeated(">", 60000), *columns = repeated("|a", 1000), *rule = repeated("|-", 1000);
	hostile(quotes, "a\n");
	struct mem *mem = mem_new(1 << 20);
	hostile(mem_format(mem, "%s|\n%s|\n", columns, rule), "|a\n");
	mem_free(mem);
	free(quotes);
	free(columns);
	free(rule);
}

static void what_is_too_deep_is_plain(void **state)
{
	(void)state;
	struct mem *mem = mem_new(1 << 20);
	char *quotes = repeated("> ", 101);
	const char *html = markup_html(mem, mem_format(mem, "%s<b>", quotes)).text;
	assert_memory_equal(html, "<pre>&gt; &gt; ", 15);
	assert_non_null(strstr(html, "&lt;b&gt;</pre>\n"));
	html = markup_html(mem, mem_format(mem, "%s<b>", quotes + 2)).text;
	assert_memory_equal(html, "<blockquote>", 12);
	free(quotes);
	mem_free(mem);
}

static void too_little_memory(void *arg)
{
	markup_html(arg, "*a* *long* *enough* *text* *for* *more* *than* *there* *is*");
}

/* What the library allocated goes with the arena when we are unwound: the leak checker watches. */
static void unwinding_leaks_nothing(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 300; cap += 4) {
		struct mem *mem = mem_new(cap);
		struct failure failure;
		if (!attempt(too_little_memory, mem, &failure))
			assert_string_equal(failure.event, "mem.cap");
		mem_free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_text),
		cmocka_unit_test(headings_start_below_the_page),
		cmocka_unit_test(extensions),
		cmocka_unit_test(tables_have_no_alignment),
		cmocka_unit_test(empty_corner_heads_nothing),
		cmocka_unit_test(raw_html_vanishes),
		cmocka_unit_test(dangerous_addresses_vanish),
		cmocka_unit_test(good_addresses_stay),
		cmocka_unit_test(broken_utf8_is_replaced),
		cmocka_unit_test(long_input_is_cut_at_a_character),
		cmocka_unit_test(hostile_input_stays_small),
		cmocka_unit_test(what_is_too_deep_is_plain),
		cmocka_unit_test(unwinding_leaks_nothing),
	};
	return RUN_TAP(tests);
}
