/* product_version.c: versions and their files: added, never changed. */
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "moment.h"
#include "product.h"
#include "sign.h"

/* A version that is there already keeps its date: it decides which buyers it reaches. */
static void released_compare(struct db *db, const struct product_draft *draft, const struct version_draft *version)
{
	struct entry entry = { draft->intake, NULL, version->where };
	if (db_int(db,
		"SELECT COUNT(*) FROM product_version v JOIN product d ON d.id = v.product_id"
		" WHERE d.slug = ? AND v.name = ? AND v.released_at <> ?",
		draft->slug, version->name, version->released_at))
		fault(&entry, "released_at", "version %s has another date already; it decides which buyers it reaches",
			version->name);
}

struct file_row {
	int64_t size;
	struct bytes sha256;
};
ROW(file_row, size, sha256);

static void file_compare(struct db *db, const struct product_draft *draft, const struct version_draft *version,
	struct file_draft *file)
{
	struct entry entry = { draft->intake, NULL, file->where };
	const char *why;
	int open = file_open_beneath(draft->folder, file->path, &why);
	bool measured = open >= 0 && file_measure(open, &file->stored, &why);
	if (open >= 0)
		close(open);
	if (!measured) {
		fault(&entry, "path", "%s %s", file->path, why);
		return;
	}
	const struct file_row *row = db_one(db, file_row,
		"SELECT f.size, f.sha256 FROM product_file f JOIN product_version v ON v.id = f.version_id"
		" JOIN product d ON d.id = v.product_id WHERE d.slug = ? AND v.name = ? AND f.name = ?",
		draft->slug, version->name, file->name);
	file->fresh = !row;
	if (row && (row->size != file->stored.size || memcmp(row->sha256.data, file->stored.sha256, row->sha256.length)))
		fault(&entry, "", "%s of version %s was released with other bytes; a released file never changes:"
			" publish a new version", file->name, version->name);
}

void product_files_compare(struct db *db, struct product_draft *draft)
{
	for (size_t v = 0; v < draft->version_count; v++) {
		released_compare(db, draft, &draft->versions[v]);
		for (size_t f = 0; f < draft->versions[v].file_count; f++)
			file_compare(db, draft, &draft->versions[v], &draft->versions[v].files[f]);
	}
}

static void file_save(struct db *db, int64_t product_id, int64_t version_id, const struct file_draft *file,
	struct import_report *report)
{
	if (file->fresh)
		report->changes += db_run(db,
			"INSERT INTO product_file (public_id, product_id, version_id, part, name, media_type, size, sha256, storage,"
			" created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			random_id(db->mem), product_id, version_id, file->part, file->name, file->media_type, file->stored.size,
			((struct bytes){ file->stored.sha256, sizeof file->stored.sha256 }), file->stored.storage, moment_now());
	else
		report->changes += db_run(db,
			"UPDATE product_file SET part = ?, media_type = ? WHERE version_id = ? AND name = ?", file->part,
			file->media_type, version_id, file->name);
}

static int64_t version_save(struct db *db, int64_t product_id, const struct version_draft *version,
	struct import_report *report)
{
	int64_t made = db_run(db,
		"INSERT INTO product_version (product_id, name, released_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE id = id",
		product_id, version->name, version->released_at);
	int64_t id = db_int(db, "SELECT id FROM product_version WHERE product_id = ? AND name = ?", product_id,
		version->name);
	if (made)
		event_put(db, "file.version_published", 0, id, "{}");
	report->changes += made;
	return id;
}

void product_versions_save(struct db *db, int64_t product_id, const struct product_draft *draft,
	struct import_report *report)
{
	for (size_t v = 0; v < draft->version_count; v++) {
		const struct version_draft *version = &draft->versions[v];
		int64_t id = version_save(db, product_id, version, report);
		for (size_t i = 0; i < LANGUAGES; i++)
			report->changes += db_run(db,
				"INSERT INTO product_version_text (version_id, language, notes) VALUES (?, ?, ?)"
				" ON DUPLICATE KEY UPDATE notes = VALUES(notes)",
				id, languages[i], version->notes[i]) > 0;
		for (size_t f = 0; f < version->file_count; f++)
			file_save(db, product_id, id, &version->files[f], report);
	}
}
