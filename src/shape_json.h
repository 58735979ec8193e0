/* shape_json.h: a view printed as JSON (RFC 8259), for the API. Names are the fields', in their order. */
#ifndef SHAPE_JSON_H
#define SHAPE_JSON_H

#include "mem.h"
#include "shape.h"

/* {"title":"…","shipped_at":null,…}: what is absent is null, a moment "2026-11-21T14:03:00Z", money
 * {"amount":1900,"currency":"eur"} in minor units, bytes hexadecimal, html its text. Appended to out. */
void shape_json_put(struct buffer *out, const struct shape *shape, const void *view);

/* The members alone, without braces: to go on in an object that has some already. */
void shape_json_members(struct buffer *out, const struct shape *shape, const void *view);

/* A text as a JSON string, quotes included. */
void json_string_put(struct buffer *out, const char *text);

#endif
