/* reconcile_ask.c: asking for a run needs none of what the run needs. */
#include "event.h"
#include "reconcile.h"

void reconcile_ask(struct db *db)
{
	job_put(db, "stripe_reconcile", "asked", 0, 0);
}
