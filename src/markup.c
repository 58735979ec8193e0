/* markup.c: Markdown through libcmark-gfm, walked once between parsing and printing. */
#include "markup.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Measured with version 0.29.0.gfm.6: 64 Ki quotes opened at once make each later line cost 0.2 ms, and a
 * table fills every missing cell (a header of 1,000 columns over 80,000 short rows took all memory). */
enum { DEPTH_CAP = 100, CELL_CAP = 50000, RESULT_CAP = 4 * MARKUP_CAP };

/* What the library holds while we work, freed by the arena if we are unwound. */
struct work {
	cmark_parser *parser;
	cmark_node *document;
	cmark_iter *iter;
	char *html;
};

static void work_free(void *p)
{
	struct work *work = p;
	if (work->iter)
		cmark_iter_free(work->iter);
	if (work->document)
		cmark_node_free(work->document);
	if (work->parser)
		cmark_parser_free(work->parser);
	free(work->html);
	*work = (struct work){ 0 };
}

static size_t capped_length(const char *markdown)
{
	size_t length = strnlen(markdown, MARKUP_CAP + 1);
	if (length <= MARKUP_CAP)
		return length;
	for (length = MARKUP_CAP; length && ((unsigned char)markdown[length] & 0xc0) == 0x80;)
		length--;
	return length;
}

/* How many quotes and list items a line opens. */
static size_t opened(const char *at, const char *end)
{
	size_t count = 0;
	for (; at < end; at++) {
		size_t digits = strspn(at, "0123456789");
		const char *mark = at + digits;
		bool item = strchr(digits ? ".)" : "-+*", *mark) && *mark && strchr(" \t\n", mark[1]);
		if (*at == '>' || item)
			count++;
		else if (*at != ' ' && *at != '\t')
			break;
		at = mark;
	}
	return count;
}

struct measure {
	size_t depth; /* quotes and list items opened by one line, at most */
	size_t cells; /* of a table as wide and as long as can be */
};

static struct measure measure(const char *text, size_t length)
{
	struct measure measure = { 0 };
	size_t lines = 0, widest = 0;
	const char *end = text + length;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *next = newline ? newline + 1 : end;
		size_t depth = opened(text, next), pipes = 0;
		for (; text < next; text++)
			pipes += *text == '|';
		measure.depth = depth > measure.depth ? depth : measure.depth;
		widest = pipes > widest ? pipes : widest;
		lines++;
	}
	measure.cells = widest * lines;
	return measure;
}

static void attach(cmark_parser *parser, const char *name)
{
	cmark_syntax_extension *extension = cmark_find_syntax_extension(name);
	if (extension)
		cmark_parser_attach_syntax_extension(parser, extension);
}

/* A relative address, or one of the schemes that cannot run anything. Browsers drop control characters
 * inside a scheme, so an address with one is refused as a whole. */
static bool address_allowed(const char *url, bool image)
{
	for (const unsigned char *c = (const unsigned char *)url; *c; c++)
		if (*c < 32 || *c == 127)
			return false;
	size_t scheme = strcspn(url, ":/?#");
	if (url[scheme] != ':')
		return true;
	return !strncasecmp(url, "http:", 5) || !strncasecmp(url, "https:", 6) ||
		(!image && !strncasecmp(url, "mailto:", 7));
}

static void tame(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	if (type == CMARK_NODE_HEADING) {
		int level = cmark_node_get_heading_level(node) + 1;
		cmark_node_set_heading_level(node, level > 6 ? 6 : level);
	} else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
		if (!address_allowed(cmark_node_get_url(node), type == CMARK_NODE_IMAGE))
			cmark_node_set_url(node, "");
	} else if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE) {
		cmark_node_free(node);
	} else if (cmark_gfm_extensions_get_table_columns(node)) {
		/* Alignment prints as an obsolete attribute or as inline style; the page allows neither. */
		memset(cmark_gfm_extensions_get_table_alignments(node), 0,
			cmark_gfm_extensions_get_table_columns(node));
	}
}

static void render(struct work *work, const char *markdown, size_t length, bool tables)
{
	cmark_gfm_core_extensions_ensure_registered();
	work->parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8);
	if (tables)
		attach(work->parser, "table");
	attach(work->parser, "strikethrough");
	attach(work->parser, "autolink");
	cmark_parser_feed(work->parser, markdown, length);
	work->document = cmark_parser_finish(work->parser);
	work->iter = cmark_iter_new(work->document);
	for (cmark_event_type event; (event = cmark_iter_next(work->iter)) != CMARK_EVENT_DONE;)
		if (event == CMARK_EVENT_ENTER)
			tame(cmark_iter_get_node(work->iter));
	work->html = cmark_render_html(work->document, CMARK_OPT_SAFE,
		cmark_parser_get_syntax_extensions(work->parser));
}

static const char *plain(struct mem *mem, const char *markdown, size_t length)
{
	struct buffer out = buffer_new(mem, length + 11);
	buffer_text(&out, "<pre>");
	buffer_html(&out, mem_textn(mem, markdown, length));
	buffer_text(&out, "</pre>\n");
	return out.text;
}

/* Headings of tables say what they head; an empty corner over a column of names heads nothing. */
static const char *headings_marked(struct mem *mem, const char *html)
{
	struct buffer out = buffer_new(mem, strlen(html) + 256);
	for (const char *at; (at = strstr(html, "<th>"));) {
		bool empty = !strncmp(at, "<th></th>", 9);
		buffer_put(&out, html, (size_t)(at - html));
		buffer_text(&out, empty ? "<td></td>" : "<th scope=\"col\">");
		html = at + (empty ? 9 : 4);
	}
	buffer_text(&out, html);
	return out.text;
}

struct html markup_html(struct mem *mem, const char *markdown)
{
	if (!markdown)
		return (struct html){ "" };
	size_t length = capped_length(markdown);
	struct measure size = measure(markdown, length);
	if (size.depth > DEPTH_CAP)
		return (struct html){ plain(mem, markdown, length) };
	struct work *work = mem_get(mem, sizeof *work);
	mem_defer(mem, work_free, work);
	render(work, markdown, length, size.cells <= CELL_CAP);
	bool fits = strnlen(work->html, RESULT_CAP + 1) <= RESULT_CAP;
	const char *text = fits ? headings_marked(mem, work->html) : plain(mem, markdown, length);
	work_free(work);
	return (struct html){ text };
}
