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

/* Grants the quota of the month that holds now to annual plans, each in a transaction of its own; what an outage missed is
 * logged. Returns how many were granted. */
int64_t quotas_renew(struct db *db, int64_t limit);

#endif
