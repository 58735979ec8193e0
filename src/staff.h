/* staff.h: what the people of the shop decide about orders and rights. Each with a reason, audited under their name, in a
 * transaction of its own. */
#ifndef STAFF_H
#define STAFF_H

#include "db.h"

struct decision {
	int64_t actor_id;
	const char *reason;
};

/* A held order: lets it go, and has Stripe asked what became of its payment (which may hold it again;
 * the amount of a subscription's first invoice is taken as it is). Or closes it: what is not paid fails, a subscription whose
 * money was doubted ends. False when it is not held. */
bool order_release(struct db *db, int64_t order_id, struct decision decision);
bool order_close(struct db *db, int64_t order_id, struct decision decision);

/* Gives a revoked right back, by its public id; what took it does not take it again. False when it is not revoked. */
bool right_reinstate(struct db *db, int64_t order_id, const char *public_id, struct decision decision);

/* Gives an account one benefit of a product, without an order. key: the form's; twice is one right. */
enum right_given { RIGHT_GIVEN, RIGHT_NO_ACCOUNT, RIGHT_NO_BENEFIT };
enum right_given right_give(struct db *db, const char *key, const char *email, int64_t benefit_id, struct decision decision);

/* Has an event of Stripe that failed or is held applied again, by the worker. False when it is neither. */
bool stripe_event_again(struct db *db, const char *event_id, struct decision decision);

#endif
