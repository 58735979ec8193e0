/* access_end.c: accesses whose time is over are told of. Whether one is open is judged by the clock (access_judge()), told or
 * not. */
#include "access.h"
#include "event.h"
#include "moment.h"

struct over {
	int64_t account_id, id, entitlement_id;
};
ROW(over, account_id, id, entitlement_id);

/* The end may have moved since it was read: then nothing is told. */
static bool end_tell(struct db *db, const struct over *over)
{
	bool still = db_run(db,
		"UPDATE module_access SET end_told = ends_at WHERE account_id = ? AND id = ? AND end_to_tell <= ?",
		over->account_id, over->id, moment_now());
	if (still)
		event_put(db, "module.expired", over->account_id, over->entitlement_id, "{}");
	return still;
}

int64_t access_ends_tell(struct db *db, int64_t limit)
{
	int64_t told = 0;
	struct list ends = db_all(db, over,
		"SELECT account_id, id, entitlement_id FROM module_access WHERE end_to_tell <= ? ORDER BY end_to_tell LIMIT ?",
		moment_now(), limit);
	LIST_EACH(over, over, ends) {
		db_begin(db);
		told += end_tell(db, over);
		db_commit(db);
	}
	return told;
}
