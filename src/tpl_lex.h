/* tpl_lex.h: from template text to tags: delimiters, lines, indentation. Shared by tpl_lex.c and
 * tpl_parse.c only. */
#ifndef TPL_LEX_H
#define TPL_LEX_H

#include "tpl_tree.h"

struct lexer {
	struct mem *mem;
	const char *where; /* the template's name, for messages */
	const char *text, *end, *at;
	const char *open, *close; /* delimiters */
	size_t open_length, close_length;
	const char *clear; /* what stands before this counts as the start of the line (after {{<parent}}) */
	size_t strip;      /* blanks that every line loses: the indentation of the blocks around */
	int line;
	const char *counted; /* line is the line of this place */
	bool inside;         /* a word's text: neither its start nor its end is a line's */
	bool escaped;        /* a word's text in HTML: its literals are escaped */
};

struct tag {
	char kind; /* one of # ^ / > < $ & { ! =, or 'v' for a plain value */
	const char *name;
	size_t length;
	const char *from, *to; /* from the opening delimiter to behind the closing one */
	const char *start;     /* where its line starts if only blanks come before it, else NULL */
	const char *rest;      /* where the next line starts if only blanks follow, else NULL */
	int line;
};

void lex_start(struct lexer *lexer, struct mem *mem, const char *where, const char *text);

/* Finds the next tag; false at the end of the text. at stays in front of the text before the tag. */
bool lex_tag(struct lexer *lexer, struct tag *tag);

/* Appends the text from at up to `to`, less the stripped indentation, and moves there. */
void lex_text(struct lexer *lexer, const char *to, struct buffer *out);

/* Sets the delimiters that {{=<% %>=}} names. */
void lex_delimiters(struct lexer *lexer, const struct tag *tag);

/* The blanks between the line's start and the tag, less the stripped ones: a copy in mem, "" if other text
 * is before. */
const char *lex_indent(const struct lexer *lexer, const struct tag *tag, size_t *length);

/* How the first line of text at `at` is indented beyond what is stripped, a copy; NULL if the block holds
 * no text. */
const char *lex_inner_indent(const struct lexer *lexer, size_t *length);

void lex_fail(const struct lexer *lexer, int line, const char *what) __attribute__((noreturn));

#endif
