/* expect: not compatible with any */
#include "db.h"
void f(struct db *db, int64_t *id);
void f(struct db *db, int64_t *id)
{
	db_run(db, "DELETE FROM price WHERE id = ?", id);
}
