/* checkout.h: the way from an order to the payment page. The one network call that a page makes. */
#ifndef CHECKOUT_H
#define CHECKOUT_H

#include "web.h"

/* Sends the buyer on: to the payment page of the order's session (made when there is none, or the old one is over), or to
 * the return page when nothing is left to pay. Outside any transaction, under the order's idempotency key, so pressing
 * again is safe. Returns only when Stripe could not be reached or refused: the order stays as it is. */
void checkout_go(struct request *req, int64_t order_id);

/* Asks Stripe what became of an order's session and applies the answer: the road for a lost webhook. True when the order
 * is decided now. Nothing happens when Stripe cannot be reached. */
bool checkout_ask(struct db *db, int64_t order_id);

#endif
