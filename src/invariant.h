/* invariant.h: the shop's promises as counts that must be 0, one row each in the table of invariant.c. */
#ifndef INVARIANT_H
#define INVARIANT_H

#include "db.h"

struct invariant {
	const char *name;
	int64_t broken;
	struct moment checked_at;
};
ROW(invariant, name, broken, checked_at);

/* Counts every promise and keeps the counts for the pages. Returns how many promises are broken. Reads whole tables: a job,
 * or somebody at a shell. */
int64_t invariants_prove(struct db *db);

/* What was counted last, broken ones first. */
struct list invariants_known(struct db *db);

#endif
