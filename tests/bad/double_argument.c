/* expect: not compatible with any */
#include "db.h"
void f(struct db *db);
void f(struct db *db)
{
	db_run(db, "UPDATE price SET amount = ?", 19.99);
}
