/* access_private.h: the chain of one account's accesses to one module and level, for the files of access.h.
 * In the caller's transaction. */
#ifndef ACCESS_PRIVATE_H
#define ACCESS_PRIVATE_H

#include "access.h"

/* Moves all that begin at from or later by so many microseconds (negative: earlier). */
void access_chain_move(struct db *db, int64_t account_id, const char *module, const char *level,
	struct moment from, int64_t by);

/* When none is open (one under dispute counts as open), those still to come move up so that the first
 * begins now. */
void access_chain_pull(struct db *db, int64_t account_id, const char *module, const char *level);

/* The rights of the chain begin and end as their accesses do. */
void access_times_copy(struct db *db, int64_t account_id, const char *module, const char *level);

#endif
