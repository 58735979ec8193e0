/* tpl.c: renders a parsed template into a buffer. */
#include "tpl.h"

#include <string.h>

#include "fail.h"
#include "tpl_tree.h"

struct render {
	struct buffer *out;
	const struct tpl_source *source;
	const struct arguments *arguments;
	const char *indent; /* what each line of the template starts with */
	size_t indent_length;
	bool fresh; /* kept only while there is an indent: the next byte starts a line of the template */
	int depth;
	int *bodies; /* rendered so far, by the whole render */
};

static void render_ops(struct render *render, const struct op *op, const struct scope *scope);

static void start_line(struct render *render)
{
	if (render->indent_length && render->fresh)
		buffer_put(render->out, render->indent, render->indent_length);
	render->fresh = false;
}

/* Only lines of the template are indented, never those inside a value. */
static void render_text(struct render *render, const char *text, size_t length)
{
	const char *end = text + length;
	while (render->indent_length && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *next = newline ? newline + 1 : end;
		start_line(render);
		buffer_put(render->out, text, (size_t)(next - text));
		render->fresh = newline != NULL;
		text = next;
	}
	buffer_put(render->out, text, (size_t)(end - text));
}

static void render_value(struct render *render, const struct op *op, const struct scope *scope)
{
	struct tpl_value value;
	tpl_resolve(&op->name, scope, &value);
	start_line(render);
	tpl_print(render->out, &value, render->source->language, render->source->html && !op->raw);
}

static void render_json(struct render *render, const struct op *op, const struct scope *scope,
	struct json_object *json)
{
	struct scope inner = { .outer = scope, .json = json };
	if (!json_object_is_type(json, json_type_array)) {
		render_ops(render, op->body, &inner);
		return;
	}
	for (size_t i = 0, count = json_object_array_length(json); i < count; i++) {
		inner.json = json_object_array_get_idx(json, i);
		render_ops(render, op->body, &inner);
	}
}

static void render_list(struct render *render, const struct op *op, const struct scope *scope,
	const struct tpl_value *value)
{
	struct list list = *(const struct list *)value->at;
	if (!list.shape)
		list.shape = value->shape;
	struct scope inner = { .outer = scope, .shape = list.shape };
	for (size_t i = 0; i < list.count; i++) {
		inner.view = list_item(list, i);
		render_ops(render, op->body, &inner);
	}
}

static void render_section(struct render *render, const struct op *op, const struct scope *scope)
{
	struct tpl_value value;
	tpl_resolve(&op->name, scope, &value);
	if (!tpl_true(&value))
		return;
	if (value.is == VALUE_JSON) {
		render_json(render, op, scope, value.json);
	} else if (value.kind == KIND_LIST) {
		render_list(render, op, scope, &value);
	} else {
		bool whole = value.kind == KIND_REF;
		struct scope inner = { scope, whole ? value.shape : tpl_dot_shape(value.kind), value.at, NULL };
		render_ops(render, op->body, &inner);
	}
}

static void render_inverted(struct render *render, const struct op *op, const struct scope *scope)
{
	struct tpl_value value;
	tpl_resolve(&op->name, scope, &value);
	if (!tpl_true(&value))
		render_ops(render, op->body, scope);
}

/* From here on every line starts with what it starts with now and, behind it, the op's own indentation. */
static void indent(struct render *render, const struct op *op)
{
	if (!op->indent_length)
		return;
	size_t length = render->indent_length + op->indent_length;
	char *both = mem_get(render->out->mem, length + 1);
	if (render->indent_length)
		memcpy(both, render->indent, render->indent_length);
	memcpy(both + render->indent_length, op->indent, op->indent_length);
	render->indent = both;
	render->indent_length = length;
}

/* A partial alone on its line is indented like its tag; one inside a line is not indented at all. */
static void render_partial(struct render *render, const struct op *op, const struct scope *scope)
{
	struct render inner = *render;
	struct arguments arguments = { render->arguments, op->body };
	if (!op->tpl)
		return;
	if (op->body)
		inner.arguments = &arguments;
	if (op->alone) {
		indent(&inner, op);
		inner.fresh = true;
	} else {
		start_line(render);
		inner.indent_length = 0;
	}
	render_ops(&inner, op->tpl->body, scope);
	render->fresh = op->alone;
}

const struct op *tpl_argument(const struct arguments *from, const struct op *block,
	const struct arguments **outer)
{
	const struct op *found = NULL;
	for (const struct arguments *arguments = from; arguments; arguments = arguments->outer)
		for (const struct op *op = arguments->blocks; op; op = op->next)
			if (op->length == block->length && !memcmp(op->text, block->text, op->length)) {
				found = op;
				*outer = arguments->outer;
			}
	return found;
}

static void render_block(struct render *render, const struct op *op, const struct scope *scope)
{
	struct render inner = *render;
	const struct op *given = tpl_argument(render->arguments, op, &inner.arguments);
	if (op->alone || given)
		indent(&inner, op);
	if (op->alone || op->indent_length)
		inner.fresh = op->alone; /* not alone: its blanks are text that has gone out already */
	render_ops(&inner, given ? given->body : op->body, scope);
	render->fresh = inner.fresh;
}

static void render_op(struct render *render, const struct op *op, const struct scope *scope)
{
	switch (op->kind) {
	case OP_TEXT:
	case OP_LOST:
		render_text(render, op->text, op->length);
		break;
	case OP_VALUE:
		render_value(render, op, scope);
		break;
	case OP_SECTION:
		render_section(render, op, scope);
		break;
	case OP_INVERTED:
		render_inverted(render, op, scope);
		break;
	case OP_PARTIAL:
	case OP_PARENT:
		render_partial(render, op, scope);
		break;
	case OP_BLOCK:
		render_block(render, op, scope);
		break;
	}
}

static void render_ops(struct render *render, const struct op *op, const struct scope *scope)
{
	if (++render->depth > TPL_DEPTH)
		fail("tpl.depth", "%s:%d: templates inside each other without end", op ? op->where : "?",
			op ? op->line : 0);
	if (++*render->bodies > TPL_BODIES)
		fail("tpl.depth", "lists inside each other without end");
	for (; op; op = op->next)
		render_op(render, op, scope);
	render->depth--;
}

void tpl_render(struct buffer *out, const struct tpl *tpl, const struct scope *scope)
{
	int bodies = 0;
	struct render render = { .out = out, .source = tpl->source, .indent = "", .bodies = &bodies };
	render_ops(&render, tpl->body, scope);
}
