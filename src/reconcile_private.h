/* reconcile_private.h: what the two halves of a run share. */
#ifndef RECONCILE_PRIVATE_H
#define RECONCILE_PRIVATE_H

#include <json-c/json.h>

#include "reconcile.h"

enum { PER_PAGE = 100 };

struct run {
	struct db *db;
	struct reconciled done;
	bool far;      /* from before what the list of events holds: objects are asked for */
	int64_t since; /* from when on nothing was looked for */
	struct moment asked_at; /* the page at hand; seconds count, as in Stripe's own times */
	size_t share, shares; /* which part of the work is this worker's */
	char error[100];
};

typedef void (*list_feeder)(struct run *run, struct json_object *objects);

/* Every page of a list (path?filter=…) to feed. False when Stripe did not answer to the end. */
bool list_feed(struct run *run, const char *list, list_feeder feed);

/* As if it had come by the webhook: stored once, applied once, counted. Nobody signed it, but the list came over our own call. */
void event_feed(struct run *run, struct json_object *event);

/* Invoices, subscriptions, refunds and disputes since run->since. False when Stripe did not answer to the end. */
bool far_feed(struct run *run);

#endif
