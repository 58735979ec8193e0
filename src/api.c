/* api.c: programs let in by their key, what they send read, what they get printed. */
#include "api.h"

#include <string.h>

#include "json.h"
#include "sign.h"
#include "throttle.h"

enum { DEPTH = 4, KEY_MAX = 255 };

/* The one value of "Bearer …"; NULL when the header is missing or of another scheme. */
static const char *bearer(const struct request *req)
{
	const char *at = req->authorization;
	if (strncasecmp(at, "Bearer ", 7))
		return NULL;
	return at + 7 + strspn(at + 7, " ");
}

void api_guard(struct request *req)
{
	const char *text = bearer(req);
	req->language = "en"; /* programs read codes; their authors English */
	req->key = text ? api_key_find(req->db, text) : NULL;
	if (!text)
		problem(req, 401, "key_missing");
	if (!req->key) {
		int64_t wait = throttle_try(req->db, BRAKE_API_CLIENT, throttle_client(req->mem, req->address));
		if (!wait)
			problem(req, 401, "key_unknown");
		header(req, "Retry-After", "%lld", (long long)wait);
		problem(req, 429, NULL);
	}
	api_key_used(req->db, req->key);
	req->account_id = req->key->account_id;
}

void api_scope(struct request *req, enum api_scope scope)
{
	if (!api_key_may(req->key, scope))
		problem(req, 403, "scope_missing");
}

/* A member of the object as a form sends it; false when it is none that a field holds. */
static bool member_put(struct request *req, struct buffer *out, const char *name, struct json_object *value)
{
	enum json_type type = json_object_get_type(value);
	if (type == json_type_null)
		return true;
	if (type == json_type_object || type == json_type_array)
		return false;
	const char *text = json_object_get_string(value);
	if (type == json_type_string && strlen(text) != (size_t)json_object_get_string_len(value))
		return false;
	buffer_format(out, "%s%s=", out->length ? "&" : "", url_encode(req->mem, name));
	buffer_text(out, url_encode(req->mem, text));
	return true;
}

/* A JSON object becomes the form it stands for, so that one description of the fields checks both. */
static void body_from_json(struct request *req)
{
	struct json_object *object = json_read(req->mem, req->body, DEPTH);
	if (!json_object_is_type(object, json_type_object))
		problem(req, 400, "bad_json");
	struct buffer out = buffer_new(req->mem, req->body.length * 2);
	json_object_object_foreach(object, name, value)
		if (!member_put(req, &out, name, value))
			problem(req, 422, NULL);
	req->body = (struct bytes){ (const unsigned char *)out.text, out.length };
}

static bool type_is(const struct request *req, const char *type)
{
	size_t length = strlen(type);
	return !strncasecmp(req->content_type, type, length) && strchr("; \t", req->content_type[length]);
}

const void *api_read_(struct request *req, const struct form *form)
{
	if (req->method == POST && type_is(req, "application/json"))
		body_from_json(req);
	else if (req->method == POST && req->body.length && !type_is(req, "application/x-www-form-urlencoded"))
		problem(req, 415, NULL);
	const void *values = form_read_(req, form);
	api_wrong(req);
	return values;
}

struct wrong_field {
	const char *field, *message;
};
VIEW(wrong_field, field, message);

struct wrong {
	struct list errors;
};
VIEW(wrong, LIST(errors, wrong_field));

void api_wrong(struct request *req)
{
	const struct shape *shape = req->form.form->shape;
	struct wrong_field *fields = mem_array(req->mem, shape->count, sizeof *fields);
	struct list errors = { .items = fields, .shape = &wrong_field_shape };
	if (form_ok(req))
		return;
	for (size_t i = 0; i < shape->count; i++)
		if (req->form.errors[i])
			fields[errors.count++] = (struct wrong_field){ shape->fields[i].name, req->form.errors[i] };
	problem_with(req, 422, NULL, wrong, .errors = errors);
}

int64_t api_account(struct request *req, const char *public_id)
{
	int64_t own = req->key->account_id, id = 0;
	if (!*public_id) {
		if (own)
			return own;
		form_error(req, "account", "error.required");
		api_wrong(req);
	}
	if (public_id_valid(public_id))
		id = db_int(req->db, "SELECT id FROM account WHERE public_id = ?", public_id);
	if (!id || (own && own != id))
		problem(req, 404, "account_unknown");
	return id;
}

const char *api_idempotency_key(struct request *req)
{
	if (!*req->idempotency_key)
		problem(req, 422, "idempotency_key_missing");
	return api_idempotency_key_optional(req);
}

const char *api_idempotency_key_optional(struct request *req)
{
	const char *key = req->idempotency_key;
	if (strlen(key) > KEY_MAX)
		problem(req, 422, "idempotency_key_invalid");
	for (const char *at = key; *at; at++)
		if (*at <= ' ' || *at > '~')
			problem(req, 422, "idempotency_key_invalid");
	return key;
}

void answer_json_(struct request *req, int status, const struct shape *shape, const void *view)
{
	req->response.status = status;
	req->response.body.length = 0;
	shape_json_put(&req->response.body, shape, view);
	buffer_text(&req->response.body, "\n");
	header(req, "Content-Type", "application/json");
}
