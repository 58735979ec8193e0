/* /admin/orders/{number}/…: what staff do to an order: refund it, let it go or close it when it is held, give a right back.
 * Each goes back to the order's page, which says how it ended. */
#include "desk.h"
#include "form.h"
#include "money.h"
#include "order.h"
#include "refund.h"

#include <string.h>

enum { LINES_MOST = 100 };

struct order_ref {
	int64_t id;
	const char *number, *currency;
};
ROW(order_ref, id, number, currency);

static const struct order_ref *order_ref_of(struct request *req)
{
	const struct order_ref *order = db_one(req->db, order_ref,
		"SELECT id, number, currency FROM orders WHERE number = ?", path_text(req, "number"));
	if (!order)
		not_found(req);
	prove_first(req, mem_format(req->mem, "/admin/orders/%s", order->number));
	return order;
}

static void back(struct request *req, const struct order_ref *order, const char *notice) __attribute__((noreturn));
static void back(struct request *req, const struct order_ref *order, const char *notice)
{
	see_other(req, "/admin/orders/%s?notice=%s", order->number, notice);
}

/* part: of one line, "": all of it. payment: of a subscription's; "": the order's own. */
struct refund_form {
	const char *key, *kind, *amount, *part, *payment, *reason;
	bool ends;
};
FORM(refund_form, ID(key), CHOICE(kind, "all lines amount"), LINE(amount, 0, 20), LINE(part, 0, 20),
	LINE(payment, 0, 255), LINE(reason, 3, 200), FLAG(ends));

struct line_ref {
	int64_t id, position;
};
ROW(line_ref, id, position);

/* Those whose box line_<position> is ticked. */
static size_t lines_ticked(struct request *req, int64_t order_id, int64_t *ids)
{
	size_t count = 0;
	struct list lines = db_all(req->db, line_ref,
		"SELECT id, position FROM order_line WHERE order_id = ? ORDER BY position LIMIT 100", order_id);
	LIST_EACH(line_ref, line, lines)
		if (form_value(req->mem, req->body, mem_format(req->mem, "line_%lld", (long long)line->position)))
			ids[count++] = line->id;
	return count;
}

ROUTE(POST, "/admin/orders/{number}/refund", STAFF, desk_refund)
{
	static const char *const notices[] = { [REFUND_ASKED] = "refund_asked", [REFUND_UNPAID] = "refund_unpaid",
		[REFUND_DISPUTED] = "refund_disputed", [REFUND_NOTHING_LEFT] = "refund_nothing_left",
		[REFUND_TOO_MUCH] = "refund_too_much", [REFUND_LINE_BACK] = "refund_line_back" };
	const struct order_ref *order = order_ref_of(req);
	const struct refund_form *form = form_read(req, refund_form);
	int64_t ids[LINES_MOST];
	struct money amount = { 0 };
	bool own = form_ok(req) && !*form->payment;
	bool by_lines = own && !strcmp(form->kind, "lines"), by_amount = form_ok(req) && !strcmp(form->kind, "amount");
	bool by_part = by_lines && *form->part;
	size_t count = by_lines ? lines_ticked(req, order->id, ids) : 0;
	if (!form_ok(req) || (by_lines && !count) || (by_part && count != 1))
		back(req, order, "form_wrong");
	if ((by_amount || by_part) &&
		(!money_parse(by_part ? form->part : form->amount, order->currency, &amount) || !amount.minor))
		back(req, order, "refund_bad_amount");
	struct refund_wish wish = { .key = form->key, .order_id = order->id, .actor_id = req->account_id,
		.payment = own ? NULL : form->payment, .cancels = !own && form->ends, .amount = amount.minor, .lines = ids,
		.line_count = count, .reason = form->reason };
	back(req, order, notices[refund_ask(req->db, &wish)]);
}

struct release_form {
	const char *action, *reason;
};
FORM(release_form, CHOICE(action, "release close"), LINE(reason, 3, 200));

ROUTE(POST, "/admin/orders/{number}/review", STAFF, desk_release)
{
	const struct order_ref *order = order_ref_of(req);
	const struct release_form *form = form_read(req, release_form);
	if (!form_ok(req))
		back(req, order, "form_wrong");
	bool letting_go = !strcmp(form->action, "release");
	bool done = (letting_go ? order_release : order_close)(req->db, order->id, decision_of(req, form->reason));
	back(req, order, !done ? "not_held" : letting_go ? "order_released" : "order_closed");
}

struct reinstate_form {
	const char *right, *reason;
};
FORM(reinstate_form, ID(right), LINE(reason, 3, 200));

ROUTE(POST, "/admin/orders/{number}/right", STAFF, desk_reinstate)
{
	const struct order_ref *order = order_ref_of(req);
	const struct reinstate_form *form = form_read(req, reinstate_form);
	if (!form_ok(req))
		back(req, order, "form_wrong");
	bool done = right_reinstate(req->db, order->id, form->right, decision_of(req, form->reason));
	back(req, order, done ? "right_back" : "right_not_revoked");
}
