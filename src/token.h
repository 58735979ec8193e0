/* token.h: the ledger of tokens (domain.md §4). A lot is a bucket of tokens with an expiry of its own; an
 * entry is a line of the ledger, only ever added. Nothing sets a balance: it is the sum of what remains in
 * the lots that stand, and the cached one in token_account always equals that sum, and the balance in the
 * account's last entry.
 *
 * Units are whole tokens. Every change locks the account's row of token_account first (SELECT … FOR UPDATE)
 * and holds it to the end of the caller's transaction: changes of one account stand in line, those of
 * different accounts never meet. Who locks more (an order, an entitlement, an account) locks that first,
 * the token_account row last. Where a change finds lots whose time is over it expires them first, so a
 * balance is right to the second, whenever the job last ran. A sum that would not fit in 64 bits is
 * fail("token.range"), an amount that makes no sense fail("token.amount"). */
#ifndef TOKEN_H
#define TOKEN_H

#include "db.h"

/* Why a lot is there; and under which word its line stands in the ledger. */
enum token_kind { TOKEN_PACK, TOKEN_QUOTA, TOKEN_TRIAL, TOKEN_UPGRADE, TOKEN_STAFF };
enum token_line {
	LINE_SUBSCRIPTION_INITIAL,
	LINE_SUBSCRIPTION_RENEWAL,
	LINE_SUBSCRIPTION_TRIAL,
	LINE_PACK_PURCHASE,
	LINE_UPGRADE,
	LINE_DEBIT,
	LINE_EXPIRY,
	LINE_REFUND,
	LINE_DISPUTE_FREEZE,
	LINE_DISPUTE_UNFREEZE,
	LINE_ADJUSTMENT,
};

struct token_lot {
	int64_t account_id;
	enum token_kind kind;
	enum token_line line;
	int64_t entitlement_id;     /* the right it comes from; 0: staff */
	int64_t subscription_id;    /* whose quota, trial or upgrade; 0: none */
	struct moment period_start; /* quota: the month it is for; otherwise when granted */
	struct moment expires_at;   /* absent: never */
	int64_t granted;            /* 0 makes no lot (a trial without quota) */
	const char *note;           /* "": none */
};

/* Adds a lot and its entry: once per (subscription, period_start, kind, entitlement, account). Returns
 * whether it was made; false also for granted 0. A quota lot replaces nothing: the one before has its own
 * expiry. In the caller's transaction. */
bool token_lot_add(struct db *db, struct token_lot lot);

/* The lot of a right of kind tokens that an order line brought, or staff gave: benefit.tokens × quantity, a
 * pack without expiry. Once, however often it is called; false when it was there, or the right is of another kind or
 * source. In the transaction of the entitlement. */
bool token_grant(struct db *db, int64_t entitlement_id);

/* The quota lots of a subscription's rights of one benefit from first_right_id on, whose months are all over: they are expired
 * from the start, no line of the ledger tells of them, and nobody can have spent of them. Returns how many. In the transaction
 * of the rights. */
int64_t token_lots_lapsed(struct db *db, int64_t account_id, int64_t subscription_id, int64_t benefit_id, int64_t tokens,
	int64_t first_right_id);

/* A trial ended early, or was prolonged: its lots end with it. In the caller's transaction. */
void token_trial_ends(struct db *db, int64_t account_id, int64_t subscription_id, struct moment at);

/* What the account can spend now. Locks nothing; for an account without tokens 0. */
int64_t token_balance(struct db *db, int64_t account_id);

/* Takes tokens for a consumer's piece of work, from the lot that expires first, then the oldest; lots
 * without expiry last.
 *
 * key is the consumer's idempotency key (1 to 255 printable ASCII characters). The consumer is a program,
 * known by its API key (api_key_id): the same words of another program, or for another account, are another
 * piece of work. What was answered under a key is remembered for ever and answered again, replayed set: a
 * debit takes once, however often and at once it is asked for; a refusal stays a refusal under its key, also
 * when tokens were bought since, because its asker may long have given the work up: who wants to try again
 * says so with a new key. The same key with another amount is a conflict; nothing is taken. In the caller's
 * transaction, which must be committed also after a refusal. amount > 0. */
enum token_outcome {
	TOKEN_DEBITED,
	TOKEN_REFUSED,  /* too few: 402 */
	TOKEN_CONFLICT, /* the key stands for another amount: 409 */
};
struct token_answer {
	enum token_outcome outcome;
	bool replayed;
	int64_t balance; /* after the debit, or at the refusal; TOKEN_CONFLICT: after the first answer */
};
struct token_answer token_debit(struct db *db, int64_t account_id, int64_t api_key_id, int64_t amount, const char *key,
	const char *note);

/* What rights do to their lots; each in the caller's transaction, each does nothing when there is nothing
 * (more) to do, and returns by how much the balance changed. void: takes what remains, min(remaining,
 * granted), also of frozen lots; what was spent already is the shortfall, noted in the entry. freeze,
 * unfreeze: what remains cannot be spent meanwhile; its expiry does not wait. restore: what a void took comes
 * back (the refund failed). follow: what a new state of the right means: suspended freezes, revoked voids,
 * active unfreezes and restores, expired lets the lot run out. */
int64_t token_lots_void(struct db *db, int64_t entitlement_id, const char *reason);
int64_t token_lots_freeze(struct db *db, int64_t entitlement_id, const char *reason);
int64_t token_lots_unfreeze(struct db *db, int64_t entitlement_id, const char *reason);
int64_t token_lots_restore(struct db *db, int64_t entitlement_id, const char *reason);
void token_lots_follow(struct db *db, int64_t entitlement_id, const char *state, const char *reason);

/* A refund of a part of a line takes of each lot min(remaining, floor(granted × part / whole)), each time it is called, also of
 * frozen lots. part_back: that refund failed: what it took comes back, once. Both return by how much the balance changed. */
int64_t token_lots_void_part(struct db *db, int64_t entitlement_id, int64_t refund_id, int64_t part, int64_t whole);
int64_t token_lots_part_back(struct db *db, int64_t refund_id);

/* Expires the lots whose time is over, of at most so many accounts, each in a transaction of its own.
 * Returns how many. */
int64_t token_lots_expire(struct db *db, int64_t accounts);

/* A member of staff adds (a lot that does not expire) or takes away (as a debit does); reason is kept in
 * ledger and audit. False, nothing changed, when more would be taken than is there. In the caller's
 * transaction. amount not 0. */
bool token_adjust(struct db *db, int64_t account_id, int64_t actor_id, int64_t amount, const char *reason);

/* Stands in line with the changes of an account's tokens: for what must not be done twice at once for one
 * account and has no row of its own yet to lock (access.c). Held to the end of the caller's transaction. */
void token_queue(struct db *db, int64_t account_id);

/* How many accounts' cached balance is not the sum of what remains in their lots, or not that of their last
 * entry: 0. */
int64_t token_check(struct db *db);

/* Puts right the cached balances that are not what lots and ledger say together. Where these two differ nobody but a person can
 * know: they stay as they are. Returns how many; each in a transaction of its own, audited. */
int64_t token_balances_repair(struct db *db);

#endif
