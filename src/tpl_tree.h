/* tpl_tree.h: what a parsed template looks like. For src/tpl*.c only. */
#ifndef TPL_TREE_H
#define TPL_TREE_H

#include "tpl.h"

enum {
	TPL_NESTED = 64, /* sections and blocks inside each other in one template */
	TPL_DEPTH = 128, /* partials, parents, blocks and sections being rendered inside each other */
	TPL_BODIES = 10 * 1000 * 1000,
		/* rounds of sections: a list inside itself 20 times over would never end */
};

/* One part of a dotted name. Which field it means in a shape is remembered: shapes live as long as the
 * program. */
struct tpl_part {
	char *text;
	size_t length;
	struct {
		const struct shape *shape;
		const struct field *field;
	} seen[4];
};

struct tpl_name {
	const char *text;
	struct tpl_part *parts;
	size_t count; /* 0: the implicit iterator "." */
};

enum op_kind {
	OP_TEXT,     /* text */
	OP_LOST,     /* a word that is not in the catalogue: prints its key, text */
	OP_VALUE,    /* {{name}} */
	OP_SECTION,  /* {{#name}} body */
	OP_INVERTED, /* {{^name}} body */
	OP_PARTIAL,  /* {{>text}} */
	OP_PARENT,   /* {{<text}} body: OP_BLOCKs only, the arguments */
	OP_BLOCK,    /* {{$text}} body: default content, or an argument */
};

struct op {
	struct op *next;
	enum op_kind kind;
	bool raw;      /* written {{{ or {{& */
	bool argument; /* BLOCK: directly inside a PARENT */
	bool alone;    /* PARTIAL, PARENT, BLOCK: had its line to itself, so indent is for every line */
	int line;
	const char *where; /* the template it was written in */
	const char *text;
	size_t length;
	const char *indent; /* what each line of PARTIAL, PARENT, BLOCK starts with; never NULL */
	size_t indent_length;
	struct tpl_name name;
	struct op *body;
	const struct tpl *tpl; /* PARTIAL, PARENT: NULL when there is none of that name */
};

struct tpl {
	const char *name;
	const char *text;
	const struct tpl_source *source;
	struct op *body;
	struct tpl *next; /* in the order in which they were first named */
};

enum moment_part { MOMENT_WHOLE, MOMENT_DATE, MOMENT_TIME, MOMENT_ISO };

/* What a name turned out to mean. Not to be copied: at may point into it. */
struct tpl_value {
	enum { VALUE_NOTHING, VALUE_TYPED, VALUE_JSON } is;
	enum kind kind;
	enum moment_part part;
	const void *at;            /* the value; of KIND_REF the struct itself, or NULL */
	const struct shape *shape; /* of KIND_REF and KIND_LIST */
	struct json_object *json;
	int64_t number; /* a list's count */
};

/* The shape of a section over a plain value: one field, named ".". */
const struct shape *tpl_dot_shape(enum kind kind);

/* MOMENT_WHOLE if a moment has no part of that name. */
enum moment_part tpl_moment_part(const char *name);

/* The field that part names in shape, or NULL. */
const struct field *tpl_field(struct tpl_part *part, const struct shape *shape);

/* Looks the name up from the innermost scope outwards. */
void tpl_resolve(const struct tpl_name *name, const struct scope *scope, struct tpl_value *value);

/* Whether a section over the value renders. */
bool tpl_true(const struct tpl_value *value);

/* Prints the value, escaped if asked for and if it is not struct html. */
void tpl_print(struct buffer *out, const struct tpl_value *value, const char *language, bool escaped);

/* The blocks that a parent tag hands to its template; those of the tags around it win. */
struct arguments {
	const struct arguments *outer;
	const struct op *blocks;
};

/* The outermost argument for the block, *outer being the arguments in force where it was written; NULL if
 * none. */
const struct op *tpl_argument(const struct arguments *from, const struct op *block,
	const struct arguments **outer);

#endif
