/* quota_renew: every ten minutes, the month that has begun for plans that are paid by the year. After an outage only the month
 * that holds now is granted; those that were missed are logged. */
#include "job.h"
#include "log.h"
#include "subscription_settle.h"

enum { MOST = 500 };

JOB_EVERY(quota_renew, 600)
{
	int64_t granted = quotas_renew(job->db, MOST);
	if (granted)
		log_line("quota.renewed", "subscriptions=%lld", (long long)granted);
}
