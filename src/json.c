/* json.c: json-c behind a few careful readers. */
#include "json.h"

#include <string.h>

#include "form.h"

static void json_drop(void *value)
{
	json_object_put(value);
}

struct json_object *json_read(struct mem *mem, struct bytes text, int depth)
{
	if (text.length > INT32_MAX || !utf8_valid((const char *)text.data, text.length))
		return NULL;
	struct json_tokener *tokener = json_tokener_new_ex(depth);
	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	struct json_object *value = json_tokener_parse_ex(tokener, (const char *)text.data, (int)text.length);
	/* A strict tokener takes the blanks after it, and nothing else; utf8_valid() takes no NUL. */
	bool whole = json_tokener_get_error(tokener) == json_tokener_success;
	json_tokener_free(tokener);
	if (!whole)
		json_object_put(value);
	else if (value)
		mem_defer(mem, json_drop, value);
	return whole ? value : NULL;
}

struct json_object *json_at(struct json_object *value, const char *path)
{
	char name[64];
	while (value && *path) {
		size_t length = strcspn(path, ".");
		if (length >= sizeof name || !json_object_is_type(value, json_type_object))
			return NULL;
		memcpy(name, path, length);
		name[length] = 0;
		value = json_object_object_get(value, name);
		path += length + (path[length] == '.');
	}
	return value;
}

const char *json_text(struct json_object *value, const char *path)
{
	struct json_object *at = json_at(value, path);
	if (!json_object_is_type(at, json_type_string))
		return "";
	const char *text = json_object_get_string(at);
	return strlen(text) == (size_t)json_object_get_string_len(at) ? text : "";
}

const char *json_id(struct json_object *value, const char *path)
{
	struct json_object *at = json_at(value, path);
	return json_object_is_type(at, json_type_object) ? json_text(at, "id") : json_text(value, path);
}

const char *json_word(struct mem *mem, struct json_object *value, const char *path, size_t most)
{
	const char *text = json_text(value, path);
	return strlen(text) > most ? mem_textn(mem, text, most) : text;
}

int64_t json_int(struct json_object *value, const char *path, int64_t otherwise)
{
	struct json_object *at = json_at(value, path);
	return json_object_is_type(at, json_type_int) ? json_object_get_int64(at) : otherwise;
}

bool json_is_true(struct json_object *value, const char *path)
{
	struct json_object *at = json_at(value, path);
	return json_object_is_type(at, json_type_boolean) && json_object_get_boolean(at);
}
