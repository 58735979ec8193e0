/* download_use.c: what a link opens now, and its one use. */
#include <string.h>

#include "audit.h"
#include "download_private.h"
#include "moment.h"
#include "sign.h"

enum { TOKEN_TEXT = 43 };

enum download_answer download_find(struct db *db, int64_t account_id, const char *token,
	const struct download **download)
{
	struct moment now = moment_now();
	*download = NULL;
	if (strlen(token) != TOKEN_TEXT)
		return DOWNLOAD_UNKNOWN;
	const struct download *found = db_one(db, download,
		"SELECT " DOWNLOAD_COLUMNS ", l.token_hash, l.expires_at, l.used_at FROM download_link l"
		" JOIN entitlement e ON e.account_id = l.account_id AND e.id = l.entitlement_id"
		" JOIN benefit b ON b.id = e.benefit_id JOIN product_file f ON f.id = l.file_id"
		" JOIN product_version v ON v.id = f.version_id WHERE l.token_hash = ? AND l.account_id = ?",
		now, sha256_of(db->mem, token, TOKEN_TEXT), account_id);
	*download = found;
	if (!found)
		return DOWNLOAD_UNKNOWN;
	if (found->expires_at.us <= now.us)
		return DOWNLOAD_EXPIRED;
	if (!found->stands || !found->covers)
		return DOWNLOAD_REVOKED;
	if (found->used_at.us || !download_used_up(db, found))
		return DOWNLOAD_OPEN;
	/* The use that filled the limit may have been this link's own, by a request beside this one. */
	bool own = db_int(db, "SELECT COUNT(*) FROM download_link WHERE token_hash = ? AND used_at IS NOT NULL",
		found->token_hash);
	return own ? DOWNLOAD_OPEN : DOWNLOAD_LIMIT;
}

static void event_insert(struct db *db, const struct download *download, struct moment now)
{
	db_run(db,
		"INSERT INTO download_event (account_id, entitlement_id, file_id, title, file_name, version_name, size, sha256,"
		" created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		download->account_id, download->entitlement_id, download->file_id, download->title, download->file_name,
		download->version_name, download->size.bytes, download->sha256, now);
}

enum download_answer download_use(struct db *db, const struct download *download)
{
	if (download->used_at.us)
		return DOWNLOAD_OPEN;
	struct moment now = moment_now();
	db_begin(db);
	/* The right's row is where all its links stand in line: what is counted below cannot change before the commit. */
	if (!db_int(db, "SELECT " RIGHT_STANDS " FROM entitlement e WHERE e.account_id = ? AND e.id = ? FOR UPDATE", now,
			download->account_id, download->entitlement_id)) {
		db_rollback(db);
		return DOWNLOAD_REVOKED;
	}
	bool first = db_run(db, "UPDATE download_link SET used_at = ? WHERE token_hash = ? AND used_at IS NULL", now,
		download->token_hash);
	if (first && download_used_up(db, download)) {
		db_rollback(db);
		return DOWNLOAD_LIMIT;
	}
	if (first)
		event_insert(db, download, now);
	db_commit(db);
	return DOWNLOAD_OPEN;
}
