/* tpl_check.c: walks a template against shapes alone and reports what could not work, before any data is
 * there. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tpl_tree.h"

/* Templates walked in one check; only those that name themselves with ever new arguments come near. */
enum { WALKS = 20000 };

struct level {
	const struct level *outer;
	const struct shape *shape;
};

/* The templates being walked, so that one that names itself is walked once per shape and arguments. */
struct inside {
	const struct inside *outer;
	const struct tpl *tpl;
	const struct shape *shape;
	const struct op *blocks;
};

/* A parent tag's arguments, and which of them its template has a place for. */
struct given {
	struct arguments arguments;
	uint64_t used; /* one bit each, in their order; more than 64 are not looked at */
};

struct check {
	void (*report)(void *arg, const char *where, int line, const char *message);
	void *arg;
	size_t *reports, *walks; /* counted over the whole check */
	const struct inside *inside;
	const struct arguments *arguments;
	int depth;
};

/* What a name means as far as shapes tell. */
struct meaning {
	bool known;
	enum kind kind;
	enum moment_part part;
	const struct shape *shape;
};

static void check_ops(struct check *check, const struct op *op, const struct level *level);

static void __attribute__((format(printf, 3, 4)))
report(struct check *check, const struct op *op, const char *format, ...)
{
	char message[400];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	check->report(check->arg, op->where, op->line, message);
	++*check->reports;
}

static struct meaning of_field(const struct field *field)
{
	return (struct meaning){ true, field->kind, MOMENT_WHOLE, field->shape };
}

static struct meaning inner_meaning(struct meaning meaning, struct tpl_part *part)
{
	if (meaning.kind == KIND_REF) {
		const struct field *field = tpl_field(part, meaning.shape);
		return field ? of_field(field) : (struct meaning){ 0 };
	}
	if (meaning.kind == KIND_LIST && !strcmp(part->text, "count"))
		return (struct meaning){ .known = true, .kind = KIND_INT };
	meaning.known = false;
	if (meaning.kind == KIND_MOMENT && meaning.part == MOMENT_WHOLE) {
		meaning.part = tpl_moment_part(part->text);
		meaning.known = meaning.part != MOMENT_WHOLE;
	}
	return meaning;
}

static struct meaning dot_meaning(const struct level *level)
{
	if (!level)
		return (struct meaning){ 0 };
	if (level->shape->name[0] == '.')
		return of_field(level->shape->fields);
	return (struct meaning){ true, KIND_REF, MOMENT_WHOLE, level->shape };
}

static struct meaning meaning_of(struct check *check, const struct op *op, const struct level *level)
{
	if (!op->name.count)
		return dot_meaning(level);
	const struct field *field = NULL;
	for (; level && !field; level = level->outer)
		field = tpl_field(op->name.parts, level->shape);
	if (!field) {
		report(check, op, "%s: there is no %s", op->name.text, op->name.parts[0].text);
		return (struct meaning){ 0 };
	}
	struct meaning meaning = of_field(field);
	for (size_t i = 1; i < op->name.count && meaning.known; i++) {
		meaning = inner_meaning(meaning, &op->name.parts[i]);
		if (!meaning.known)
			report(check, op, "%s: there is no %s in %s", op->name.text, op->name.parts[i].text,
				op->name.parts[i - 1].text);
	}
	return meaning;
}

static void check_value(struct check *check, const struct op *op, const struct level *level)
{
	struct meaning meaning = meaning_of(check, op, level);
	if (!meaning.known)
		return;
	if (meaning.kind == KIND_REF || meaning.kind == KIND_LIST)
		report(check, op, "%s: a whole %s does not print", op->name.text, meaning.shape->name);
	if (meaning.kind == KIND_BYTES)
		report(check, op, "%s: bytes do not print", op->name.text);
}

static void check_section(struct check *check, const struct op *op, const struct level *level)
{
	struct meaning meaning = meaning_of(check, op, level);
	if (!meaning.known)
		return;
	if (meaning.kind == KIND_BYTES) {
		report(check, op, "%s: bytes are no section", op->name.text);
		return;
	}
	bool whole = meaning.kind == KIND_REF || meaning.kind == KIND_LIST;
	struct level inner = { level, whole ? meaning.shape : tpl_dot_shape(meaning.kind) };
	check_ops(check, op->body, op->kind == OP_SECTION ? &inner : level);
}

static bool walked(const struct check *check, const struct inside *now)
{
	for (const struct inside *inside = check->inside; inside; inside = inside->outer)
		if (inside->tpl == now->tpl && inside->shape == now->shape && inside->blocks == now->blocks)
			return true;
	return false;
}

static void check_given(struct check *check, const struct op *parent, const struct given *given)
{
	uint64_t bit = 1;
	for (const struct op *op = parent->body; op; op = op->next, bit <<= 1)
		if (bit && !(given->used & bit))
			report(check, op, "%s has no block %s", parent->text, op->text);
}

static void check_partial(struct check *check, const struct op *op, const struct level *level)
{
	struct check inner = *check;
	struct given given = { .arguments = { check->arguments, op->body } };
	if (!op->tpl) {
		report(check, op, "there is no template %s", op->text);
		return;
	}
	if (op->body)
		inner.arguments = &given.arguments;
	struct inside inside = { check->inside, op->tpl, level ? level->shape : NULL,
		inner.arguments ? inner.arguments->blocks : NULL };
	if (walked(check, &inside) || *check->walks > WALKS)
		return;
	if (++*check->walks > WALKS || check->depth == TPL_DEPTH) {
		report(check, op, "%s: templates inside each other without end", op->text);
		return;
	}
	inner.inside = &inside;
	inner.depth++;
	check_ops(&inner, op->tpl->body, level);
	check_given(check, op, &given);
}

/* Every argument of that name has found its place, also one that an outer argument of the same name
 * covers. */
static void mark_used(const struct arguments *arguments, const struct op *block)
{
	for (; arguments; arguments = arguments->outer) {
		struct given *given = (struct given *)arguments; /* made by check_partial: its first member */
		uint64_t bit = 1;
		for (const struct op *op = arguments->blocks; op; op = op->next, bit <<= 1)
			if (op->length == block->length && !memcmp(op->text, block->text, op->length))
				given->used |= bit;
	}
}

static void check_block(struct check *check, const struct op *op, const struct level *level)
{
	struct check inner = *check;
	const struct op *given = tpl_argument(check->arguments, op, &inner.arguments);
	mark_used(check->arguments, op);
	check_ops(&inner, given ? given->body : op->body, level);
}

static void check_op(struct check *check, const struct op *op, const struct level *level)
{
	if (op->raw)
		report(check, op, "prints unescaped: %s", op->text);
	switch (op->kind) {
	case OP_TEXT:
		break;
	case OP_LOST:
		report(check, op, "there is no word %s", op->text);
		break;
	case OP_VALUE:
		check_value(check, op, level);
		break;
	case OP_SECTION:
	case OP_INVERTED:
		check_section(check, op, level);
		break;
	case OP_PARTIAL:
	case OP_PARENT:
		check_partial(check, op, level);
		break;
	case OP_BLOCK:
		check_block(check, op, level);
		break;
	}
}

static void check_ops(struct check *check, const struct op *op, const struct level *level)
{
	for (; op; op = op->next)
		check_op(check, op, level);
}

/* The shapes become levels, outermost first, and inside the last of them the template is walked. */
static void check_levels(struct check *check, const struct tpl *tpl, const struct shape *const *shapes,
	size_t count,
	const struct level *outer)
{
	if (!count) {
		struct inside inside = { NULL, tpl, outer ? outer->shape : NULL, NULL };
		struct check inner = *check;
		inner.inside = &inside;
		check_ops(&inner, tpl->body, outer);
		return;
	}
	struct level level = { outer, *shapes };
	check_levels(check, tpl, shapes + 1, count - 1, &level);
}

size_t tpl_check(const struct tpl *tpl, const struct shape *const *shapes, size_t count,
	void (*report_to)(void *arg, const char *where, int line, const char *message), void *arg)
{
	size_t reports = 0, walks = 0;
	struct check check = { .report = report_to, .arg = arg, .reports = &reports, .walks = &walks };
	check_levels(&check, tpl, shapes, count, NULL);
	return reports;
}
