/* desk_order.c: one order with all that hangs on it, and its forms as they were typed. */
#include "desk_order.h"

#include <string.h>

#include "desk.h"
#include "moment.h"
#include "refund.h"
#include "session.h"
#include "sign.h"

/* The page asks for itself again while a refund is on its way, but not for ever: somebody may be typing. */
enum { REFRESH_SECONDS = 2, REFRESH_UNTIL_SECONDS = 60 };

struct desk_head {
	const char *number, *email, *name, *state, *state_label, *review_label, *payment_href;
	const char *orders_href; /* all orders of theirs */
	bool is_review, is_fraud_warned, is_proved, can_decide, can_refund;
	struct money subtotal, discount, trial, tax, tax_within, total, refunded, left;
	struct moment created_at, paid_at;
};
VIEW(desk_head, number, email, name, state, state_label, review_label, payment_href, orders_href, is_review, is_fraud_warned,
	is_proved, can_decide, can_refund, subtotal, discount, trial, tax, tax_within, total, refunded, left, created_at, OPT(paid_at));

struct desk_line {
	int64_t position;
	const char *title, *price_title;
	int64_t quantity;
	struct money amount;
	bool is_back, is_ticked, is_offered;
};
ROW(desk_line, position, title, price_title, quantity, amount, is_back, is_ticked, is_offered);

/* A paid period of the subscription that the order began. */
struct desk_period {
	const char *payment, *payment_href, *state, *state_label; /* payment: its intent; "": none is known */
	struct moment starts_at, ends_at;
	struct money amount, left; /* left: may still be given back */
	bool is_chosen, is_offered;
};
ROW(desk_period, payment, payment_href, state, state_label, starts_at, ends_at, amount, left, is_chosen, is_offered);

struct desk_right {
	const char *right, *title, *kind_label, *state, *state_label, *reason_label, *typed;
	bool is_offered, is_wrong;
};
ROW(desk_right, right, title, kind_label, state, state_label, reason_label, typed, is_offered, is_wrong);

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

/* The refund form and the review form as they stand on the page; is_wrong: refused, and shown with what was typed. */
struct desk_wish {
	const char *key, *amount, *part, *reason;
	bool is_wrong, is_all, is_lines, is_amount, ends;
};
VIEW(desk_wish, key, amount, part, reason, is_wrong, is_all, is_lines, is_amount, ends);

struct desk_verdict {
	const char *reason;
	bool is_wrong;
};
VIEW(desk_verdict, reason, is_wrong);

struct desk_order_page {
	const struct desk_head *order;
	struct list lines, periods, rights, refunds, disputes, timeline;
	const struct desk_wish *wish;
	const struct desk_verdict *verdict;
};
VIEW(desk_order_page, REF(order, desk_head), LIST(lines, desk_line), LIST(periods, desk_period), LIST(rights, desk_right),
	LIST(refunds, desk_refund), LIST(disputes, desk_dispute), LIST(timeline, desk_step), REF(wish, desk_wish),
	REF(verdict, desk_verdict));

struct buyer {
	const char *email, *name;
};
ROW(buyer, email, name);

const struct order *desk_order_of(struct request *req)
{
	const char *number = path_text(req, "number");
	int64_t account_id = db_int(req->db, "SELECT account_id FROM orders WHERE number = ?", number);
	const struct order *order = account_id ? order_of(req->db, account_id, number) : NULL;
	if (!order)
		not_found(req);
	return order;
}

bool desk_line_ticked(const struct request *req, int64_t position)
{
	return form_value(req->mem, req->body, mem_format(req->mem, "line_%lld", (long long)position)) != NULL;
}

static struct list lines_of(struct request *req, int64_t order_id)
{
	struct list list = db_all(req->db, desk_line,
		"SELECT l.position, l.title, l.price_title, l.quantity, l.amount, l.currency, EXISTS (SELECT 1 FROM refund_line x"
		" JOIN refund r ON r.id = x.refund_id WHERE x.order_line_id = l.id"
		" AND r.status IN ('asked', 'pending', 'requires_action', 'succeeded')) AS is_back,"
		" FALSE AS is_ticked, FALSE AS is_offered FROM order_line l WHERE l.order_id = ? ORDER BY l.position",
		order_id);
	struct desk_line *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].is_ticked = desk_line_ticked(req, rows[i].position);
		rows[i].is_offered = !rows[i].is_back || rows[i].is_ticked;
	}
	return list;
}

/* Newest first; the one that was chosen, or the newest that can be, is the one to be refunded. */
static struct list periods_of(struct request *req, int64_t order_id, const struct refund_form *typed)
{
	bool chosen = false;
	struct list list = db_all(req->db, desk_period,
		"SELECT COALESCE(y.payment_intent, '') AS payment, '' AS payment_href, p.state, '' AS state_label, p.starts_at,"
		" p.ends_at, p.amount, 0 AS `left`, p.currency, FALSE AS is_chosen, FALSE AS is_offered FROM subscription s"
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
		rows[i].is_chosen = typed ? known && !strcmp(typed->payment, rows[i].payment) : !chosen && rows[i].left.minor > 0;
		rows[i].is_offered = rows[i].is_chosen || rows[i].left.minor > 0;
		chosen |= rows[i].is_chosen;
	}
	return list;
}

static struct list rights_of(struct request *req, int64_t order_id, const struct reinstate_form *typed)
{
	struct list list = db_all(req->db, desk_right,
		"SELECT public_id AS `right`, title, kind AS kind_label, state, '' AS state_label, reason AS reason_label,"
		" '' AS typed, state = 'revoked' AS is_offered, FALSE AS is_wrong FROM entitlement"
		" WHERE order_id = ? AND deleted_at IS NULL ORDER BY id LIMIT 200",
		order_id);
	struct desk_right *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].kind_label = word_of(req, "kind", rows[i].kind_label);
		rows[i].state_label = word_of(req, "state.right", rows[i].state);
		if (*rows[i].reason_label)
			rows[i].reason_label = word_of(req, "reason", rows[i].reason_label);
		rows[i].is_wrong = typed && !strcmp(typed->right, rows[i].right);
		rows[i].is_offered |= rows[i].is_wrong;
		rows[i].typed = rows[i].is_wrong ? typed->reason : "";
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
static struct list timeline_of(struct request *req, const struct order *order)
{
	struct list list = db_all(req->db, desk_step,
		"SELECT a.action AS label, a.detail, COALESCE(p.name, '') AS actor, a.created_at FROM audit a"
		" LEFT JOIN account p ON p.id = a.actor_id WHERE a.account_id = ? AND ((a.action LIKE 'order.%' AND a.subject_id = ?)"
		" OR (a.action LIKE 'refund.%' AND a.subject_id IN (SELECT id FROM refund WHERE order_id = ?))"
		" OR (a.action = 'subscription.inquiry' AND a.subject_id IN (SELECT id FROM subscription WHERE order_id = ?))"
		" OR (a.action LIKE 'entitlement.%' AND a.action <> 'entitlement.download' AND a.subject_id IN"
		" (SELECT id FROM entitlement WHERE order_id = ?))) ORDER BY a.id LIMIT 200",
		order->account_id, order->id, order->id, order->id, order->id);
	struct desk_step *rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		rows[i].label = word_of(req, "activity", rows[i].label);
	return list;
}

/* Of the order's own payment, or one of the subscription that it began. */
static bool is_fraud_warned(struct request *req, const struct order *order)
{
	return db_int(req->db,
		"SELECT EXISTS (SELECT 1 FROM payment WHERE payment_intent = ? AND fraud_warning) OR EXISTS (SELECT 1 FROM subscription s"
		" JOIN subscription_period p ON p.subscription_id = s.id JOIN payment y ON y.stripe_invoice = p.stripe_invoice"
		" AND y.fraud_warning WHERE s.order_id = ?)",
		order->stripe_payment, order->id);
}

static struct desk_head head_of(struct request *req, const struct order *order)
{
	const struct buyer *buyer = db_one(req->db, buyer, "SELECT email, name FROM account WHERE id = ?", order->account_id);
	bool held = *order->review != 0;
	struct money left = refund_left(req->db, order);
	return (struct desk_head){ .number = order->number, .email = buyer->email, .name = buyer->name,
		.state = held ? "review" : order->state, .state_label = word_of(req, "state.order", order->state),
		.review_label = held ? word_of(req, "review", order->review) : "",
		.orders_href = mem_format(req->mem, "/admin/orders?q=%s", url_encode(req->mem, buyer->email)),
		.payment_href = order->stripe_payment ? stripe_page(req, "payments", order->stripe_payment) : "",
		.is_review = held, .is_fraud_warned = is_fraud_warned(req, order),
		.is_proved = session_is_proved(req), .can_decide = held, .can_refund = left.minor > 0,
		.subtotal = order->subtotal, .discount = order->discount, .trial = order_trial(order),
		.tax = order_tax_added(order), .tax_within = order_tax_within(order), .total = order->total,
		.refunded = order->refunded, .left = left, .created_at = order->created_at, .paid_at = order->paid_at };
}

static struct desk_wish wish_of(struct request *req, const struct refund_form *typed)
{
	if (!typed)
		return (struct desk_wish){ .key = random_id(req->mem), .amount = "", .part = "", .reason = "", .is_all = true };
	return (struct desk_wish){ .key = public_id_valid(typed->key) ? typed->key : random_id(req->mem),
		.amount = typed->amount, .part = typed->part, .reason = typed->reason, .is_wrong = true,
		.is_all = !strcmp(typed->kind, "all"), .is_lines = !strcmp(typed->kind, "lines"),
		.is_amount = !strcmp(typed->kind, "amount"), .ends = typed->ends };
}

static bool any_waits(struct list refunds)
{
	struct moment since = moment_add_seconds(moment_now(), -REFRESH_UNTIL_SECONDS);
	LIST_EACH(desk_refund, refund, refunds)
		if (!strcmp(refund->status, "asked") && refund->created_at.us > since.us)
			return true;
	return false;
}

/* A form that came back stays on the page, also when what it asked for cannot be asked for any more. */
static void offers_keep(struct desk_head *head, struct list periods, struct desk_typed typed)
{
	head->can_decide |= typed.review != NULL;
	head->can_refund |= typed.refund != NULL;
	LIST_EACH(desk_period, period, periods)
		head->can_refund |= period->is_offered;
}

void desk_order_show(struct request *req, int status, struct desk_typed typed)
{
	const struct order *order = desk_order_of(req);
	struct list refunds = refunds_of(req, order), periods = periods_of(req, order->id, typed.refund);
	struct desk_head head = head_of(req, order);
	struct desk_wish wish = wish_of(req, typed.refund);
	struct desk_verdict verdict = { typed.review ? typed.review->reason : "", typed.review != NULL };
	offers_keep(&head, periods, typed);
	req->path = mem_format(req->mem, "/admin/orders/%s", order->number); /* where the page's own links lead, whoever shows it */
	req->refresh = status == 200 && any_waits(refunds) ? REFRESH_SECONDS : 0;
	render_status(req, status, "admin/order", desk_order_page, .order = &head, .lines = lines_of(req, order->id),
		.periods = periods, .rights = rights_of(req, order->id, typed.reinstate), .refunds = refunds,
		.disputes = desk_disputes_of(req, order->id), .timeline = timeline_of(req, order), .wish = &wish, .verdict = &verdict);
}
