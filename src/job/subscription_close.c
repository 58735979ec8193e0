/* subscription_close: staff closed the order that a subscription began with, for its money: Stripe is not to bill it again. */
#include "fail.h"
#include "job.h"
#include "stripe_manage.h"
#include "subscription_ask.h"

JOB(subscription_close)
{
	int64_t account = db_int(job->db, "SELECT account_id FROM subscription WHERE id = ?", job->subject_id);
	const struct subscription *subscription = subscription_of(job->db, account, job->unique_key);
	if (!subscription || subscription_is_over(subscription->status))
		return;
	struct stripe_answer answer = stripe_subscription_end(job->mem, subscription);
	if (answer.end != STRIPE_GOOD)
		fail("subscription.end", "Stripe answers %d about %s", answer.status, subscription->public_id);
	subscription_ask(job->db, subscription->id);
}
