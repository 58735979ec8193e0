/* stripe_event.h: what Stripe tells us, stored once, applied once (domain.md §3). */
#ifndef STRIPE_EVENT_H
#define STRIPE_EVENT_H

#include <json-c/json.h>

#include "db.h"
#include "order.h"

/* What became of an event. Everything but UNREADABLE is stored and answered with 200. */
enum stripe_taken {
	TAKEN_APPLIED,
	TAKEN_IGNORED,    /* not for us: unknown type, other mode, a Connect account's own business */
	TAKEN_REVIEW,     /* the order is held for the operator */
	TAKEN_FAILED,     /* stored, to be tried again */
	TAKEN_BEFORE,     /* a duplicate */
	TAKEN_UNREADABLE, /* signed, but no event: nothing is stored */
};

/* Stores and applies the exact body of a verified event in one transaction of its own. */
enum stripe_taken stripe_event_take(struct db *db, struct bytes body);

/* Applies a stored event again, in a transaction of its own: retry and replay. IGNORED when there is no such event. */
enum stripe_taken stripe_event_apply(struct db *db, const char *event_id);

/* The types this program has handlers for, from 0 on; NULL after the last. */
const char *stripe_event_type(size_t i);

/* Applies failed events whose time has come, at most limit. Returns how many are applied now. */
int64_t stripe_events_retry(struct db *db, int64_t limit);

/* What a Checkout Session says about its order, however we learned it (webhook, order check). In a transaction. */
enum stripe_taken session_apply(struct db *db, struct json_object *session);
/* The same of an invoice of a subscription. */
enum stripe_taken invoice_apply(struct db *db, struct json_object *invoice);
/* The facts alone of a list of them: who calls settles their subscriptions afterwards. In a transaction. */
void invoices_note(struct db *db, struct json_object *invoices);

#endif
