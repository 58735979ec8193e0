/* access_chain.c: accesses that stand behind each other. */
#include "access_private.h"

#include <string.h>

#include "moment.h"

ROW(access, account_id, id, public_id, module, level, state, starts_at, OPT(ends_at), unlimited, uses_left);

const struct access *access_of_right(struct db *db, int64_t entitlement_id)
{
	return db_one(db, access,
		"SELECT account_id, id, public_id, module, level, state, starts_at, ends_at, uses_left IS NULL AS unlimited,"
		" COALESCE(uses_left, 0) AS uses_left FROM module_access WHERE entitlement_id = ?",
		entitlement_id);
}

int64_t access_room(const struct access *access, struct moment now)
{
	struct moment from = access->starts_at.us > now.us ? access->starts_at : now;
	bool stands = !strcmp(access->state, "active") || !strcmp(access->state, "suspended");
	bool left = access->unlimited || access->uses_left > 0;
	return stands && left && access->ends_at.us > from.us ? access->ends_at.us - from.us : 0;
}

/* What a subscription gives has times of its own: it moves nothing and is not moved. */
#define BOUGHT_ONCE(entitlement) "COALESCE(" entitlement ".source, '') NOT IN ('period', 'subscription')"

void access_chain_move(struct db *db, const struct access *access, int64_t by)
{
	if (by)
		db_run(db,
			"UPDATE module_access m JOIN module_access x ON x.account_id = m.account_id AND x.id = ?"
			" LEFT JOIN entitlement e ON e.id = m.entitlement_id LEFT JOIN entitlement y ON y.id = x.entitlement_id"
			" SET m.starts_at = m.starts_at + INTERVAL ? MICROSECOND, m.ends_at = m.ends_at + INTERVAL ? MICROSECOND"
			" WHERE " BOUGHT_ONCE("e") " AND " BOUGHT_ONCE("y") " AND m.account_id = ? AND m.module = ? AND m.level = ? AND m.id > x.id"
			" AND m.state IN ('active', 'suspended') AND m.ends_at > ? AND COALESCE(m.uses_left, 1) > 0",
			access->id, by, by, access->account_id, access->module, access->level, moment_now());
	access_times_copy(db, access->account_id, access->module, access->level);
}

void access_times_copy(struct db *db, int64_t account_id, const char *module, const char *level)
{
	db_run(db,
		"UPDATE entitlement e JOIN module_access m ON m.entitlement_id = e.id SET e.starts_at = m.starts_at,"
		" e.ends_at = m.ends_at WHERE m.account_id = ? AND m.module = ? AND m.level = ?",
		account_id, module, level);
}
