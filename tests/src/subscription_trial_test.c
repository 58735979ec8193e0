/* subscription_trial_test.c: the tokens of a trial: once per person and product, and as long as the trial. */
#include "club.h"

enum { TRIAL_DAYS = 14, DAY = 86400 };

static const int64_t trial_end = begin + TRIAL_DAYS * DAY;

/* A trial as Stripe tells it; ended: when it was cancelled, 0: it goes on. */
static void tell_trial(struct fixture *f, const char *stripe_subscription, int64_t order, int64_t ends, int64_t ended)
{
	struct subscription_fact fact = { .stripe_subscription = stripe_subscription, .stripe_customer = "cus_1",
		.stripe_item = "si_1", .stripe_price = MONTH, .status = ended ? "canceled" : "trialing", .pause_behavior = "",
		.started_at = moment_from_unix(begin), .anchor_at = moment_from_unix(ends), .trial_start = moment_from_unix(begin),
		.trial_end = moment_from_unix(ends), .period_start = moment_from_unix(begin), .period_end = moment_from_unix(ends),
		.told_at = moment_now(), .rank = "2evt" };
	if (ended)
		fact.canceled_at = fact.ended_at = moment_from_unix(ended);
	db_begin(&f->db);
	subscription_placed(&f->db, stripe_subscription);
	subscription_link(&f->db, stripe_subscription, "cus_1", order_locked(&f->db, order));
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, stripe_subscription);
	db_commit(&f->db);
}

static void tell_zero(struct fixture *f, const char *id, const char *stripe_subscription, int64_t from, int64_t to)
{
	struct invoice_fact zero = an_invoice(id, MONTH, 0, from, to);
	zero.stripe_subscription = stripe_subscription;
	zero.billing_reason = from == begin ? "subscription_create" : "subscription_update";
	db_begin(&f->db);
	invoice_told(&f->db, zero);
	subscription_placed(&f->db, stripe_subscription);
	subscription_settle(&f->db, stripe_subscription);
	db_commit(&f->db);
}

static int64_t trial_lots(struct fixture *f)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'trial'");
}

/* Three payment pages open at once, then paid one after the other: the first alone brings tokens, the others are to end. */
static void trials_begun_together_bring_tokens_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db, "UPDATE price SET trial_days = 14");
	for (int i = 1; i <= 3; i++) {
		const char *subscription = mem_format(f->mem, "sub_%d", i), *price = db_text(&f->db,
			"SELECT public_id FROM price WHERE id = ?", scene.month);
		tell_trial(f, subscription, i == 1 ? scene.order : an_order(f, scene.buyer, price), trial_end, 0);
		tell_zero(f, mem_format(f->mem, "in_%d", i), subscription, begin, trial_end);
		tell_zero(f, mem_format(f->mem, "in_%d", i), subscription, begin, trial_end);
	}
	assert_int_equal(trial_lots(f), 1);
	assert_int_equal(balance(f, &scene), 100);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT subject_id) FROM job WHERE reaction = 'trial_again'"), 2);
}

/* Prolonged by staff, or its plan changed: each tells of another invoice of zero. The tokens last as long as the trial does. */
static void one_trial_brings_tokens_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	tell_trial(f, "sub_1", scene.order, trial_end, 0);
	for (int i = 0; i < 3; i++)
		tell_zero(f, mem_format(f->mem, "in_%d", i), "sub_1", begin + i * DAY, trial_end);
	assert_int_equal(trial_lots(f), 1);
	assert_int_equal(balance(f, &scene), 100);
	moment_clock_set(moment_from_unix(trial_end - 10));
	tell_trial(f, "sub_1", scene.order, trial_end + 7 * DAY, 0);
	moment_clock_set(moment_from_unix(trial_end + 7 * DAY - 1));
	assert_int_equal(balance(f, &scene), 100);
	moment_clock_set(moment_from_unix(trial_end + 7 * DAY));
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(token_check(&f->db), 0);
}

static void a_trial_ended_early_ends_its_tokens(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	tell_trial(f, "sub_1", scene.order, trial_end, 0);
	tell_zero(f, "in_1", "sub_1", begin, trial_end);
	assert_int_equal(balance(f, &scene), 100);
	moment_clock_set(moment_from_unix(begin + 2 * DAY + 10));
	tell_trial(f, "sub_1", scene.order, trial_end, begin + 2 * DAY);
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE state = 'expired' AND expires_at = ?",
		moment_from_unix(begin + 2 * DAY)), 1);
	assert_int_equal(token_check(&f->db), 0);
}

/* Its invoice is told last of all: what it brings is over already. */
static void a_trial_told_after_its_end_brings_nothing_to_spend(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	moment_clock_set(moment_from_unix(begin + 2 * DAY + 10));
	tell_trial(f, "sub_1", scene.order, trial_end, begin + 2 * DAY);
	tell_zero(f, "in_1", "sub_1", begin, trial_end);
	assert_int_equal(trial_lots(f), 1);
	assert_int_equal(balance(f, &scene), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(trials_begun_together_bring_tokens_once),
		CASE(one_trial_brings_tokens_once),
		CASE(a_trial_ended_early_ends_its_tokens),
		CASE(a_trial_told_after_its_end_brings_nothing_to_spend),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
