/* api_key.h: keys of programs: "cpt_" and 32 random bytes in base64url. The database holds their SHA-256;
 * the key itself is shown once, where it is made. A key may do what its scopes name, with the tokens and
 * access of its account alone; one of account 0, which the operator makes for a server of the shop, with
 * those of every account. */
#ifndef API_KEY_H
#define API_KEY_H

#include "db.h"

enum api_scope { SCOPE_TOKENS_READ, SCOPE_TOKENS_DEBIT, SCOPE_ACCESS_CHECK, SCOPE_ACCESS_USE, API_SCOPES };
enum { API_KEYS_MAX = 20 };

/* "tokens:read" … */
const char *api_scope_name(enum api_scope scope);

struct api_key {
	int64_t id;
	int64_t account_id; /* 0: every account's */
	const char *scopes;
	struct moment used_at; /* absent: never */
};

/* The key that stands, or NULL. Locks and changes nothing. */
const struct api_key *api_key_find(struct db *db, const char *text);
bool api_key_may(const struct api_key *key, enum api_scope scope);
/* Notes that it was used, at most each five minutes. */
void api_key_used(struct db *db, const struct api_key *key);

/* Makes a key. scopes: bits 1 << scope, at least one. *key is its text, kept nowhere else.
 * API_KEY_TOO_MANY: the account has API_KEYS_MAX that stand. A transaction of its own, audited under
 * actor_id. */
enum api_key_made { API_KEY_MADE, API_KEY_TOO_MANY };
enum api_key_made api_key_make(struct db *db, int64_t account_id, int64_t actor_id, const char *name,
	unsigned scopes, const char **key);

/* Ends a key of the account by its public id, from the next request on; false when there is none that
 * stands. A transaction of its own, audited. */
bool api_key_revoke(struct db *db, int64_t account_id, int64_t actor_id, const char *public_id);

#endif
