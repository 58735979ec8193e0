/* form.c: decoding, and one small function per kind of input. */
#include "form.h"

#include <ctype.h>
#include <string.h>

#include "checked.h"
#include "fail.h"
#include "letter.h"
#include "sign.h"
#include "web.h"

/* Eight bytes that are ASCII and not NUL, which is what most text is made of. Taking one from each sets a high bit where
 * there was none only if one of them was zero. */
static bool ascii_eight(const unsigned char *p, const unsigned char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t eight;
	if (end - p < 8)
		return false;
	memcpy(&eight, p, sizeof eight);
	return !((eight | (eight - ones)) & high);
}

bool utf8_valid(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + length;
	while (p < end) {
		if (ascii_eight(p, end)) {
			p += 8;
			continue;
		}
		unsigned char lead = *p;
		size_t more = lead < 0x80 ? 0 : lead >= 0xC2 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2 : 3;
		if (!lead || (more == 3 && (lead < 0xF0 || lead > 0xF4)) || (size_t)(end - p) <= more)
			return false;
		for (size_t i = 1; i <= more; i++)
			if ((p[i] & 0xC0) != 0x80)
				return false;
		if ((lead == 0xE0 && p[1] < 0xA0) || (lead == 0xED && p[1] > 0x9F) || (lead == 0xF0 && p[1] < 0x90) ||
			(lead == 0xF4 && p[1] > 0x8F))
			return false;
		p += more + 1;
	}
	return true;
}

size_t utf8_length(const char *text)
{
	size_t length = 0;
	for (; *text; text++)
		length += (*text & 0xC0) != 0x80;
	return length;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return at ? (int)(at - digits) : -1;
}

char *url_decode(struct mem *mem, const char *text, size_t length, bool plus)
{
	char *out = mem_get(mem, length + 1);
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c == '%') {
			int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
			int low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		out[used++] = c;
	}
	return utf8_valid(out, used) ? out : NULL;
}

char *url_encode(struct mem *mem, const char *text)
{
	struct buffer out = buffer_new(mem, strlen(text) * 3);
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-_.~", *text))
			buffer_put(&out, text, 1);
		else
			buffer_format(&out, "%%%02X", (unsigned)(unsigned char)*text);
	}
	return out.text;
}

/* The raw value of name; how often it was there. */
static size_t value_find(struct bytes data, const char *name, const char **value, size_t *length)
{
	if (!data.length)
		return 0; /* no body: there is no pointer to count from */
	const char *at = (const char *)data.data, *end = at + data.length;
	size_t name_length = strlen(name), found = 0;
	while (at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		stop = stop ? stop : end;
		if ((size_t)(stop - at) > name_length && !memcmp(at, name, name_length) && at[name_length] == '=') {
			*value = at + name_length + 1;
			*length = (size_t)(stop - *value);
			found++;
		}
		at = stop + 1;
	}
	return found;
}

const char *form_value(struct mem *mem, struct bytes data, const char *name)
{
	const char *value;
	size_t length;
	return value_find(data, name, &value, &length) == 1 ? url_decode(mem, value, length, true) : NULL;
}

/* One @, something on both sides, a dot in the domain, no spaces: the proof is the mail that arrives. */
static bool email_plausible(const char *email)
{
	const char *at = strchr(email, '@');
	return at && at > email && !strchr(at + 1, '@') && strchr(at + 1, '.') && at[1] != '.' &&
		email[strlen(email) - 1] != '.' && !strpbrk(email, " \t\"(),:;<>[\\]");
}

static bool choice_known(const char *choices, const char *text)
{
	size_t length = strcspn(text, " "); /* two choices are none */
	if (!length || text[length])
		return false;
	for (const char *at = choices; (at = strstr(at, text)) != NULL; at += length)
		if ((at == choices || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static bool word_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/* A path of this site: one slash first, so that no other host can be meant. Control characters were refused before. */
static bool path_local(const char *path)
{
	return path[0] == '/' && path[1] != '/' && path[1] != '\\';
}

static const char *length_error(const struct rule *rule, const char *text)
{
	int64_t length = (int64_t)utf8_length(text);
	if (length > rule->max)
		return "error.too_long";
	if (length < rule->min)
		return length ? "error.too_short" : "error.required";
	return NULL;
}

static const char *text_error(const struct rule *rule, const char *text)
{
	const char *error = length_error(rule, text);
	if (error || !*text)
		return error;
	if (letters_control(text, rule->input == INPUT_TEXT))
		return "error.characters";
	switch (rule->input) {
	case INPUT_EMAIL:
		return email_plausible(text) ? NULL : "error.email";
	case INPUT_ID:
		return public_id_valid(text) ? NULL : "error.invalid";
	case INPUT_WORD:
		return word_plain(text) ? NULL : "error.invalid";
	case INPUT_CHOICE:
		return choice_known(rule->choices, text) ? NULL : "error.choice";
	case INPUT_PATH:
		return path_local(text) ? NULL : "error.invalid";
	case INPUT_LINE:
	case INPUT_TEXT:
	case INPUT_SECRET:
	case INPUT_NUMBER:
	case INPUT_FLAG:
		return NULL;
	}
	return NULL;
}

static const char *field_text(const struct rule *rule, char *raw, const char **text)
{
	*text = rule->input == INPUT_SECRET || rule->input == INPUT_TEXT ? raw : letters_trim(raw);
	if (rule->input == INPUT_EMAIL)
		for (char *p = raw; *p; p++)
			*p = (char)tolower((unsigned char)*p);
	return text_error(rule, *text);
}

static const char *field_number(const struct rule *rule, char *raw, int64_t *number)
{
	const char *text = letters_trim(raw);
	if (!*text)
		return "error.required";
	return parse_int(text, rule->min, rule->max, number) ? NULL : "error.number";
}

static const char *field_read(struct request *req, const struct rule *rule, const struct field *field, struct bytes data,
	char *at)
{
	const char *value = NULL;
	size_t length = 0, found = value_find(data, field->name, &value, &length);
	if (rule->input == INPUT_FLAG) {
		*(bool *)(void *)at = found > 0;
		return found > 1 ? "error.invalid" : NULL;
	}
	char *raw = found ? url_decode(req->mem, value, length, true) : mem_text(req->mem, "");
	if (field->kind == KIND_TEXT)
		*(const char **)(void *)at = "";
	if (found > 1)
		return "error.invalid";
	if (!raw)
		return "error.characters";
	if (rule->input == INPUT_NUMBER)
		return field_number(rule, raw, (int64_t *)(void *)at);
	return field_text(rule, raw, (const char **)(void *)at);
}

const void *form_read_(struct request *req, const struct form *form)
{
	char *values = mem_get(req->mem, form->shape->size);
	req->form = (struct form_state){ .form = form,
		.errors = mem_array(req->mem, form->shape->count, sizeof(const char *)) };
	struct bytes data = req->body;
	if (req->method == GET)
		data = (struct bytes){ (const unsigned char *)req->query, strlen(req->query) };
	for (size_t i = 0; i < form->shape->count; i++) {
		const struct field *field = &form->shape->fields[i];
		const char *error = field_read(req, &form->rules[i], field, data, values + field->offset);
		if (!error)
			continue;
		req->form.errors[i] = word(req, error);
		req->form.wrong++;
	}
	return values;
}

bool form_ok(const struct request *req)
{
	return req->form.form && !req->form.wrong;
}

void form_error(struct request *req, const char *field, const char *key)
{
	req->form.wrong++;
	if (!strcmp(field, "summary")) {
		req->form.summary = word(req, key);
		return;
	}
	const struct shape *shape = req->form.form->shape;
	const struct field *found = shape_field(shape, field, strlen(field));
	if (!found)
		fail("form.field", "%s has no field %s", shape->name, field);
	req->form.errors[found - shape->fields] = word(req, key);
}
