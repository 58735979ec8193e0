/* tpl_lex.c: finds the tags of a template and what stands around them on their lines. */
#include "tpl_lex.h"

#include <string.h>

#include "fail.h"

void lex_fail(const struct lexer *lexer, int line, const char *what)
{
	fail("tpl.syntax", "%s:%d: %s", lexer->where, line, what);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool space(char c)
{
	return blank(c) || c == '\n' || c == '\r';
}

static void delimiters(struct lexer *lexer, const char *open, size_t open_length, const char *close,
	size_t close_length)
{
	lexer->open = open;
	lexer->open_length = open_length;
	lexer->close = close;
	lexer->close_length = close_length;
}

void lex_start(struct lexer *lexer, struct mem *mem, const char *where, const char *text)
{
	*lexer = (struct lexer){ .mem = mem, .where = where, .text = text, .end = text + strlen(text),
		.at = text };
	lexer->line = 1;
	lexer->counted = text;
	delimiters(lexer, "{{", 2, "}}", 2);
}

static int line_of(struct lexer *lexer, const char *at)
{
	for (; lexer->counted < at; lexer->counted++)
		lexer->line += *lexer->counted == '\n';
	return lexer->line;
}

static const char *find(const struct lexer *lexer, const char *from, const char *what, size_t length)
{
	return memmem(from, (size_t)(lexer->end - from), what, length);
}

static const char *line_start(const struct lexer *lexer, const char *from)
{
	const char *start = from;
	while (start > lexer->at && start != lexer->clear && blank(start[-1]))
		start--;
	if (start == lexer->clear || (start == lexer->text && !lexer->inside) || (start > lexer->text &&
		start[-1] == '\n'))
		return start;
	return NULL;
}

static const char *next_line(const struct lexer *lexer, const char *to)
{
	while (to < lexer->end && blank(*to))
		to++;
	if (to == lexer->end)
		return lexer->inside ? NULL : to;
	if (*to == '\r' && to[1] == '\n')
		to++;
	return *to == '\n' ? to + 1 : NULL;
}

/* What the closing delimiter is preceded by: {{{x}}} and {{=a b=}}. */
static char twin(char kind)
{
	return kind == '{' ? '}' : kind == '=' ? '=' : 0;
}

/* The end of the tag's content; sets tag->to behind the closing delimiter. */
static const char *content_end(const struct lexer *lexer, struct tag *tag, const char *content)
{
	char before = twin(tag->kind);
	const char *end = content;
	while ((end = find(lexer, end, lexer->close, lexer->close_length))) {
		if (!before || (end > content && end[-1] == before)) {
			tag->to = end + lexer->close_length;
			return before ? end - 1 : end;
		}
		if (before == '}' && end[lexer->close_length] == '}') {
			tag->to = end + lexer->close_length + 1;
			return end; /* {{{x}}}: the first two braces may be taken for the delimiter */
		}
		end++;
	}
	lex_fail(lexer, tag->line, "a tag that does not end");
}

bool lex_tag(struct lexer *lexer, struct tag *tag)
{
	const char *from = find(lexer, lexer->at, lexer->open, lexer->open_length);
	if (!from)
		return false;
	*tag = (struct tag){ .kind = 'v', .from = from, .line = line_of(lexer, from) };
	const char *name = from + lexer->open_length;
	while (name < lexer->end && space(*name))
		name++;
	if (name < lexer->end && strchr("#^/><$&{!=", *name))
		tag->kind = *name++;
	const char *end = content_end(lexer, tag, name);
	while (name < end && space(*name))
		name++;
	while (end > name && space(end[-1]))
		end--;
	tag->name = name;
	tag->length = (size_t)(end - name);
	tag->start = line_start(lexer, from);
	tag->rest = next_line(lexer, tag->to);
	return true;
}

static void line_put(const struct lexer *lexer, const char *from, const char *to, struct buffer *out)
{
	if (from == lexer->text || from[-1] == '\n')
		for (size_t n = lexer->strip; n && from < to && blank(*from); n--)
			from++;
	buffer_put(out, from, (size_t)(to - from));
}

void lex_text(struct lexer *lexer, const char *to, struct buffer *out)
{
	const char *from = lexer->at;
	lexer->at = to;
	if (lexer->escaped) {
		buffer_html(out, mem_textn(lexer->mem, from, (size_t)(to - from)));
		return;
	}
	while (lexer->strip && from < to) {
		const char *newline = memchr(from, '\n', (size_t)(to - from));
		const char *next = newline ? newline + 1 : to;
		line_put(lexer, from, next, out);
		from = next;
	}
	buffer_put(out, from, (size_t)(to - from));
}

void lex_delimiters(struct lexer *lexer, const struct tag *tag)
{
	const char *end = tag->name + tag->length;
	const char *open_end = tag->name;
	while (open_end < end && !space(*open_end))
		open_end++;
	const char *close = open_end;
	while (close < end && space(*close))
		close++;
	bool bad = open_end == tag->name || close == end || memchr(tag->name, '=', tag->length);
	for (const char *c = close; c < end; c++)
		bad |= space(*c);
	if (bad)
		lex_fail(lexer, tag->line, "delimiters are two words without =");
	delimiters(lexer, tag->name, (size_t)(open_end - tag->name), close, (size_t)(end - close));
}

const char *lex_indent(const struct lexer *lexer, const struct tag *tag, size_t *length)
{
	size_t blanks = tag->start ? (size_t)(tag->from - tag->start) : 0;
	size_t stripped = blanks < lexer->strip ? blanks : lexer->strip;
	*length = blanks - stripped;
	return *length ? mem_textn(lexer->mem, tag->start + stripped, *length) : "";
}

/* Whether a closing tag stands there. */
static bool closes(const struct lexer *lexer, const char *at)
{
	if ((size_t)(lexer->end - at) < lexer->open_length || memcmp(at, lexer->open, lexer->open_length) != 0)
		return false;
	at += lexer->open_length;
	while (at < lexer->end && space(*at))
		at++;
	return *at == '/';
}

const char *lex_inner_indent(const struct lexer *lexer, size_t *length)
{
	const char *from = lexer->at, *to = from;
	for (; to < lexer->end && space(*to); to++)
		if (*to == '\n')
			from = to + 1;
	if (to == lexer->end || closes(lexer, to))
		return NULL;
	size_t blanks = (size_t)(to - from);
	size_t stripped = blanks < lexer->strip ? blanks : lexer->strip;
	*length = blanks - stripped;
	return mem_textn(lexer->mem, from + stripped, *length);
}
