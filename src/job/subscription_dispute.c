/* subscription_dispute: a payment of a subscription is disputed: no new charge meanwhile; won, it goes on; lost, it ends
 * (domain.md §6). A pause that the member made stays the member's: ours is told from it by a note that Stripe keeps, set and
 * taken away by the call that pauses and collects. So a call whose answer was lost is no riddle: Stripe is asked first. */
#include <string.h>

#include "event.h"
#include "fail.h"
#include "job.h"
#include "json.h"
#include "sign.h"
#include "stripe_manage.h"
#include "subscription_ask.h"

struct dispute_facts {
	const char *public_id;
	int64_t account_id;
	bool open, lost;
};
ROW(dispute_facts, public_id, account_id, open, lost);

static const struct dispute_facts *facts_of(struct job *job)
{
	return db_one(job->db, dispute_facts,
		"SELECT s.public_id, s.account_id,"
		" EXISTS (SELECT 1 FROM subscription_period p WHERE p.subscription_id = s.id AND p.state = 'suspended') AS open,"
		" EXISTS (SELECT 1 FROM subscription_period p JOIN payment y ON y.stripe_invoice = p.stripe_invoice"
		"  JOIN dispute d ON d.payment_intent = y.payment_intent AND d.status = 'lost'"
		"  WHERE p.subscription_id = s.id) AS lost FROM subscription s WHERE s.id = ?",
		job->subject_id);
}

static struct json_object *good(const struct subscription *subscription, struct stripe_answer answer)
{
	if (answer.end != STRIPE_GOOD)
		fail("subscription.dispute", "Stripe answers %d about %s", answer.status, subscription->public_id);
	return answer.value;
}

static void told(struct job *job, const struct subscription *subscription, const char *topic, struct stripe_answer answer)
{
	good(subscription, answer);
	db_begin(job->db);
	event_put(job->db, topic, subscription->account_id, subscription->id, "{}");
	db_commit(job->db);
}

JOB(subscription_dispute)
{
	const struct dispute_facts *facts = facts_of(job);
	const struct subscription *subscription =
		facts ? subscription_of(job->db, facts->account_id, facts->public_id) : NULL;
	if (!subscription || subscription_is_over(subscription->status))
		return;
	struct json_object *now = good(subscription, stripe_subscription_get(job->mem, subscription->stripe_subscription));
	bool over = subscription_is_over(json_text(now, "status")), held = !strcmp(json_text(now, "metadata.held"), "dispute");
	bool paused = *json_text(now, "pause_collection.behavior") != 0;
	/* Each try has a key of its own, for Stripe repeats its answer to an old one, also that it failed: what was done is
	 * known from what it says now. */
	const char *key = random_id(job->mem);
	if (facts->lost && !over)
		told(job, subscription, "subscription.dispute_lost", stripe_subscription_end(job->mem, subscription));
	else if (facts->open && !held && !paused && !over)
		told(job, subscription, "subscription.held",
			stripe_subscription_manage(job->mem, subscription, MANAGE_HOLD, key));
	else if (!facts->open && held && !over)
		told(job, subscription, "subscription.released",
			stripe_subscription_manage(job->mem, subscription, MANAGE_RELEASE, key));
	subscription_ask(job->db, subscription->id);
}
