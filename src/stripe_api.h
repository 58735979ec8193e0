/* stripe_api.h: the calls we make to Stripe, over libcurl. Never inside a database transaction. */
#ifndef STRIPE_API_H
#define STRIPE_API_H

#include <json-c/json.h>

#include "mem.h"
#include "order.h"

/* How a call ended. UNSURE: no answer came; the same idempotency key asked again tells (stripe.md §7). */
enum stripe_end { STRIPE_GOOD, STRIPE_REFUSED, STRIPE_UNSURE, STRIPE_NO_KEY };

struct stripe_answer {
	enum stripe_end end;
	int status;                /* HTTP; 0: no answer */
	bool spent;                /* nothing else will be said under this key for a day: see stripe_post() */
	struct json_object *value; /* NULL: none; lives as long as mem */
};

/* A request body in Stripe's form encoding: a[b][c]=v. */
struct buffer stripe_form(struct mem *mem);
void stripe_field(struct buffer *form, const char *name, const char *value);
void stripe_number(struct buffer *form, const char *name, int64_t value);

/* POST with an idempotency key, GET, or DELETE (which is the same done twice). Tries again (at most twice, with the same key)
 * after 409, 429, 5xx and lost connections, unless Stripe-Should-Retry says no.
 *
 * While a page is made (patience.h): connects within 3 s, answers within 6 s, and no try begins when the page's patience is
 * over; at most conf.stripe_slots of a zone's pages are at it on a host, the others hear UNSURE within a second. Elsewhere: 5 s
 * and conf.stripe_timeout; after a call that took longer, UNSURE at once while stripe_rests().
 *
 * A key is spent when Stripe keeps an answer under it that is no use: a 5xx (stripe.md §7: 500s are kept too), or one to other
 * parameters than ours now (idempotency_error). What was done under it is not known then. */
struct stripe_answer stripe_post(struct mem *mem, const char *path, struct buffer form, const char *idempotency_key);
struct stripe_answer stripe_get(struct mem *mem, const char *path);
struct stripe_answer stripe_delete(struct mem *mem, const char *path);

/* As stripe_post(), for what does no harm done twice: when the key is spent, asks once more under one that nobody used. Never
 * for what moves money. */
struct stripe_answer stripe_post_harmless(struct mem *mem, const char *path, struct buffer form, const char *idempotency_key);

/* Whether Stripe took too long a moment ago, and is not asked by jobs for a minute. */
bool stripe_rests(void);

/* Whether it was refused because the customer it names is not there any more. */
bool stripe_customer_gone(const struct stripe_answer *answer);

/* What every Checkout Session says of its order, and the call that makes one: the same try is the same session. */
struct buffer stripe_session_form(struct mem *mem, const struct order *order, const char *mode, const char *email,
	const char *customer);
struct stripe_answer stripe_session_post(struct mem *mem, const struct order *order, struct buffer form, int64_t try);

/* Makes the Checkout Session of an order: our amounts, our number as client_reference_id and metadata. */
struct stripe_answer stripe_session_create(struct mem *mem, const struct order *order, struct list lines,
	const char *email, const char *customer, int64_t try);

/* Closes a session that nobody paid. Refused: it was paid, or is over already. */
struct stripe_answer stripe_session_expire(struct mem *mem, const char *session);

#endif
