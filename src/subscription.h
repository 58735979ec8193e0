/* subscription.h: what Stripe said about subscriptions and their invoices, as facts, and what we read of them.
 *
 * As in payment.h nothing here touches a right: each fact is right whether it is told first, last, twice or alone;
 * subscription_settle.h then makes rights follow. All inside the caller's transaction. The subscription's row is where
 * everything about one subscription stands in line; an invoice's row is locked before it, a payment's before both. */
#ifndef SUBSCRIPTION_H
#define SUBSCRIPTION_H

#include "db.h"
#include "order.h"

struct subscription {
	int64_t id;
	const char *public_id, *stripe_subscription, *stripe_customer, *stripe_item, *stripe_price;
	int64_t account_id, order_id; /* 0: not linked yet */
	int64_t price_id;             /* the plan in force; 0: not known yet */
	int64_t next_price_id;        /* the plan that is to begin with the next period; 0: the same */
	const char *stripe_schedule;  /* what plans its next periods at Stripe; "": nothing does */
	const char *status;           /* as Stripe says; "": not told yet */
	struct moment started_at, anchor_at, period_start, period_end, paid_until, trial_start, trial_end;
	struct moment cancel_at, canceled_at, ended_at, past_due_at;
	const char *pause_behavior;   /* "": collecting */
	struct moment pause_resumes_at, changing_at;
	struct moment told_at;
	const char *told_rank;
};
ROW(subscription, id, public_id, stripe_subscription, stripe_customer, stripe_item, stripe_price, account_id, order_id,
	price_id, next_price_id, stripe_schedule, status, OPT(started_at), OPT(anchor_at), OPT(period_start), OPT(period_end),
	OPT(paid_until), OPT(trial_start), OPT(trial_end), OPT(cancel_at), OPT(canceled_at), OPT(ended_at),
	OPT(past_due_at), pause_behavior, OPT(pause_resumes_at), OPT(changing_at), told_at, told_rank);

#define SUBSCRIPTION_COLUMNS                                                                                         \
	"id, public_id, stripe_subscription, stripe_customer, stripe_item, stripe_price, account_id, order_id, price_id,"  \
	" next_price_id, stripe_schedule, status, started_at, anchor_at, period_start, period_end, paid_until,"              \
	" trial_start, trial_end, cancel_at, canceled_at, ended_at, past_due_at, pause_behavior, pause_resumes_at,"          \
	" changing_at, told_at, told_rank"

/* One of the account's, or NULL. */
const struct subscription *subscription_of(struct db *db, int64_t account_id, const char *public_id);
/* The account's with an id below before, newest first. */
struct list subscriptions_of(struct db *db, int64_t account_id, int64_t before, int64_t limit);
/* By Stripe's id, FOR UPDATE; NULL when nothing was told. subscription_placed() makes its row when there is none. */
const struct subscription *subscription_locked(struct db *db, const char *stripe_subscription);
const struct subscription *subscription_placed(struct db *db, const char *stripe_subscription);

/* canceled and incomplete_expired: nothing comes after. */
bool subscription_is_over(const char *status);

/* The object as Stripe tells it. Of two, that with a final status counts, then the later by Stripe's clock, then the greater
 * rank: the same one in whatever order they come. */
struct subscription_fact {
	const char *stripe_subscription, *stripe_customer, *stripe_item, *stripe_price, *status, *pause_behavior;
	const char *stripe_schedule; /* NULL, "": none */
	struct moment started_at, anchor_at, period_start, period_end, trial_start, trial_end;
	struct moment cancel_at, canceled_at, ended_at, pause_resumes_at;
	struct moment told_at; /* the event's time; absent: read from Stripe just now, which only a final status outdoes */
	const char *rank;      /* orders events of one second */
};

/* NEWER: it is the mirror now. SAME_SECOND: it is, or is not, by rank alone: only asking Stripe tells. */
enum subscription_news { NEWS_NONE, NEWS_NEWER, NEWS_SAME_SECOND };
enum subscription_news subscription_told(struct db *db, struct subscription_fact fact);

/* Ties subscription, customer, order and its account together, once: what is tied stays. */
void subscription_link(struct db *db, const char *stripe_subscription, const char *stripe_customer,
	const struct order *order);
/* The same by the order's number that we wrote into the metadata. Does nothing when it is none of ours. */
void subscription_link_number(struct db *db, const char *stripe_subscription, const char *stripe_customer,
	const char *number);
/* As the subscription itself tells: by its number; without one, made elsewhere for a customer that we know and to a price of
 * ours, to the customer's account, of no order (domain.md §3). */
void subscription_link_told(struct db *db, const struct subscription_fact *fact, const char *number);

/* How many of an invoice's lines are known. MORE: an event brings ten of them at most, and says that there are others. READ: all,
 * from Stripe. */
enum invoice_lines { LINES_TOLD, LINES_MORE, LINES_READ };

/* An invoice as Stripe tells it. paid is final; amounts and attempts are the greatest told, total is that of the
 * furthest status. */
struct invoice_fact {
	const char *id, *stripe_subscription, *stripe_price, *from_price, *status, *billing_reason, *currency, *hosted_url;
	int64_t amount_due, amount_paid, tax, attempts;
	int64_t total; /* asked for, tax within; credit of the customer may have paid a part of it, or all */
	enum invoice_lines lines_told;
	struct moment period_start, period_end, change_at, change_end, next_attempt_at, created_at;
	struct moment left_end; /* until when the plan that was left had been paid, by its prorated line */
};
void invoice_told(struct db *db, struct invoice_fact fact);
/* What all its lines say: id, prices, times. The others of the fact are not looked at. */
void invoice_lines_told(struct db *db, struct invoice_fact fact);
/* Many at once, as stripe_subscription.c prints them: a JSON list. */
void invoices_told(struct db *db, const char *facts);

/* Makes room for an invoice of which only the payment is known, and locks its row: whoever tells the other half waits. */
void invoice_touch(struct db *db, const char *stripe_invoice);
/* Whose it is, "" when not told. */
const char *invoice_subscription(struct db *db, const char *stripe_invoice);

/* For pages: what the member wants from the next period on (0: nothing else), which plan_switch then tells Stripe; that a
 * change was asked of Stripe. */
void subscription_next_set(struct db *db, const struct subscription *subscription, int64_t price_id);
void subscription_changing(struct db *db, const struct subscription *subscription);

#endif
