/* expect: incompatible */
#include "db.h"
struct one { int64_t id; };
ROW(one, id);
struct two { int64_t id; };
const struct two *f(struct db *db);
const struct two *f(struct db *db)
{
	return db_one(db, one, "SELECT 1 AS id");
}
