/* regenerate.h: the customer's own repair: every paid order and subscription is gone through again (domain.md §2). */
#ifndef REGENERATE_H
#define REGENERATE_H

#include "order.h"

enum { REGENERATE_TIMES = 10, REGENERATE_MINUTES = 10 };

/* False, with nothing done, when the account asked REGENERATE_TIMES in the last REGENERATE_MINUTES: it goes
 * through up to a thousand orders. Each asking is one audit row, which is what is counted. */
bool orders_regenerate(struct db *db, int64_t account_id, struct fulfilment *done);

#endif
