/* reconcile_ask.c: asking for a run, and what the last one came to: needs none of what a run needs. */
#include "event.h"
#include "reconcile.h"

void reconcile_ask(struct db *db)
{
	job_put(db, "stripe_reconcile", "asked", 0, 0);
}

const struct reconcile *reconcile_last(struct db *db)
{
	return db_one(db, reconcile,
		"SELECT listed, missed, failed, sessions, missed_ever, error, mark_at, ran_at FROM reconcile WHERE id = 1");
}
