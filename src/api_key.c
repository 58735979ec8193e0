/* api_key.c: keys found and noted. Making and revoking them is in api_key_make.c: the zone that programs
 * call may do neither. */
#include "api_key.h"

#include <string.h>

#include "moment.h"
#include "sign.h"

enum { KEY_LENGTH = 47, USED_EVERY = 300 };

ROW(api_key, id, account_id, scopes, OPT(used_at));

const struct api_key *api_key_find(struct db *db, const char *text)
{
	if (strlen(text) != KEY_LENGTH || strncmp(text, "cpt_", 4))
		return NULL;
	return db_one(db, api_key,
		"SELECT id, account_id, scopes, used_at FROM api_key WHERE key_hash = ? AND revoked_at IS NULL",
		sha256_of(db->mem, text, KEY_LENGTH));
}

void api_key_used(struct db *db, const struct api_key *key)
{
	struct moment now = moment_now();
	if (!key->used_at.us || moment_unix(now) - moment_unix(key->used_at) >= USED_EVERY)
		db_run(db, "UPDATE api_key SET used_at = ? WHERE id = ?", now, key->id);
}
