/* product_read.c: the description of a product, from JSON and Markdown files, with all its faults at once. */
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "form.h"
#include "product.h"

enum { DESCRIPTION_BYTES = 200 * 1024, TAGS_MAX = 20, AMOUNT_MAX = 99999999, DAYS_MAX = 36500 };

/* A name to save a file as: no path, no control characters, not hidden. */
static const char *file_name_take(const struct entry *entry)
{
	const char *name = take_text(entry, "name", 200, NULL);
	for (const char *p = name; p && *p; p++)
		if (strchr("/\\:*?\"<>|", *p) || (unsigned char)*p < 32 || *p == 127 || *name == '.') {
			fault(entry, "name", "\"%s\" is no name of a file everywhere", name);
			return NULL;
		}
	return name;
}

static const char *media_type_take(const struct entry *entry)
{
	const char *type = take_text(entry, "media_type", 100, NULL);
	const char *letters = "abcdefghijklmnopqrstuvwxyz0123456789.+-";
	size_t first = type ? strspn(type, letters) : 0;
	if (!type || (first && type[first] == '/' && type[first + 1] && !type[first + 1 + strspn(type + first + 1, letters)]))
		return type;
	fault(entry, "media_type", "\"%s\" is no type such as application/zip", type);
	return NULL;
}

static struct file_draft file_take(const struct entry *entry)
{
	take_known(entry, "path name media_type part");
	return (struct file_draft){ .path = take_text(entry, "path", 1000, NULL), .name = file_name_take(entry),
		.media_type = media_type_take(entry), .part = take_slug(entry, "part", 32, ""), .where = entry->where };
}

static struct version_draft version_take(const struct entry *entry)
{
	take_known(entry, "name released_at notes files");
	struct version_draft version = { .name = take_text(entry, "name", 50, NULL),
		.released_at = take_moment(entry, "released_at"), .file_count = take_count(entry, "files"),
		.where = entry->where };
	take_words(entry, "notes", 10000, version.notes);
	if (!version.file_count)
		fault(entry, "files", "holds none");
	version.files = mem_array(entry->intake->mem, version.file_count + 1, sizeof *version.files);
	for (size_t i = 0; i < version.file_count; i++) {
		struct entry item = take_item(entry, "files", i);
		version.files[i] = file_take(&item);
		for (size_t j = 0; j < i && version.files[i].name; j++)
			if (version.files[j].name && !strcmp(version.files[i].name, version.files[j].name))
				fault(&item, "name", "\"%s\" stands there twice", version.files[i].name);
	}
	return version;
}

static const char *parts_take(const struct entry *entry)
{
	size_t count = take_count(entry, "parts");
	struct buffer parts = buffer_new(entry->intake->mem, 64);
	for (size_t i = 0; i < count; i++) {
		const char *part = take_item_slug(entry, "parts", i, 32);
		buffer_format(&parts, "%s%s,", parts.length ? "" : ",", part ? part : "");
	}
	if (parts.length > 200)
		fault(entry, "parts", "is over 200 characters in all");
	return parts.text;
}

/* What each kind of benefit may say. */
static const struct {
	const char *kind;
	const char *fields;
} benefit_kinds[] = {
	{ "download", "kind product parts limit updates_days" },
	{ "license", "kind product seats duration_days transferable updates_days" },
	{ "tokens", "kind amount" },
	{ "module", "kind product module level duration_days uses" },
};

static void benefit_known(const struct entry *entry, const char *kind)
{
	for (size_t i = 0; i < sizeof benefit_kinds / sizeof benefit_kinds[0]; i++)
		if (kind && !strcmp(kind, benefit_kinds[i].kind))
			take_known(entry, benefit_kinds[i].fields);
}

static struct benefit_draft benefit_take(const struct entry *entry)
{
	const char *kind = take_word(entry, "kind", "download license tokens module", NULL);
	bool tokens = kind && !strcmp(kind, "tokens"), module = kind && !strcmp(kind, "module");
	bool license = kind && !strcmp(kind, "license");
	benefit_known(entry, kind);
	if (license && entry->object && !json_object_object_get_ex(entry->object, "seats", NULL))
		fault(entry, "seats", "is missing (null: no limit)");
	return (struct benefit_draft){ .kind = kind, .where = entry->where, .parts = parts_take(entry),
		.product = take_slug(entry, "product", 100, ""),
		.download_limit = take_number_or(entry, "limit", 1, 1000000, NONE),
		.seats = take_number_or(entry, "seats", 1, 1000000, NONE),
		.updates_days = take_number_or(entry, "updates_days", 1, DAYS_MAX, NONE),
		.duration_days = take_number_or(entry, "duration_days", 1, DAYS_MAX, NONE),
		.uses = take_number_or(entry, "uses", 1, 1000000000, NONE),
		.tokens = tokens ? take_number(entry, "amount", 1, 1000000000) : 0,
		.module = take_slug(entry, "module", 64, module ? NULL : ""),
		.level = take_slug(entry, "level", 32, module ? NULL : ""),
		.transferable = take_flag(entry, "transferable", true) };
}

static const char *currency_take(const struct entry *entry)
{
	const char *currency = take_text(entry, "currency", 3, NULL);
	if (!currency || (strlen(currency) == 3 && strspn(currency, "abcdefghijklmnopqrstuvwxyz") == 3))
		return currency;
	fault(entry, "currency", "\"%s\" is not three letters such as eur", currency);
	return NULL;
}

/* What a price that recurs may say besides: {"days": 14, "card": false, "percent": 10}. */
static void trial_take(const struct entry *entry, struct price_draft *price)
{
	struct entry trial = take_object(entry, "trial");
	price->trial_percent = 10;
	price->trial_card = true;
	if (!trial.object)
		return;
	take_known(&trial, "days card percent");
	price->trial_days = take_number(&trial, "days", 1, 730);
	price->trial_card = take_flag(&trial, "card", true);
	price->trial_percent = take_number_or(&trial, "percent", 0, 100, 10);
}

static void recurring_take(const struct entry *entry, struct price_draft *price)
{
	price->recurring = take_word(entry, "recurring", "once month year", "once");
	trial_take(entry, price);
	bool recurs = price->recurring && strcmp(price->recurring, "once");
	if (recurs && !price->amount)
		fault(entry, "amount", "is 0: what recurs must cost something");
	if (recurs && price->quantity_max > 1)
		fault(entry, "quantity_max", "is over 1: a subscription is one");
	if (!recurs && price->trial_days)
		fault(entry, "trial", "is only for what recurs");
}

static struct price_draft price_take(const struct entry *entry)
{
	take_known(entry, "key title summary amount currency position quantity_max recurring trial benefits");
	struct price_draft price = { .key = take_slug(entry, "key", 32, NULL),
		.amount = take_number(entry, "amount", 0, AMOUNT_MAX), .currency = currency_take(entry),
		.position = take_number_or(entry, "position", 0, 1000000, 0),
		.quantity_max = take_number_or(entry, "quantity_max", 1, 1000, 1),
		.benefit_count = take_count(entry, "benefits") };
	recurring_take(entry, &price);
	take_words(entry, "title", 100, price.title);
	take_words(entry, "summary", 300, price.summary);
	if (!price.benefit_count)
		fault(entry, "benefits", "gives nothing");
	price.benefits = mem_array(entry->intake->mem, price.benefit_count + 1, sizeof *price.benefits);
	for (size_t i = 0; i < price.benefit_count; i++) {
		struct entry item = take_item(entry, "benefits", i);
		price.benefits[i] = benefit_take(&item);
	}
	return price;
}

static bool part_known(const struct product_draft *draft, const char *part, size_t length)
{
	for (size_t v = 0; v < draft->version_count; v++)
		for (size_t f = 0; f < draft->versions[v].file_count; f++) {
			const char *have = draft->versions[v].files[f].part;
			if (!length || (have && strlen(have) == length && !memcmp(have, part, length)))
				return true;
		}
	return false;
}

/* A download of nothing would be sold and never delivered. */
static void downloads_check(const struct product_draft *draft, const struct price_draft *price)
{
	for (size_t i = 0; i < price->benefit_count; i++) {
		const struct benefit_draft *benefit = &price->benefits[i];
		struct entry entry = { draft->intake, NULL, benefit->where };
		if (!benefit->kind || strcmp(benefit->kind, "download") || (benefit->product && *benefit->product))
			continue;
		if (!part_known(draft, "", 0))
			fault(&entry, "", "gives files, but no version has any");
		for (const char *at = benefit->parts; *at && at[1]; at += 1 + strcspn(at + 1, ","))
			if (strcspn(at + 1, ",") && !part_known(draft, at + 1, strcspn(at + 1, ",")))
				fault(&entry, "parts", "no file has the part \"%.*s\"", (int)strcspn(at + 1, ","), at + 1);
	}
}

static void versions_take(const struct entry *entry, struct product_draft *draft)
{
	draft->version_count = take_count(entry, "versions");
	draft->versions = mem_array(entry->intake->mem, draft->version_count + 1, sizeof *draft->versions);
	for (size_t i = 0; i < draft->version_count; i++) {
		struct entry item = take_item(entry, "versions", i);
		draft->versions[i] = version_take(&item);
		for (size_t j = 0; j < i && draft->versions[i].name; j++)
			if (draft->versions[j].name && !strcasecmp(draft->versions[i].name, draft->versions[j].name))
				fault(&item, "name", "\"%s\" stands there twice", draft->versions[i].name);
	}
}

static void prices_take(const struct entry *entry, struct product_draft *draft)
{
	draft->price_count = take_count(entry, "prices");
	draft->prices = mem_array(entry->intake->mem, draft->price_count + 1, sizeof *draft->prices);
	for (size_t i = 0; i < draft->price_count; i++) {
		struct entry item = take_item(entry, "prices", i);
		draft->prices[i] = price_take(&item);
		for (size_t j = 0; j < i && draft->prices[i].key; j++)
			if (draft->prices[j].key && !strcmp(draft->prices[i].key, draft->prices[j].key))
				fault(&item, "key", "\"%s\" stands there twice", draft->prices[i].key);
		downloads_check(draft, &draft->prices[i]);
	}
}

static void tags_take(const struct entry *entry, struct product_draft *draft)
{
	size_t count = take_count(entry, "tags");
	draft->tags = mem_array(entry->intake->mem, count + 1, sizeof *draft->tags);
	if (count > TAGS_MAX)
		fault(entry, "tags", "are over %d", TAGS_MAX);
	for (size_t i = 0; i < count && i < TAGS_MAX; i++) {
		const char *tag = take_item_text(entry, "tags", i, 50);
		bool known = !tag;
		for (size_t j = 0; j < draft->tag_count; j++)
			known |= tag && !strcasecmp(draft->tags[j], tag);
		if (!known)
			draft->tags[draft->tag_count++] = tag;
	}
}

/* A description is Markdown, or the path of a file of it. */
static const char *description_take(const struct entry *entry, int folder, const char *text)
{
	const char *why;
	size_t length = strlen(text);
	if (length < 4 || strcmp(text + length - 3, ".md") || strchr(text, '\n'))
		return text;
	int file = file_open_beneath(folder, text, &why);
	if (file < 0) {
		fault(entry, "description", "%s %s", text, why);
		return "";
	}
	char *markdown = mem_get(entry->intake->mem, DESCRIPTION_BYTES + 1);
	ssize_t n = read(file, markdown, DESCRIPTION_BYTES + 1); /* a regular file of that size comes in one read */
	close(file);
	if (n <= 0 || n > DESCRIPTION_BYTES || !utf8_valid(markdown, (size_t)n)) {
		fault(entry, "description", "%s is not 1 to %d bytes of UTF-8", text, DESCRIPTION_BYTES);
		return "";
	}
	return markdown;
}

static void folder_close(void *arg)
{
	close((int)(intptr_t)arg);
}

/* Opens the description and the folder that its paths are beneath. */
static int description_open(struct intake *intake, const char *path, int *folder)
{
	struct stat info;
	struct entry nowhere = { intake, NULL, "" };
	bool whole = !stat(path, &info);
	bool inside = whole && S_ISDIR(info.st_mode);
	const char *base = inside ? path : dirname(mem_text(intake->mem, path));
	intake->file = inside ? mem_format(intake->mem, "%s/product.json", path) : path;
	*folder = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int file = *folder < 0 ? -1 : open(intake->file, O_RDONLY | O_CLOEXEC);
	if (*folder >= 0)
		mem_defer(intake->mem, folder_close, (void *)(intptr_t)*folder);
	if (file < 0)
		fault(&nowhere, "", "cannot be opened");
	else
		mem_defer(intake->mem, folder_close, (void *)(intptr_t)file);
	return file;
}

bool product_read(struct intake *intake, const char *path, struct product_draft *draft)
{
	*draft = (struct product_draft){ .intake = intake };
	int file = description_open(intake, path, &draft->folder);
	if (file < 0)
		return false;
	struct entry entry = intake_object(intake, file);
	if (!entry.object)
		return false;
	take_known(&entry, "slug category position status seller title summary description tags cover cover_alt versions prices");
	draft->slug = take_slug(&entry, "slug", 100, NULL);
	draft->category = take_slug(&entry, "category", 64, NULL);
	draft->position = take_number_or(&entry, "position", 0, 1000000, 0);
	draft->status = take_word(&entry, "status", "draft published withdrawn", "draft");
	draft->seller = take_text(&entry, "seller", 254, "");
	draft->cover = take_text(&entry, "cover", 1000, "");
	take_words(&entry, "title", 200, draft->title);
	take_words(&entry, "summary", 500, draft->summary);
	take_words(&entry, "description", DESCRIPTION_BYTES, draft->description);
	if (take_has(&entry, "cover"))
		take_words(&entry, "cover_alt", 200, draft->cover_alt);
	for (size_t i = 0; i < LANGUAGES; i++) {
		draft->description[i] = description_take(&entry, draft->folder, draft->description[i]);
		draft->cover_alt[i] = draft->cover_alt[i] ? draft->cover_alt[i] : "";
	}
	tags_take(&entry, draft);
	versions_take(&entry, draft);
	prices_take(&entry, draft);
	return !intake->faults.length;
}
