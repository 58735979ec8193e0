/* reconcile: keeps the invariant, paid orders and subscriptions without their rights = 0. Every minute looks at what changed
 * lately; what could not be applied from Stripe is tried again. stripe_reconcile looks at all subscriptions every hour, `comptoir
 * doctor --repair` at everything. */
#include "job.h"
#include "log.h"
#include "moment.h"
#include "order.h"
#include "stripe_event.h"
#include "subscription_settle.h"

enum { LATELY_DAYS = 3, MOST = 500 };

JOB_EVERY(reconcile, 60)
{
	int64_t retried = stripe_events_retry(job->db, MOST);
	struct moment since = moment_add_days(moment_now(), -LATELY_DAYS);
	struct fulfilment done = orders_fulfil_missing(job->db, since, MOST);
	struct fulfilment recurring = subscriptions_mend(job->db, since, MOST);
	if (retried || done.created || recurring.created)
		log_line("reconcile.repaired", "events=%lld orders=%lld subscriptions=%lld created=%lld skipped=%lld",
			(long long)retried, (long long)done.orders, (long long)recurring.orders,
			(long long)(done.created + recurring.created), (long long)(done.skipped + recurring.skipped));
}
