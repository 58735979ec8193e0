/* desk_order.h: the staff's page of one order, and the forms on it: shown by whoever reads it and, with what was typed, by
 * whoever refused one of its forms. */
#ifndef DESK_ORDER_H
#define DESK_ORDER_H

#include "form.h"
#include "order.h"
#include "web.h"

/* part: of one line, "": all of it. payment: of a subscription's; "": the order's own. The lines are boxes line_<position>. */
struct refund_form {
	const char *key, *kind, *amount, *part, *payment, *reason;
	bool ends;
};
FORM(refund_form, ID(key), CHOICE(kind, "all lines amount"), LINE(amount, 0, 20), LINE(part, 0, 20),
	LINE(payment, 0, 255), LINE(reason, 3, 200), FLAG(ends));

struct review_form {
	const char *action, *reason;
};
FORM(review_form, CHOICE(action, "release close"), LINE(reason, 3, 200));

struct reinstate_form {
	const char *right, *reason;
};
FORM(reinstate_form, ID(right), LINE(reason, 3, 200));

/* The form that was refused and is shown again; all NULL: none was. */
struct desk_typed {
	const struct refund_form *refund;
	const struct review_form *review;
	const struct reinstate_form *reinstate;
};

/* The order of the path; without one the request ends as not found. */
const struct order *desk_order_of(struct request *req);

/* Whether the request ticks the box of that line. */
bool desk_line_ticked(const struct request *req, int64_t position);

/* The whole page, read anew. */
void desk_order_show(struct request *req, int status, struct desk_typed typed);

#endif
