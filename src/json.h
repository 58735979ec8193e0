/* json.h: reading json-c values of others with care: every step may be missing or of another type. */
#ifndef JSON_H
#define JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "mem.h"
#include "shape.h"

/* The one value of a text (RFC 8259), at most depth levels deep; NULL when it is anything else: trailing bytes, not UTF-8,
 * a NUL. Lives as long as mem. */
struct json_object *json_read(struct mem *mem, struct bytes text, int depth);

/* The value at a path of names: json_at(event, "data.object.id"); NULL when a step is missing. */
struct json_object *json_at(struct json_object *value, const char *path);

/* The text there, "" when there is none; of an id that may be expanded: the text or the object's id. Lives as long as the
 * value. */
const char *json_text(struct json_object *value, const char *path);
const char *json_id(struct json_object *value, const char *path);

/* The text there, of a set of words that grows: no longer than its column, so that a new word is kept as it begins. Lives as
 * long as the value, and as mem. */
const char *json_word(struct mem *mem, struct json_object *value, const char *path, size_t most);

/* The integer there; otherwise what is given. */
int64_t json_int(struct json_object *value, const char *path, int64_t otherwise);
bool json_is_true(struct json_object *value, const char *path);

#endif
