/* /account: the portal's first page: how much of what, the newest products, the latest orders. */
#include "download.h"
#include "moment.h"
#include "portal.h"
#include "web.h"

#include <string.h>

enum { FEW = 3, COUNTED = 1000 };

/* Counts stop at COUNTED: what a page shows may not cost more than it says. */
struct home_counts {
	int64_t products, licenses, downloads, orders;
};
ROW(home_counts, products, licenses, downloads, orders);

struct home_page {
	const char *products_count, *licenses_count, *downloads_count, *orders_count;
	const char *products_label, *licenses_label, *downloads_label, *orders_label;
	struct list products, orders;
};
VIEW(home_page, products_count, licenses_count, downloads_count, orders_count, products_label, licenses_label,
	downloads_label, orders_label, LIST(products, holding), LIST(orders, order_row));

static const char *counted(struct request *req, int64_t count)
{
	return count < COUNTED ? mem_format(req->mem, "%lld", (long long)count) : "999+";
}

/* One of them, or several; in French, none is not several. */
static const char *label(struct request *req, const char *name, int64_t count)
{
	bool one = count == 1 || (!count && !strcmp(req->language, "fr"));
	return word_of(req, one ? "home.one" : "home", name);
}

ROUTE(GET, "/account", MEMBER, home_show)
{
	int64_t account = req->account_id;
	const struct home_counts *counts = db_one(req->db, home_counts,
		"SELECT COALESCE((SELECT COUNT(*) FROM (SELECT 1 FROM entitlement WHERE account_id = ? AND deleted_at IS NULL"
		"  GROUP BY product_id LIMIT 1000) p), 0) AS products,"
		" COALESCE((SELECT COUNT(*) FROM (SELECT 1 FROM license WHERE account_id = ? LIMIT 1000) l), 0) AS licenses,"
		" COALESCE((SELECT COUNT(*) FROM (SELECT 1 FROM entitlement e WHERE e.account_id = ? AND e.kind = 'download'"
		"  AND " RIGHT_STANDS " LIMIT 1000) d), 0) AS downloads,"
		" COALESCE((SELECT COUNT(*) FROM (SELECT 1 FROM orders WHERE account_id = ? LIMIT 1000) o), 0) AS orders",
		account, account, account, moment_now(), account);
	render(req, "account/home", home_page, .products_count = counted(req, counts->products),
		.licenses_count = counted(req, counts->licenses), .downloads_count = counted(req, counts->downloads),
		.orders_count = counted(req, counts->orders), .products_label = label(req, "products", counts->products),
		.licenses_label = label(req, "licenses", counts->licenses),
		.downloads_label = label(req, "downloads", counts->downloads),
		.orders_label = label(req, "orders", counts->orders), .products = holdings(req, INT64_MAX, FEW),
		.orders = order_rows(req, INT64_MAX, FEW));
}
