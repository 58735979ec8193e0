/* subscription_view.c: what a subscription's facts mean to its member, and what may be done with it now. */
#include "subscription_view.h"

#include <string.h>

#include "moment.h"

enum { CHANGING_SECONDS = 600 };

/* Statuses in the member's words; those without a line are "unknown". */
static const struct {
	const char *status, *state;
} states[] = {
	{ "", "starting" },
	{ "incomplete", "starting" },
	{ "active", "active" },
	{ "trialing", "trial" },
	{ "past_due", "overdue" },
	{ "unpaid", "unpaid" },
	{ "paused", "paused" },
	{ "canceled", "ended" },
	{ "incomplete_expired", "ended" },
};

static const char *state_of(const struct subscription *subscription, bool contested)
{
	const char *state = "unknown";
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (!strcmp(states[i].status, subscription->status))
			state = states[i].state;
	bool going = !strcmp(state, "active") || !strcmp(state, "trial");
	if (going && subscription->cancel_at.us)
		return "ending";
	if (going && contested)
		return "disputed";
	return going && *subscription->pause_behavior ? "paused" : state;
}

/* A payment of it is disputed. */
static bool is_contested(struct db *db, const struct subscription *subscription)
{
	return db_int(db,
		"SELECT EXISTS (SELECT 1 FROM subscription_period WHERE subscription_id = ? AND state = 'suspended')",
		subscription->id);
}

/* Its first period is under way at Stripe, if not paid yet: too late to undo it. */
static bool has_begun(const struct subscription *subscription, const struct plan *next)
{
	return next->stripe_price && !strcmp(next->stripe_price, subscription->stripe_price) &&
		subscription->period_end.us > subscription->paid_until.us;
}

static void plans_show(struct request *req, const struct subscription *subscription, struct subscription_view *view)
{
	const struct plan *plan = plan_by_id(req->db, subscription->price_id, req->language);
	const struct plan *next = plan_by_id(req->db, subscription->next_price_id, req->language);
	if (!plan)
		return;
	view->title = plan->title;
	view->price_title = plan->price_title;
	view->amount = view->renewal = plan->amount;
	view->is_monthly = !strcmp(plan->recurring, "month");
	view->is_yearly = !view->is_monthly;
	if (next) {
		view->can_undo = !has_begun(subscription, next);
		view->next_title = next->price_title;
		view->renewal = next->amount;
	}
}

/* While a payment is disputed nothing new is charged (domain.md §6): the member can end the subscription, not resume it; nor
 * pause or change it, for none of that is "active". */
static void actions_allow(const struct subscription *subscription, struct subscription_view *view)
{
	bool active = !strcmp(view->state, "active"), going = active || view->is_trial, still = !view->is_changing;
	bool ends = going || view->is_contested || view->is_paused || view->is_overdue || view->is_unpaid;
	view->can_cancel = still && ends && !view->is_ending;
	view->can_keep = still && view->is_ending;
	view->can_pause = still && active;
	view->can_resume = still && view->is_paused && !view->is_contested;
	view->can_undo = view->can_undo && still;
	view->can_change = still && active && !subscription->next_price_id && subscription->price_id &&
		*subscription->stripe_item;
	view->has_portal = *subscription->stripe_customer != 0;
}

struct subscription_view subscription_view(struct request *req, const struct subscription *subscription)
{
	bool contested = !subscription_is_over(subscription->status) && is_contested(req->db, subscription);
	const char *state = state_of(subscription, contested);
	struct subscription_view view = { .id = subscription->id, .public_id = subscription->public_id, .title = "",
		.price_title = "", .state = state, .state_label = word_of(req, "state.subscription", state), .next_title = "",
		.is_trial = !strcmp(state, "trial"), .is_paused = !strcmp(state, "paused"), .is_ending = !strcmp(state, "ending"),
		.is_over = !strcmp(state, "ended"), .is_overdue = !strcmp(state, "overdue"), .is_unpaid = !strcmp(state, "unpaid"),
		.is_starting = !strcmp(state, "starting"), .is_contested = contested, .paid_until = subscription->paid_until };
	view.is_changing = subscription->changing_at.us &&
		moment_add_seconds(subscription->changing_at, CHANGING_SECONDS).us > moment_now().us;
	if (!strcmp(subscription->status, "trialing"))
		view.trial_end = subscription->trial_end;
	if (view.is_ending || view.is_over)
		view.ends_at = view.is_over ? subscription->ended_at : subscription->cancel_at;
	if (view.is_paused)
		view.resumes_at = subscription->pause_resumes_at;
	if (!strcmp(state, "active") || view.is_trial)
		view.renews_at = subscription->period_end;
	plans_show(req, subscription, &view);
	actions_allow(subscription, &view);
	return view;
}
