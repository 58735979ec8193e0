/* subscription_private.h: what the files that settle a subscription share. Nobody else includes it. */
#ifndef SUBSCRIPTION_PRIVATE_H
#define SUBSCRIPTION_PRIVATE_H

#include "quota.h"
#include "subscription_settle.h"

/* One paid invoice of a subscription. */
struct period {
	int64_t id, price_id;
	const char *stripe_invoice;
	bool trial, changed;
	int64_t from_price_id;
	struct moment starts_at, ends_at;
	const char *state; /* active, suspended, revoked */
	bool suspect;      /* a payment of it was refunded or disputed, or its state is not active */
};
ROW(period, id, price_id, stripe_invoice, trial, changed, from_price_id, starts_at, ends_at, state, suspect);

/* What a subscription gives now. state "": nothing was ever paid, no right is made. */
struct standing {
	const char *state, *reason;         /* of what lasts as long as it is paid: downloads */
	const char *use_state, *use_reason; /* of what ends with the subscription itself: licences, access to modules */
	const char *token_state;            /* "": that of the period; suspended: of all */
	struct moment since, until;
};

/* The one right per benefit of the plan, of all kinds but tokens. subscription->price_id is the plan in force. */
void subscription_rights(struct db *db, const struct subscription *subscription, const struct standing *standing);

/* The tokens of each period: its right, and the quota that its payment brings. */
void subscription_tokens(struct db *db, const struct subscription *subscription, const struct standing *standing);

/* When a trial ends, or ended: at its time, with its subscription, or when Stripe was asked to end it. Absent: there is none. */
struct moment subscription_trial_over(const struct subscription *subscription);

/* From when the months of a plan billed by the year are counted, at a moment. known (may be NULL): whether all is heard that
 * tells it; news may come before that of earlier periods. */
struct moment subscription_anchor(struct db *db, const struct subscription *subscription, struct moment at, bool *known);

/* The month of which a change of plan at a moment takes its share. ends: of the prorated lines; absent: not told. False: what
 * tells the month has not been heard yet. */
bool subscription_month(struct db *db, const struct subscription *subscription, struct moment at, struct moment ends,
	struct quota_month *month);

/* Our price by Stripe's; that of the plan that was ordered. 0: none. */
int64_t subscription_price(struct db *db, const char *stripe_price);
int64_t subscription_price_ordered(struct db *db, int64_t order_id);

/* Each paid invoice becomes one period, once its price is known. */
void subscription_periods_make(struct db *db, const struct subscription *subscription);

/* Its periods in the order of time, each in the state its payments give it (domain.md §6). */
struct list subscription_periods(struct db *db, const struct subscription *subscription);

#endif
