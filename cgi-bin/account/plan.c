/* /account/subscriptions/{id}/plan/{price}: another plan of the same product. An upgrade shows what Stripe would charge, then
 * happens at once, at exactly that price; anything else begins with the next period. */
#include "form.h"
#include "json.h"
#include "moment.h"
#include "sign.h"
#include "stripe_manage.h"
#include "subscription_view.h"
#include "web.h"

#include <string.h>

enum { PREVIEW_SECONDS = 1800 };

struct plan_form {
	const char *request_key;
	int64_t prorate_at;
};
FORM(plan_form, ID(request_key), NUMBER(prorate_at, 0, 99999999999));

/* What Stripe says the change costs now. */
struct preview {
	struct money credit, charge, total;
};
VIEW(preview, credit, charge, total);

struct plan_page {
	const struct subscription_view *subscription;
	const char *public_id, *price_title, *request_key;
	struct money amount;
	bool is_monthly, is_upgrade, stripe_down;
	const struct preview *preview;
	int64_t prorate_at;
};
VIEW(plan_page, REF(subscription, subscription_view), public_id, price_title, request_key, amount, is_monthly, is_upgrade,
	stripe_down, REF(preview, preview), prorate_at);

/* What both methods need; ends the page when the change is none that can be asked for. */
struct change {
	const struct subscription *subscription;
	const struct plan *from, *to;
	bool is_upgrade;
};

static struct change change_asked(struct request *req)
{
	struct change change = { .subscription = subscription_of(req->db, req->account_id, path_text(req, "id")) };
	if (!change.subscription)
		not_found(req);
	struct subscription_view view = subscription_view(req, change.subscription);
	change.from = plan_by_id(req->db, change.subscription->price_id, req->language);
	if (!view.can_change || !change.from)
		see_other(req, "/account/subscriptions/%s", change.subscription->public_id);
	struct list plans = plans_beside(req->db, change.from, req->language);
	LIST_EACH(plan, plan, plans)
		if (!strcmp(plan->public_id, path_text(req, "price")))
			change.to = plan;
	if (!change.to)
		not_found(req);
	change.is_upgrade = plan_is_upgrade(change.from, change.to);
	return change;
}

/* NULL: Stripe could not be reached, or refused. */
static const struct preview *preview_of(struct request *req, const struct change *change, struct moment at)
{
	const char *price = plan_at_stripe(req->db, change->to);
	if (!price)
		return NULL;
	struct stripe_answer answer = stripe_plan_preview(req->mem, change->subscription, price, at);
	if (answer.end != STRIPE_GOOD)
		return NULL;
	struct preview *preview = mem_get(req->mem, sizeof *preview);
	preview->credit = preview->charge = preview->total = change->to->amount;
	preview->total.minor = json_int(answer.value, "amount_due", 0);
	preview->credit.minor = preview->charge.minor = 0;
	struct json_object *lines = json_at(answer.value, "lines.data");
	for (size_t i = 0; json_object_is_type(lines, json_type_array) && i < json_object_array_length(lines); i++) {
		int64_t amount = json_int(json_object_array_get_idx(lines, i), "amount", 0);
		preview->credit.minor -= amount < 0 ? amount : 0;
		preview->charge.minor += amount > 0 ? amount : 0;
	}
	return preview;
}

/* The moment that Stripe counts from; it takes none before the current period, and its clock is ahead of ours in tests. */
static struct moment prorate_now(const struct change *change)
{
	struct moment now = moment_now(), start = change->subscription->period_start;
	return now.us > start.us ? now : start;
}

static void show(struct request *req, const struct change *change)
{
	struct subscription_view view = subscription_view(req, change->subscription);
	struct moment at = prorate_now(change);
	const struct preview *preview = change->is_upgrade ? preview_of(req, change, at) : NULL;
	render(req, "account/plan", plan_page, .subscription = &view, .public_id = change->to->public_id,
		.price_title = change->to->price_title, .request_key = random_id(req->mem), .amount = change->to->amount,
		.is_monthly = !strcmp(change->to->recurring, "month"), .is_upgrade = change->is_upgrade,
		.stripe_down = change->is_upgrade && !preview, .preview = preview, .prorate_at = moment_unix(at));
	if (change->is_upgrade && !preview)
		req->response.status = 503;
}

ROUTE(GET, "/account/subscriptions/{id}/plan/{price}", MEMBER, plan_show)
{
	struct change change = change_asked(req);
	show(req, &change);
}

static void refused(struct request *req, const struct change *change, const char *why)
{
	form_error(req, "summary", why);
	show(req, change);
	req->response.status = 409;
}

static void upgrade(struct request *req, const struct change *change, const struct plan_form *form)
{
	const struct subscription *subscription = change->subscription;
	int64_t age = moment_unix(prorate_now(change)) - form->prorate_at;
	const char *price = plan_at_stripe(req->db, change->to);
	if (age < 0 || age > PREVIEW_SECONDS) {
		refused(req, change, "plan.stale");
		return;
	}
	struct stripe_answer answer = { .end = STRIPE_NO_KEY };
	if (price)
		answer = stripe_plan_change(req->mem, subscription, price, moment_from_unix(form->prorate_at),
			form->request_key);
	switch (answer.end) {
	case STRIPE_GOOD:
	case STRIPE_UNSURE: /* may have been done: Stripe is asked */
		subscription_changing(req->db, subscription);
		see_other(req, "/account/subscriptions/%s", subscription->public_id);
	case STRIPE_REFUSED:
		refused(req, change, answer.status == 402 ? "plan.declined" : "subscription.refused");
		return;
	case STRIPE_NO_KEY:
		refused(req, change, "subscription.stripe_down");
		return;
	}
}

ROUTE(POST, "/account/subscriptions/{id}/plan/{price}", MEMBER, plan_change)
{
	struct change change = change_asked(req);
	const struct plan_form *form = form_read(req, plan_form);
	if (!form_ok(req)) {
		refused(req, &change, "plan.stale");
		return;
	}
	if (change.is_upgrade) {
		upgrade(req, &change, form);
		return;
	}
	subscription_next_set(req->db, change.subscription, change.to->id);
	see_other(req, "/account/subscriptions/%s", change.subscription->public_id);
}
