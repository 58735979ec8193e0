/* download.c: links, what they open, and how often. */
#include "download.h"

#include <string.h>

#include "audit.h"
#include "moment.h"
#include "sign.h"

enum { TOKEN_BYTES = 32, TOKEN_TEXT = 43, SECONDS_MIN = 600, SECONDS_MAX = 3 * 3600, BYTES_PER_SECOND = 50 * 1024 };

ROW(download, account_id, entitlement_id, file_id, version_id, title, version_name, file_name, media_type, storage, size,
	sha256, download_limit, stands, covers, token_hash, OPT(expires_at), OPT(used_at));

#define DOWNLOAD_COLUMNS                                                                                             \
	"e.account_id, e.id AS entitlement_id, f.id AS file_id, v.id AS version_id, e.title, v.name AS version_name,"     \
	" f.name AS file_name, f.media_type, f.storage, f.size, f.sha256, COALESCE(b.download_limit, 0) AS download_limit," \
	" " RIGHT_STANDS " AS stands, " RIGHT_COVERS " AS covers"

int64_t download_seconds(int64_t size)
{
	int64_t seconds = size / BYTES_PER_SECOND;
	return seconds < SECONDS_MIN ? SECONDS_MIN : seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
}

static const struct download *right_to_file(struct db *db, int64_t account_id, const char *entitlement, const char *file)
{
	return db_one(db, download,
		"SELECT " DOWNLOAD_COLUMNS ", '' AS token_hash, CAST(NULL AS DATETIME(6)) AS expires_at,"
		" CAST(NULL AS DATETIME(6)) AS used_at"
		" FROM entitlement e JOIN benefit b ON b.id = e.benefit_id"
		" JOIN product_file f ON f.public_id = ? AND f.product_id = e.product_id"
		" JOIN product_version v ON v.id = f.version_id"
		" WHERE e.public_id = ? AND e.account_id = ? AND e.kind = 'download'",
		moment_now(), file, entitlement, account_id);
}

/* One event per link that was ever used: their number is the number of uses. */
static bool used_up(struct db *db, const struct download *download)
{
	return download->download_limit && db_int(db,
		"SELECT COUNT(*) FROM download_event WHERE entitlement_id = ? AND file_id = ?", download->entitlement_id,
		download->file_id) >= download->download_limit;
}

enum download_answer download_link_make(struct db *db, int64_t account_id, const char *entitlement, const char *file,
	const char **token, const struct download **download)
{
	const struct download *found = right_to_file(db, account_id, entitlement, file);
	*download = NULL;
	/* A file outside the right is as unknown as one that is not there: it was never offered. */
	if (!found || (found->stands && !found->covers))
		return DOWNLOAD_UNKNOWN;
	*download = found;
	if (!found->stands)
		return DOWNLOAD_REVOKED;
	if (used_up(db, found))
		return DOWNLOAD_LIMIT;
	struct moment now = moment_now();
	char *text = base64url_of(db->mem, random_bytes(db->mem, TOKEN_BYTES));
	db_begin(db);
	db_run(db,
		"INSERT INTO download_link (token_hash, account_id, entitlement_id, file_id, created_at, expires_at)"
		" VALUES (?, ?, ?, ?, ?, ?)",
		sha256_of(db->mem, text, strlen(text)), account_id, found->entitlement_id, found->file_id, now,
		moment_add_seconds(now, download_seconds(found->size.bytes)));
	audit_put(db, account_id, account_id, "entitlement.download", found->entitlement_id, found->file_name);
	db_commit(db);
	*token = text;
	return DOWNLOAD_OPEN;
}

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
	if (found->used_at.us || !used_up(db, found))
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
	if (first && used_up(db, download)) {
		db_rollback(db);
		return DOWNLOAD_LIMIT;
	}
	if (first)
		event_insert(db, download, now);
	db_commit(db);
	return DOWNLOAD_OPEN;
}
