/* intake.c: fields of JSON objects, checked one by one. */
#include "intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "form.h"
#include "json.h"
#include "moment.h"

enum { FILE_MAX = 4 << 20, DEPTH = 8 };

struct intake intake_new(struct mem *mem, const char *file)
{
	return (struct intake){ mem, file, buffer_new(mem, 256) };
}

void fault(const struct entry *entry, const char *field, const char *format, ...)
{
	struct intake *intake = entry->intake;
	bool dot = *entry->where && *field;
	va_list args;
	va_start(args, format);
	buffer_format(&intake->faults, "%s: %s%s%s%s%s\n", intake->file, entry->where, dot ? "." : "", field,
		*entry->where || *field ? ": " : "", mem_vformat(intake->mem, format, args));
	va_end(args);
}

static struct entry intake_value(struct intake *intake, int file, json_type type, const char *what)
{
	struct entry entry = { intake, NULL, "" };
	struct stat info;
	if (fstat(file, &info) || info.st_size > FILE_MAX) {
		fault(&entry, "", "cannot be read, or is over 4 MiB");
		return entry;
	}
	char *text = mem_get(intake->mem, (size_t)info.st_size + 1);
	ssize_t length = 0, n;
	while (length < info.st_size && (n = pread(file, text + length, (size_t)(info.st_size - length), length)) > 0)
		length += n;
	entry.object = json_read(intake->mem, (struct bytes){ (unsigned char *)text, (size_t)length }, DEPTH);
	if (!json_object_is_type(entry.object, type)) {
		entry.object = NULL;
		fault(&entry, "", "is no JSON %s in UTF-8", what);
	}
	return entry;
}

struct entry intake_object(struct intake *intake, int file)
{
	return intake_value(intake, file, json_type_object, "object");
}

struct entry intake_list(struct intake *intake, int file)
{
	return intake_value(intake, file, json_type_array, "list");
}

/* Is a word among words with spaces between? */
static bool among(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t here = strcspn(at, " ");
		if (here == length && !memcmp(at, word, length))
			return true;
		at += here;
	}
	return false;
}

void take_known(const struct entry *entry, const char *names)
{
	if (!entry->object)
		return;
	struct json_object_iterator at = json_object_iter_begin(entry->object);
	struct json_object_iterator end = json_object_iter_end(entry->object);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		if (!among(names, json_object_iter_peek_name(&at)))
			fault(entry, json_object_iter_peek_name(&at), "is no field here");
}

static struct json_object *value_of(const struct entry *entry, const char *field)
{
	struct json_object *value = NULL;
	if (entry->object)
		json_object_object_get_ex(entry->object, field, &value);
	return value;
}

bool take_has(const struct entry *entry, const char *field)
{
	return value_of(entry, field) != NULL;
}

static const char *text_checked(const struct entry *entry, const char *field, struct json_object *value, size_t most)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
	if (!text)
		fault(entry, field, "is no text");
	else if (strlen(text) != (size_t)json_object_get_string_len(value))
		fault(entry, field, "holds a NUL");
	else if (!*text)
		fault(entry, field, "is empty");
	else if (utf8_length(text) > most)
		fault(entry, field, "is over %zu characters", most);
	else
		return text;
	return NULL;
}

const char *take_text(const struct entry *entry, const char *field, size_t most, const char *otherwise)
{
	struct json_object *value = value_of(entry, field);
	if (value)
		return text_checked(entry, field, value, most);
	if (!otherwise)
		fault(entry, field, "is missing");
	return otherwise;
}

bool slug_good(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return length && !text[length] && *text != '-' && text[length - 1] != '-' && !strstr(text, "--");
}

static const char *slug_checked(const struct entry *entry, const char *field, const char *text)
{
	if (text && *text && !slug_good(text)) {
		fault(entry, field, "\"%s\" is not made of a-z, 0-9 and single hyphens", text);
		return NULL;
	}
	return text;
}

const char *take_slug(const struct entry *entry, const char *field, size_t most, const char *otherwise)
{
	return slug_checked(entry, field, take_text(entry, field, most, otherwise));
}

const char *take_word(const struct entry *entry, const char *field, const char *words, const char *otherwise)
{
	const char *text = take_text(entry, field, 100, otherwise);
	if (!text || among(words, text))
		return text;
	fault(entry, field, "\"%s\" is none of: %s", text, words);
	return NULL;
}

int64_t take_number(const struct entry *entry, const char *field, int64_t least, int64_t most)
{
	if (!take_has(entry, field)) {
		fault(entry, field, "is missing");
		return least;
	}
	return take_number_or(entry, field, least, most, least);
}

int64_t take_number_or(const struct entry *entry, const char *field, int64_t least, int64_t most, int64_t otherwise)
{
	struct json_object *value = value_of(entry, field);
	if (!value)
		return otherwise;
	int64_t number = json_object_get_int64(value);
	if (json_object_is_type(value, json_type_int) && number >= least && number <= most)
		return number;
	fault(entry, field, "is no whole number from %lld to %lld", (long long)least, (long long)most);
	return otherwise;
}

bool take_flag(const struct entry *entry, const char *field, bool otherwise)
{
	struct json_object *value = value_of(entry, field);
	if (!value)
		return otherwise;
	if (!json_object_is_type(value, json_type_boolean))
		fault(entry, field, "is neither true nor false");
	return json_object_get_boolean(value);
}

struct moment take_moment(const struct entry *entry, const char *field)
{
	struct moment moment = { 0 };
	const char *text = take_text(entry, field, 40, NULL);
	if (text && !moment_parse_iso(text, &moment))
		fault(entry, field, "\"%s\" is no time such as 2026-01-31T09:00:00Z", text);
	return moment;
}

void take_words(const struct entry *entry, const char *field, size_t most, const char *words[LANGUAGES])
{
	struct json_object *value = value_of(entry, field);
	struct entry inner = { entry->intake, value,
		mem_format(entry->intake->mem, "%s%s%s", entry->where, *entry->where ? "." : "", field) };
	for (size_t i = 0; i < LANGUAGES; i++)
		words[i] = "";
	if (!json_object_is_type(value, json_type_object)) {
		fault(entry, field, value ? "is no object with a text per language" : "is missing");
		return;
	}
	take_known(&inner, "en fr");
	for (size_t i = 0; i < LANGUAGES; i++) {
		const char *text = take_text(&inner, languages[i], most, NULL);
		words[i] = text ? text : "";
	}
}

size_t take_count(const struct entry *entry, const char *field)
{
	struct json_object *value = value_of(entry, field);
	if (value && !json_object_is_type(value, json_type_array))
		fault(entry, field, "is no list");
	return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
}

static struct json_object *item_of(const struct entry *entry, const char *field, size_t i)
{
	return json_object_array_get_idx(*field ? value_of(entry, field) : entry->object, i);
}

static const char *item_where(const struct entry *entry, const char *field, size_t i)
{
	return mem_format(entry->intake->mem, "%s%s%s[%zu]", entry->where, *entry->where ? "." : "", field, i);
}

struct entry take_item(const struct entry *entry, const char *field, size_t i)
{
	struct entry item = { entry->intake, item_of(entry, field, i), item_where(entry, field, i) };
	if (!json_object_is_type(item.object, json_type_object)) {
		fault(&item, "", "is no object");
		item.object = NULL;
	}
	return item;
}

struct entry take_object(const struct entry *entry, const char *field)
{
	struct entry inner = { entry->intake, value_of(entry, field),
		mem_format(entry->intake->mem, "%s%s%s", entry->where, *entry->where ? "." : "", field) };
	if (inner.object && !json_object_is_type(inner.object, json_type_object)) {
		fault(&inner, "", "is no object");
		inner.object = NULL;
	}
	return inner;
}

const char *take_item_text(const struct entry *entry, const char *field, size_t i, size_t most)
{
	struct entry item = { entry->intake, NULL, item_where(entry, field, i) };
	return text_checked(&item, "", item_of(entry, field, i), most);
}

const char *take_item_slug(const struct entry *entry, const char *field, size_t i, size_t most)
{
	struct entry item = { entry->intake, NULL, item_where(entry, field, i) };
	return slug_checked(&item, "", take_item_text(entry, field, i, most));
}
