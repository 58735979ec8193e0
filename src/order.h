/* order.h: what was bought. The states, who may make them, and the one road from money to rights.
 *
 *	draft → pending → paid → partially_refunded → refunded
 *	            ↘ failed, expired (late money still makes them paid)      paid ⇄ disputed
 *
 * The legal transitions are one table in order.c. A held order (review is not "") keeps its state. */
#ifndef ORDER_H
#define ORDER_H

#include "db.h"

struct order {
	int64_t id;
	const char *number;
	int64_t account_id;
	const char *state;
	const char *review; /* "": not held */
	const char *language;
	const char *currency;
	struct money subtotal, discount, tax, total, refunded;
	bool livemode;
	bool promotions;
	bool settles_later; /* the buyer is done, the money settles later */
	int64_t checkout_tries;
	const char *stripe_session;
	const char *stripe_url;
	const char *stripe_payment;
	struct moment created_at, updated_at, expires_at, paid_at, closed_at;
};
ROW(order, id, number, account_id, state, review, language, currency, subtotal, discount, tax, total, refunded, livemode,
	promotions, settles_later, checkout_tries, OPT(stripe_session), stripe_url, OPT(stripe_payment), created_at, updated_at,
	OPT(expires_at), OPT(paid_at), OPT(closed_at));

struct order_line {
	int64_t id;
	int64_t position;
	int64_t product_id;
	int64_t price_id;
	const char *title;
	const char *price_title;
	int64_t quantity;
	struct money unit_amount, amount;
};
ROW(order_line, id, position, product_id, price_id, title, price_title, quantity, unit_amount, amount);

/* The account's order of that number, or NULL; order_locked() by id, FOR UPDATE, inside a transaction. */
const struct order *order_of(struct db *db, int64_t account_id, const char *number);
const struct order *order_locked(struct db *db, int64_t order_id);
const struct order *order_locked_by_number(struct db *db, const char *number);
struct list order_lines(struct db *db, int64_t order_id);

/* Makes the pending order of one price, with its snapshot line, and returns its id. request_key is the form's: the same
 * key again returns the same order. The price must be active and of a published product. */
enum order_made { ORDER_MADE, ORDER_NO_PRICE, ORDER_BAD_QUANTITY, ORDER_OWNED_FREE };
enum order_made order_make(struct db *db, int64_t account_id, const char *price_public_id, int64_t quantity,
	const char *request_key, const char *language, int64_t *order_id);

/* Notes the Checkout Session of an order (outside any other change). */
void order_session_set(struct db *db, int64_t order_id, const char *session, const char *url, struct moment expires_at);
/* Counts a new try at the payment page; returns its number, which is part of the idempotency key. */
int64_t order_try(struct db *db, int64_t order_id);
/* Counts the try that the order as read was about to make, which came to nothing: once, for all who read the same. */
void order_try_spent(struct db *db, const struct order *order);

/* Moves a locked order to a state and returns it as it is then; NULL when the table does not allow it (nothing is changed).
 * Audited, and told as an event order.<state>. reason is a word for the audit. */
const struct order *order_move(struct db *db, const struct order *order, const char *state, const char *reason);
/* Holds an order for the operator. */
void order_hold(struct db *db, const struct order *order, const char *review);
/* What a free trial took off the total; 0 when there was none. */
struct money order_trial(const struct order *order);
/* Notes that the buyer is done and the money settles later. */
void order_delay(struct db *db, const struct order *order);
/* Notes what the buyer has back, minor units. */
void order_refunded_set(struct db *db, const struct order *order, int64_t refunded);
/* The same to "paid", and notes the payment, and the discount and tax Stripe worked out. */
struct order_payment {
	const char *id; /* "": none was needed */
	int64_t discount, tax, total;
};
const struct order *order_pay(struct db *db, const struct order *order, struct order_payment payment, const char *reason);
/* Notes what was paid of an order that a subscription's first invoice pays: which one that was may be told later. */
void order_payment_set(struct db *db, const struct order *order, struct order_payment payment);
/* Pays an order of zero total: moves and fulfils it in one transaction of its own. */
void order_pay_free(struct db *db, int64_t order_id);

/* What a fulfilment did. */
struct fulfilment {
	int64_t orders;
	int64_t created;
	int64_t skipped;
};

/* The only road from money to rights (domain.md §2). Inside a transaction; the order must be locked and paid. Inserts the
 * entitlements that are missing, and their licences; what is there, also revoked, is skipped. */
struct fulfilment order_fulfil(struct db *db, const struct order *order);

/* Every paid order of an account, each in a transaction of its own: the customer's "regenerate". */
struct fulfilment orders_fulfil_account(struct db *db, int64_t account_id);
/* Those paid orders changed since then that lack a right, at most limit, each in a transaction of its own. */
struct fulfilment orders_fulfil_missing(struct db *db, struct moment since, int64_t limit);

#endif
