/* entitlement.h: rights. Never deleted; what ends one is a state with a reason, audited. */
#ifndef ENTITLEMENT_H
#define ENTITLEMENT_H

#include "db.h"

/* Suspends, revokes or restores the rights of an order (every benefit, licences with them). Inside a transaction. Revoked
 * ones stay revoked under suspend and restore. Returns how many changed. */
int64_t entitlements_suspend(struct db *db, int64_t order_id, const char *reason);
int64_t entitlements_restore(struct db *db, int64_t order_id, const char *reason);
int64_t entitlements_revoke(struct db *db, int64_t order_id, const char *reason);

/* The same for one line of an order; reinstating only what was revoked for that reason. */
int64_t entitlements_revoke_line(struct db *db, int64_t order_line_id, const char *reason);
int64_t entitlements_reinstate_line(struct db *db, int64_t order_line_id, const char *revoked_for, const char *reason);

/* One right, whatever it came from. False when there is none, or it is revoked. */
bool entitlement_revoke(struct db *db, int64_t entitlement_id, const char *reason);

/* The one way back from revoked, by decision. A person's (actor_id) stands against the facts that revoked it until these say
 * something else: the next refund, or the next dispute lost, takes the right again. */
bool entitlement_reinstate(struct db *db, int64_t entitlement_id, int64_t actor_id, const char *reason);

/* Puts a right into the state that facts give it, whatever it was; audited when that changes. What was suspended or revoked
 * for a reason that no fact tells (by staff, cleaned up) stays so. */
bool entitlement_settle(struct db *db, int64_t entitlement_id, const char *state, const char *reason);

/* The two counts of the invariant, both 0 in a healthy shop: paid orders lacking a right; rights lacking their source: a paid
 * order or period of the same account, or the line of the audit that says who gave them. */
int64_t orders_lacking_rights(struct db *db);
int64_t rights_lacking_source(struct db *db);

/* Ends the rights that have no source: state revoked, deleted_at set, audited. dry: counts only. */
int64_t entitlements_clean(struct db *db, bool dry);

/* Rights that stand and lack what they are: tokens without a lot, modules without an access. How many; and filled, at most so
 * many, each in a transaction of its own; returns how many were. */
int64_t rights_unfilled(struct db *db);
int64_t rights_fill(struct db *db, int64_t limit);

#endif
