/* version.c: versions and their files, read for display. */
#include "version.h"

#include "markup.h"

struct version_row {
	int64_t id;
	const char *name, *notes;
	struct moment released_at;
};
ROW(version_row, id, name, OPT(notes), released_at);

/* Files come newest version first and each version's backwards, as their key lies; so they are taken from the
 * end. */
static struct list files_of(struct db *db, struct list files, int64_t version_id)
{
	struct list some = { .shape = &version_file_shape };
	struct version_file *items = mem_array(db->mem, files.count + 1, sizeof *items);
	const struct version_file *all = files.items;
	for (size_t i = files.count; i--;)
		if (all[i].version_id == version_id)
			items[some.count++] = all[i];
	some.items = items;
	return some;
}

struct list versions_of_product(struct db *db, int64_t product_id, const char *language)
{
	struct list rows = db_all(db, version_row,
		"SELECT v.id, v.name, t.notes, v.released_at FROM product_version v"
		" LEFT JOIN product_version_text t ON t.version_id = v.id AND t.language = ?"
		" WHERE v.product_id = ? ORDER BY v.released_at DESC, v.id DESC LIMIT 20",
		language, product_id);
	struct list files = db_all(db, version_file,
		"SELECT version_id, name, size FROM product_file WHERE product_id = ?"
		" ORDER BY version_id DESC, id DESC LIMIT 200",
		product_id);
	struct list views = { .items = mem_array(db->mem, rows.count + 1, sizeof(struct version_view)),
		.shape = &version_view_shape };
	struct version_view *view = views.items;
	LIST_EACH(version_row, row, rows)
		view[views.count++] = (struct version_view){ .name = row->name, .released_at = row->released_at,
			.notes = markup_html(db->mem, row->notes), .files = files_of(db, files, row->id) };
	return views;
}
