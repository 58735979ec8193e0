/* sessions_close: a plan is subscribed: payment pages for plans of the same product that the subscriber still has open are
 * closed, so that nobody subscribes twice in two windows. One that was paid all the same is a subscription of its own. */
#include "checkout.h"
#include "fail.h"
#include "job.h"
#include "log.h"
#include "stripe_api.h"

struct open_page {
	int64_t id;
	const char *number, *stripe_session;
};
ROW(open_page, id, number, stripe_session);

static struct list open_pages(struct job *job)
{
	return db_all(job->db, open_page,
		"SELECT DISTINCT o.id, o.number, COALESCE(o.stripe_session, '') AS stripe_session FROM subscription s"
		" JOIN price c ON c.id = s.price_id JOIN orders o ON o.account_id = s.account_id AND o.id <> s.order_id"
		"  AND o.state = 'pending' AND o.stripe_session IS NOT NULL"
		" JOIN order_line l ON l.order_id = o.id JOIN price d ON d.id = l.price_id AND d.product_id = c.product_id"
		"  AND d.recurring <> 'once' WHERE s.id = ?",
		job->subject_id);
}

JOB(sessions_close)
{
	struct list pages = open_pages(job);
	LIST_EACH(open_page, page, pages) {
		struct stripe_answer answer = stripe_session_expire(job->mem, page->stripe_session);
		log_line("checkout.closed", "order=%s status=%d", page->number, answer.status);
		if (!checkout_ask(job->db, page->id))
			fail("checkout.open", "the payment page of order %s is still open", page->number);
	}
}
