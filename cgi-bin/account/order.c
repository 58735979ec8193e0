/* /account/orders/{number}: what one order held, what it cost, what it gave and what became of it. */
#include "order.h"
#include "moment.h"
#include "web.h"

#include <string.h>

struct order_head {
	const char *number, *state, *state_label;
	bool is_review, is_delayed, can_pay;
	struct money subtotal, discount, trial, tax, tax_within, total, refunded;
	struct moment created_at, paid_at;
};
VIEW(order_head, number, state, state_label, is_review, is_delayed, can_pay, subtotal, discount, trial, tax, tax_within,
	total, refunded, created_at, OPT(paid_at));

struct line {
	const char *title, *price_title, *slug; /* slug "": the product has no page any more */
	int64_t quantity;
	struct money unit_amount, amount;
};
ROW(line, title, price_title, slug, quantity, unit_amount, amount);

/* The labels come as the words' last names and are put into words below. */
struct order_right {
	const char *title, *kind_label, *state, *state_label;
	bool is_download, is_license, is_module, is_tokens, is_active;
	struct moment ends_at;
};
ROW(order_right, title, kind_label, state, state_label, is_download, is_license, is_module, is_tokens, is_active,
	OPT(ends_at));

struct step {
	const char *label;
	struct moment created_at;
};
ROW(step, label, created_at);

/* Its invoice, and the credit notes that correct it. */
struct document {
	const char *number;
	bool is_credit;
	struct moment issued_at;
};
ROW(document, number, is_credit, issued_at);

struct order_page {
	const struct order_head *order;
	struct list lines, rights, documents, timeline;
};
VIEW(order_page, REF(order, order_head), LIST(lines, line), LIST(rights, order_right),
	LIST(documents, document), LIST(timeline, step));

static struct order_head head_of(struct request *req, const struct order *order)
{
	bool held = *order->review != 0, pending = !strcmp(order->state, "pending");
	const char *state = held ? "review" : order->state;
	return (struct order_head){ .number = order->number, .state = state,
		.state_label = word_of(req, "state.order", state), .is_review = held,
		.is_delayed = pending && order->settles_later && !held, .can_pay = pending && !order->settles_later && !held,
		.subtotal = order->subtotal, .discount = order->discount, .trial = order_trial(order),
		.tax = order_tax_added(order), .tax_within = order_tax_within(order), .total = order->total,
		.refunded = order->refunded, .created_at = order->created_at, .paid_at = order->paid_at };
}

static struct list lines_of(struct request *req, int64_t order_id)
{
	return db_all(req->db, line,
		"SELECT l.title, l.price_title, COALESCE(IF(p.status = 'published', p.slug, ''), '') AS slug, l.quantity,"
		" l.unit_amount, l.amount, l.currency FROM order_line l LEFT JOIN product p ON p.id = l.product_id"
		" WHERE l.order_id = ? ORDER BY l.position",
		order_id);
}

static struct list rights_of(struct request *req, int64_t order_id)
{
	struct moment now = moment_now();
	struct list list = db_all(req->db, order_right,
		"SELECT title, kind AS kind_label, IF(state = 'active' AND COALESCE(ends_at <= ?, FALSE), 'expired', state)"
		" AS state, '' AS state_label, kind = 'download' AS is_download, kind = 'license' AS is_license,"
		" kind = 'module' AS is_module, kind = 'tokens' AS is_tokens,"
		" state = 'active' AND COALESCE(ends_at > ?, TRUE) AS is_active, ends_at"
		" FROM entitlement WHERE order_id = ? AND account_id = ? AND deleted_at IS NULL ORDER BY id LIMIT 100",
		now, now, order_id, req->account_id);
	struct order_right *rights = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rights[i].kind_label = word_of(req, "kind", rights[i].kind_label);
		rights[i].state_label = word_of(req, "state.right", rights[i].state);
	}
	return list;
}

/* The audit names each of these once the order went through it; IN, because the index begins with the action. */
static struct list timeline_of(struct request *req, int64_t order_id)
{
	struct list list = db_all(req->db, step,
		"SELECT action AS label, created_at FROM audit WHERE action IN ('order.created', 'order.pending', 'order.paid',"
		" 'order.delayed', 'order.held', 'order.failed', 'order.expired', 'order.partially_refunded', 'order.refunded',"
		" 'order.disputed', 'order.restored') AND subject_id = ? AND account_id = ? ORDER BY id LIMIT 50",
		order_id, req->account_id);
	struct step *steps = list.items;
	for (size_t i = 0; i < list.count; i++)
		steps[i].label = word_of(req, "activity", steps[i].label);
	return list;
}

static struct list documents_of(struct request *req, int64_t order_id)
{
	return db_all(req->db, document,
		"SELECT number, kind = 'credit' AS is_credit, issued_at FROM invoice WHERE order_id = ? AND account_id = ? ORDER BY id",
		order_id, req->account_id);
}

ROUTE(GET, "/account/orders/{number}", MEMBER, order_show)
{
	const struct order *order = order_of(req->db, req->account_id, path_text(req, "number"));
	if (!order)
		not_found(req);
	struct order_head head = head_of(req, order);
	render(req, "account/order", order_page, .order = &head, .lines = lines_of(req, order->id),
		.rights = rights_of(req, order->id), .documents = documents_of(req, order->id), .timeline = timeline_of(req, order->id));
}
