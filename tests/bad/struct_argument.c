/* expect: not compatible with any */
#include "db.h"
void f(struct db *db, struct money price);
void f(struct db *db, struct money price)
{
	db_run(db, "UPDATE price SET amount = ?", price);
}
