/* /account/subscriptions/{id}: one subscription: how it stands, what was paid, and what can be done with it. What is pressed
 * is asked of Stripe, outside any transaction and under a key of the form; the page changes when Stripe has told. */
#include "conf.h"
#include "event.h"
#include "form.h"
#include "moment.h"
#include "json.h"
#include "sign.h"
#include "stripe_manage.h"
#include "subscription_view.h"
#include "web.h"

#include <string.h>

enum { REFRESH_SECONDS = 3 };

struct manage_form {
	const char *action, *request_key;
};
FORM(manage_form, CHOICE(action, "cancel keep pause resume undo portal"), ID(request_key));

/* A payment that did not go through, still to be paid. */
struct overdue {
	const char *pay_href;
	struct money amount;
	struct moment next_attempt_at, grace_until;
};
ROW(overdue, pay_href, amount, OPT(next_attempt_at), OPT(grace_until));

struct paid_period {
	struct moment starts_at, ends_at;
	struct money amount;
	const char *state, *state_label;
	bool is_trial;
};
ROW(paid_period, starts_at, ends_at, amount, state, state_label, is_trial);

/* The invoices of its periods, and the credit notes that correct them. */
struct document {
	const char *number;
	bool is_credit;
	struct moment issued_at;
};
ROW(document, number, is_credit, issued_at);

struct plan_row {
	const char *public_id, *price_title;
	struct money amount;
	bool is_monthly, is_upgrade;
};
VIEW(plan_row, public_id, price_title, amount, is_monthly, is_upgrade);

struct subscription_page {
	const struct subscription_view *subscription;
	const struct overdue *overdue;
	struct list periods, documents, plans;
	const char *request_key;
	bool stripe_down;
};
VIEW(subscription_page, REF(subscription, subscription_view), REF(overdue, overdue), LIST(periods, paid_period),
	LIST(documents, document), LIST(plans, plan_row), request_key, stripe_down);

static const struct overdue *overdue_of(struct request *req, const struct subscription *subscription)
{
	return db_one(req->db, overdue,
		"SELECT IF(i.hosted_url LIKE 'http%', i.hosted_url, '') AS pay_href, i.amount_due AS amount, i.currency,"
		" i.next_attempt_at, s.paid_until + INTERVAL ? DAY AS grace_until"
		" FROM stripe_invoice i JOIN subscription s ON s.stripe_subscription = i.stripe_subscription"
		" WHERE i.stripe_subscription = ? AND i.status = 'open' AND s.status IN ('past_due', 'unpaid')"
		" ORDER BY i.created_at DESC LIMIT 1",
		conf.grace_days, subscription->stripe_subscription);
}

static struct list periods_of(struct request *req, const struct subscription *subscription)
{
	struct list list = db_all(req->db, paid_period,
		"SELECT starts_at, ends_at, amount, currency, state, '' AS state_label, trial AS is_trial"
		" FROM subscription_period WHERE subscription_id = ? ORDER BY starts_at DESC, id DESC LIMIT 24",
		subscription->id);
	struct paid_period *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		bool paid = rows[i].amount.minor || !rows[i].is_trial; /* "paid" is no word for a trial */
		rows[i].state_label = paid || strcmp(rows[i].state, "active") ? word_of(req, "state.period", rows[i].state) : "";
	}
	return list;
}

static struct list documents_of(struct request *req, const struct subscription *subscription)
{
	return db_all(req->db, document,
		"SELECT d.number, d.kind = 'credit' AS is_credit, d.issued_at FROM invoice d"
		" JOIN invoice i ON i.id = IF(d.credits_id > 0, d.credits_id, d.id) AND i.source = 'period'"
		" JOIN subscription_period p ON p.id = i.source_id"
		" WHERE d.account_id = ? AND p.subscription_id = ? ORDER BY d.id DESC LIMIT 48",
		req->account_id, subscription->id);
}

static struct list plans_of(struct request *req, const struct subscription *subscription, bool can_change)
{
	const struct plan *plan = can_change ? plan_by_id(req->db, subscription->price_id, req->language) : NULL;
	struct list rows = { .shape = &plan_shape }, list = { .shape = &plan_row_shape };
	if (plan)
		rows = plans_beside(req->db, plan, req->language);
	struct plan_row *plans = list.items = mem_array(req->mem, rows.count + 1, sizeof *plans);
	LIST_EACH(plan, row, rows)
		plans[list.count++] = (struct plan_row){ .public_id = row->public_id, .price_title = row->price_title,
			.amount = row->amount, .is_monthly = !strcmp(row->recurring, "month"),
			.is_upgrade = plan_is_upgrade(plan, row) };
	return list;
}

static void show(struct request *req, const struct subscription *subscription, bool stripe_down)
{
	struct subscription_view view = subscription_view(req, subscription);
	if (view.is_changing || view.is_starting)
		req->refresh = REFRESH_SECONDS;
	render(req, "account/subscription", subscription_page, .subscription = &view,
		.overdue = overdue_of(req, subscription), .periods = periods_of(req, subscription),
		.documents = documents_of(req, subscription),
		.plans = plans_of(req, subscription, view.can_change), .request_key = random_id(req->mem),
		.stripe_down = stripe_down);
}

static const struct subscription *subscription_asked(struct request *req)
{
	const struct subscription *subscription = subscription_of(req->db, req->account_id, path_text(req, "id"));
	if (!subscription)
		not_found(req);
	return subscription;
}

ROUTE(GET, "/account/subscriptions/{id}", MEMBER, subscription_show)
{
	show(req, subscription_asked(req), false);
}

/* What each button asks of Stripe, and when it may. */
static const struct action {
	const char *name;
	size_t allowed; /* where the view says so */
	enum manage manage;
} actions[] = {
	{ "cancel", offsetof(struct subscription_view, can_cancel), MANAGE_CANCEL },
	{ "keep", offsetof(struct subscription_view, can_keep), MANAGE_KEEP },
	{ "pause", offsetof(struct subscription_view, can_pause), MANAGE_PAUSE },
	{ "resume", offsetof(struct subscription_view, can_resume), MANAGE_COLLECT },
};

static void ask(struct request *req, const struct subscription *subscription, enum manage manage, const char *key)
{
	if (manage == MANAGE_COLLECT && !strcmp(subscription->status, "paused"))
		manage = MANAGE_RESUME;
	struct stripe_answer answer = stripe_subscription_manage(req->mem, subscription, manage, key);
	switch (answer.end) {
	case STRIPE_GOOD:
	case STRIPE_UNSURE: /* may have been done: Stripe is asked */
		subscription_changing(req->db, subscription);
		see_other(req, "/account/subscriptions/%s", subscription->public_id);
	case STRIPE_REFUSED:
		subscription_changing(req->db, subscription);
		form_error(req, "summary", "subscription.refused");
		show(req, subscription, false);
		req->response.status = 409;
		return;
	case STRIPE_NO_KEY:
		show(req, subscription, true);
		req->response.status = 503;
		return;
	}
}

/* The billing portal: payment method, invoices. Its session is made at the click and lives for minutes. */
static void portal(struct request *req, const struct subscription *subscription, const char *key)
{
	const char *back = mem_format(req->mem, "%s/account/subscriptions/%s", conf.base_url, subscription->public_id);
	struct stripe_answer answer = { .end = STRIPE_REFUSED };
	if (*subscription->stripe_customer)
		answer = stripe_portal_open(req->mem, subscription->stripe_customer, back, req->language, key);
	if (answer.end == STRIPE_GOOD && *json_text(answer.value, "url"))
		see_elsewhere(req, json_text(answer.value, "url"));
	if (stripe_customer_gone(&answer)) {
		form_error(req, "summary", "subscription.customer_gone");
		show(req, subscription, false);
		req->response.status = 409;
		return;
	}
	show(req, subscription, true);
	req->response.status = 503;
}

ROUTE(POST, "/account/subscriptions/{id}", MEMBER, subscription_manage)
{
	const struct subscription *subscription = subscription_asked(req);
	const struct manage_form *form = form_read(req, manage_form);
	if (!form_ok(req)) {
		show(req, subscription, false);
		req->response.status = 422;
		return;
	}
	struct subscription_view view = subscription_view(req, subscription);
	if (!strcmp(form->action, "portal")) {
		portal(req, subscription, form->request_key);
		return;
	}
	if (!strcmp(form->action, "undo") && view.can_undo)
		subscription_next_set(req->db, subscription, 0);
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (!strcmp(actions[i].name, form->action) && *(const bool *)((const char *)&view + actions[i].allowed)) {
			ask(req, subscription, actions[i].manage, form->request_key);
			return;
		}
	see_other(req, "/account/subscriptions/%s", subscription->public_id);
}
