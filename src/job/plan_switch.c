/* plan_switch: a change to a lesser plan, asked for earlier, is made in the last hours of the period that is paid, so that the
 * next is billed by it. Without proration: what was paid stays paid, and the plan in force is that of the last paid period. */
#include <string.h>

#include "job.h"
#include "log.h"
#include "moment.h"
#include "plan.h"
#include "stripe_manage.h"
#include "subscription_ask.h"

enum { BEFORE_SECONDS = 12 * 3600, MOST = 100 };

struct due {
	int64_t id, account_id, next_price_id;
	const char *public_id;
};
ROW(due, id, account_id, next_price_id, public_id);

static void change(struct job *job, const struct due *due)
{
	const struct plan *plan = plan_by_id(job->db, due->next_price_id, "en");
	const struct subscription *subscription = subscription_of(job->db, due->account_id, due->public_id);
	const char *price = plan ? plan_at_stripe(job->db, plan) : NULL;
	if (!price || !strcmp(price, subscription->stripe_price))
		return;
	struct stripe_answer answer = stripe_plan_change(job->mem, subscription, price, (struct moment){ 0 },
		mem_format(job->mem, "%s-%lld", price, (long long)moment_unix(subscription->period_end)));
	log_line("subscription.plan_switch", "subscription=%s status=%d", subscription->public_id, answer.status);
	subscription_ask(job->db, subscription->id);
}

JOB_EVERY(plan_switch, 600)
{
	struct list due = db_all(job->db, due,
		"SELECT s.id, s.account_id, s.next_price_id, s.public_id FROM subscription s"
		" JOIN price p ON p.id = s.next_price_id WHERE s.next_price_id > 0 AND s.period_end <= ? AND s.status = 'active'"
		" AND s.cancel_at IS NULL AND s.pause_behavior = '' AND s.stripe_price <> COALESCE(p.stripe_price, '')"
		" ORDER BY s.period_end LIMIT ?",
		moment_add_seconds(moment_now(), BEFORE_SECONDS), (int)MOST);
	LIST_EACH(due, one, due)
		change(job, one);
}
