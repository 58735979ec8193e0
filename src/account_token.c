/* account_token.c: making, looking at and using up mailed links. */
#include "account_token.h"

#include <string.h>

#include "moment.h"
#include "sign.h"

enum { TOKEN_BYTES = 32 };

static const struct {
	const char *name;
	int64_t minutes;
} purposes[] = {
	[TOKEN_VERIFY] = { "verify", (int64_t)24 * 60 },
	[TOKEN_RESET] = { "reset", 10 },
	[TOKEN_EMAIL] = { "email", 60 },
};

ROW(account_token, account_id, email, next, browser);

struct token_row {
	struct moment expires_at;
	struct moment used_at;
};
ROW(token_row, expires_at, OPT(used_at));

int64_t token_minutes(enum token_purpose purpose)
{
	return purposes[purpose].minutes;
}

static struct bytes hash_of(struct db *db, const char *token)
{
	return sha256_of(db->mem, token, strlen(token));
}

const char *token_put(
	struct db *db, int64_t account_id, enum token_purpose purpose, const char *email, const char *next)
{
	char *token = base64url_of(db->mem, random_bytes(db->mem, TOKEN_BYTES));
	struct moment now = moment_now();
	db_run(db,
		"INSERT INTO account_token (token_hash, account_id, purpose, email, next, created_at, expires_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		hash_of(db, token), account_id, purposes[purpose].name, email, next, now,
		moment_add_seconds(now, purposes[purpose].minutes * 60));
	return token;
}

void token_bind(struct db *db, const char *token, const char *visitor)
{
	if (*visitor)
		db_run(db, "UPDATE account_token SET browser = ? WHERE token_hash = ?", hash_of(db, visitor), hash_of(db, token));
}

bool token_bound(struct db *db, const struct account_token *link, const char *visitor)
{
	return *visitor && bytes_equal(link->browser, hash_of(db, visitor));
}

/* The link, if the account still has the address it went to (a link for a new address went there, of
 * course). */
static const struct account_token *token_found(struct db *db, enum token_purpose purpose, const char *token)
{
	return db_one(db, account_token,
		"SELECT t.account_id, t.email, t.next, t.browser FROM account_token t JOIN account a ON a.id = t.account_id"
		" WHERE t.token_hash = ? AND t.purpose = ? AND (t.purpose = 'email' OR t.email = a.email)",
		hash_of(db, token), purposes[purpose].name);
}

/* Why a link is not good, or that it is. */
static enum token_state token_judge(struct db *db, enum token_purpose purpose, const char *token)
{
	const struct token_row *row = db_one(db, token_row,
		"SELECT expires_at, used_at FROM account_token WHERE token_hash = ? AND purpose = ?",
		hash_of(db, token), purposes[purpose].name);
	if (!row)
		return TOKEN_EXPIRED;
	if (row->used_at.us)
		return TOKEN_USED;
	return row->expires_at.us > moment_now().us ? TOKEN_GOOD : TOKEN_EXPIRED;
}

enum token_state token_look(struct db *db, enum token_purpose purpose, const char *token,
	const struct account_token **found)
{
	enum token_state state = token_judge(db, purpose, token);
	*found = state == TOKEN_GOOD ? token_found(db, purpose, token) : NULL;
	return state == TOKEN_GOOD && !*found ? TOKEN_EXPIRED : state;
}

enum token_state token_use(struct db *db, enum token_purpose purpose, const char *token,
	const struct account_token **found)
{
	struct moment now = moment_now();
	*found = NULL;
	/* One statement decides: whoever changes the row has it, everyone else waits for the lock and finds it
	 * used. */
	int64_t used = db_run(db,
		"UPDATE account_token SET used_at = ? WHERE token_hash = ? AND purpose = ?"
		" AND used_at IS NULL AND expires_at > ?",
		now, hash_of(db, token), purposes[purpose].name, now);
	if (!used)
		return token_judge(db, purpose, token);
	*found = token_found(db, purpose, token);
	return *found ? TOKEN_GOOD : TOKEN_EXPIRED;
}

void token_void(struct db *db, int64_t account_id, enum token_purpose purpose)
{
	db_run(db, "DELETE FROM account_token WHERE account_id = ? AND purpose = ? AND used_at IS NULL",
		account_id, purposes[purpose].name);
}

void token_void_all(struct db *db, int64_t account_id)
{
	db_run(db, "DELETE FROM account_token WHERE account_id = ? AND used_at IS NULL", account_id);
}

const char *token_mail_key(struct db *db, enum token_purpose purpose, const char *token)
{
	return mem_format(db->mem, "%s:%s", purposes[purpose].name, hex_of(db->mem, hash_of(db, token)));
}
