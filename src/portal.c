/* portal.c: the products and the orders of an account, for its pages. */
#include "portal.h"

#include <string.h>

#include "download.h"
#include "moment.h"

/* Those of the account for the product at hand; a product is named by what stands of it, else by the newest. */
#define OF_IT "FROM entitlement e WHERE e.account_id = ? AND e.product_id = h.product_id AND e.deleted_at IS NULL"

/* Inside, the products alone are found in the order of (account_id, product_id, kind); then a page of them is
 * asked about, each question ending at its first answer. GROUP BY, not DISTINCT: MariaDB 10.11 loses the
 * condition on account_id in SELECT DISTINCT account_id, product_id … ORDER BY … LIMIT, and shows one member
 * another's products. */
struct list holdings(struct request *req, int64_t before, int64_t limit)
{
	struct moment now = moment_now();
	int64_t account = req->account_id;
	struct list list = db_all(req->db, holding,
		"SELECT h.product_id AS id, p.slug, COALESCE(t.title, p.slug) AS title, p.cover,"
		" COALESCE(t.cover_alt, '') AS cover_alt,"
		" COALESCE((SELECT v.name FROM product_version v WHERE v.product_id = h.product_id"
		"  ORDER BY v.released_at DESC, v.id DESC LIMIT 1), '') AS version_name,"
		" COALESCE((SELECT e.price_title " OF_IT " ORDER BY " RIGHT_STANDS " DESC, e.id DESC LIMIT 1), '') AS price_title,"
		" COALESCE((SELECT e.state " OF_IT " ORDER BY " RIGHT_STANDS " DESC, e.id DESC LIMIT 1), '') AS state,"
		" '' AS state_label, EXISTS (SELECT 1 " OF_IT " AND " RIGHT_STANDS ") AS is_active,"
		" EXISTS (SELECT 1 " OF_IT " AND e.kind = 'download' AND " RIGHT_STANDS ") AS has_download,"
		" EXISTS (SELECT 1 " OF_IT " AND e.kind = 'license' AND " RIGHT_STANDS ") AS has_license"
		" FROM (SELECT product_id FROM entitlement WHERE account_id = ? AND product_id < ? AND deleted_at IS NULL"
		"  GROUP BY product_id ORDER BY product_id DESC LIMIT ?) h"
		" JOIN product p ON p.id = h.product_id"
		" LEFT JOIN product_text t ON t.product_id = h.product_id AND t.language = ? ORDER BY h.product_id DESC",
		account, now, account, now, account, now, account, now, account, now, account, before, limit, req->language);
	struct holding *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		if (!rows[i].is_active && !strcmp(rows[i].state, "active"))
			rows[i].state = "expired";
		rows[i].state_label = word_of(req, "state.right", rows[i].state);
	}
	return list;
}

/* FORCE INDEX: left alone, MariaDB walks from the newest order to where the page begins, which at 50,000
 * orders costs 40 ms. */
struct list order_rows(struct request *req, int64_t before, int64_t limit)
{
	struct list list = db_all(req->db, order_row,
		"SELECT o.id, o.number, COALESCE(f.title, o.number) AS title,"
		" IF(o.review = '', o.state, 'review') AS state,"
		" '' AS state_label, COALESCE((SELECT COUNT(*) - 1 FROM order_line l WHERE l.order_id = o.id), 0) AS more,"
		" o.total, o.currency, o.created_at"
		" FROM orders o FORCE INDEX (orders_account)"
		" LEFT JOIN order_line f ON f.order_id = o.id AND f.position = 1"
		" WHERE o.account_id = ? AND o.id < ? ORDER BY o.id DESC LIMIT ?",
		req->account_id, before, limit);
	struct order_row *rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		rows[i].state_label = word_of(req, "state.order", rows[i].state);
	return list;
}
