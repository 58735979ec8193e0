/* webhook.h: events as Stripe sends them: signed, in every order, twice and thrice, for tests. */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include <sodium.h>
#include <string.h>

#include "fixture.h"
#include "moment.h"
#include "sign.h"

static inline char *signed_now(struct fixture *f, const char *body, const char *key)
{
	long long now = (long long)moment_unix(moment_now());
	const char *text = mem_format(f->mem, "%lld.%s", now, body);
	return mem_format(f->mem, "t=%lld,v1=%s", now, hex_of(f->mem, hmac_of(f->mem, key, text, strlen(text))));
}

/* With the secret that tests set. */
static inline struct page event_send(struct fixture *f, const char *body)
{
	with(f, "HTTP_STRIPE_SIGNATURE", signed_now(f, body, "whsec_test"));
	return post_raw(f, "/webhooks/stripe", "application/json", body, NULL);
}

enum { EVENTS_MAX = 20 };

/* What is done with the numbers of events in one order. */
struct telling {
	void (*tell)(void *arg, const size_t *order, size_t count);
	void *arg;
};

/* Every permutation of the first k of count, by Heap's algorithm (B. R. Heap, 1963). */
static inline void every_order(struct telling telling, size_t *order, size_t count, size_t k)
{
	if (k <= 1) {
		telling.tell(telling.arg, order, count);
		return;
	}
	for (size_t i = 0; i < k; i++) {
		every_order(telling, order, count, k - 1);
		size_t with_last = k % 2 ? 0 : i, kept = order[with_last];
		order[with_last] = order[k - 1];
		order[k - 1] = kept;
	}
}

/* Each of count events one to three times, in any order. */
static inline void shuffled(struct telling telling, size_t count)
{
	size_t order[EVENTS_MAX * 3], told = 0;
	assert_true(count <= EVENTS_MAX);
	for (size_t i = 0; i < count; i++)
		for (uint32_t times = 1 + randombytes_uniform(3); times; times--)
			order[told++] = i;
	for (size_t i = told - 1; i > 0; i--) {
		size_t j = randombytes_uniform((uint32_t)i + 1), kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
	telling.tell(telling.arg, order, told);
}

#endif
