/* form.h: what a browser sent, checked into a struct.
 *
 *	struct login_form { const char *email; const char *password; };
 *	FORM(login_form, EMAIL(email), SECRET(password, 1, 200));
 *	…
 *	const struct login_form *form = form_read(req, login_form);
 *	if (!form_ok(req)) → render the page again: the template finds form.email and error.email
 *
 * Fields: LINE(name, min, max) one line, trimmed (letter.h); TEXT(…) several lines; SECRET(…) as typed; EMAIL(name) trimmed,
 * lower case; ID(name) a public id; WORD(name, min, max) printable ASCII without spaces, as ids and names that programs go by;
 * NUMBER(name, min, max); FLAG(name) a check box; CHOICE(name, "en fr"); PATH(name) a path of this site or "". Lengths are
 * characters; min 0 makes a field optional. A field that is missing, repeated, too long, not UTF-8 or holds control characters
 * gets an error and its value is kept as far as it can be shown. Fields not in the form change nothing. */
#ifndef FORM_H
#define FORM_H

#include "mem.h"
#include "shape.h"

struct request;

enum input { INPUT_LINE, INPUT_TEXT, INPUT_SECRET, INPUT_EMAIL, INPUT_ID, INPUT_WORD, INPUT_NUMBER, INPUT_FLAG, INPUT_CHOICE,
	INPUT_PATH };

struct rule {
	enum input input;
	int64_t min;
	int64_t max;
	const char *choices; /* of INPUT_CHOICE: words with spaces between */
};

struct form {
	const struct shape *shape;
	const struct rule *rules; /* one per field of the shape */
};

struct form_state {
	const struct form *form; /* the one that was read; NULL: none */
	const char **errors;     /* translated, one per field; NULL: fine */
	const char *summary;     /* an error of the whole; NULL: none */
	size_t wrong;
};

#define FORM_IN_LINE(f, min, max) f, const char *, INPUT_LINE, min, max, NULL
#define FORM_IN_TEXT(f, min, max) f, const char *, INPUT_TEXT, min, max, NULL
#define FORM_IN_SECRET(f, min, max) f, const char *, INPUT_SECRET, min, max, NULL
#define FORM_IN_EMAIL(f) f, const char *, INPUT_EMAIL, 3, 254, NULL
#define FORM_IN_ID(f) f, const char *, INPUT_ID, 22, 22, NULL
#define FORM_IN_WORD(f, min, max) f, const char *, INPUT_WORD, min, max, NULL
#define FORM_IN_NUMBER(f, min, max) f, int64_t, INPUT_NUMBER, min, max, NULL
#define FORM_IN_FLAG(f) f, bool, INPUT_FLAG, 0, 0, NULL
#define FORM_IN_CHOICE(f, choices) f, const char *, INPUT_CHOICE, 1, 64, choices
#define FORM_IN_PATH(f) f, const char *, INPUT_PATH, 0, 200, NULL
#define FORM_FIELD(t, e) FORM_FIELD_(t, FORM_IN_##e)
#define FORM_FIELD_(t, ...) FORM_FIELD__(t, __VA_ARGS__)
/* The C type must be the one its kind of input is read into. */
#define FORM_FIELD__(t, f, type, input, min, max, choices)                                                            \
	{ #f, offsetof(struct t, f), _Generic(SHAPE_MEMBER(t, f), type : KIND_OF(SHAPE_MEMBER(t, f))), false, NULL },
#define FORM_RULE(t, e) FORM_RULE_(FORM_IN_##e)
#define FORM_RULE_(...) FORM_RULE__(__VA_ARGS__)
#define FORM_RULE__(f, type, input, min, max, choices) { input, min, max, choices },

#define FORM(type, ...)                                                                                              \
	static const struct field type##_fields[] = { MAP(FORM_FIELD, type, __VA_ARGS__) };                              \
	static const struct rule type##_rules[] = { MAP(FORM_RULE, type, __VA_ARGS__) };                                 \
	static const struct shape type##_shape = { #type, sizeof(struct type), type##_fields,                            \
		sizeof type##_fields / sizeof type##_fields[0] };                                                            \
	static const struct form type##_form = { &type##_shape, type##_rules };                                          \
	static const struct form *const type##_form_at __attribute__((used, section("forms"))) = &type##_form

/* Reads the body of a POST (or, on GET, the query) into the struct. Never NULL. */
#define form_read(req, type) ((const struct type *)form_read_(req, &type##_form))
const void *form_read_(struct request *req, const struct form *form);

/* An empty form for the first showing of a page. */
#define form_empty(req, type) ((struct type *)mem_get((req)->mem, sizeof(struct type)))

/* True when every field was right (and a domain outcome added no error). */
bool form_ok(const struct request *req);

/* Adds an error to a field ("summary" for the whole), by key of the catalogue. */
void form_error(struct request *req, const char *field, const char *key);

/* One raw value of an urlencoded text, decoded; NULL when it is missing, repeated, not UTF-8 or holds a NUL. */
const char *form_value(struct mem *mem, struct bytes data, const char *name);

/* application/x-www-form-urlencoded decoding of one value; NULL when it is not UTF-8 or holds a NUL. */
char *url_decode(struct mem *mem, const char *text, size_t length, bool plus);
/* Percent-encoding of everything outside A-Za-z0-9-_.~ (RFC 3986 §2.3). */
char *url_encode(struct mem *mem, const char *text);

/* Valid UTF-8 without NUL (RFC 3629: no surrogates, no overlong forms); characters in it. */
bool utf8_valid(const char *text, size_t length);
size_t utf8_length(const char *text);

#endif
