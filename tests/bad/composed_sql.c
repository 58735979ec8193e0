/* expect: expected */
#include "db.h"
int64_t f(struct db *db, const char *sql);
int64_t f(struct db *db, const char *sql)
{
	return db_int(db, sql);
}
