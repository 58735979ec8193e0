/* entitlement_fill.c: rights that lack what they stand for: tokens without a lot, modules without an access. Older than both, or
 * lost. */
#include "access.h"
#include "entitlement.h"
#include "token.h"

#define UNFILLED                                                                                                     \
	" FROM entitlement e LEFT JOIN token_lot l ON l.entitlement_id = e.id"                                             \
	" LEFT JOIN module_access m ON m.entitlement_id = e.id"                                                            \
	" WHERE (e.kind = 'module' OR (e.kind = 'tokens' AND e.source = 'order_line')) AND e.state = 'active'"             \
	" AND e.deleted_at IS NULL AND l.id IS NULL AND m.id IS NULL"

struct unfilled {
	int64_t id;
	bool is_module;
};
ROW(unfilled, id, is_module);

int64_t rights_unfilled(struct db *db)
{
	return db_int(db, "SELECT COUNT(*)" UNFILLED);
}

int64_t rights_fill(struct db *db, int64_t limit)
{
	int64_t filled = 0;
	struct list rights = db_all(db, unfilled, "SELECT e.id, e.kind = 'module' AS is_module" UNFILLED " ORDER BY e.id LIMIT ?",
		limit);
	LIST_EACH(unfilled, right, rights) {
		db_begin(db);
		filled += right->is_module ? access_grant(db, right->id) : token_grant(db, right->id);
		db_commit(db);
	}
	return filled;
}
