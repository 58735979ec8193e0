/* rights.c: download rights and their files, two queries for a page of them. */
#include "rights.h"

#include <string.h>

#include "download.h"
#include "keyset.h"
#include "moment.h"

enum { PER_PAGE = 10 };

struct right_row {
	int64_t id;
	const char *entitlement, *slug, *title, *price_title, *state, *reason;
	struct moment updates_until, ends_at;
};
ROW(right_row, id, entitlement, slug, title, price_title, state, reason, OPT(updates_until), OPT(ends_at));

static struct list rights_read(struct request *req, int64_t before)
{
	return db_all(req->db, right_row,
		"SELECT e.id, e.public_id AS entitlement, p.slug, e.title, e.price_title, e.state, e.reason, e.updates_until,"
		" e.ends_at FROM entitlement e FORCE INDEX (PRIMARY) JOIN product p ON p.id = e.product_id"
		" WHERE e.account_id = ? AND e.id < ? AND e.kind = 'download' AND e.deleted_at IS NULL"
		" ORDER BY e.id DESC LIMIT 11",
		req->account_id, before);
}

/* The files of all rights of the page at once, of the newest version and the eleven before it. What is sorted
 * is these few rows; the lists themselves come in the order of their keys. */
static struct list files_read(struct request *req, struct list rights)
{
	const struct right_row *newest = rights.items, *oldest = newest + (rights.count ? rights.count - 1 : 0);
	if (!rights.count)
		return (struct list){ .shape = &file_row_shape };
	return db_all(req->db, file_row,
		"SELECT COALESCE(right_id, 0) AS right_id, COALESCE(version_id, 0) AS version_id,"
		" COALESCE(version_name, '') AS version_name, COALESCE(file, '') AS file, COALESCE(name, '') AS name,"
		" COALESCE(sha256, '') AS sha256, released_at, COALESCE(size, 0) AS size FROM ("
		" SELECT e.id AS right_id, v.id AS version_id, v.name AS version_name, f.public_id AS file, f.name,"
		"  LOWER(HEX(f.sha256)) AS sha256, v.released_at, f.size,"
		"  DENSE_RANK() OVER (PARTITION BY e.id ORDER BY v.released_at DESC, v.id DESC) AS age"
		"  FROM entitlement e JOIN product_version v ON v.product_id = e.product_id"
		"  JOIN product_file f ON f.version_id = v.id"
		"  WHERE e.account_id = ? AND e.id BETWEEN ? AND ? AND e.kind = 'download' AND " RIGHT_STANDS
		"  AND " RIGHT_COVERS ") ranked"
		" WHERE age <= 12 ORDER BY right_id DESC, age, name LIMIT 1000",
		req->account_id, oldest->id, newest->id, moment_now());
}

/* The run of files from *at that belong to one version of one right. */
static struct version version_take(struct list files, int64_t right_id, size_t *at)
{
	const struct file_row *rows = files.items, *first = rows + *at;
	struct version version = { .files = { .shape = &file_row_shape } };
	if (*at >= files.count || first->right_id != right_id)
		return version;
	size_t start = *at;
	while (*at < files.count && rows[*at].right_id == right_id && rows[*at].version_id == first->version_id)
		++*at;
	version.version_name = first->version_name;
	version.released_at = first->released_at;
	version.files.items = (void *)(uintptr_t)first;
	version.files.count = *at - start;
	return version;
}

/* The first version is the right's own, the rest are its older ones. */
static void files_give(struct request *req, struct right *right, int64_t right_id, struct list files, size_t *at)
{
	struct version newest = version_take(files, right_id, at), older;
	struct version *versions = mem_array(req->mem, files.count - *at + 1, sizeof *versions);
	right->version_name = newest.version_name ? newest.version_name : "";
	right->released_at = newest.released_at;
	right->files = newest.files;
	right->older = (struct list){ .items = versions, .shape = &version_shape };
	while ((older = version_take(files, right_id, at)).files.count)
		versions[right->older.count++] = older;
}

static struct right right_of(struct request *req, const struct right_row *row)
{
	bool over = row->ends_at.us && row->ends_at.us <= moment_now().us;
	bool active = !strcmp(row->state, "active");
	const char *state = active && over ? "expired" : row->state;
	const char *reason = active && over ? "time" : row->reason;
	return (struct right){ .entitlement = row->entitlement, .anchor = row->slug, .title = row->title,
		.price_title = row->price_title, .state = state, .state_label = word_of(req, "state.right", state),
		.reason_label = *reason ? word_of(req, "reason", reason) : "", .is_active = active && !over,
		.updates_until = row->updates_until, .ends_at = row->ends_at };
}

static void anchor_once(struct right *rights, size_t i)
{
	for (size_t earlier = 0; earlier < i; earlier++)
		if (!strcmp(rights[earlier].anchor, rights[i].anchor))
			rights[i].anchor = "";
}

struct list rights_page(struct request *req, const char *name, const char **older_href)
{
	struct list rows = rights_read(req, keyset_before(req, name));
	*older_href = keyset_older(req, &rows, PER_PAGE, name);
	struct list files = files_read(req, rows);
	struct list list = { .items = mem_array(req->mem, rows.count + 1, sizeof(struct right)), .shape = &right_shape };
	struct right *rights = list.items;
	size_t at = 0;
	LIST_EACH(right_row, row, rows) {
		rights[list.count] = right_of(req, row);
		files_give(req, &rights[list.count], row->id, files, &at);
		anchor_once(rights, list.count++);
	}
	return list;
}
