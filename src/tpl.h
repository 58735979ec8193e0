/* tpl.h: Mustache templates over typed views and json-c values.
 *
 * Follows the Mustache specification (core and the inheritance module; no lambdas, no dynamic names).
 * Names resolve from the innermost scope outwards. Text is HTML-escaped; struct html alone prints as it
 * is.
 *
 * Words: {{t.order.title}} is looked up in the catalogue while the template is parsed, so a template is
 * parsed once per language and a word costs nothing at run time. A word may itself hold tags: "Order
 * {{number}}". Its own text is escaped like any text: a word holds no markup. A word that is not in the
 * catalogue prints its key. */
#ifndef TPL_H
#define TPL_H

#include <json-c/json.h>

#include "mem.h"
#include "shape.h"

struct tpl;

/* Where templates and words come from. Both return NULL for what they do not know; texts live as long as
 * the program. word may be NULL: then `t` is an ordinary name. */
struct tpl_source {
	const char *(*text)(const struct tpl_source *source, const char *name);
	const char *(*word)(const struct tpl_source *source, const char *key);
	const char *language; /* "en" or "fr": money, moments and sizes print in it */
	bool html;            /* false: nothing is escaped (mail text) */
	void *arg;
};

/* What a name may resolve to: a view through its shape, or a json-c value. Exactly one of shape and json
 * is set. */
struct scope {
	const struct scope *outer;
	const struct shape *shape;
	const void *view;
	struct json_object *json;
};

/* Parses a template with every partial and parent it names. Kept in mem. fail("tpl.lost") when there is no
 * such template; fail("tpl.syntax") names template and line. A partial or parent that does not exist
 * prints nothing, as the specification says, and is reported by tpl_check. */
const struct tpl *tpl_load(struct mem *mem, const struct tpl_source *source, const char *name);

/* Appends the rendered template. scope may be NULL: every name is unknown and prints nothing.
 *
 * Text prints as it is, numbers in decimal, booleans as true and false, money, moments and sizes in the
 * source's language; `.date`, `.time`, `.iso` are parts of a moment and `.count` of a list. False as a
 * section: what is absent, empty or 0. A section over a struct or list item makes its fields names; over
 * any other true value `.` is that value.
 *
 * fail("tpl.depth") for templates or lists that nest without end. A block that is indented in a layout
 * indents all its lines, as the specification says, which costs time: write {{$main}} at the start of its
 * line. */
void tpl_render(struct buffer *out, const struct tpl *tpl, const struct scope *scope);

/* Walks every tag of the template against the shapes alone, without data: reports each name that cannot
 * resolve, each section over something that is no section, each tag that would print unescaped ({{{ and
 * {{&), unknown words, missing partials and parents, arguments for which a parent has no block, and values
 * that do not print. Calls report(arg, template, line, message) for each; returns how many. shapes:
 * outermost first. */
size_t tpl_check(const struct tpl *tpl, const struct shape *const *shapes, size_t count,
	void (*report)(void *arg, const char *where, int line, const char *message), void *arg);

#endif
