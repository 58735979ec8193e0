/* catalogue.h: what was compiled in: templates and words. */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stddef.h>

#include "tpl.h"

enum { LANGUAGES = 2 };
extern const char *const languages[LANGUAGES]; /* "en", "fr" */

/* 0 or 1: the place of a language in languages[]; anything unknown is 0. */
size_t language_index(const char *language);

/* A word of templates/lang/<language>.po, or NULL. Lives as long as the program. */
const char *catalogue_word(size_t language, const char *key);

/* Templates and words of a language, for tpl_load(). html: escape what is printed; false for mails. */
const struct tpl_source *catalogue_source(size_t language, bool html);

#endif
