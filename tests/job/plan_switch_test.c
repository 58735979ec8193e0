/* plan_switch_test.c: a lesser plan begins when the paid period ends, by a schedule at Stripe: how it gets there, and away. */
#include "src/club.h"

#include "fake_stripe.h"
#include "job.h"

/* Jenny's year is paid; she wants the months from its end on. */
struct wish {
	struct fixture *f;
	struct fake_stripe *stripe;
	struct scene scene;
	int64_t id;
	const struct subscription *subscription;
};

/* The subscription as Stripe has it. schedule: "'sub_sched_1'" or "null"; more: other facts, each with its comma */
static const char *at_stripe(struct fixture *f, const char *price, int64_t from, int64_t to, const char *schedule,
	const char *more)
{
	return json_of(f, mem_format(f->mem,
		"{'id':'sub_1','status':'active','customer':'cus_1','schedule':%s,%s'items':{'data':[{'id':'si_1','price':{'id':'%s'},"
		"'current_period_start':%lld,'current_period_end':%lld}]}}",
		schedule, more, price, (long long)from, (long long)to));
}

static const char *in_year(struct fixture *f, const char *schedule)
{
	return at_stripe(f, YEAR, begin, month_end(12), schedule, "");
}

/* A schedule as it is made from the subscription, with a discount. metadata: "{}", or ours */
static const char *a_schedule(struct fixture *f, const char *metadata, const char *phases)
{
	return json_of(f, mem_format(f->mem,
		"{'id':'sub_sched_1','object':'subscription_schedule','end_behavior':'release','metadata':%s,"
		"'current_phase':{'start_date':%lld,'end_date':%lld},'phases':[{'start_date':%lld,'discounts':[{'discount':'di_1'}]}%s]}",
		metadata, (long long)begin, (long long)month_end(12), (long long)begin, phases));
}

#define SCHEDULED "'sub_sched_1'"
#define OURS "{'price_id':'monthly'}"

static struct wish wish_of(struct fixture *f)
{
	struct wish wish = { .f = f, .scene = scene_of(f, true) };
	struct invoice_fact first = an_invoice("in_1", YEAR, 9900, begin, month_end(12));
	first.billing_reason = "subscription_create";
	link_order(f, &wish.scene);
	tell(f, "active", YEAR, begin);
	tell_invoice(f, first);
	wish.stripe = fake_stripe_new(f);
	wish.id = db_int(&f->db, "SELECT id FROM subscription");
	wish.subscription = subscription_of(&f->db, wish.scene.buyer, db_text(&f->db, "SELECT public_id FROM subscription"));
	subscription_next_set(&f->db, wish.subscription, wish.scene.month);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'plan_switch' AND subject_id = ?", wish.id), 1);
	return wish;
}

static void call(void *job)
{
	job_kind_named("plan_switch")->run(job);
}

/* subject 0: the round that nobody asked for */
static struct failure run(const struct wish *wish, int64_t subject)
{
	struct job *job = mem_get(wish->f->mem, sizeof *job);
	*job = (struct job){ .mem = wish->f->mem, .db = &wish->f->db, .subject_id = subject };
	return failing(call, job);
}

static int64_t scheduled(const struct wish *wish)
{
	return db_int(&wish->f->db, "SELECT scheduled_price_id FROM subscription");
}

/* Asked; made; planned; asked. */
static void is_scheduled(const struct wish *wish)
{
	struct fixture *f = wish->f;
	fake_says(wish->stripe, 200, in_year(f, SCHEDULED));
	fake_then(wish->stripe, 200, "", in_year(f, "null"));
	fake_then(wish->stripe, 200, "", a_schedule(f, "{}", ""));
	fake_then(wish->stripe, 200, "", a_schedule(f, OURS, ""));
	run(wish, wish->id);
	assert_int_equal(scheduled(wish), wish->scene.month);
}

static void the_next_plan_stands_at_stripe_at_once(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	is_scheduled(&wish);
	assert_true(strstr(wish.stripe->paths, "GET /v1/subscriptions/sub_1?") == wish.stripe->paths);
	assert_non_null(strstr(wish.stripe->paths, "POST /v1/subscription_schedules\nPOST /v1/subscription_schedules/sub_sched_1\n"));
	assert_null(strstr(wish.stripe->paths, "POST /v1/subscriptions")); /* that would bill another interval at once */
	assert_int_equal(wish.stripe->count, 4);
	fake_says(wish.stripe, 200, "{}");
	run(&wish, 0);
	assert_int_equal(wish.stripe->count, 0); /* done */
	fake_stripe_end(wish.stripe);
}

/* The present plan until the period's end, to the second; then the other; with what discounts there are. */
static void its_phases_meet_at_the_periods_end(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	fake_says(wish.stripe, 0, "");
	fake_then(wish.stripe, 200, "", in_year(f, "null"));
	fake_then(wish.stripe, 200, "", a_schedule(f, "{}", ""));
	assert_string_equal(run(&wish, wish.id).event, "subscription.plan_switch");
	const char *form = strstr(wish.stripe->asked, "\r\n\r\n") + 4;
	assert_string_equal(form, mem_format(f->mem,
		"phases[0][items][0][price]=price_year&phases[0][items][0][quantity]=1&phases[0][proration_behavior]=none"
		"&phases[0][discounts][0][discount]=di_1&phases[0][start_date]=%lld&phases[0][end_date]=%lld"
		"&phases[1][items][0][price]=price_month&phases[1][items][0][quantity]=1&phases[1][proration_behavior]=none"
		"&phases[1][discounts][0][discount]=di_1&phases[1][duration][interval]=month&phases[1][duration][interval_count]=1"
		"&end_behavior=release&proration_behavior=none&metadata[price_id]=%s",
		(long long)begin, (long long)month_end(12),
		db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", wish.scene.month)));
	fake_stripe_end(wish.stripe);
}

/* The host was away over the renewal: the year that Stripe billed is paid, so it is its end that counts. */
static void a_renewal_unheard_of_is_asked_about_first(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	moment_clock_set(moment_from_unix(month_end(12) + 20 * 3600));
	fake_says(wish.stripe, 0, "");
	fake_then(wish.stripe, 200, "", at_stripe(f, YEAR, month_end(12), month_end(24), "null", ""));
	fake_then(wish.stripe, 200, "", a_schedule(f, "{}", ""));
	run(&wish, 0);
	assert_null(strstr(wish.stripe->paths, "POST /v1/subscriptions"));
	assert_non_null(strstr(wish.stripe->asked, mem_format(f->mem, "[end_date]=%lld&", (long long)month_end(24))));
	fake_stripe_end(wish.stripe);
}

/* Between the end of a period and its renewal, while it is not collected, or to end: nothing is planned. */
static void nothing_is_planned_for_what_does_not_go_on(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	const char *const cases[] = { in_year(f, "null"),
		at_stripe(f, YEAR, begin, month_end(24), "null", "'pause_collection':{'behavior':'void'},"),
		at_stripe(f, YEAR, begin, month_end(24), "null", "'cancel_at_period_end':true,"),
		at_stripe(f, YEAR, begin, month_end(24), "null", "'status':'past_due',"),
		at_stripe(f, MONTH, month_end(12), month_end(13), "null", "") /* it has begun */ };
	moment_clock_set(moment_from_unix(month_end(12) + 60));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fake_says(wish.stripe, 200, cases[i]);
		assert_string_equal(run(&wish, wish.id).event, "");
		assert_null(strstr(wish.stripe->paths, "POST"));
		assert_int_equal(scheduled(&wish), 0);
	}
	fake_stripe_end(wish.stripe);
}

/* Stripe repeats what it answered to a key; what was done meanwhile is seen there, and not done twice. */
static void a_failed_step_is_tried_anew(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	char first[sizeof wish.stripe->key];
	for (int i = 0; i < 2; i++) {
		fake_says(wish.stripe, 402, "{}");
		fake_then(wish.stripe, 200, "", in_year(f, "null"));
		assert_string_equal(run(&wish, wish.id).event, "subscription.plan_switch");
		if (i)
			assert_string_not_equal(wish.stripe->key, first);
		memcpy(first, wish.stripe->key, sizeof first);
	}
	fake_says(wish.stripe, 200, in_year(f, SCHEDULED)); /* it was made, the answer was lost */
	fake_then(wish.stripe, 200, "", in_year(f, SCHEDULED));
	fake_then(wish.stripe, 200, "", a_schedule(f, "{}", ""));
	fake_then(wish.stripe, 200, "", a_schedule(f, OURS, ""));
	run(&wish, wish.id);
	assert_null(strstr(wish.stripe->paths, "POST /v1/subscription_schedules\n"));
	assert_int_equal(wish.stripe->keys, 1);
	assert_int_equal(scheduled(&wish), wish.scene.month);
	fake_stripe_end(wish.stripe);
}

static void a_schedule_of_the_dashboard_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	for (int i = 0; i < 2; i++) {
		fake_says(wish.stripe, 200, in_year(f, SCHEDULED));
		fake_then(wish.stripe, 200, "", in_year(f, SCHEDULED));
		fake_then(wish.stripe, 200, "", a_schedule(f, "{}", ",{'start_date':1900000000}"));
		run(&wish, wish.id);
		assert_null(strstr(wish.stripe->paths, "POST"));
		subscription_next_set(&f->db, wish.subscription, 0);
	}
	fake_stripe_end(wish.stripe);
}

/* By somebody at the dashboard: the member still wants it. */
static void released_elsewhere_it_is_planned_again(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	is_scheduled(&wish);
	tell(f, "active", YEAR, begin + 60);
	assert_int_equal(scheduled(&wish), 0);
	is_scheduled(&wish);
	fake_stripe_end(wish.stripe);
}

static void undone_it_is_released(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	is_scheduled(&wish);
	subscription_next_set(&f->db, wish.subscription, 0);
	fake_says(wish.stripe, 0, "");
	fake_then(wish.stripe, 200, "", in_year(f, SCHEDULED));
	fake_then(wish.stripe, 200, "", a_schedule(f, OURS, ""));
	assert_string_equal(run(&wish, wish.id).event, "subscription.plan_switch");
	assert_int_equal(scheduled(&wish), wish.scene.month); /* still to be done */
	fake_says(wish.stripe, 200, in_year(f, "null"));
	fake_then(wish.stripe, 200, "", in_year(f, SCHEDULED));
	fake_then(wish.stripe, 200, "", a_schedule(f, OURS, ""));
	run(&wish, 0);
	assert_non_null(strstr(wish.stripe->paths, "POST /v1/subscription_schedules/sub_sched_1/release\n"));
	assert_int_equal(scheduled(&wish), 0);
	fake_says(wish.stripe, 200, "{}");
	run(&wish, 0);
	assert_int_equal(wish.stripe->count, 0);
	fake_stripe_end(wish.stripe);
}

/* Stripe has the lesser price already, in a period that is paid by the plan in force: undone, it gets that back, unbilled. */
static void undone_a_price_that_differs_is_put_back(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	subscription_next_set(&f->db, wish.subscription, 0);
	fake_says(wish.stripe, 200, at_stripe(f, "price_small", begin, month_end(12), "null", ""));
	run(&wish, wish.id);
	assert_null(strstr(wish.stripe->paths, "POST")); /* made at the dashboard, for her alone */
	a_plan(f, db_int(&f->db, "SELECT product_id FROM price WHERE id = ?", wish.scene.year), "small", "price_small", 300, "year", 9);
	fake_says(wish.stripe, 200, in_year(f, "null"));
	fake_then(wish.stripe, 200, "", at_stripe(f, "price_small", begin, month_end(12), "null", ""));
	fake_then(wish.stripe, 0, "", "");
	run(&wish, wish.id);
	assert_non_null(strstr(wish.stripe->paths, "POST /v1/subscriptions/sub_1\n"));
	assert_int_equal(wish.stripe->keys, 1);
	assert_string_equal(db_text(&f->db, "SELECT stripe_price FROM subscription"), YEAR);
	fake_says(wish.stripe, 200, at_stripe(f, "price_small", month_end(12), month_end(13), "null", ""));
	run(&wish, wish.id);
	assert_null(strstr(wish.stripe->paths, "POST")); /* that period is not paid: too late */
	fake_stripe_end(wish.stripe);
}

/* The first month is paid: what is left of the schedule is released. */
static void begun_it_is_done_with(void **state)
{
	struct fixture *f = *state;
	struct wish wish = wish_of(f);
	is_scheduled(&wish);
	moment_clock_set(moment_from_unix(month_end(12) + 3700));
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(12), month_end(13)));
	assert_int_equal(db_int(&f->db, "SELECT next_price_id FROM subscription"), 0);
	fake_says(wish.stripe, 200, at_stripe(f, MONTH, month_end(12), month_end(13), "null", ""));
	fake_then(wish.stripe, 200, "", at_stripe(f, MONTH, month_end(12), month_end(13), SCHEDULED, ""));
	fake_then(wish.stripe, 200, "", a_schedule(f, OURS, ",{}"));
	run(&wish, 0);
	assert_non_null(strstr(wish.stripe->paths, "/release\n"));
	assert_null(strstr(wish.stripe->paths, "POST /v1/subscriptions"));
	assert_int_equal(scheduled(&wish), 0);
	fake_stripe_end(wish.stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_next_plan_stands_at_stripe_at_once),
		CASE(its_phases_meet_at_the_periods_end),
		CASE(a_renewal_unheard_of_is_asked_about_first),
		CASE(nothing_is_planned_for_what_does_not_go_on),
		CASE(a_failed_step_is_tried_anew),
		CASE(a_schedule_of_the_dashboard_is_left_alone),
		CASE(released_elsewhere_it_is_planned_again),
		CASE(undone_it_is_released),
		CASE(undone_a_price_that_differs_is_put_back),
		CASE(begun_it_is_done_with),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
