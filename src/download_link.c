/* download_link.c: the link that a press of the button makes. */
#include <string.h>

#include "audit.h"
#include "download_private.h"
#include "moment.h"
#include "sign.h"

enum { TOKEN_BYTES = 32 };

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
	if (download_used_up(db, found))
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
