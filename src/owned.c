/* owned.c: rights to one product or of one order, and its files, read for display. */
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

struct list held_of_order(struct request *req, int64_t order_id)
{
	struct moment now = moment_now();
	return db_all(req->db, held,
		"SELECT e.kind, b.price_id FROM entitlement e JOIN benefit b ON b.id = e.benefit_id"
		" WHERE e.order_id = ? AND e.account_id = ? AND " RIGHT_STANDS
		" UNION SELECT e.kind, s.price_id FROM subscription s JOIN subscription_period p ON p.subscription_id = s.id"
		" JOIN entitlement e ON e.source = 'period' AND e.source_id = p.id"
		" WHERE s.order_id = ? AND e.account_id = ? AND " RIGHT_STANDS,
		order_id, req->account_id, now, order_id, req->account_id, now);
}

static bool kind_held(struct list held, const char *kind)
{
	LIST_EACH(held, one, held)
		if (!strcmp(one->kind, kind))
			return true;
	return false;
}

struct list ways_of(struct request *req, struct list held, const char *page)
{
	static const struct { const char *kind, *href, *word; } places[] = {
		{ "download", "/account/downloads", "to_downloads" },
		{ "license", "/account/licenses", "to_licenses" },
		{ "module", "/account/access", "to_access" },
		{ "tokens", "/account/tokens", "to_tokens" },
	};
	size_t count = sizeof places / sizeof places[0];
	struct way *ways = mem_array(req->mem, count, sizeof *ways);
	struct list list = { .items = ways, .shape = &way_shape };
	for (size_t i = 0; i < count; i++)
		if (kind_held(held, places[i].kind)) {
			ways[list.count] = (struct way){ places[i].href, word_of(req, page, places[i].word), !list.count };
			list.count++;
		}
	return list;
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

static bool is_owned(const struct held *one)
{
	return strcmp(one->kind, "tokens") != 0;
}

const struct owned *owned_of(struct request *req, int64_t product_id, struct list held)
{
	bool any = false;
	LIST_EACH(held, one, held)
		any |= is_owned(one);
	if (!any)
		return NULL;
	struct owned *owned = mem_get(req->mem, sizeof *owned);
	owned->downloads = held_files(req, product_id);
	const struct held_file *first = owned->downloads.items;
	owned->order_number = owned->downloads.count ? first->order_number : "";
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
		if (one->price_id == price_id && is_owned(one))
			return true;
	return false;
}

bool free_price_spent(struct list held, int64_t price_id)
{
	LIST_EACH(held, one, held)
		if (one->price_id == price_id || is_owned(one))
			return true;
	return false;
}
