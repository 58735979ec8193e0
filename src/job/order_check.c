/* order_check: the webhook is late: asks Stripe what became of the order's payment, again and again while it is open. */
#include "checkout.h"
#include "event.h"
#include "fail.h"
#include "job.h"
#include "moment.h"
#include "stripe_api.h"

enum { LATER_SECONDS = 1800, SOON_SECONDS = 120, OPEN_DAYS = 30 };

struct check_order {
	const char *number;
	bool open;
};
ROW(check_order, number, open);

JOB(order_check)
{
	if (checkout_ask(job->db, job->subject_id))
		return;
	const struct check_order *order = db_one(job->db, check_order,
		"SELECT number, COALESCE(state = 'pending' AND created_at > ?, FALSE) AS open FROM orders WHERE id = ?",
		moment_add_days(moment_now(), -OPEN_DAYS), job->subject_id);
	if (!order || !order->open)
		return;
	/* Under another key than this job's own, which is deleted when it ends; two chains of questions meet in one key. Soon when
	 * Stripe did not answer; not by failing: an outage of an hour must not end the chain. */
	db_begin(job->db);
	int64_t later = stripe_rests() ? SOON_SECONDS : LATER_SECONDS, turn = moment_unix(moment_now()) / later + 1;
	job_put(job->db, "order_check", mem_format(job->mem, "%s/%lld", order->number, (long long)turn), job->subject_id, later);
	db_commit(job->db);
}
