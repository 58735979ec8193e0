/* access_private.h: the chain of one account's accesses to one module and level, for the files of access.h.
 * In the caller's transaction. */
#ifndef ACCESS_PRIVATE_H
#define ACCESS_PRIVATE_H

#include "access.h"

/* The access of a right that has one. */
const struct access *access_of_right(struct db *db, int64_t entitlement_id);

/* The time, in microseconds, that an access still takes of its chain: until those behind it may begin. 0 when it does not
 * stand, is used up, over, or lasts for ever. */
int64_t access_room(const struct access *access, struct moment now);

/* Moves all that were bought after it by so many microseconds (negative: earlier): by as much as its room changed. So
 * nobody waits for what is paid, and nobody loses of it. */
void access_chain_move(struct db *db, const struct access *access, int64_t by);

/* The rights of the chain begin and end as their accesses do. */
void access_times_copy(struct db *db, int64_t account_id, const char *module, const char *level);

#endif
