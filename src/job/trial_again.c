/* trial_again: somebody began a second trial of the same thing, by two checkouts at once: it ends now, and is billed. */
#include <string.h>

#include "fail.h"
#include "job.h"
#include "log.h"
#include "stripe_manage.h"
#include "subscription_ask.h"

JOB(trial_again)
{
	int64_t account = db_int(job->db, "SELECT account_id FROM subscription WHERE id = ?", job->subject_id);
	const struct subscription *subscription = subscription_of(job->db, account, job->unique_key);
	if (!subscription || strcmp(subscription->status, "trialing"))
		return;
	struct stripe_answer answer = stripe_subscription_manage(job->mem, subscription, MANAGE_END_TRIAL, "again");
	log_line("subscription.trial_again", "subscription=%s status=%d", subscription->public_id, answer.status);
	if (answer.end == STRIPE_UNSURE || subscription_ask(job->db, subscription->id) == ASKED_NONE)
		fail("subscription.unasked", "the second trial of %s goes on", subscription->public_id);
}
