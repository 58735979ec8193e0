/* tpl_value.c: what a name means in the scopes around it, whether that is true, and how it prints. */
#include <string.h>

#include "moment.h"
#include "money.h"
#include "size.h"
#include "tpl_tree.h"

static const struct field dot_fields[] = {
	[KIND_BOOL] = { ".", 0, KIND_BOOL, false, NULL },     [KIND_INT] = { ".", 0, KIND_INT, false, NULL },
	[KIND_TEXT] = { ".", 0, KIND_TEXT, false, NULL },     [KIND_MONEY] = { ".", 0, KIND_MONEY, false, NULL },
	[KIND_MOMENT] = { ".", 0, KIND_MOMENT, false, NULL }, [KIND_HTML] = { ".", 0, KIND_HTML, false, NULL },
	[KIND_SIZE] = { ".", 0, KIND_SIZE, false, NULL },     [KIND_BYTES] = { ".", 0, KIND_BYTES, false, NULL },
};
#define DOT(kind) [kind] = { ".", 0, &dot_fields[kind], 1 }
static const struct shape dot_shapes[] = {
	DOT(KIND_BOOL), DOT(KIND_INT),  DOT(KIND_TEXT), DOT(KIND_MONEY),
	DOT(KIND_MOMENT), DOT(KIND_HTML), DOT(KIND_SIZE), DOT(KIND_BYTES),
};

const struct shape *tpl_dot_shape(enum kind kind)
{
	return &dot_shapes[kind];
}

const struct field *tpl_field(struct tpl_part *part, const struct shape *shape)
{
	/* As many as there are scopes around a name, as a rule: a section's value, the row, the page, the
	 * layout's. */
	enum { SEEN = sizeof part->seen / sizeof *part->seen };
	for (int i = 0; i < SEEN; i++)
		if (part->seen[i].shape == shape)
			return part->seen[i].field;
	memmove(&part->seen[1], &part->seen[0], sizeof part->seen - sizeof *part->seen);
	part->seen[0].shape = shape;
	part->seen[0].field = shape_field(shape, part->text, part->length);
	return part->seen[0].field;
}

static void set_field(struct tpl_value *value, const struct field *field, const void *view)
{
	value->is = VALUE_TYPED;
	value->kind = field->kind;
	value->part = MOMENT_WHOLE;
	value->shape = field->shape;
	value->at = (const char *)view + field->offset;
	if (field->kind == KIND_REF)
		value->at = *(const void *const *)value->at;
}

static void set_json(struct tpl_value *value, struct json_object *json)
{
	value->is = VALUE_JSON;
	value->json = json;
}

/* The implicit iterator: what the innermost scope holds. */
static void set_scope(struct tpl_value *value, const struct scope *scope)
{
	if (!scope->shape)
		set_json(value, scope->json);
	else if (scope->shape->name[0] == '.')
		set_field(value, scope->shape->fields, scope->view);
	else
		*value = (struct tpl_value){ .is = VALUE_TYPED, .kind = KIND_REF, .at = scope->view,
			.shape = scope->shape };
}

static bool find_json(struct tpl_value *value, const struct tpl_part *part, struct json_object *json)
{
	struct json_object *found;
	if (!json_object_is_type(json, json_type_object) || !json_object_object_get_ex(json, part->text, &found))
		return false;
	set_json(value, found);
	return true;
}

static bool find_field(struct tpl_value *value, struct tpl_part *part, const struct shape *shape,
	const void *view)
{
	const struct field *field = view ? tpl_field(part, shape) : NULL;
	if (field)
		set_field(value, field, view);
	return field != NULL;
}

enum moment_part tpl_moment_part(const char *name)
{
	static const char *const names[] = { [MOMENT_DATE] = "date", [MOMENT_TIME] = "time",
		[MOMENT_ISO] = "iso" };
	for (enum moment_part part = MOMENT_DATE; part <= MOMENT_ISO; part++)
		if (!strcmp(name, names[part]))
			return part;
	return MOMENT_WHOLE;
}

/* The next part of a dotted name, inside the value so far. */
static bool step(struct tpl_value *value, struct tpl_part *part)
{
	if (value->is == VALUE_JSON)
		return find_json(value, part, value->json);
	if (value->kind == KIND_REF)
		return find_field(value, part, value->shape, value->at);
	if (value->kind == KIND_MOMENT && value->part == MOMENT_WHOLE)
		return (value->part = tpl_moment_part(part->text)) != MOMENT_WHOLE;
	if (value->kind != KIND_LIST || strcmp(part->text, "count") != 0)
		return false;
	value->number = (int64_t)((const struct list *)value->at)->count;
	value->kind = KIND_INT;
	value->at = &value->number;
	return true;
}

void tpl_resolve(const struct tpl_name *name, const struct scope *scope, struct tpl_value *value)
{
	value->is = VALUE_NOTHING;
	if (!scope)
		return;
	if (!name->count) {
		set_scope(value, scope);
		return;
	}
	for (; scope; scope = scope->outer)
		if (scope->shape ? find_field(value, name->parts, scope->shape, scope->view)
				 : find_json(value, name->parts, scope->json))
			break;
	for (size_t i = 1; i < name->count && value->is != VALUE_NOTHING; i++)
		if (!step(value, &name->parts[i]))
			value->is = VALUE_NOTHING;
}

static bool json_true(struct json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_null:
		return false;
	case json_type_boolean:
		return json_object_get_boolean(json);
	case json_type_int:
	case json_type_double:
		return json_object_get_double(json) != 0;
	case json_type_string:
		return json_object_get_string_len(json) > 0;
	case json_type_array:
		return json_object_array_length(json) > 0;
	case json_type_object:
		return true;
	}
	return false;
}

bool tpl_true(const struct tpl_value *value)
{
	if (value->is != VALUE_TYPED)
		return value->is == VALUE_JSON && json_true(value->json);
	switch (value->kind) {
	case KIND_BOOL:
		return *(const bool *)value->at;
	case KIND_INT:
		return *(const int64_t *)value->at != 0;
	case KIND_TEXT:
	case KIND_HTML: {
		const char *text = *(const char *const *)value->at;
		return text && *text;
	}
	case KIND_MONEY:
		return ((const struct money *)value->at)->minor != 0;
	case KIND_MOMENT:
		return ((const struct moment *)value->at)->us != 0;
	case KIND_SIZE:
		return ((const struct size *)value->at)->bytes != 0;
	case KIND_BYTES:
		return ((const struct bytes *)value->at)->length != 0;
	case KIND_REF:
		return value->at != NULL;
	case KIND_LIST:
		return ((const struct list *)value->at)->count != 0;
	}
	return false;
}

static void put_text(struct buffer *out, const char *text, bool escaped)
{
	if (!text)
		return;
	if (escaped)
		buffer_html(out, text);
	else
		buffer_text(out, text);
}

/* Objects and arrays print nothing: their JSON in a page is always a mistake. */
static void put_json(struct buffer *out, struct json_object *json, bool escaped)
{
	enum json_type type = json_object_get_type(json);
	if (type != json_type_object && type != json_type_array && type != json_type_null)
		put_text(out, json_object_get_string(json), escaped);
}

static void put_moment(struct buffer *out, const struct tpl_value *value, const char *language)
{
	struct moment moment = *(const struct moment *)value->at;
	switch (value->part) {
	case MOMENT_WHOLE:
		moment_put(out, moment, language);
		break;
	case MOMENT_DATE:
		moment_date_put(out, moment, language);
		break;
	case MOMENT_TIME:
		moment_time_put(out, moment);
		break;
	case MOMENT_ISO:
		moment_iso_put(out, moment);
		break;
	}
}

void tpl_print(struct buffer *out, const struct tpl_value *value, const char *language, bool escaped)
{
	if (value->is == VALUE_JSON)
		put_json(out, value->json, escaped);
	if (value->is != VALUE_TYPED)
		return;
	switch (value->kind) {
	case KIND_BOOL:
		buffer_text(out, *(const bool *)value->at ? "true" : "false");
		break;
	case KIND_INT:
		buffer_int(out, *(const int64_t *)value->at);
		break;
	case KIND_TEXT:
		put_text(out, *(const char *const *)value->at, escaped);
		break;
	case KIND_HTML:
		put_text(out, ((const struct html *)value->at)->text, false);
		break;
	case KIND_MONEY:
		money_put(out, *(const struct money *)value->at, language);
		break;
	case KIND_MOMENT:
		put_moment(out, value, language);
		break;
	case KIND_SIZE:
		size_put(out, *(const struct size *)value->at, language);
		break;
	case KIND_BYTES:
	case KIND_REF:
	case KIND_LIST:
		break;
	}
}
