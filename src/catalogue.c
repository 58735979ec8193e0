/* catalogue.c: the templates and words that the assembler put into the program (build/assets.S).
 *
 * A template of the same name in template_folder comes first, so a host can change a page without building. */
#include "catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asset.h"
#include "conf.h"
#include "fail.h"
#include "log.h"

const char *const languages[LANGUAGES] = { "en", "fr" };

size_t language_index(const char *language)
{
	return !strcmp(language, "fr");
}

static const struct asset *asset_named(const char *name)
{
	for (const struct asset *asset = assets; asset < assets_end; asset++)
		if (!strcmp(asset->name, name))
			return asset;
	return NULL;
}

static const char *asset_text(const char *name)
{
	const struct asset *asset = asset_named(name);
	return asset ? mem_textn(mem_program(), asset->text, (size_t)(asset->end - asset->text)) : NULL;
}

struct word {
	const char *key;
	const char *text;
};

static struct words {
	struct word *words;
	size_t count;
} catalogues[LANGUAGES];

/* A PO string: "…" with \n, \t, \" and \\; appended to what the entry holds already. */
static void po_string(struct buffer *out, const char *line)
{
	const char *p = strchr(line, '"');
	for (p = p ? p + 1 : ""; *p && *p != '"';) {
		size_t plain = strcspn(p, "\\\"");
		buffer_put(out, p, plain);
		p += plain;
		if (*p != '\\')
			continue;
		char c = p[1] == 'n' ? '\n' : p[1] == 't' ? '\t' : p[1];
		buffer_put(out, &c, c != 0);
		p += 1 + (c != 0);
	}
}

static int word_order(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->key, ((const struct word *)b)->key);
}

static void word_add(struct words *words, size_t *room, struct word word)
{
	if (!word.key || !*word.key || !*word.text)
		return;
	if (words->count == *room) {
		struct word *more = mem_array(mem_program(), *room * 2 + 256, sizeof *more);
		if (words->count)
			memcpy(more, words->words, words->count * sizeof *more);
		words->words = more;
		*room = *room * 2 + 256;
	}
	words->words[words->count++] = word;
}

static void po_read(struct words *words, char *text)
{
	size_t room = 0;
	struct word word = { NULL, "" };
	struct buffer string = { 0 };
	bool in_text = false;
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		bool id = !strncmp(line, "msgid ", 6), translation = !strncmp(line, "msgstr ", 7);
		if (id || translation) {
			if (in_text)
				word_add(words, &room, (struct word){ word.key, string.text });
			else if (translation)
				word.key = string.text;
			string = buffer_new(mem_program(), 32);
			in_text = translation;
		}
		if (id || translation || *line == '"')
			po_string(&string, line);
	}
	if (in_text)
		word_add(words, &room, (struct word){ word.key, string.text });
	qsort(words->words, words->count, sizeof *words->words, word_order);
}

const char *catalogue_word(size_t language, const char *key)
{
	struct words *words = &catalogues[language];
	if (!words->count) {
		char name[32];
		snprintf(name, sizeof name, "lang/%s.po", languages[language]);
		const char *text = asset_text(name);
		if (!text)
			fail("words.lost", "no %s", name);
		po_read(words, mem_text(mem_program(), text));
	}
	struct word sought = { key, NULL };
	const struct word *found = bsearch(&sought, words->words, words->count, sizeof sought, word_order);
	return found ? found->text : NULL;
}

static const char *file_text(const char *name, const char *ending)
{
	char path[1024];
	int length = snprintf(path, sizeof path, "%s/%s%s", conf.template_folder, name, ending);
	FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "re") : NULL;
	if (!file)
		return NULL;
	struct buffer text = buffer_new(mem_program(), 8192);
	char block[4096];
	for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
		buffer_put(&text, block, n);
	fclose(file);
	return text.text;
}

static const char *template_text(const struct tpl_source *source, const char *name)
{
	const char *ending = source->html ? ".html" : ".txt";
	if (conf.template_folder && *conf.template_folder) {
		const char *own = file_text(name, ending);
		if (own)
			return own;
	}
	char asset[200];
	snprintf(asset, sizeof asset, "%s%s", name, ending);
	return asset_text(asset);
}

static const char *source_word(const struct tpl_source *source, const char *key)
{
	return catalogue_word(language_index(source->language), key);
}

const struct tpl_source *catalogue_source(size_t language, bool html)
{
	static const struct tpl_source sources[LANGUAGES][2] = {
		{ { template_text, source_word, "en", false, NULL }, { template_text, source_word, "en", true, NULL } },
		{ { template_text, source_word, "fr", false, NULL }, { template_text, source_word, "fr", true, NULL } },
	};
	return &sources[language][html];
}
