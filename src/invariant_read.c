/* invariant_read.c: the counts as last kept, for those who may not count. */
#include "invariant.h"

struct list invariants_known(struct db *db)
{
	return db_all(db, invariant, "SELECT name, broken, checked_at FROM invariant ORDER BY broken = 0, name");
}
