/* subscription_end: the money of a period went back, and who gave it back wanted the subscription to end too. */
#include "job.h"
#include "subscription_ask.h"

struct ending {
	int64_t account_id;
	const char *public_id;
};
ROW(ending, account_id, public_id);

JOB(subscription_end)
{
	const struct ending *ending = db_one(job->db, ending,
		"SELECT s.account_id, s.public_id FROM refund r JOIN payment y ON y.payment_intent = r.payment_intent"
		" JOIN subscription_period p ON p.stripe_invoice = y.stripe_invoice JOIN subscription s ON s.id = p.subscription_id"
		" WHERE r.id = ? AND y.stripe_invoice > '' AND r.cancels",
		job->subject_id);
	const struct subscription *subscription =
		ending ? subscription_of(job->db, ending->account_id, ending->public_id) : NULL;
	if (subscription)
		subscription_end_now(job->db, subscription);
}
