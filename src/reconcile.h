/* reconcile.h: what Stripe knows and we were not told: asked for, and taken by the webhook's own road.
 *
 * Stripe keeps its events for 30 days: what is older is read from its lists of invoices, subscriptions, refunds and disputes,
 * which say what became of them. The mark says up to when they were all looked for; a run goes on from there a day at a
 * time, and moves the mark after each day, so that a run cut short loses nothing. The same event twice changes nothing. */
#ifndef RECONCILE_H
#define RECONCILE_H

#include "db.h"

struct reconciled {
	int64_t listed;   /* events Stripe named */
	int64_t missed;   /* of these, not heard of before */
	int64_t failed;   /* of those, not applied: to be tried again, or held for a person */
	int64_t sessions; /* open payment pages asked about */
	bool closed;      /* there is no key to ask with */
	bool cut;         /* Stripe did not answer: the mark stays where it was reached */
	bool more;        /* the time was over before the end */
};

/* Feeds every event since the mark (days > 0: since so many days ago) that is not stored yet to stripe_event_take(), then
 * asks about orders whose payment page is still open. Begins no new day after `seconds` (0: never stops). Transactions of
 * its own. */
struct reconciled reconcile_stripe(struct db *db, int64_t days, int64_t seconds);

/* A run soon, by the worker: at its start, after an outage, when somebody presses the button. */
void reconcile_ask(struct db *db);

/* The last run, as kept. */
struct reconcile {
	int64_t listed, missed, failed, sessions, missed_ever;
	const char *error;
	struct moment mark_at, ran_at;
};
ROW(reconcile, listed, missed, failed, sessions, missed_ever, error, OPT(mark_at), OPT(ran_at));

/* NULL: it never ran. */
const struct reconcile *reconcile_last(struct db *db);

#endif
