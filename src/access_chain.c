/* access_chain.c: accesses that stand behind each other. */
#include "access_private.h"
#include "moment.h"

void access_chain_move(struct db *db, int64_t account_id, const char *module, const char *level,
	struct moment from, int64_t by)
{
	db_run(db,
		"UPDATE module_access SET starts_at = starts_at + INTERVAL ? MICROSECOND, ends_at = ends_at + INTERVAL ?"
		" MICROSECOND WHERE account_id = ? AND module = ? AND level = ? AND state IN ('active', 'suspended')"
		" AND starts_at >= ?",
		by, by, account_id, module, level, from);
}

void access_times_copy(struct db *db, int64_t account_id, const char *module, const char *level)
{
	db_run(db,
		"UPDATE entitlement e JOIN module_access m ON m.entitlement_id = e.id SET e.starts_at = m.starts_at,"
		" e.ends_at = m.ends_at WHERE m.account_id = ? AND m.module = ? AND m.level = ?",
		account_id, module, level);
}

struct next {
	struct moment starts_at;
};
ROW(next, OPT(starts_at));

void access_chain_pull(struct db *db, int64_t account_id, const char *module, const char *level)
{
	struct moment now = moment_now();
	if (db_int(db,
		"SELECT COUNT(*) FROM module_access WHERE account_id = ? AND module = ? AND level = ?"
		" AND state IN ('active', 'suspended') AND starts_at <= ? AND COALESCE(ends_at > ?, TRUE)"
		" AND COALESCE(uses_left, 1) > 0",
		account_id, module, level, now, now))
		return;
	const struct next *next = db_one(db, next,
		"SELECT MIN(starts_at) AS starts_at FROM module_access WHERE account_id = ? AND module = ? AND level = ?"
		" AND state = 'active' AND starts_at > ?",
		account_id, module, level, now);
	if (!next || !next->starts_at.us)
		return;
	access_chain_move(db, account_id, module, level, next->starts_at, now.us - next->starts_at.us);
	access_times_copy(db, account_id, module, level);
}
