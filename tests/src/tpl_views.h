/* tpl_views.h: views of every kind and templates from a table, for tests of tpl.h. */
#ifndef TPL_VIEWS_H
#define TPL_VIEWS_H

#include "test.h"

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

static inline const char *found(const struct tpl_source *source, const char *prefix, const char *name)
{
	const struct shelf *shelf = source->arg;
	size_t length = strlen(prefix);
	for (const char *const *pair = shelf->pairs; *pair; pair += 2)
		if (!strncmp(pair[0], prefix, length) && !strcmp(pair[0] + length, name))
			return pair[1];
	return NULL;
}

static inline const char *template_text(const struct tpl_source *source, const char *name)
{
	return found(source, "", name);
}

static inline const char *word_text(const struct tpl_source *source, const char *key)
{
	return found(source, "t.", key);
}

#define SHELF(...) ((const struct shelf){ (const char *const[]){ __VA_ARGS__, NULL } })

static inline struct tpl_source source_of(const struct shelf *shelf)
{
	return (struct tpl_source){ template_text, word_text, "en", true, (void *)shelf };
}

#endif
