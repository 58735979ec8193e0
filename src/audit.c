/* audit.c: the audit log. */
#include "audit.h"

#include "log.h"
#include "moment.h"

int64_t audit_put(struct db *db, int64_t account_id, int64_t actor_id, const char *action, int64_t subject_id,
	const char *detail)
{
	return db_insert(db,
		"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
		" VALUES (?, ?, ?, ?, LEFT(?, 500), ?, ?)",
		account_id, actor_id, action, subject_id, detail, log_request_id(), moment_now());
}
