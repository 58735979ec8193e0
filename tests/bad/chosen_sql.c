/* expect: expected */
#include "db.h"
int64_t f(struct db *db, bool all);
int64_t f(struct db *db, bool all)
{
	return db_int(db, all ? "SELECT 1" : "SELECT 2");
}
