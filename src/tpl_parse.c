/* tpl_parse.c: from template text to a tree of ops, and every partial, parent and word that it names. */
#include <string.h>

#include "fail.h"
#include "tpl_lex.h"

/* Words inside words. */
enum { WORD_DEPTH = 8 };

/* The templates of one tpl_load, parsed in the order in which they were first named. */
struct set {
	struct mem *mem;
	const struct tpl_source *source;
	struct tpl *first;
	struct tpl **last;
};

struct parser {
	struct lexer lexer;
	struct set *set;
	struct buffer *pending; /* text that is not an op yet */
	struct op **tail;       /* where the next op goes */
	int depth, words;
};

/* Parses until the tag that closes `open`, returned in *close; with NULL until the end of the text. */
static void parse_until(struct parser *parser, const struct op *open, struct tag *close);

/* The template of that name, put in the queue if new; NULL if there is none. */
static struct tpl *named(struct set *set, const char *name)
{
	for (struct tpl *tpl = set->first; tpl; tpl = tpl->next)
		if (!strcmp(tpl->name, name))
			return tpl;
	const char *text = set->source->text(set->source, name);
	if (!text)
		return NULL;
	struct tpl *tpl = mem_get(set->mem, sizeof *tpl);
	*tpl = (struct tpl){ .name = mem_text(set->mem, name), .text = text, .source = set->source };
	*set->last = tpl;
	set->last = &tpl->next;
	return tpl;
}

static struct op *append(struct parser *parser, enum op_kind kind, int line)
{
	struct op *op = mem_get(parser->set->mem, sizeof *op);
	*op = (struct op){ .kind = kind, .line = line, .where = parser->lexer.where, .indent = "" };
	*parser->tail = op;
	parser->tail = &op->next;
	return op;
}

static void flush(struct parser *parser)
{
	struct buffer *pending = parser->pending;
	if (!pending->length)
		return;
	struct op *op = append(parser, OP_TEXT, parser->lexer.line);
	op->text = mem_textn(parser->set->mem, pending->text, pending->length);
	op->length = pending->length;
	pending->length = 0;
}

/* An op for the tag, after the text before it. */
static struct op *add(struct parser *parser, enum op_kind kind, const struct tag *tag)
{
	if (!tag->length)
		lex_fail(&parser->lexer, tag->line, "a tag without a name");
	for (size_t i = 0; i < tag->length; i++)
		if (strchr(" \t\r\n", tag->name[i]))
			lex_fail(&parser->lexer, tag->line, "a name with a space in it");
	flush(parser);
	struct op *op = append(parser, kind, tag->line);
	op->text = mem_textn(parser->set->mem, tag->name, tag->length);
	op->length = tag->length;
	return op;
}

/* Splits the op's name at its dots; "." alone has no parts. */
static void dotted(struct parser *parser, struct op *op)
{
	op->name.text = op->text;
	if (!strcmp(op->text, "."))
		return;
	char *rest = mem_text(parser->set->mem, op->text);
	op->name.count = 1;
	for (const char *c = rest; *c; c++)
		op->name.count += *c == '.';
	op->name.parts = mem_array(parser->set->mem, op->name.count, sizeof *op->name.parts);
	for (size_t i = 0; i < op->name.count; i++) {
		struct tpl_part *part = &op->name.parts[i];
		part->text = strsep(&rest, ".");
		part->length = strlen(part->text);
		if (!part->length)
			lex_fail(&parser->lexer, op->line, "a name with an empty part");
	}
}

/* The text before the tag goes out; a tag alone on its line takes the line with it. Says whether it did. */
static bool take(struct parser *parser, const struct tag *tag, bool may_stand_alone)
{
	struct lexer *lexer = &parser->lexer;
	bool alone = may_stand_alone && tag->start && tag->rest;
	lex_text(lexer, alone ? tag->start : tag->from, parser->pending);
	lexer->at = alone ? tag->rest : tag->to;
	return alone;
}

/* The op's body and the tag that closes it. */
static void parse_into(struct parser *parser, struct op *op, struct tag *close)
{
	struct op **after = parser->tail;
	if (++parser->depth > TPL_NESTED)
		lex_fail(&parser->lexer, op->line, "nested too deep");
	parser->tail = &op->body;
	parse_until(parser, op, close);
	take(parser, close, true);
	flush(parser);
	parser->tail = after;
	parser->depth--;
}

static void parse_section(struct parser *parser, const struct tag *tag)
{
	struct tag close;
	take(parser, tag, true);
	struct op *op = add(parser, tag->kind == '#' ? OP_SECTION : OP_INVERTED, tag);
	dotted(parser, op);
	parse_into(parser, op, &close);
}

/* A block whose tag has its line to itself is stored without its own indentation and rendered with it, so
 * that what replaces it can be indented likewise. */
static void parse_block(struct parser *parser, struct tag *tag, bool argument)
{
	struct lexer *lexer = &parser->lexer;
	struct tag close;
	size_t strip = lexer->strip;
	if (argument && !tag->start)
		tag->start = tag->from; /* what stands between arguments counts for nothing */
	bool alone = take(parser, tag, true);
	struct op *op = add(parser, OP_BLOCK, tag);
	op->alone = alone;
	op->argument = argument;
	op->indent = lex_indent(lexer, tag, &op->indent_length);
	size_t length;
	const char *inner = alone ? lex_inner_indent(lexer, &length) : NULL;
	if (inner) {
		op->indent = inner;
		op->indent_length = length;
		lexer->strip += length;
	}
	parse_into(parser, op, &close);
	lexer->strip = strip;
}

/* A parent stands alone when nothing is before its first tag and after its last, on their lines. */
static void parse_parent(struct parser *parser, struct tag *tag)
{
	struct lexer *lexer = &parser->lexer;
	struct tag close;
	lex_text(lexer, tag->start ? tag->start : tag->from, parser->pending);
	lexer->at = tag->to;
	if (tag->start)
		lexer->clear = tag->to;
	flush(parser);
	struct op *before = append(parser, OP_TEXT, tag->line);
	before->text = lex_indent(lexer, tag, &before->length);
	struct op *op = add(parser, OP_PARENT, tag);
	op->tpl = named(parser->set, op->text);
	parse_into(parser, op, &close);
	for (struct op **link = &op->body; *link;)
		if ((*link)->kind == OP_BLOCK)
			link = &(*link)->next;
		else
			*link = (*link)->next;
	op->alone = tag->start && close.rest;
	lexer->at = op->alone ? close.rest : close.to;
	if (op->alone) {
		op->indent = before->text;
		op->indent_length = before->length;
		before->length = 0;
	}
}

static void parse_partial(struct parser *parser, const struct tag *tag)
{
	bool alone = take(parser, tag, true);
	struct op *op = add(parser, OP_PARTIAL, tag);
	op->alone = alone;
	op->tpl = named(parser->set, op->text);
	if (alone)
		op->indent = lex_indent(&parser->lexer, tag, &op->indent_length);
}

/* The word's text goes through the parser where its tag stands. */
static void parse_word(struct parser *parser, const struct tag *tag, const char *word)
{
	struct lexer outer = parser->lexer;
	if (++parser->words > WORD_DEPTH)
		lex_fail(&outer, tag->line, "a word that holds itself");
	lex_start(&parser->lexer, outer.mem, outer.where, word);
	parser->lexer.inside = true;
	parser->lexer.escaped = parser->set->source->html && tag->kind == 'v';
	parser->lexer.line = tag->line;
	parser->lexer.counted = parser->lexer.end;
	parse_until(parser, NULL, NULL);
	parser->lexer = outer;
	parser->words--;
}

static void parse_value(struct parser *parser, const struct tag *tag)
{
	const struct tpl_source *source = parser->set->source;
	take(parser, tag, false);
	struct op *op = add(parser, OP_VALUE, tag);
	op->raw = tag->kind != 'v';
	if (!source->word || strncmp(op->text, "t.", 2) != 0) {
		dotted(parser, op);
		return;
	}
	const char *key = op->text + 2;
	const char *word = source->word(source, key);
	op->kind = word ? OP_TEXT : OP_LOST;
	op->text = key;
	op->length = word ? 0 : strlen(key);
	if (word)
		parse_word(parser, tag, word);
}

static void check_close(const struct parser *parser, const struct op *open, const struct tag *tag)
{
	if (!open)
		lex_fail(&parser->lexer, tag->line, "a closing tag that closes nothing");
	if (open->length != tag->length || memcmp(open->text, tag->name, tag->length) != 0)
		fail("tpl.syntax", "%s:%d: {{/%.*s}} closes the %s of line %d", parser->lexer.where, tag->line,
			(int)tag->length, tag->name, open->text, open->line);
}

static void parse_tag(struct parser *parser, const struct op *open, struct tag *tag)
{
	switch (tag->kind) {
	case '#':
	case '^':
		parse_section(parser, tag);
		break;
	case '$':
		parse_block(parser, tag, open && open->kind == OP_PARENT);
		break;
	case '<':
		parse_parent(parser, tag);
		break;
	case '>':
		parse_partial(parser, tag);
		break;
	case '!':
		take(parser, tag, true);
		break;
	case '=':
		take(parser, tag, true);
		lex_delimiters(&parser->lexer, tag);
		break;
	default:
		parse_value(parser, tag);
	}
}

static void parse_until(struct parser *parser, const struct op *open, struct tag *close)
{
	struct lexer *lexer = &parser->lexer;
	struct tag tag;
	while (lex_tag(lexer, &tag)) {
		if (tag.kind != '/') {
			parse_tag(parser, open, &tag);
			continue;
		}
		check_close(parser, open, &tag);
		if (open->kind == OP_BLOCK && open->argument && tag.start)
			tag.rest = tag.to; /* what follows an argument counts for nothing */
		*close = tag;
		return;
	}
	if (open)
		fail("tpl.syntax", "%s:%d: %s is never closed", lexer->where, open->line, open->text);
	lex_text(lexer, lexer->end, parser->pending);
}

static void parse_template(struct set *set, struct tpl *tpl)
{
	struct buffer pending = buffer_new(set->mem, strlen(tpl->text));
	struct parser parser = { .set = set, .pending = &pending, .tail = &tpl->body };
	lex_start(&parser.lexer, set->mem, tpl->name, tpl->text);
	parse_until(&parser, NULL, NULL);
	flush(&parser);
}

const struct tpl *tpl_load(struct mem *mem, const struct tpl_source *source, const char *name)
{
	struct set set = { .mem = mem, .source = source, .last = &set.first };
	if (!named(&set, name))
		fail("tpl.lost", "%s", name);
	for (struct tpl *tpl = set.first; tpl; tpl = tpl->next)
		parse_template(&set, tpl);
	return set.first;
}
