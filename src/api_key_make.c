/* api_key_make.c: keys made and revoked. */
#include <string.h>

#include "api_key.h"
#include "audit.h"
#include "fail.h"
#include "moment.h"
#include "sign.h"
#include "token.h"

enum { KEY_BYTES = 32 };

/* " tokens:read access:use ": a space on each side of every name. */
static const char *scopes_text(struct mem *mem, unsigned scopes)
{
	struct buffer out = buffer_new(mem, 64);
	for (enum api_scope scope = 0; scope < API_SCOPES; scope++)
		if (scopes & (1U << scope))
			buffer_format(&out, " %s", api_scope_name(scope));
	if (!out.length)
		fail("api_key.scopes", "a key that may do nothing");
	buffer_text(&out, " ");
	return out.text;
}

static int64_t keys_of(struct db *db, int64_t account_id)
{
	return db_int(db, "SELECT COUNT(*) FROM api_key WHERE account_id = ? AND revoked_at IS NULL", account_id);
}

enum api_key_made api_key_make(struct db *db, int64_t account_id, int64_t actor_id, const char *name,
	unsigned scopes, const char **key)
{
	const char *text = mem_format(db->mem, "cpt_%s", base64url_of(db->mem, random_bytes(db->mem, KEY_BYTES)));
	db_begin(db);
	if (account_id)
		token_queue(db, account_id); /* counted one at a time */
	if (account_id && keys_of(db, account_id) >= API_KEYS_MAX) {
		db_rollback(db);
		return API_KEY_TOO_MANY;
	}
	int64_t id = db_insert(db,
		"INSERT INTO api_key (public_id, key_hash, account_id, name, scopes, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		random_id(db->mem), sha256_of(db->mem, text, strlen(text)), account_id, name, scopes_text(db->mem, scopes),
		moment_now());
	audit_put(db, account_id, actor_id, "api_key.made", id, name);
	db_commit(db);
	*key = text;
	return API_KEY_MADE;
}

bool api_key_revoke(struct db *db, int64_t account_id, int64_t actor_id, const char *public_id)
{
	db_begin(db);
	bool ended = db_run(db,
		"UPDATE api_key SET revoked_at = ? WHERE account_id = ? AND public_id = ? AND revoked_at IS NULL",
		moment_now(), account_id, public_id);
	if (ended)
		audit_put(db, account_id, actor_id, "api_key.revoked", account_id, "");
	db_commit(db);
	return ended;
}
