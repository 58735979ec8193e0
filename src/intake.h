/* intake.h: a JSON file of somebody's hand, read field by field. Every fault is noted with the file and the field, and
 * reading goes on, so that all are told at once. Values live as long as the intake's mem. */
#ifndef INTAKE_H
#define INTAKE_H

#include <json-c/json.h>

#include "catalogue.h"
#include "mem.h"
#include "shape.h"

struct intake {
	struct mem *mem;
	const char *file;     /* as the messages name it */
	struct buffer faults; /* a line each: "product.json: prices[0].amount: is missing" */
};

/* One object and where it stands: "prices[0]". */
struct entry {
	struct intake *intake;
	struct json_object *object;
	const char *where;
};

struct intake intake_new(struct mem *mem, const char *file);

/* Notes a fault of a field of the entry ("": of the entry itself). */
void fault(const struct entry *entry, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The file's one object. Faults, and an entry without an object, when it cannot be read or is none. */
struct entry intake_object(struct intake *intake, int file);
/* The same for a file that is a list. */
struct entry intake_list(struct intake *intake, int file);

/* Refuses fields whose names are not among these, spaces between. */
void take_known(const struct entry *entry, const char *names);

bool take_has(const struct entry *entry, const char *field); /* there and not null */

/* At most `most` characters; otherwise NULL: must be there. */
const char *take_text(const struct entry *entry, const char *field, size_t most, const char *otherwise);
/* Words of a-z and 0-9 with hyphens between. */
const char *take_slug(const struct entry *entry, const char *field, size_t most, const char *otherwise);
/* One of these words, spaces between. */
const char *take_word(const struct entry *entry, const char *field, const char *words, const char *otherwise);
int64_t take_number(const struct entry *entry, const char *field, int64_t least, int64_t most);
/* Absent or null: otherwise, which need not lie between least and most. */
int64_t take_number_or(const struct entry *entry, const char *field, int64_t least, int64_t most, int64_t otherwise);
bool take_flag(const struct entry *entry, const char *field, bool otherwise);
struct moment take_moment(const struct entry *entry, const char *field);
/* {"en": …, "fr": …}: both must be there. */
void take_words(const struct entry *entry, const char *field, size_t most, const char *words[LANGUAGES]);

/* A field that is an object; without one when it is absent or null. */
struct entry take_object(const struct entry *entry, const char *field);

/* How many items a list field has; 0 when absent. One of them as an entry; as a text; as a slug. */
size_t take_count(const struct entry *entry, const char *field);
struct entry take_item(const struct entry *entry, const char *field, size_t i);
const char *take_item_text(const struct entry *entry, const char *field, size_t i, size_t most);
const char *take_item_slug(const struct entry *entry, const char *field, size_t i, size_t most);

bool slug_good(const char *text);

#endif
