/* /account/products: what the account holds, one row per product. */
#include "keyset.h"
#include "portal.h"
#include "web.h"

enum { PER_PAGE = 24 };

struct products_page {
	struct list products;
	const char *older_href;
	bool is_continued;
};
VIEW(products_page, LIST(products, holding), older_href, is_continued);

ROUTE(GET, "/account/products", MEMBER, products_show)
{
	int64_t before = keyset_before(req, "before");
	struct list products = holdings(req, before, PER_PAGE + 1);
	const char *older_href = keyset_older(req, &products, PER_PAGE, "before");
	render(req, "account/products", products_page, .products = products, .older_href = older_href,
		.is_continued = before != INT64_MAX);
}
