/* /account/orders: every order of the account, newest first. */
#include "keyset.h"
#include "portal.h"
#include "web.h"

enum { PER_PAGE = 20 };

struct orders_page {
	struct list orders;
	const char *older_href;
	bool is_continued;
};
VIEW(orders_page, LIST(orders, order_row), older_href, is_continued);

ROUTE(GET, "/account/orders", MEMBER, orders_show)
{
	int64_t before = keyset_before(req, "before");
	struct list orders = order_rows(req, before, PER_PAGE + 1);
	const char *older_href = keyset_older(req, &orders, PER_PAGE, "before");
	render(req, "account/orders", orders_page, .orders = orders, .older_href = older_href,
		.is_continued = before != INT64_MAX);
}
