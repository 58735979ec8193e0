/* desk.h: what more than one page of the staff zone shows or asks. */
#ifndef DESK_H
#define DESK_H

#include "staff.h"
#include "web.h"

/* One order in a list (templates/part/desk_order.html). state is "review" while it is held. */
struct desk_order {
	int64_t id;
	const char *number, *email, *state, *state_label, *review_label; /* review_label "": not held */
	struct money total;
	struct moment created_at;
};
VIEW(desk_order, id, number, email, state, state_label, review_label, total, created_at);

/* Orders of one account (0: of all): those held, newest first; those with an id below before. */
struct list desk_held(struct request *req, int64_t account_id, int64_t limit);
struct list desk_orders(struct request *req, int64_t account_id, int64_t before, int64_t limit);

/* One dispute in a list (templates/part/desk_dispute.html). */
struct desk_dispute {
	const char *dispute, *number, *status, *status_label, *reason_label; /* dispute: public id; number "": of no order */
	struct money amount;
	struct moment opened_at, due_by;
	bool is_open, is_inquiry, is_late;
	int64_t days_left; /* until due_by, while it is open */
};
VIEW(desk_dispute, dispute, number, status, status_label, reason_label, amount, opened_at, OPT(due_by), is_open, is_inquiry,
	is_late, days_left);

/* Open ones first, the nearest deadline first. One by its public id: a list of one or none. */
struct list desk_disputes(struct request *req, int64_t limit);
struct list desk_dispute_named(struct request *req, const char *public_id);
/* Of an order, and of the subscription that it began. */
struct list desk_disputes_of(struct request *req, int64_t order_id);

/* A payment of an order, or of the subscription that it began, which the card's network takes for fraud: a refund now avoids the
 * dispute that is likely to follow. Those neither refunded nor disputed yet, newest first. */
struct desk_warning {
	const char *number, *email;
	struct money amount;
	struct moment paid_at;
};
ROW(desk_warning, number, email, amount, paid_at);
struct list desk_warnings(struct request *req, int64_t limit);

/* Printable ASCII alone, as every id and number is: the database refuses to compare those with anything else. */
bool desk_plain(const char *text);

/* The person of this request, and why. */
struct decision decision_of(struct request *req, const char *reason);

/* Ends the page with the password prompt, and back to path, unless it was typed in the last 15 minutes. */
void prove_first(struct request *req, const char *path);

/* Where Stripe's own pages show an object: "payments", "disputes". */
const char *stripe_page(struct request *req, const char *kind, const char *id);

#endif
