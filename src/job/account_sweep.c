/* account_sweep: drops what has served its time: sessions, mailed links, counts of tries. */
#include "job.h"
#include "moment.h"
#include "throttle.h"

enum { AT_ONCE = 10000, LINK_DAYS = 7 };

JOB_EVERY(account_sweep, 3600)
{
	struct moment now = moment_now();
	db_run(job->db, "DELETE FROM session WHERE expires_at < ? LIMIT ?", now, AT_ONCE);
	/* Kept for a while: "already used" is a better answer than "unknown". */
	db_run(job->db, "DELETE FROM account_token WHERE expires_at < ? LIMIT ?",
		moment_add_days(now, -LINK_DAYS), AT_ONCE);
	throttle_sweep(job->db);
}
