/* product.c: a product's rows brought to what its description says, in one transaction. */
#include "product.h"

#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "fail.h"
#include "moment.h"
#include "sign.h"

bool category_save(struct db *db, const char *slug, int64_t position, const char *const title[LANGUAGES])
{
	int64_t changed = db_run(db,
		"INSERT INTO category (slug, position) VALUES (?, ?) ON DUPLICATE KEY UPDATE position = VALUES(position)", slug,
		position);
	int64_t id = db_int(db, "SELECT id FROM category WHERE slug = ?", slug);
	for (size_t i = 0; i < LANGUAGES; i++)
		changed += db_run(db,
			"INSERT INTO category_text (category_id, language, title) VALUES (?, ?, ?)"
			" ON DUPLICATE KEY UPDATE title = VALUES(title)",
			id, languages[i], title[i]);
	return changed > 0;
}

int64_t categories_import(struct db *db, struct intake *intake, int file)
{
	struct entry list = intake_list(intake, file);
	size_t count = list.object ? json_object_array_length(list.object) : 0;
	int64_t changed = 0;
	db_begin(db);
	for (size_t i = 0; i < count; i++) {
		struct entry entry = take_item(&list, "", i);
		const char *title[LANGUAGES], *slug = take_slug(&entry, "slug", 64, NULL);
		int64_t position = take_number_or(&entry, "position", 0, 1000000, 0);
		take_known(&entry, "slug position title");
		take_words(&entry, "title", 100, title);
		changed += slug && category_save(db, slug, position, title);
	}
	if (intake->faults.length) {
		db_rollback(db);
		return -1;
	}
	db_commit(db);
	return changed;
}

void product_prices_refresh(struct db *db, int64_t product_id)
{
	db_run(db,
		"UPDATE product d SET"
		" currency = COALESCE((SELECT p.currency FROM price p WHERE p.product_id = d.id AND p.active"
		"  ORDER BY p.position, p.id LIMIT 1), d.currency),"
		" price_from = COALESCE((SELECT MIN(p.amount) FROM price p WHERE p.product_id = d.id AND p.active"
		"  AND p.currency = d.currency), 0),"
		" price_count = (SELECT COUNT(*) FROM price p WHERE p.product_id = d.id AND p.active) WHERE d.id = ?",
		product_id);
}

static void texts_save(struct db *db, int64_t product_id, const struct product_draft *draft,
	struct import_report *report)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		report->changes += db_run(db,
			"INSERT INTO product_text (product_id, language, title, summary, cover_alt, description)"
			" VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE title = VALUES(title), summary = VALUES(summary),"
			" cover_alt = VALUES(cover_alt), description = VALUES(description)",
			product_id, languages[i], draft->title[i], draft->summary[i], draft->cover_alt[i],
			draft->description[i]) > 0;
}

struct tag_row {
	const char *tag;
};
ROW(tag_row, tag);

static void tags_save(struct db *db, int64_t product_id, const struct product_draft *draft, struct import_report *report)
{
	struct list rows = db_all(db, tag_row, "SELECT tag FROM product_tag WHERE product_id = ?", product_id);
	LIST_EACH(tag_row, row, rows) {
		bool kept = false;
		for (size_t i = 0; i < draft->tag_count; i++)
			kept |= !strcmp(draft->tags[i], row->tag);
		if (!kept)
			report->changes += db_run(db, "DELETE FROM product_tag WHERE product_id = ? AND tag = ?", product_id,
				row->tag);
	}
	for (size_t i = 0; i < draft->tag_count; i++)
		report->changes += db_run(db,
			"INSERT INTO product_tag (product_id, tag) VALUES (?, ?) ON DUPLICATE KEY UPDATE tag = tag", product_id,
			draft->tags[i]);
}

/* The row itself, locked by being written. */
static int64_t product_save(struct db *db, int64_t category_id, const struct product_draft *draft,
	struct import_report *report)
{
	struct moment now = moment_now();
	report->changes += db_run(db,
		"INSERT INTO product (public_id, slug, category_id, seller_id, status, position, cover, created_at, updated_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE category_id = VALUES(category_id),"
		" seller_id = VALUES(seller_id), status = VALUES(status), position = VALUES(position), cover = VALUES(cover)",
		random_id(db->mem), draft->slug, category_id, draft->seller_id, draft->status, draft->position, draft->cover,
		now, now) > 0;
	return db_int(db, "SELECT id FROM product WHERE slug = ? FOR UPDATE", draft->slug);
}

/* Whose files and licences the benefits give: this product's, or another's by its slug. */
static void benefits_find(struct db *db, struct product_draft *draft, int64_t product_id)
{
	for (size_t p = 0; p < draft->price_count; p++)
		for (size_t b = 0; b < draft->prices[p].benefit_count; b++) {
			struct benefit_draft *benefit = &draft->prices[p].benefits[b];
			struct entry entry = { draft->intake, NULL, benefit->where };
			benefit->product_id = product_id;
			if (!*benefit->product || !strcmp(benefit->product, draft->slug))
				continue;
			benefit->product_id = db_int(db, "SELECT id FROM product WHERE slug = ?", benefit->product);
			if (!benefit->product_id)
				fault(&entry, "product", "there is no product \"%s\" yet: import it first", benefit->product);
		}
}

struct save {
	struct db *db;
	struct product_draft *draft;
	struct import_report *report;
	bool created;
};

static void rows_save(struct save *save, int64_t category_id)
{
	struct db *db = save->db;
	struct import_report *report = save->report;
	save->created = !db_int(db, "SELECT COUNT(*) FROM product WHERE slug = ?", save->draft->slug);
	int64_t id = product_save(db, category_id, save->draft, report);
	benefits_find(db, save->draft, id);
	if (save->draft->intake->faults.length) {
		db_rollback(db);
		return;
	}
	texts_save(db, id, save->draft, report);
	tags_save(db, id, save->draft, report);
	product_versions_save(db, id, save->draft, report);
	product_prices_save(db, id, save->draft, report);
	product_prices_refresh(db, id);
	if (report->changes) {
		db_run(db, "UPDATE product SET updated_at = ? WHERE id = ?", moment_now(), id);
		audit_put(db, save->draft->seller_id, 0, "product.imported", id, "");
	}
	db_commit(db);
}

static void save_run(void *arg)
{
	struct save *save = arg;
	struct entry entry = { save->draft->intake, NULL, "" };
	*save->report = (struct import_report){ .files = save->report->files };
	db_begin(save->db);
	int64_t category_id = db_int(save->db, "SELECT id FROM category WHERE slug = ?", save->draft->category);
	if (category_id) {
		rows_save(save, category_id);
		return;
	}
	fault(&entry, "category", "there is no category \"%s\": comptoir category import", save->draft->category);
	db_rollback(save->db);
}

/* Each new file into the store; the cover into media/. */
static void files_store(struct product_draft *draft, struct import_report *report)
{
	struct entry entry = { draft->intake, NULL, "" };
	for (size_t v = 0; v < draft->version_count; v++)
		for (size_t f = 0; f < draft->versions[v].file_count && !draft->intake->faults.length; f++) {
			struct file_draft *file = &draft->versions[v].files[f];
			const char *why;
			int open = file->fresh ? file_open_beneath(draft->folder, file->path, &why) : -1;
			if (!file->fresh)
				continue;
			entry.where = file->where;
			if (open < 0 || !file_store_put(open, &file->stored, &why)) {
				fault(&entry, "path", "%s cannot be stored: %s", file->path, why);
				file->stored.storage[0] = 0;
			} else {
				report->files++;
			}
			if (open >= 0)
				close(open);
		}
}

static void cover_store(struct product_draft *draft)
{
	struct entry entry = { draft->intake, NULL, "" };
	const char *why, *name = "";
	int file = *draft->cover ? file_open_beneath(draft->folder, draft->cover, &why) : -1;
	if (*draft->cover && (file < 0 || !(name = media_put(draft->intake->mem, file, &why))))
		fault(&entry, "cover", "%s %s", draft->cover, why);
	if (file >= 0)
		close(file);
	draft->cover = name;
}

/* What was stored for rows that never came. */
static void files_remove(const struct product_draft *draft)
{
	for (size_t v = 0; v < draft->version_count; v++)
		for (size_t f = 0; f < draft->versions[v].file_count; f++)
			if (draft->versions[v].files[f].fresh && *draft->versions[v].files[f].stored.storage)
				file_store_remove(draft->versions[v].files[f].stored.storage);
}

enum imported product_import(struct db *db, struct product_draft *draft, struct import_report *report)
{
	struct save save = { db, draft, report, false };
	*report = (struct import_report){ 0 };
	product_files_compare(db, draft);
	if (!draft->intake->faults.length)
		cover_store(draft);
	if (!draft->intake->faults.length)
		files_store(draft, report);
	struct failure failure = { .kind = FAILURE_NONE };
	if (!draft->intake->faults.length)
		failure = db_attempts(save.db, save_run, &save);
	if (draft->intake->faults.length || (failure.kind != FAILURE_NONE && failure.kind != FAILURE_DATABASE))
		files_remove(draft); /* after a lost connection nobody knows: `comptoir doctor` finds what has no row */
	if (failure.kind != FAILURE_NONE)
		fail_as(failure.kind, failure.event, "%s", failure.message);
	if (draft->intake->faults.length)
		return IMPORT_REFUSED;
	return save.created ? IMPORT_NEW : report->changes ? IMPORT_CHANGED : IMPORT_SAME;
}
