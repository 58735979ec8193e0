/* /admin/orders: every order, those that wait for a person first; found by number or by the buyer's address. */
#include "desk.h"
#include "keyset.h"

#include <ctype.h>
#include <string.h>

enum { PER_PAGE = 30, HELD_MOST = 50 };

struct desk_orders_page {
	struct list held, orders;
	const char *q, *older_href;
	bool is_continued, is_unknown; /* is_unknown: nobody has that address, no order that number */
};
VIEW(desk_orders_page, LIST(held, desk_order), LIST(orders, desk_order), q, older_href, is_continued, is_unknown);

/* A number or an address as people type it: any case, any spaces. */
static const char *meant_by(struct mem *mem, const char *q)
{
	char *meant = mem_text(mem, q), *to = meant;
	for (const char *p = q; *p; p++)
		if (!isspace((unsigned char)*p))
			*to++ = (char)toupper((unsigned char)*p);
	*to = 0;
	return meant;
}

/* The address of the next page keeps what was looked for. */
static const char *with_q(struct request *req, const char *href, const char *q)
{
	return *href && *q ? mem_format(req->mem, "%s&q=%s", href, url_encode(req->mem, q)) : href;
}

static void show_found(struct request *req, const char *q, const char *meant)
{
	int64_t account_id = strchr(meant, '@') ? db_int(req->db, "SELECT id FROM account WHERE email = LOWER(?)", meant) : 0;
	struct list none = { .shape = &desk_order_shape };
	int64_t before = keyset_before(req, "before");
	bool unknown = *meant && !account_id;
	struct list held = unknown || before != INT64_MAX ? none : desk_held(req, account_id, HELD_MOST);
	struct list orders = unknown ? none : desk_orders(req, account_id, before, PER_PAGE + 1);
	const char *older_href = with_q(req, keyset_older(req, &orders, PER_PAGE, "before"), q);
	render(req, "admin/orders", desk_orders_page, .held = held, .orders = orders, .q = q, .older_href = older_href,
		.is_continued = before != INT64_MAX, .is_unknown = unknown);
}

ROUTE(GET, "/admin/orders", STAFF, desk_orders_show)
{
	const char *q = query_text(req, "q");
	q = q ? q : "";
	const char *meant = meant_by(req->mem, q);
	if (*meant && !strchr(meant, '@') && desk_plain(meant) && db_int(req->db, "SELECT id FROM orders WHERE number = ?", meant))
		see_other(req, "/admin/orders/%s", url_encode(req->mem, meant));
	show_found(req, q, meant);
}
