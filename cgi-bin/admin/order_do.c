/* /admin/orders/{number}/…: what staff do to an order: refund it, let it go or close it when it is held, give a right back.
 * Each goes back to the order's page, which says how it ended. What is refused changes nothing and shows that page at once,
 * with what was typed and what is wrong with it. */
#include "desk.h"
#include "desk_order.h"
#include "money.h"
#include "refund.h"
#include "sign.h"

#include <string.h>

enum { LINES_MOST = 100 };

static const struct order *order_proved(struct request *req)
{
	const struct order *order = desk_order_of(req);
	prove_first(req, mem_format(req->mem, "/admin/orders/%s", order->number));
	return order;
}

static void back(struct request *req, const struct order *order, const char *notice) __attribute__((noreturn));
static void back(struct request *req, const struct order *order, const char *notice)
{
	see_other(req, "/admin/orders/%s?notice=%s", order->number, notice);
}

static void again(struct request *req, struct desk_typed typed)
{
	if (!req->form.summary)
		form_error(req, "summary", "error.form");
	desk_order_show(req, 422, typed);
}

struct line_ref {
	int64_t id, position;
};
ROW(line_ref, id, position);

static size_t lines_ticked(struct request *req, int64_t order_id, int64_t *ids)
{
	size_t count = 0;
	struct list lines = db_all(req->db, line_ref,
		"SELECT id, position FROM order_line WHERE order_id = ? ORDER BY position LIMIT 100", order_id);
	LIST_EACH(line_ref, line, lines)
		if (desk_line_ticked(req, line->position))
			ids[count++] = line->id;
	return count;
}

/* Which of its fields a form means by its kind, and the amount they say: 0 is all of it, or none that can be read. */
struct meant {
	bool own, by_lines, by_part, by_amount;
	const char *sum_field; /* where the amount stands */
	int64_t lines[LINES_MOST], amount;
	size_t line_count;
};

static void meant_of(struct request *req, const struct order *order, const struct refund_form *form, struct meant *meant)
{
	struct money amount = { 0 };
	meant->own = !*form->payment;
	meant->by_lines = !strcmp(form->kind, "lines");
	meant->by_part = meant->by_lines && *form->part;
	meant->by_amount = !strcmp(form->kind, "amount");
	meant->sum_field = meant->by_part ? "part" : meant->by_amount ? "amount" : "kind";
	meant->line_count = lines_ticked(req, order->id, meant->lines);
	if (money_parse(meant->by_part ? form->part : meant->by_amount ? form->amount : "", order->currency, &amount))
		meant->amount = amount.minor;
}

/* What a form says that does not fit together. What stands in a field that was not chosen was meant, too: somebody who types
 * 5 beside "all" would give everything back. */
static void contradictions_note(struct request *req, const struct refund_form *form, const struct meant *meant)
{
	bool chosen = meant->by_lines || meant->by_amount || !strcmp(form->kind, "all");
	const struct { bool wrong; const char *field, *key; } rules[] = {
		{ !public_id_valid(form->key), "summary", "error.expired_form" },
		{ !desk_plain(form->payment), "payment", "error.choice" },
		{ meant->by_lines && !meant->own, "kind", "error.choice" },
		{ meant->by_lines && meant->own && !meant->line_count, "kind", "error.refund_no_line" },
		{ chosen && !meant->by_lines && meant->line_count, "kind", "error.refund_not_chosen" },
		{ meant->by_part && meant->line_count > 1, "part", "error.refund_one_line" },
		{ meant->by_part && !meant->amount, "part", "error.refund_bad_amount" },
		{ chosen && !meant->by_lines && *form->part, "part", "error.refund_not_chosen" },
		{ meant->by_amount && !meant->amount, "amount", *form->amount ? "error.refund_bad_amount" : "error.required" },
		{ chosen && !meant->by_amount && *form->amount, "amount", "error.refund_not_chosen" },
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].wrong)
			form_error(req, rules[i].field, rules[i].key);
}

static enum refund_asked asked_of(struct request *req, const struct order *order, const struct refund_form *form,
	const struct meant *meant)
{
	struct refund_wish wish = { .key = form->key, .order_id = order->id, .actor_id = req->account_id,
		.payment = meant->own ? NULL : form->payment, .cancels = !meant->own && form->ends, .amount = meant->amount,
		.lines = meant->lines, .line_count = meant->line_count, .reason = form->reason };
	return refund_ask(req->db, &wish);
}

/* The page makes a key for a form that has none. */
static const struct refund_form *with_new_key(struct request *req, const struct refund_form *form)
{
	struct refund_form *anew = mem_get(req->mem, sizeof *anew);
	*anew = *form;
	anew->key = "";
	return anew;
}

ROUTE(POST, "/admin/orders/{number}/refund", STAFF, desk_refund)
{
	static const struct { const char *field, *key; } refusals[] = { /* field NULL: the one that says how much */
		[REFUND_UNPAID] = { "summary", "error.refund_unpaid" },
		[REFUND_DISPUTED] = { "summary", "error.refund_disputed" },
		[REFUND_NOTHING_LEFT] = { "summary", "error.refund_nothing_left" },
		[REFUND_TOO_MUCH] = { NULL, "error.refund_too_much" },
		[REFUND_LINE_BACK] = { "kind", "error.refund_line_back" },
		[REFUND_KEY_USED] = { "summary", "error.expired_form" },
	};
	const struct order *order = order_proved(req);
	const struct refund_form *form = form_read(req, refund_form);
	struct meant *meant = mem_get(req->mem, sizeof *meant);
	meant_of(req, order, form, meant);
	contradictions_note(req, form, meant);
	if (form_ok(req)) {
		enum refund_asked asked = asked_of(req, order, form, meant);
		if (asked == REFUND_ASKED)
			back(req, order, "refund_asked");
		if (asked == REFUND_KEY_USED)
			form = with_new_key(req, form);
		form_error(req, refusals[asked].field ? refusals[asked].field : meant->sum_field, refusals[asked].key);
	}
	again(req, (struct desk_typed){ .refund = form });
}

ROUTE(POST, "/admin/orders/{number}/review", STAFF, desk_review)
{
	const struct order *order = order_proved(req);
	const struct review_form *form = form_read(req, review_form);
	bool letting_go = !strcmp(form->action, "release");
	if (form_ok(req)) {
		if ((letting_go ? order_release : order_close)(req->db, order->id, decision_of(req, form->reason)))
			back(req, order, letting_go ? "order_released" : "order_closed");
		form_error(req, "summary", "error.not_held");
	}
	again(req, (struct desk_typed){ .review = form });
}

ROUTE(POST, "/admin/orders/{number}/right", STAFF, desk_reinstate)
{
	const struct order *order = order_proved(req);
	const struct reinstate_form *form = form_read(req, reinstate_form);
	if (form_ok(req)) {
		if (right_reinstate(req->db, order->id, form->right, decision_of(req, form->reason)))
			back(req, order, "right_back");
		form_error(req, "summary", "error.right_not_revoked");
	}
	again(req, (struct desk_typed){ .reinstate = form });
}
