/* audit.h: who did what to whose things, and why. Append only. */
#ifndef AUDIT_H
#define AUDIT_H

#include "db.h"

/* One row in the open transaction. account_id: whose things; actor_id: who (0: the program); action: "order.paid";
 * detail: why, in words that hold no key, password or address. Returns the row's id. */
int64_t audit_put(struct db *db, int64_t account_id, int64_t actor_id, const char *action, int64_t subject_id,
	const char *detail);

#endif
