/* reconcile: keeps the invariant, paid orders without their rights = 0. Every minute looks at what changed lately; what
 * could not be applied from Stripe is tried again. `comptoir doctor --repair` looks at everything. */
#include "job.h"
#include "log.h"
#include "moment.h"
#include "order.h"
#include "stripe_event.h"

enum { LATELY_DAYS = 3, MOST = 500 };

JOB_EVERY(reconcile, 60)
{
	int64_t retried = stripe_events_retry(job->db, MOST);
	struct fulfilment done = orders_fulfil_missing(job->db, moment_add_days(moment_now(), -LATELY_DAYS), MOST);
	if (retried || done.created)
		log_line("reconcile.repaired", "events=%lld orders=%lld created=%lld skipped=%lld", (long long)retried,
			(long long)done.orders, (long long)done.created, (long long)done.skipped);
}
