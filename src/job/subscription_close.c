/* subscription_close: staff closed the order that a subscription began with, for its money: Stripe is not to bill it again. */
#include "job.h"
#include "subscription_ask.h"

JOB(subscription_close)
{
	int64_t account = db_int(job->db, "SELECT account_id FROM subscription WHERE id = ?", job->subject_id);
	const struct subscription *subscription = subscription_of(job->db, account, job->unique_key);
	if (subscription)
		subscription_end_now(job->db, subscription);
}
