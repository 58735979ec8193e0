/* /admin/disputes and /admin/disputes/{id}: what banks ask, how long there is to answer, what was suspended for it. */
#include "desk.h"

enum { MOST = 200 };

struct disputes_page {
	struct list disputes, warnings;
};
VIEW(disputes_page, LIST(disputes, desk_dispute), LIST(warnings, desk_warning));

ROUTE(GET, "/admin/disputes", STAFF, disputes_show)
{
	render(req, "admin/disputes", disputes_page, .disputes = desk_disputes(req, MOST),
		.warnings = desk_warnings(req, MOST));
}

struct dispute_right {
	const char *title, *kind_label, *state, *state_label;
};
ROW(dispute_right, title, kind_label, state, state_label);

struct dispute_ids {
	const char *stripe_dispute, *payment_intent;
};
ROW(dispute_ids, stripe_dispute, payment_intent);

struct dispute_page {
	const struct desk_dispute *dispute;
	const char *stripe_href;
	struct list rights;
};
VIEW(dispute_page, REF(dispute, desk_dispute), stripe_href, LIST(rights, dispute_right));

static struct list rights_of(struct request *req, const char *payment_intent)
{
	struct list list = db_all(req->db, dispute_right,
		"SELECT e.title, e.kind AS kind_label, e.state, '' AS state_label FROM (SELECT id FROM orders WHERE stripe_payment = ?"
		" UNION SELECT s.order_id FROM payment y JOIN subscription_period p ON p.stripe_invoice = y.stripe_invoice"
		"  JOIN subscription s ON s.id = p.subscription_id WHERE y.payment_intent = ? AND y.stripe_invoice > '') o"
		" JOIN entitlement e ON e.order_id = o.id AND e.order_id > 0 WHERE e.deleted_at IS NULL ORDER BY e.id LIMIT 100",
		payment_intent, payment_intent);
	struct dispute_right *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].kind_label = word_of(req, "kind", rows[i].kind_label);
		rows[i].state_label = word_of(req, "state.right", rows[i].state);
	}
	return list;
}

ROUTE(GET, "/admin/disputes/{id}", STAFF, dispute_show)
{
	const char *id = path_text(req, "id");
	struct list found = desk_dispute_named(req, id);
	if (!found.count)
		not_found(req);
	const struct dispute_ids *ids = db_one(req->db, dispute_ids,
		"SELECT stripe_dispute, payment_intent FROM dispute WHERE public_id = ?", id);
	render(req, "admin/dispute", dispute_page, .dispute = found.items,
		.stripe_href = stripe_page(req, "disputes", ids->stripe_dispute), .rights = rights_of(req, ids->payment_intent));
}
