/* shape_json.c: shapes printed as JSON. */
#include "shape_json.h"

#include "moment.h"
#include "sign.h"

void json_string_put(struct buffer *out, const char *text)
{
	buffer_text(out, "\"");
	for (const char *at = text; *at; at++) {
		if (*at == '"' || *at == '\\')
			buffer_format(out, "\\%c", *at);
		else if ((unsigned char)*at < 0x20)
			buffer_format(out, "\\u%04x", (unsigned)*at);
		else
			buffer_put(out, at, 1);
	}
	buffer_text(out, "\"");
}

static void text_put(struct buffer *out, const char *text)
{
	if (text)
		json_string_put(out, text);
	else
		buffer_text(out, "null");
}

static void money_json_put(struct buffer *out, const struct money *money)
{
	buffer_text(out, "{\"amount\":");
	buffer_int(out, money->minor);
	buffer_text(out, ",\"currency\":");
	text_put(out, money->currency);
	buffer_text(out, "}");
}

static void list_put(struct buffer *out, const struct list *list)
{
	buffer_text(out, "[");
	for (size_t i = 0; i < list->count; i++) {
		buffer_text(out, i ? "," : "");
		shape_json_put(out, list->shape, list_item(*list, i));
	}
	buffer_text(out, "]");
}

static void moment_json_put(struct buffer *out, struct moment moment)
{
	text_put(out, moment.us ? moment_iso(out->mem, moment) : NULL);
}

static void ref_put(struct buffer *out, const struct shape *shape, const void *view)
{
	if (view)
		shape_json_put(out, shape, view);
	else
		buffer_text(out, "null");
}

static void value_put(struct buffer *out, const struct field *field, const void *at)
{
	switch (field->kind) {
	case KIND_BOOL:
		buffer_text(out, *(const bool *)at ? "true" : "false");
		return;
	case KIND_INT:
		buffer_int(out, *(const int64_t *)at);
		return;
	case KIND_TEXT:
		text_put(out, *(const char *const *)at);
		return;
	case KIND_MONEY:
		money_json_put(out, at);
		return;
	case KIND_MOMENT:
		moment_json_put(out, *(const struct moment *)at);
		return;
	case KIND_HTML:
		text_put(out, ((const struct html *)at)->text);
		return;
	case KIND_SIZE:
		buffer_int(out, ((const struct size *)at)->bytes);
		return;
	case KIND_BYTES:
		text_put(out, hex_of(out->mem, *(const struct bytes *)at));
		return;
	case KIND_REF:
		ref_put(out, field->shape, *(const void *const *)at);
		return;
	case KIND_LIST:
		list_put(out, at);
		return;
	}
}

void shape_json_members(struct buffer *out, const struct shape *shape, const void *view)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		buffer_text(out, i ? ",\"" : "\"");
		buffer_text(out, field->name);
		buffer_text(out, "\":");
		value_put(out, field, (const char *)view + field->offset);
	}
}

void shape_json_put(struct buffer *out, const struct shape *shape, const void *view)
{
	buffer_text(out, "{");
	shape_json_members(out, shape, view);
	buffer_text(out, "}");
}
