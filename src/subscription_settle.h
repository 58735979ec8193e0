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

/* Subscriptions of ours that lack the period of a paid invoice, or a right of their plan though a period holds that is not
 * revoked: each is settled in a transaction of its own. What was lost and left traces (tokens, an invoice) comes back under its
 * number, so that nothing is granted or invoiced twice. Those changed since then, at most limit (orders: how many were mended);
 * or those of an account, with all its rights that were there counted as skipped, and no orders: its paid orders are those of
 * orders_fulfil_account(). */
struct fulfilment subscriptions_mend(struct db *db, struct moment since, int64_t limit);
struct fulfilment subscriptions_mend_account(struct db *db, int64_t account_id);

/* How many periods and, of the others, how many subscriptions: both 0 in a healthy shop. */
int64_t periods_missing(struct db *db);
int64_t subscriptions_lacking_rights(struct db *db);

/* Grants the quota of the month that holds now to annual plans, each in a transaction of its own; what an outage missed is
 * logged. Returns how many were granted. */
int64_t quotas_renew(struct db *db, int64_t limit);

#endif
