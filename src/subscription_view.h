/* subscription_view.h: a subscription as the portal shows it (templates/account/subscriptions.html, subscription.html). */
#ifndef SUBSCRIPTION_VIEW_H
#define SUBSCRIPTION_VIEW_H

#include "plan.h"
#include "subscription.h"
#include "web.h"

struct subscription_view {
	int64_t id;
	const char *public_id, *title, *price_title, *state, *state_label;
	struct money amount; /* of a period */
	bool is_monthly, is_yearly;
	struct moment paid_until, trial_end, ends_at, renews_at, resumes_at; /* ends_at: canceled; renews_at: charged next */
	const char *next_title; /* the plan that begins with the next period; "": the same */
	struct money renewal;   /* charged at renews_at */
	bool is_changing;       /* asked of Stripe, not told yet */
	bool is_contested;      /* a payment of it is disputed; nothing more is charged meanwhile */
	bool is_trial, is_paused, is_ending, is_over, is_overdue, is_unpaid, is_starting;
	bool can_cancel, can_keep, can_pause, can_resume, can_change, can_undo, has_portal;
};
VIEW(subscription_view, id, public_id, title, price_title, state, state_label, amount, is_monthly, is_yearly,
	OPT(paid_until), OPT(trial_end), OPT(ends_at), OPT(renews_at), OPT(resumes_at), next_title, renewal, is_changing,
	is_contested, is_trial, is_paused, is_ending, is_over, is_overdue, is_unpaid, is_starting, can_cancel, can_keep,
	can_pause, can_resume, can_change, can_undo, has_portal);

struct subscription_view subscription_view(struct request *req, const struct subscription *subscription);

#endif
