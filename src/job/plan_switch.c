/* plan_switch: the lesser plan that a member wants from the next period on is made to stand at Stripe, as a schedule: the plan
 * begins when the paid period ends, however long this host is away. When it is not wanted any more, or has begun and is in
 * force, the schedule is released. Runs when the wish changes; by itself for what was left undone. */
#include <string.h>

#include "fail.h"
#include "job.h"
#include "log.h"
#include "moment.h"
#include "sign.h"
#include "stripe_manage.h"
#include "stripe_schedule.h"
#include "subscription_ask.h"

enum { MOST = 100 };

struct due {
	int64_t id, account_id;
	const char *public_id;
};
ROW(due, id, account_id, public_id);

/* Each step has a key of its own: what an earlier one did is read at Stripe, and a failure would be repeated for a day. */
static const char *key_new(struct job *job)
{
	return random_id(job->mem);
}

static bool good(const struct subscription *now, const char *what, struct stripe_answer answer)
{
	log_line("subscription.plan_switch", "subscription=%s did=%s status=%d", now->public_id, what, answer.status);
	return answer.end == STRIPE_GOOD;
}

static bool ours(const struct subscription *now, struct stripe_answer answer)
{
	if (stripe_schedule_is_ours(answer.value))
		return true;
	log_line("subscription.schedule_foreign", "subscription=%s schedule=%s", now->public_id, now->stripe_schedule);
	return false;
}

/* Whether its next period will begin by itself, and has not begun yet. */
static bool goes_on(const struct subscription *now)
{
	return !strcmp(now->status, "active") && !now->cancel_at.us && !*now->pause_behavior &&
		now->period_end.us > moment_now().us;
}

static bool plan_scheduled(struct job *job, const struct subscription *now)
{
	const struct plan *plan = plan_by_id(job->db, now->next_price_id, "en");
	const char *price = plan ? plan_at_stripe(job->db, plan) : NULL;
	if (!price)
		return false;
	if (!goes_on(now) || !strcmp(price, now->stripe_price))
		return true; /* not now, or it has begun */
	struct stripe_answer schedule = *now->stripe_schedule ? stripe_schedule_get(job->mem, now->stripe_schedule) :
		stripe_schedule_create(job->mem, now, key_new(job));
	if (!good(now, "schedule", schedule))
		return false;
	if (!ours(now, schedule))
		return true;
	if (!good(now, "plan", stripe_schedule_plan(job->mem, schedule.value, now, plan, price, key_new(job))))
		return false;
	db_run(job->db, "UPDATE subscription SET scheduled_price_id = ? WHERE id = ?", plan->id, now->id);
	return true;
}

static bool schedule_released(struct job *job, const struct subscription *now)
{
	if (!*now->stripe_schedule)
		return true;
	struct stripe_answer schedule = stripe_schedule_get(job->mem, now->stripe_schedule);
	if (!good(now, "look", schedule))
		return false;
	if (ours(now, schedule) &&
		!good(now, "release", stripe_schedule_release(job->mem, now->stripe_schedule, key_new(job))))
		return false;
	db_run(job->db, "UPDATE subscription SET scheduled_price_id = 0 WHERE id = ?", now->id);
	return true;
}

/* The present period is paid by the plan in force, and Stripe would bill the next by another of ours, which nobody wants now.
 * A price that the operator made at the dashboard is none of ours. */
static bool price_put_back(struct job *job, const struct subscription *now)
{
	const struct plan *plan = plan_by_id(job->db, now->price_id, "en");
	bool known = db_int(job->db, "SELECT COUNT(*) FROM price WHERE stripe_price = ?", now->stripe_price);
	if (!known || !plan || !plan->stripe_price || !strcmp(plan->stripe_price, now->stripe_price) || !goes_on(now) ||
		now->paid_until.us < now->period_end.us)
		return true;
	struct subscription free = *now;
	free.stripe_schedule = ""; /* released just now */
	return good(now, "back",
		stripe_plan_change(job->mem, &free, plan->stripe_price, (struct moment){ 0 }, key_new(job)));
}

/* Stripe is asked first: the mirror may be older than a renewal, or than a step whose answer was lost. */
static bool settle(struct job *job, const struct due *due)
{
	if (subscription_ask(job->db, due->id) != ASKED_APPLIED)
		return false;
	const struct subscription *now = subscription_of(job->db, due->account_id, due->public_id);
	bool done = now->next_price_id ? plan_scheduled(job, now) : schedule_released(job, now) && price_put_back(job, now);
	if (done)
		subscription_ask(job->db, due->id);
	return done;
}

static void settle_one(struct job *job)
{
	const struct due *due =
		db_one(job->db, due, "SELECT id, account_id, public_id FROM subscription WHERE id = ?", job->subject_id);
	if (due && !settle(job, due))
		fail("subscription.plan_switch", "the plan of %s is not settled at Stripe", due->public_id);
}

/* Those asked about longest ago come first: who is refused each time stands in nobody's way. */
static struct list dues_of(struct job *job)
{
	return db_all(job->db, due,
		"SELECT s.id, s.account_id, s.public_id FROM subscription s LEFT JOIN price p ON p.id = s.next_price_id"
		" WHERE (s.next_price_id > 0 OR s.scheduled_price_id > 0) AND s.next_price_id <> s.scheduled_price_id"
		" AND s.status NOT IN ('canceled', 'incomplete_expired') AND (s.next_price_id = 0 OR (s.status = 'active'"
		"  AND s.cancel_at IS NULL AND s.pause_behavior = '' AND s.stripe_price <> COALESCE(p.stripe_price, '')))"
		" ORDER BY s.updated_at LIMIT ?",
		(int)MOST);
}

JOB_EVERY(plan_switch, 600)
{
	if (job->subject_id) {
		settle_one(job);
		return;
	}
	struct list due = dues_of(job);
	LIST_EACH(due, one, due)
		settle(job, one);
}
