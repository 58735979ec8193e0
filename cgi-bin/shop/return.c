/* /checkout/return/{number}: what became of the payment, as far as we know. Shows the truth the database has; while the
 * webhook is late it queues a question to Stripe and asks for itself again. */
#include "checkout.h"
#include "event.h"
#include "moment.h"
#include "order.h"
#include "owned.h"
#include "web.h"

#include <string.h>

enum { REFRESH_SECONDS = 2, SLOWLY_SECONDS = 15, SLOW_AFTER = 60 };

struct return_page {
	const struct order *order;
	struct list lines, ways; /* ways: to what the order gave */
	bool is_paid, is_waiting, is_delayed, is_failed, is_expired, is_review, is_slow, has_subscription;
	const char *retry_href;
};
VIEW(return_page, REF(order, order), LIST(lines, order_line), LIST(ways, way), is_paid, is_waiting, is_delayed,
	is_failed, is_expired, is_review, is_slow, has_subscription, retry_href);

/* Money that went back, or may have to, took goods with it: the order's page tells which. */
static bool went_back(const struct order *order)
{
	return !strcmp(order->state, "partially_refunded") || !strcmp(order->state, "refunded") ||
		!strcmp(order->state, "disputed");
}

static const char *retry_href(struct request *req, const struct order *order)
{
	const char *price = db_text(req->db,
		"SELECT p.public_id FROM order_line l JOIN price p ON p.id = l.price_id AND p.active"
		" JOIN product d ON d.id = p.product_id AND d.status = 'published' WHERE l.order_id = ? LIMIT 1",
		order->id);
	return price ? mem_format(req->mem, "/checkout/%s", price) : "";
}

/* Asked for once however often the page refreshes: one open job per order. */
static void ask_soon(struct request *req, const struct order *order)
{
	if (!order->stripe_session)
		return;
	db_begin(req->db);
	job_put(req->db, "order_check", order->number, order->id, 2);
	db_commit(req->db);
}

ROUTE(GET, "/checkout/return/{number}", MEMBER, checkout_return)
{
	const struct order *order = order_of(req->db, req->account_id, path_text(req, "number"));
	if (!order)
		not_found(req);
	bool pending = !strcmp(order->state, "pending"), review = *order->review != 0;
	bool failed = !strcmp(order->state, "failed"), expired = !strcmp(order->state, "expired");
	bool waiting = pending && !order->settles_later && !review;
	if (waiting && query_text(req, "canceled"))
		see_other(req, "/account/orders/%s?notice=checkout_cancelled", order->number);
	if (went_back(order))
		see_other(req, "/account/orders/%s", order->number);
	bool slow = moment_unix(moment_now()) - moment_unix(order->updated_at) > SLOW_AFTER;
	if (waiting) {
		ask_soon(req, order);
		req->refresh = slow ? SLOWLY_SECONDS : REFRESH_SECONDS;
	}
	render(req, "shop/return", return_page, .order = order, .lines = order_lines(req->db, order->id),
		.is_paid = !pending && !failed && !expired && !review, .is_waiting = waiting,
		.is_delayed = pending && order->settles_later && !review, .is_failed = failed && !review,
		.is_expired = expired && !review, .is_review = review,
		.is_slow = slow,
		.ways = ways_of(req, held_of_order(req, order->id), "return"),
		.has_subscription = db_int(req->db,
			"SELECT COUNT(*) FROM subscription WHERE order_id = ? AND account_id = ?", order->id, req->account_id),
		.retry_href = failed || expired ? retry_href(req, order) : "");
}

ROUTE(POST, "/checkout/again/{number}", MEMBER, checkout_again)
{
	const struct order *order = order_of(req->db, req->account_id, path_text(req, "number"));
	if (!order)
		not_found(req);
	checkout_go(req, order->id);
	see_other(req, "/account/orders/%s?notice=stripe_down", order->number);
}
