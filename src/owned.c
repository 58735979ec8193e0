/* owned.c: one product's rights and files, read for display. */
#include "owned.h"

#include <string.h>

#include "download.h"
#include "moment.h"

struct list held_of(struct request *req, int64_t product_id)
{
	if (!req->member)
		return (struct list){ .shape = &held_shape };
	return db_all(req->db, held,
		"SELECT e.kind, b.price_id FROM entitlement e JOIN benefit b ON b.id = e.benefit_id"
		" WHERE e.account_id = ? AND e.product_id = ? AND " RIGHT_STANDS " GROUP BY e.kind, b.price_id",
		req->account_id, product_id, moment_now());
}

/* Files of the newest version that any of the rights covers; of two rights to one file, the newer. */
static struct list held_files(struct request *req, int64_t product_id)
{
	struct list list = db_all(req->db, held_file,
		"SELECT v.id AS version_id, e.public_id AS entitlement, f.public_id AS file, f.name, e.order_number, f.size"
		" FROM entitlement e JOIN product_version v ON v.product_id = e.product_id"
		" JOIN product_file f ON f.version_id = v.id WHERE e.account_id = ? AND e.product_id = ?"
		" AND e.kind = 'download' AND " RIGHT_STANDS " AND " RIGHT_COVERS
		" ORDER BY v.released_at DESC, v.id DESC, f.name, e.id DESC LIMIT 200",
		req->account_id, product_id, moment_now());
	struct held_file *files = list.items;
	size_t kept = 0;
	for (size_t i = 0; i < list.count && files[i].version_id == files[0].version_id; i++)
		if (!kept || strcmp(files[kept - 1].file, files[i].file))
			files[kept++] = files[i];
	list.count = kept;
	return list;
}

const struct owned *owned_of(struct request *req, int64_t product_id, struct list held)
{
	if (!held.count)
		return NULL;
	struct owned *owned = mem_get(req->mem, sizeof *owned);
	owned->downloads = held_files(req, product_id);
	const struct held_file *first = owned->downloads.items;
	owned->order_number = owned->downloads.count ? first->order_number : "";
	LIST_EACH(held, one, held)
		owned->has_license |= !strcmp(one->kind, "license");
	return owned;
}

const char *subscription_held(struct request *req, int64_t product_id)
{
	if (!req->member)
		return NULL;
	return db_text(req->db,
		"SELECT s.public_id FROM subscription s JOIN price p ON p.id = s.price_id WHERE s.account_id = ?"
		" AND p.product_id = ? AND s.status NOT IN ('canceled', 'incomplete_expired') ORDER BY s.id DESC LIMIT 1",
		req->account_id, product_id);
}

bool price_held(struct list held, int64_t price_id)
{
	LIST_EACH(held, one, held)
		if (one->price_id == price_id)
			return true;
	return false;
}
