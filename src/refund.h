/* refund.h: money given back. Staff ask (a row, committed), the worker sends it to Stripe under a key of that row, and the
 * answer is a fact like any other (payment.h): rights follow from it, whoever tells it first. */
#ifndef REFUND_H
#define REFUND_H

#include "order.h"

struct refund_wish {
	const char *key;      /* of the form: pressing twice is one refund */
	int64_t order_id, actor_id;
	const char *payment;  /* of a subscription: which of its payments, by payment intent; NULL: the order's own */
	bool cancels;         /* the subscription ends, too */
	int64_t amount;       /* minor units; 0: of the lines, or all that is left */
	const int64_t *lines; /* rows of order_line given back whole; their rights go. One with an amount: that part of it,
	                       * whose tokens go in proportion, while all else stays */
	size_t line_count;
	const char *reason;
};

/* Notes the wish and queues its sending, in a transaction of its own. */
enum refund_asked {
	REFUND_ASKED,
	REFUND_UNPAID,       /* nothing was paid */
	REFUND_DISPUTED,     /* the bank has it in hand: Stripe refuses too */
	REFUND_NOTHING_LEFT, /* all of it is back, or on its way */
	REFUND_TOO_MUCH,     /* more than is left */
	REFUND_LINE_BACK,    /* one of the lines is back, or on its way; or none of this order */
	REFUND_KEY_USED,     /* the form's key was another order's */
};
enum refund_asked refund_ask(struct db *db, const struct refund_wish *wish);

/* What may still be asked for of the order's own payment; of one of its subscription's that brought so much, by payment
 * intent. 0 while it is disputed. */
struct money refund_left(struct db *db, const struct order *order);
int64_t refund_left_of(struct db *db, const char *payment_intent, int64_t amount);

/* Sends an asked refund to Stripe and tells the answer. True when it is answered, also by a refusal (then its row says why);
 * false: nobody knows, ask again with the same key. Transactions of its own. */
bool refund_send(struct db *db, int64_t refund_id);

/* Queues the sending of those that were asked for a while ago and never answered. Returns how many. */
int64_t refunds_send_again(struct db *db);

/* What follows once from each refund of a payment: succeeded → credit note, event refund.succeeded; failed after all → the
 * order is held. order: locked; the payment's own, or the one its subscription began with. Inside the transaction of the
 * fact. */
void refunds_settle(struct db *db, const struct order *order, const char *payment_intent);

#endif
