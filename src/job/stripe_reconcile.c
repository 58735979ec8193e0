/* stripe_reconcile: every hour, at the worker's start and when asked: what Stripe tells that no webhook told, what all
 * subscriptions lack, and the promises counted. `comptoir reconcile` does the asking at once; `reconcile`, every minute, mends
 * what changed lately. */
#include "event.h"
#include "fail.h"
#include "invariant.h"
#include "job.h"
#include "log.h"
#include "moment.h"
#include "reconcile.h"
#include "refund.h"
#include "subscription_settle.h"

enum { SECONDS = JOB_LEASE_SECONDS / 3, MOST = 500 };

JOB_EVERY(stripe_reconcile, 3600)
{
	struct reconciled done = reconcile_stripe(job->db, 0, SECONDS);
	refunds_send_again(job->db);
	struct fulfilment mended = subscriptions_mend(job->db, moment_from_unix(1), MOST);
	if (mended.created)
		log_line("reconcile.repaired", "subscriptions=%lld created=%lld skipped=%lld", (long long)mended.orders,
			(long long)mended.created, (long long)mended.skipped);
	int64_t broken = invariants_prove(job->db);
	if (done.missed || broken)
		log_line(broken ? "alert.invariant" : "reconcile.caught_up", "listed=%lld missed=%lld failed=%lld broken=%lld",
			(long long)done.listed, (long long)done.missed, (long long)done.failed, (long long)broken);
	if (done.more) /* another key than this job's own, which may be deleted when it ends */
		job_put(job->db, "stripe_reconcile", "rest", 0, 0);
	if (done.cut)
		fail("reconcile.cut", "Stripe did not answer; asked again from the mark on");
}
