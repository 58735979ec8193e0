/* subscription_settle.h: rights follow from the facts of a subscription, its invoices and their payments: the same facts
 * make the same rights, in whatever order they were told (domain.md §4, §6). */
#ifndef SUBSCRIPTION_SETTLE_H
#define SUBSCRIPTION_SETTLE_H

#include "subscription.h"

/* Called after every fact, in its transaction. Each paid invoice becomes one period; the order it began with is paid; the
 * rights of the plan in force stand until what is paid ends; each period's tokens are granted once. False while account or
 * plan are not known: whoever learns of them calls again. */
bool subscription_settle(struct db *db, const char *stripe_subscription);

/* The same in two steps, for many at once: all but the documents, which gives the subscription's id (0: not known yet); then
 * the invoices of what was paid, and what follows from refunds, of a JSON list of ids. In one transaction. */
int64_t subscription_settle_rights(struct db *db, const char *stripe_subscription);
void subscriptions_document(struct db *db, const char *ids);

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

/* Grants the quota of the month that holds now to annual plans, each in a transaction of its own; what an outage missed is
 * logged. Returns how many were granted. */
int64_t quotas_renew(struct db *db, int64_t limit);

#endif
