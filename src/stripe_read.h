/* stripe_read.h: Stripe's objects about subscriptions, of any API version, as facts (stripe.md §11). Whatever is missing,
 * unknown or of another type reads as "not told"; a word that is longer than its column reads as it begins: an unknown status
 * gives no access. Texts live as long as the object, and as mem. */
#ifndef STRIPE_READ_H
#define STRIPE_READ_H

#include <json-c/json.h>

#include "subscription.h"

/* A subscription. told_at and rank are the caller's to set. status "" when it cannot be one. */
struct subscription_fact subscription_read(struct mem *mem, struct json_object *subscription);

/* An invoice. stripe_subscription "" when it is of none. */
struct invoice_fact invoice_read(struct mem *mem, struct json_object *invoice);
/* Adds to it what a list of lines tells: a page of GET /v1/invoices/{id}/lines. Its texts live as long as the list. */
void invoice_lines_read(struct invoice_fact *fact, struct json_object *list);

/* The number of our order in the metadata of the subscription an invoice is for; "" when there is none. */
const char *invoice_order_number(struct json_object *invoice);

#endif
