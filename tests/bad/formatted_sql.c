/* expect: expected */
#include "db.h"
int64_t f(struct db *db, const char *email);
int64_t f(struct db *db, const char *email)
{
	return db_int(db, mem_format(db->mem, "SELECT id FROM account WHERE email = '%s'", email));
}
