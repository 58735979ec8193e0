/* subscription_dispute: a payment of a subscription is disputed: no new charge meanwhile; won, it goes on; lost, it ends
 * (domain.md §6). A pause that the member made stays the member's. */
#include <string.h>

#include "event.h"
#include "fail.h"
#include "job.h"
#include "stripe_manage.h"
#include "subscription_ask.h"

struct dispute_facts {
	const char *public_id;
	int64_t account_id;
	bool open, lost, held;
};
ROW(dispute_facts, public_id, account_id, open, lost, held);

static const struct dispute_facts *facts_of(struct job *job)
{
	return db_one(job->db, dispute_facts,
		"SELECT s.public_id, s.account_id,"
		" EXISTS (SELECT 1 FROM subscription_period p WHERE p.subscription_id = s.id AND p.state = 'suspended') AS open,"
		" EXISTS (SELECT 1 FROM subscription_period p JOIN payment y ON y.stripe_invoice = p.stripe_invoice"
		"  JOIN dispute d ON d.payment_intent = y.payment_intent AND d.status = 'lost'"
		"  WHERE p.subscription_id = s.id) AS lost,"
		" COALESCE((SELECT e.topic = 'subscription.held' FROM event e WHERE e.account_id = s.account_id"
		"  AND e.subject_id = s.id AND e.topic IN ('subscription.held', 'subscription.released')"
		"  ORDER BY e.id DESC LIMIT 1), FALSE) AS held FROM subscription s WHERE s.id = ?",
		job->subject_id);
}

static void told(struct job *job, const struct subscription *subscription, const char *topic,
	struct stripe_answer answer)
{
	if (answer.end != STRIPE_GOOD)
		fail("subscription.dispute", "Stripe answers %d about %s", answer.status, subscription->public_id);
	db_begin(job->db);
	event_put(job->db, topic, subscription->account_id, subscription->id, "{}");
	db_commit(job->db);
	subscription_ask(job->db, subscription->id);
}

JOB(subscription_dispute)
{
	const struct dispute_facts *facts = facts_of(job);
	const struct subscription *subscription =
		facts ? subscription_of(job->db, facts->account_id, facts->public_id) : NULL;
	const char *key = mem_format(job->mem, "dispute-%lld", (long long)job->event_id);
	if (!subscription || subscription_is_over(subscription->status))
		return;
	if (facts->lost)
		told(job, subscription, "subscription.dispute_lost", stripe_subscription_end(job->mem, subscription));
	else if (facts->open && !facts->held && !*subscription->pause_behavior)
		told(job, subscription, "subscription.held",
			stripe_subscription_manage(job->mem, subscription, MANAGE_PAUSE, key));
	else if (!facts->open && facts->held)
		told(job, subscription, "subscription.released",
			stripe_subscription_manage(job->mem, subscription, MANAGE_COLLECT, key));
}
