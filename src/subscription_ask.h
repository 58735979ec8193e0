/* subscription_ask.h: asks Stripe how a subscription stands, and applies the answer as a fact: after a change was asked for,
 * when two events cannot tell which is later, when a webhook was lost. */
#ifndef SUBSCRIPTION_ASK_H
#define SUBSCRIPTION_ASK_H

#include <json-c/json.h>

#include "subscription.h"

/* Not inside a transaction; takes its own. NONE: Stripe could not be reached, or refused. LATER: something else was told
 * while it was asked: the answer may be older than that, so ask again. */
enum asked { ASKED_APPLIED, ASKED_LATER, ASKED_NONE };
enum asked subscription_ask(struct db *db, int64_t subscription_id);

/* Applies an object read just now, and its latest invoice when that is in it. In the caller's transaction. The second leaves
 * the documents to subscriptions_document(), for many at once: it gives the subscription's id, 0 when there is nothing to
 * document. */
void subscription_apply_read(struct db *db, struct json_object *subscription);
int64_t subscription_apply_rights(struct db *db, struct json_object *subscription);

/* How far the mirror was when Stripe was asked of the order that a subscription began. Read first, outside the transaction. */
struct mirrored {
	const char *told_rank;
	struct moment told_at;
};
struct mirrored subscription_mirrored(struct db *db, int64_t order_id);
/* subscription_apply_read(), unless more was told since: the answer may be older, and a job asks again. */
void subscription_apply_since(struct db *db, struct json_object *subscription, struct mirrored before);

/* Ends it at Stripe, for jobs, and asks what became of it. Nothing when it is over; fails when Stripe did not do it. */
void subscription_end_now(struct db *db, const struct subscription *subscription);

#endif
