/* access_token.c: tokens that a customer makes for a module's server. */
#include "access.h"

#include <string.h>

#include "audit.h"
#include "conf.h"
#include "moment.h"
#include "sign.h"

enum { TOKEN_BYTES = 32 };

struct door {
	int64_t id;
	struct moment ends_at;
};
ROW(door, id, OPT(ends_at));

/* Open means as access_judge() says; the row is locked, so that its tokens are counted one at a time. */
static const struct door *door_open(struct db *db, int64_t account_id, const char *access)
{
	struct moment now = moment_now();
	return db_one(db, door,
		"SELECT id, ends_at FROM module_access WHERE account_id = ? AND public_id = ? AND state = 'active'"
		" AND starts_at <= ? AND COALESCE(ends_at > ?, TRUE) AND COALESCE(uses_left, 1) > 0 FOR UPDATE",
		account_id, access, now, now);
}

static bool too_many(struct db *db, int64_t account_id, int64_t access_id)
{
	return db_int(db,
		"SELECT COUNT(*) FROM access_token WHERE account_id = ? AND access_id = ? AND revoked_at IS NULL"
		" AND expires_at > ? AND COALESCE(uses_left, 1) > 0",
		account_id, access_id, moment_now()) >= ACCESS_TOKENS;
}

enum access_token_made access_token_make(struct db *db, int64_t account_id, const char *access, int64_t uses,
	const char **token)
{
	struct moment now = moment_now(), expires = moment_add_seconds(now, conf.access_token_hours * 3600);
	db_begin(db);
	const struct door *door = door_open(db, account_id, access);
	if (!door || too_many(db, account_id, door->id)) {
		db_rollback(db);
		return door ? ACCESS_TOKEN_TOO_MANY : ACCESS_TOKEN_NO_ACCESS;
	}
	if (door->ends_at.us && door->ends_at.us < expires.us)
		expires = door->ends_at;
	*token = base64url_of(db->mem, random_bytes(db->mem, TOKEN_BYTES));
	db_run(db,
		"INSERT INTO access_token (token_hash, public_id, account_id, access_id, uses_left, expires_at, created_at)"
		" VALUES (?, ?, ?, ?, NULLIF(?, 0), ?, ?)",
		sha256_of(db->mem, *token, strlen(*token)), random_id(db->mem), account_id, door->id, uses, expires, now);
	audit_put(db, account_id, account_id, "access.token_made", door->id, "");
	db_commit(db);
	return ACCESS_TOKEN_MADE;
}

bool access_token_revoke(struct db *db, int64_t account_id, const char *public_id)
{
	struct moment now = moment_now();
	db_begin(db);
	bool ended = db_run(db,
		"UPDATE access_token SET revoked_at = ? WHERE account_id = ? AND public_id = ? AND revoked_at IS NULL"
		" AND expires_at > ?",
		now, account_id, public_id, now);
	if (ended)
		audit_put(db, account_id, account_id, "access.token_revoked", account_id, "");
	db_commit(db);
	return ended;
}
