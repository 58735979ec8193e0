/* /admin/orders/{number}: all that is known of one order. What is done to it is in order_do.c. */
#include "desk.h"
#include "moment.h"
#include "order.h"
#include "refund.h"
#include "session.h"
#include "sign.h"

#include <string.h>

struct desk_head {
	const char *number, *email, *name, *state, *state_label, *review_label, *payment_href;
	bool is_review, is_proved, can_refund, is_waiting; /* is_waiting: a refund is on its way to Stripe */
	struct money subtotal, discount, tax, total, refunded, left;
	struct moment created_at, paid_at;
};
VIEW(desk_head, number, email, name, state, state_label, review_label, payment_href, is_review, is_proved, can_refund,
	is_waiting, subtotal, discount, tax, total, refunded, left, created_at, OPT(paid_at));

struct desk_line {
	int64_t position;
	const char *title, *price_title;
	int64_t quantity;
	struct money amount;
	bool is_back;
};
ROW(desk_line, position, title, price_title, quantity, amount, is_back);

/* A paid period of the subscription that the order began. */
struct desk_period {
	const char *payment, *payment_href, *state, *state_label; /* payment: its intent; "": none is known */
	struct moment starts_at, ends_at;
	struct money amount, left; /* left: may still be given back */
	bool is_chosen, can_refund;
};
ROW(desk_period, payment, payment_href, state, state_label, starts_at, ends_at, amount, left, is_chosen, can_refund);

struct desk_right {
	const char *right, *title, *kind_label, *state, *state_label, *reason_label;
	bool is_revoked;
};
ROW(desk_right, right, title, kind_label, state, state_label, reason_label, is_revoked);

struct desk_refund {
	const char *status, *status_label, *reason, *error;
	struct money amount;
	struct moment created_at;
};
ROW(desk_refund, status, status_label, reason, error, amount, created_at);

struct desk_step {
	const char *label, *detail, *actor; /* actor "": the program itself */
	struct moment created_at;
};
ROW(desk_step, label, detail, actor, created_at);

struct desk_order_page {
	const struct desk_head *order;
	struct list lines, periods, rights, refunds, disputes, timeline;
	const char *key;
};
VIEW(desk_order_page, REF(order, desk_head), LIST(lines, desk_line), LIST(periods, desk_period), LIST(rights, desk_right),
	LIST(refunds, desk_refund), LIST(disputes, desk_dispute), LIST(timeline, desk_step), key);

struct buyer {
	int64_t order_id, account_id;
	const char *email, *name;
};
ROW(buyer, order_id, account_id, email, name);

static struct list lines_of(struct request *req, int64_t order_id)
{
	return db_all(req->db, desk_line,
		"SELECT l.position, l.title, l.price_title, l.quantity, l.amount, l.currency, EXISTS (SELECT 1 FROM refund_line x"
		" JOIN refund r ON r.id = x.refund_id WHERE x.order_line_id = l.id"
		" AND r.status IN ('asked', 'pending', 'requires_action', 'succeeded')) AS is_back"
		" FROM order_line l WHERE l.order_id = ? ORDER BY l.position",
		order_id);
}

/* Newest first; the newest that can be is the one chosen to be refunded. */
static struct list periods_of(struct request *req, int64_t order_id)
{
	bool chosen = false;
	struct list list = db_all(req->db, desk_period,
		"SELECT COALESCE(y.payment_intent, '') AS payment, '' AS payment_href, p.state, '' AS state_label, p.starts_at,"
		" p.ends_at, p.amount, 0 AS `left`, p.currency, FALSE AS is_chosen, FALSE AS can_refund FROM subscription s"
		" JOIN subscription_period p ON p.subscription_id = s.id AND p.amount > 0"
		" LEFT JOIN payment y ON y.stripe_invoice = p.stripe_invoice WHERE s.order_id = ?"
		" ORDER BY p.starts_at DESC, p.id DESC LIMIT 24",
		order_id);
	struct desk_period *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		bool known = *rows[i].payment;
		rows[i].state_label = word_of(req, "state.period", rows[i].state);
		rows[i].payment_href = known ? stripe_page(req, "payments", rows[i].payment) : "";
		rows[i].left.minor = known ? refund_left_of(req->db, rows[i].payment, rows[i].amount.minor) : 0;
		rows[i].can_refund = rows[i].left.minor > 0;
		rows[i].is_chosen = rows[i].can_refund && !chosen;
		chosen |= rows[i].is_chosen;
	}
	return list;
}

static struct list rights_of(struct request *req, int64_t order_id)
{
	struct list list = db_all(req->db, desk_right,
		"SELECT public_id AS `right`, title, kind AS kind_label, state, '' AS state_label, reason AS reason_label,"
		" state = 'revoked' AS is_revoked FROM entitlement WHERE order_id = ? AND deleted_at IS NULL ORDER BY id LIMIT 200",
		order_id);
	struct desk_right *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].kind_label = word_of(req, "kind", rows[i].kind_label);
		rows[i].state_label = word_of(req, "state.right", rows[i].state);
		if (*rows[i].reason_label)
			rows[i].reason_label = word_of(req, "reason", rows[i].reason_label);
	}
	return list;
}

static struct list refunds_of(struct request *req, const struct order *order)
{
	struct list list = db_all(req->db, desk_refund,
		"SELECT status, '' AS status_label, reason, error, amount, currency, created_at FROM refund"
		" WHERE order_id = ? OR payment_intent = ? ORDER BY id", order->id, order->stripe_payment);
	struct desk_refund *rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		rows[i].status_label = word_of(req, "state.refund", rows[i].status);
	return list;
}

/* The order's own steps, and those of its refunds and rights. */
static struct list timeline_of(struct request *req, const struct buyer *buyer)
{
	struct list list = db_all(req->db, desk_step,
		"SELECT a.action AS label, a.detail, COALESCE(p.name, '') AS actor, a.created_at FROM audit a"
		" LEFT JOIN account p ON p.id = a.actor_id WHERE a.account_id = ? AND ((a.action LIKE 'order.%' AND a.subject_id = ?)"
		" OR (a.action LIKE 'refund.%' AND a.subject_id IN (SELECT id FROM refund WHERE order_id = ?))"
		" OR (a.action LIKE 'entitlement.%' AND a.action <> 'entitlement.download' AND a.subject_id IN"
		" (SELECT id FROM entitlement WHERE order_id = ?))) ORDER BY a.id LIMIT 200",
		buyer->account_id, buyer->order_id, buyer->order_id, buyer->order_id);
	struct desk_step *rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		rows[i].label = word_of(req, "activity", rows[i].label);
	return list;
}

static struct desk_head head_of(struct request *req, const struct order *order, const struct buyer *buyer, bool waiting)
{
	bool held = *order->review != 0;
	struct money left = refund_left(req->db, order);
	return (struct desk_head){ .number = order->number, .email = buyer->email, .name = buyer->name,
		.state = held ? "review" : order->state, .state_label = word_of(req, "state.order", order->state),
		.review_label = held ? word_of(req, "review", order->review) : "",
		.payment_href = order->stripe_payment ? stripe_page(req, "payments", order->stripe_payment) : "",
		.is_review = held, .is_proved = session_is_proved(req), .can_refund = left.minor > 0, .is_waiting = waiting,
		.subtotal = order->subtotal, .discount = order->discount, .tax = order->tax, .total = order->total,
		.refunded = order->refunded, .left = left, .created_at = order->created_at, .paid_at = order->paid_at };
}

static bool any_waits(struct list refunds)
{
	LIST_EACH(desk_refund, refund, refunds)
		if (!strcmp(refund->status, "asked"))
			return true;
	return false;
}

ROUTE(GET, "/admin/orders/{number}", STAFF, desk_order_show)
{
	const char *number = path_text(req, "number");
	const struct buyer *buyer = db_one(req->db, buyer,
		"SELECT o.id AS order_id, o.account_id, a.email, a.name FROM orders o JOIN account a ON a.id = o.account_id"
		" WHERE o.number = ?", number);
	const struct order *order = buyer ? order_of(req->db, buyer->account_id, number) : NULL;
	if (!order)
		not_found(req);
	struct list refunds = refunds_of(req, order), periods = periods_of(req, order->id);
	struct desk_head head = head_of(req, order, buyer, any_waits(refunds));
	LIST_EACH(desk_period, period, periods)
		head.can_refund |= period->can_refund;
	req->refresh = head.is_waiting ? 2 : 0;
	render(req, "admin/order", desk_order_page, .order = &head, .lines = lines_of(req, order->id),
		.periods = periods, .rights = rights_of(req, order->id), .refunds = refunds,
		.disputes = desk_disputes_of(req, order->id),
		.timeline = timeline_of(req, buyer), .key = random_id(req->mem));
}
