/* payment.h: what Stripe said about a payment, as facts: greatest amounts, last words, final states.
 *
 * Nothing here touches a right. Each fact is one statement that is right whether it is told first, last, twice or alone;
 * settle.h then makes rights follow from all facts together. All inside the caller's transaction; payment_told() first: its
 * row is where everything about one payment stands in line. */
#ifndef PAYMENT_H
#define PAYMENT_H

#include "db.h"

struct payment_fact {
	const char *payment_intent;
	const char *charge;         /* "": not told */
	const char *stripe_invoice; /* "": not told */
	int64_t amount;             /* of the charge, minor units; 0: not told */
	int64_t refunded;           /* amount_refunded of the charge; 0: not told */
	bool fraud_warning;
	bool transferred;           /* it passed money on to a seller */
};

/* Notes what is known; what was known stays. Locks the payment's row until the end of the transaction. Returns whether these
 * are the first words about it. */
bool payment_told(struct db *db, struct payment_fact fact);
/* Which invoices were paid by what, many at once: a JSON list of intent, charge, invoice. */
void payments_told(struct db *db, const char *facts);

/* A refund as Stripe tells it. failed and canceled are final; succeeded is not undone by a late "pending". */
struct refund_fact {
	const char *stripe_refund, *payment_intent, *currency, *status;
	const char *public_id; /* ours, from its metadata; "": made elsewhere */
	int64_t amount;
};
void refund_told(struct db *db, struct refund_fact fact);

/* A dispute as Stripe tells it, and when (by Stripe's clock). won, lost, warning_closed and prevented are final. */
struct dispute_fact {
	const char *stripe_dispute, *payment_intent, *charge, *status, *reason, *currency;
	int64_t amount;
	struct moment opened_at, due_by, told_at;
};
void dispute_told(struct db *db, struct dispute_fact fact);

/* Whether there is an inquiry about the payment that nobody was told of yet; it counts as told from now on. */
bool inquiry_alert(struct db *db, const char *payment_intent);

/* The sum of all facts about one payment. */
struct payment {
	int64_t id;
	const char *payment_intent, *charge, *stripe_invoice;
	int64_t amount;          /* 0: not told */
	int64_t refunded;        /* what the buyer has back: the greater of what the charge says and the sum
	                          * of its refunds, less what failed later; never under 0 */
	int64_t refund_failed;   /* sum of refunds that failed or were canceled */
	bool dispute_open;       /* money withdrawn, not decided */
	bool dispute_lost;
	bool inquiry;            /* a question of the bank, no money moved */
};

/* Whether anything was ever told that takes rights away: a refund, a dispute, whatever became of it. */
bool payment_contested(struct db *db, const char *payment_intent);

/* NULL when nothing was told about it. */
const struct payment *payment_of(struct db *db, const char *payment_intent);

#endif
