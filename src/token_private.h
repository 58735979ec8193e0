/* token_private.h: what the files of the ledger share. Nobody else includes it. */
#ifndef TOKEN_PRIVATE_H
#define TOKEN_PRIVATE_H

#include "token.h"

/* An account whose row is locked. balance is kept right by everything that is done with it. */
struct token_account {
	int64_t account_id;
	int64_t balance;
};

/* Locks the row (made when there is none) and expires what is over. */
struct token_account token_lock(struct db *db, int64_t account_id);

/* Adds a line to the ledger, with the balance after it; returns its id. */
int64_t token_entry_put(struct db *db, struct token_account *account, enum token_line line, int64_t lot_id,
	int64_t amount, const char *note);

/* The lots of a right, its account locked (account_id 0: there are none). */
struct lot {
	int64_t id, granted, remaining;
	const char *state;
};
struct list token_lots_of(struct db *db, int64_t entitlement_id, struct token_account *account);

/* A reason, and how much was spent already of what should go. */
const char *token_note(struct db *db, const char *reason, int64_t shortfall);

/* Takes tokens from the lots in their order; amount is at most the balance. Returns the entry's id. */
int64_t token_take(struct db *db, struct token_account *account, enum token_line line, int64_t amount,
	const char *note);

#endif
