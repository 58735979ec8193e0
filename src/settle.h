/* settle.h: rights follow from facts. Called after every fact about a payment, in its transaction: the same facts make the
 * same rights, in whatever order they were told (domain.md §6). */
#ifndef SETTLE_H
#define SETTLE_H

#include "db.h"

/* Sets the order of a payment, or the subscription period its invoice paid, to what the facts say: refunded, disputed, lost,
 * won, a refund that failed. Does nothing while the payment's order or period is not known yet: whoever learns of it calls
 * again. Returns false when there was nothing to settle. */
bool payment_settle(struct db *db, const char *payment_intent);

#endif
