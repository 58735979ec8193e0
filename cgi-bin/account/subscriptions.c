/* /account/subscriptions: every subscription of the account, newest first. */
#include "keyset.h"
#include "subscription_view.h"
#include "web.h"

enum { PER_PAGE = 20 };

struct subscriptions_page {
	struct list subscriptions;
	const char *older_href;
	bool is_continued;
};
VIEW(subscriptions_page, LIST(subscriptions, subscription_view), older_href, is_continued);

ROUTE(GET, "/account/subscriptions", MEMBER, subscriptions_show)
{
	int64_t before = keyset_before(req, "before");
	struct list rows = subscriptions_of(req->db, req->account_id, before, PER_PAGE + 1);
	struct list list = { .items = mem_array(req->mem, rows.count + 1, sizeof(struct subscription_view)),
		.shape = &subscription_view_shape };
	struct subscription_view *views = list.items;
	LIST_EACH(subscription, row, rows)
		views[list.count++] = subscription_view(req, row);
	const char *older_href = keyset_older(req, &list, PER_PAGE, "before");
	render(req, "account/subscriptions", subscriptions_page, .subscriptions = list, .older_href = older_href,
		.is_continued = before != INT64_MAX);
}
