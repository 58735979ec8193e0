/* access.h: access to modules, one module_access per right of kind module, and whether it is open now.
 *
 * Stacking: a second purchase of the same module and level begins where the latest that is not used up
 * ends. When an access is used up or revoked those behind it move up by the time it would still have taken, so
 * that nobody waits for what is paid; when it is given back they move back by the time it takes again, and when
 * a dispute is won the time that took is added first: nobody loses what is paid. The right's starts_at and
 * ends_at follow.
 *
 * Checks and uses are asked by the module's server, of an account or of an access token: 32 random bytes
 * that the customer makes in the portal, kept as their SHA-256, good for access_token_hours and for as many
 * uses as its maker said. */
#ifndef ACCESS_H
#define ACCESS_H

#include "db.h"

/* The access of a right: of an order line, as above, quantity multiplying days and uses; of a period
 * or subscription, its own days; of staff as of an order line. Once, however often it is called; false when it was there or
 * the right is of another kind. In the transaction of the entitlement; stands in line by token_queue(). */
bool access_grant(struct db *db, int64_t entitlement_id);

/* A right of source manual, and its access: what the benefit (kind module) gives, for a reason that the
 * audit keeps. Returns the entitlement's id; 0 when there is no such benefit. In the caller's transaction. */
int64_t access_give(struct db *db, int64_t account_id, int64_t benefit_id, int64_t actor_id,
	const char *reason);

/* What a right's new state (active, suspended, revoked, expired) means for its access. In the caller's
 * transaction. */
void access_follow(struct db *db, int64_t entitlement_id, const char *state);

/* Tells "module.expired" of accesses whose time is over, once per end (a renewal moves it), at most so many. Returns how many.
 * Transactions of its own. */
int64_t access_ends_tell(struct db *db, int64_t limit);

/* From best to worst: what several accesses to one module answer together is the first of these. */
enum access_code {
	ACCESS_OPEN,
	ACCESS_SUSPENDED,
	ACCESS_LATER, /* begins later */
	ACCESS_USED_UP,
	ACCESS_ENDED,
	ACCESS_REVOKED,
	ACCESS_TOKEN_ENDED, /* the token, not the access: its hours are over, it was revoked, its uses are used up */
	ACCESS_NONE,        /* no such token, or nothing of that module and level */
};

struct access {
	int64_t account_id, id;
	const char *public_id, *module, *level, *state;
	struct moment starts_at, ends_at; /* ends_at absent: never */
	bool unlimited;
	int64_t uses_left; /* unless unlimited */
};

/* What is asked: of an account, or of a token (then account_id 0 means whoever's it is). "" for any level,
 * and of a token for whatever module it is of. */
struct access_ask {
	int64_t account_id;
	const char *token; /* NULL: none */
	const char *module, *level;
};

/* access: the one that is open and ends first; NULL with every code but ACCESS_OPEN. token: what is left of
 * the token. */
struct access_answer {
	enum access_code code;
	const struct access *access;
	bool token_unlimited;
	int64_t token_uses_left;
	struct moment token_expires_at; /* absent: no token was asked of */
};

/* Whether it is open now. Changes nothing. */
struct access_answer access_check(struct db *db, struct access_ask ask);

/* The same, and takes one use of the access and of the token, where they are counted: of any number at once
 * never more than there are. Whatever is not ACCESS_OPEN took nothing. In the caller's transaction. */
struct access_answer access_use(struct db *db, struct access_ask ask);

/* "open", "later" …: for answers and catalogue keys. */
const char *access_word(enum access_code code);

/* The code of one access at that moment. */
enum access_code access_judge(const struct access *access, struct moment now);

/* Makes a token for an account's access that is open, by public id; uses 0: as many as the access has.
 * *token is its text, 43 characters, kept nowhere else. At most ACCESS_TOKENS that serve per access. A
 * transaction of its own, audited. */
enum { ACCESS_TOKENS = 20 };
enum access_token_made { ACCESS_TOKEN_MADE, ACCESS_TOKEN_NO_ACCESS, ACCESS_TOKEN_TOO_MANY };
enum access_token_made access_token_make(struct db *db, int64_t account_id, const char *access, int64_t uses,
	const char **token);

/* Ends a token of the account by its public id; false when there is none that serves. A transaction of its
 * own, audited. */
bool access_token_revoke(struct db *db, int64_t account_id, const char *public_id);

#endif
