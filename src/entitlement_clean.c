/* entitlement_clean.c: rights that have no source: nothing paid for them, nobody gave them. */
#include "entitlement.h"
#include "moment.h"

/* Where a right comes from, and what must be there for it. */
#define SOURCELESS                                                                                                    \
	" FROM entitlement e WHERE e.deleted_at IS NULL AND e.state IN ('active', 'suspended') AND NOT CASE e.source"        \
	" WHEN 'order_line' THEN EXISTS (SELECT 1 FROM order_line l JOIN orders o ON o.id = l.order_id"                      \
	"  WHERE l.id = e.source_id AND o.account_id = e.account_id AND o.paid_at IS NOT NULL)"                              \
	" WHEN 'subscription' THEN EXISTS (SELECT 1 FROM subscription_period p JOIN subscription s ON s.id = p.subscription_id" \
	"  WHERE s.id = e.source_id AND s.account_id = e.account_id)"                                                        \
	" WHEN 'period' THEN EXISTS (SELECT 1 FROM subscription_period p JOIN subscription s ON s.id = p.subscription_id"    \
	"  WHERE p.id = e.source_id AND s.account_id = e.account_id)"                                                        \
	" WHEN 'manual' THEN EXISTS (SELECT 1 FROM audit a WHERE a.id = e.source_id AND a.account_id = e.account_id)"        \
	" ELSE FALSE END"

int64_t rights_lacking_source(struct db *db)
{
	return db_int(db, "SELECT COUNT(*)" SOURCELESS);
}

struct sourceless {
	int64_t id, account_id;
};
ROW(sourceless, id, account_id);

int64_t entitlements_clean(struct db *db, bool dry)
{
	if (dry)
		return rights_lacking_source(db);
	db_begin(db);
	struct list rights = db_all(db, sourceless, "SELECT e.id, e.account_id" SOURCELESS " FOR UPDATE");
	LIST_EACH(sourceless, right, rights) {
		entitlement_revoke(db, right->id, "no_source");
		db_run(db, "UPDATE entitlement SET deleted_at = ? WHERE account_id = ? AND id = ?", moment_now(),
			right->account_id, right->id);
	}
	db_commit(db);
	return (int64_t)rights.count;
}
