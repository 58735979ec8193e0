/* shape.h: one description of a struct, used by SQL, forms, templates, JSON and the checks.
 *
 *	struct line { const char *title; int64_t quantity; struct moment shipped_at; };
 *	ROW(line, title, quantity, OPT(shipped_at));
 *
 *	struct page { const struct order *order; struct list lines; bool many; };
 *	VIEW(page, REF(order, order), LIST(lines, line), many);
 *
 * Kinds come from the C types; a type that is none of them does not compile. OPT marks a value that may be absent
 * (NULL text, a moment of 0); only those accept a NULL column. Shapes are static and live as long as the program. */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Minor units of a currency, as Stripe counts them (zero- and three-decimal currencies included). From SQL a money
 * field `total` takes the columns `total` and `currency`. Prints localised: "19,00 €". */
struct money {
	int64_t minor;
	char currency[4]; /* lower case, as Stripe writes it: "eur" */
};

/* Microseconds since 1970-01-01 UTC; 0 is "absent". A DATETIME(6) in SQL. Prints localised ("21 November 2026, 14:03");
 * in templates `.date`, `.time` and `.iso` are its parts. */
struct moment {
	int64_t us;
};

/* The only kind that prints unescaped. Built by markup.c alone. */
struct html {
	const char *text;
};

/* A number of bytes. Prints as "1.2 MB" / "1,2 Mo". */
struct size {
	int64_t bytes;
};

/* Raw bytes: hashes and keys in BINARY columns. Never printed by templates; hexadecimal in JSON. */
struct bytes {
	const unsigned char *data;
	size_t length;
};

enum kind {
	KIND_BOOL,
	KIND_INT,
	KIND_TEXT,
	KIND_MONEY,
	KIND_MOMENT,
	KIND_HTML,
	KIND_SIZE,
	KIND_BYTES,
	KIND_REF,  /* pointer to one struct, or NULL */
	KIND_LIST, /* struct list */
};

struct field {
	const char *name;
	size_t offset;
	enum kind kind;
	bool optional;
	const struct shape *shape; /* of KIND_REF and KIND_LIST */
};

struct shape {
	const char *name;
	size_t size;
	const struct field *fields;
	size_t count;
};

/* A run of structs of one shape, side by side. */
struct list {
	void *items;
	size_t count;
	const struct shape *shape;
};

static inline const void *list_item(struct list list, size_t i)
{
	return (const char *)list.items + i * list.shape->size;
}

/* LIST_EACH(line, line, page.lines) { … line->title … } */
#define LIST_EACH(type, name, list)                                                                                  \
	for (size_t name##_i = 0; name##_i < (list).count; name##_i = (list).count)                                      \
		for (const struct type *name = (list).items; name##_i < (list).count; name##_i++, name++)

/* The field of that name, or NULL. */
const struct field *shape_field(const struct shape *shape, const char *name, size_t length);

#define SHAPE_(type) type##_shape
#define KIND_OF(x)                                                                                                   \
	_Generic((x), bool : KIND_BOOL, int64_t : KIND_INT, const char * : KIND_TEXT, struct money : KIND_MONEY,           \
		struct moment : KIND_MOMENT, struct html : KIND_HTML, struct size : KIND_SIZE, struct bytes : KIND_BYTES)

/* Applies m(t, x) to every x. */
#define MAP_PARENS ()
#define MAP_EXPAND(...) MAP_EXPAND3(MAP_EXPAND3(MAP_EXPAND3(__VA_ARGS__)))
#define MAP_EXPAND3(...) MAP_EXPAND2(MAP_EXPAND2(MAP_EXPAND2(__VA_ARGS__)))
#define MAP_EXPAND2(...) MAP_EXPAND1(MAP_EXPAND1(MAP_EXPAND1(__VA_ARGS__)))
#define MAP_EXPAND1(...) __VA_ARGS__
#define MAP(m, t, ...) __VA_OPT__(MAP_EXPAND(MAP_STEP(m, t, __VA_ARGS__)))
#define MAP_STEP(m, t, x, ...) m(t, x) __VA_OPT__(MAP_AGAIN MAP_PARENS(m, t, __VA_ARGS__))
#define MAP_AGAIN() MAP_STEP

/* A bare name is a plain field; OPT(), REF() and LIST() are found by pasting: SHAPE_IS_OPT(x) is a macro, SHAPE_IS_title
 * is not, so the second argument is either ours or the fallback. */
#define SHAPE_IS_OPT(f) ~, SHAPE_OPT, (f)
#define SHAPE_IS_REF(f, s) ~, SHAPE_REF, (f, s)
#define SHAPE_IS_LIST(f, s) ~, SHAPE_LIST, (f, s)
#define SHAPE_ENTRY(t, e) SHAPE_PICK(t, SHAPE_IS_##e, SHAPE_PLAIN, (e))
#define SHAPE_PICK(t, ...) SHAPE_PICK_(t, __VA_ARGS__)
#define SHAPE_PICK_(t, probe, macro, args, ...) SHAPE_CALL(macro, t, SHAPE_STRIP args)
#define SHAPE_STRIP(...) __VA_ARGS__
#define SHAPE_CALL(macro, ...) macro(__VA_ARGS__)
#define SHAPE_MEMBER(t, f) (((struct t *)0)->f)
#define SHAPE_PLAIN(t, f) { #f, offsetof(struct t, f), KIND_OF(SHAPE_MEMBER(t, f)), false, NULL },
#define SHAPE_OPT(t, f)                                                                                              \
	{ #f, offsetof(struct t, f),                                                                                     \
	  _Generic(SHAPE_MEMBER(t, f), const char * : KIND_TEXT, struct moment : KIND_MOMENT, struct html : KIND_HTML,     \
		struct bytes : KIND_BYTES),                                                                                \
	  true, NULL },
#define SHAPE_REF(t, f, s)                                                                                           \
	{ #f, offsetof(struct t, f), _Generic(SHAPE_MEMBER(t, f), const struct s * : KIND_REF), true, &s##_shape },
#define SHAPE_LIST(t, f, s)                                                                                          \
	{ #f, offsetof(struct t, f), _Generic(SHAPE_MEMBER(t, f), struct list : KIND_LIST), false, &s##_shape },

#define VIEW(type, ...)                                                                                              \
	static const struct field type##_fields[] = { MAP(SHAPE_ENTRY, type, __VA_ARGS__) };                             \
	static const struct shape type##_shape __attribute__((unused)) = {                                               \
		#type, sizeof(struct type), type##_fields, sizeof type##_fields / sizeof type##_fields[0]                      \
	}

/* A row is a view that SQL can fill: no REF, no LIST (a statement that meets one is refused by --check). */
#define ROW(type, ...) VIEW(type, __VA_ARGS__)

#endif
