/* stripe_manage.h: the calls that manage subscriptions. As in stripe_api.h: never inside a database transaction, each POST
 * under an idempotency key. What is asked for is not yet so: the mirror changes by events, or by subscription_ask(). */
#ifndef STRIPE_MANAGE_H
#define STRIPE_MANAGE_H

#include "plan.h"
#include "stripe_api.h"
#include "subscription.h"

/* What a member, or a job, may want of a subscription. HOLD: a pause for a dispute's sake, which Stripe keeps as metadata
 * held=dispute; RELEASE ends it. */
enum manage { MANAGE_CANCEL, MANAGE_KEEP, MANAGE_PAUSE, MANAGE_COLLECT, MANAGE_RESUME, MANAGE_END_TRIAL, MANAGE_HOLD,
	MANAGE_RELEASE };

/* key: of the form, or of the job; part of the idempotency key. These, and a change of plan, release the subscription's schedule
 * first; plan_switch makes it anew when the plan to come is still wanted. */
struct stripe_answer stripe_subscription_manage(struct mem *mem, const struct subscription *subscription,
	enum manage manage, const char *key);

/* Ends it now; what is paid stays paid. */
struct stripe_answer stripe_subscription_end(struct mem *mem, const struct subscription *subscription);

/* The subscription itself, with its latest invoice. */
struct stripe_answer stripe_subscription_get(struct mem *mem, const char *stripe_subscription);

/* Another plan from now on. prorate_at: the moment its preview was for; absent: without any proration. A card that is refused
 * refuses the change. */
struct stripe_answer stripe_plan_change(struct mem *mem, const struct subscription *subscription, const char *stripe_price,
	struct moment prorate_at, const char *key);
/* What that would cost: an invoice that is not made. */
struct stripe_answer stripe_plan_preview(struct mem *mem, const struct subscription *subscription,
	const char *stripe_price, struct moment prorate_at);

/* A price of ours, made at Stripe with a product of its own. */
struct stripe_answer stripe_price_create(struct mem *mem, const struct plan *plan);

/* A session of the billing portal: payment method, invoices. */
struct stripe_answer stripe_portal_open(struct mem *mem, const char *stripe_customer, const char *return_url,
	const char *language, const char *key);

/* The Checkout Session of an order for a plan. trial: with its trial. */
struct stripe_answer stripe_subscription_session(struct mem *mem, const struct order *order, const struct plan *plan,
	const char *stripe_price, bool trial, const char *email, const char *customer, int64_t try);

#endif
