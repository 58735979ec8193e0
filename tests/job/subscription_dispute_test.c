/* subscription_dispute_test.c: a dispute stops what is charged, and its end starts it again, whatever answer is lost between. */
#include "src/club.h"

#include "fake_stripe.h"
#include "job.h"
#include "payment.h"
#include "settle.h"

static void dispute_is(struct fixture *f, const char *status, int64_t at)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "in_1",
		.amount = 900 });
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
		.status = status, .reason = "fraudulent", .currency = "usd", .amount = 900, .opened_at = moment_from_unix(begin),
		.told_at = moment_from_unix(at) });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
}

/* The subscription as Stripe has it. more: "'pause_collection':…," */
static const char *at_stripe(struct fixture *f, const char *more)
{
	return json_of(f, mem_format(f->mem,
		"{'id':'sub_1','status':'active','customer':'cus_1',%s'items':{'data':[{'id':'si_1','price':{'id':'price_month'},"
		"'current_period_start':%lld,'current_period_end':%lld}]}}",
		more, (long long)begin, (long long)month_end(1)));
}

#define HELD "'pause_collection':{'behavior':'void','resumes_at':null},'metadata':{'held':'dispute'},"
#define PAUSED "'pause_collection':{'behavior':'void','resumes_at':null},'metadata':{},"
#define GOES_ON "'pause_collection':null,'metadata':{},"

static void call(void *job)
{
	job_kind_named("subscription_dispute")->run(job);
}

static struct failure run(struct fixture *f, int64_t event)
{
	struct job *job = mem_get(f->mem, sizeof *job);
	*job = (struct job){ .mem = f->mem, .db = &f->db, .event_id = event,
		.subject_id = db_int(&f->db, "SELECT id FROM subscription") };
	return failing(call, job);
}

static void a_dispute_holds_and_its_end_releases(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	dispute_is(f, "needs_response", begin + 20);
	fake_says(fake, 200, at_stripe(f, HELD));
	fake_then(fake, 200, "", at_stripe(f, GOES_ON));
	run(f, 1);
	assert_int_equal(fake->count, 3); /* asked, held, asked */
	assert_non_null(strstr(fake->paths, "POST /v1/subscriptions/sub_1\n"));
	assert_string_equal(db_text(&f->db, "SELECT pause_behavior FROM subscription"), "void");
	dispute_is(f, "won", begin + 30);
	fake_says(fake, 200, at_stripe(f, GOES_ON));
	fake_then(fake, 200, "", at_stripe(f, HELD));
	run(f, 2);
	assert_int_equal(fake->keys, 1);
	assert_string_equal(db_text(&f->db, "SELECT pause_behavior FROM subscription"), "");
	assert_string_equal(db_text(&f->db, "SELECT GROUP_CONCAT(topic ORDER BY id) FROM event"
		" WHERE topic IN ('subscription.held', 'subscription.released')"), "subscription.held,subscription.released");
	fake_stripe_end(fake);
}

/* Stripe paused it, and nobody heard: the next try reads that there, and so does the release. */
static void a_lost_answer_does_not_lose_the_release(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	dispute_is(f, "needs_response", begin + 20);
	fake_says(fake, 0, "");
	fake_then(fake, 200, "", at_stripe(f, GOES_ON));
	assert_string_equal(run(f, 1).event, "subscription.dispute");
	assert_non_null(strstr(fake->asked, "pause_collection[behavior]=void&metadata[held]=dispute"));
	fake_says(fake, 200, at_stripe(f, HELD));
	run(f, 1);
	assert_null(strstr(fake->paths, "POST"));
	assert_string_equal(db_text(&f->db, "SELECT pause_behavior FROM subscription"), "void");
	dispute_is(f, "won", begin + 90);
	fake_says(fake, 0, "");
	fake_then(fake, 200, "", at_stripe(f, HELD));
	assert_string_equal(run(f, 2).event, "subscription.dispute"); /* so is that answer lost */
	assert_non_null(strstr(fake->asked, "pause_collection=&metadata[held]="));
	fake_says(fake, 200, at_stripe(f, GOES_ON));
	fake_then(fake, 200, "", at_stripe(f, HELD)); /* it was not done */
	run(f, 2);
	assert_int_equal(fake->keys, 1);
	assert_string_equal(db_text(&f->db, "SELECT pause_behavior FROM subscription"), "");
	fake_stripe_end(fake);
}

/* What Stripe answered to one key it answers for a day. */
static void each_try_has_a_key_of_its_own(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	char first[sizeof fake->key];
	dispute_is(f, "needs_response", begin + 20);
	for (int try = 1; try <= 2; try++) {
		fake_says(fake, 400, "{}");
		fake_then(fake, 200, "", at_stripe(f, GOES_ON));
		assert_string_equal(run(f, 1).event, "subscription.dispute");
		if (try > 1)
			assert_string_not_equal(fake->key, first);
		memcpy(first, fake->key, sizeof first);
	}
	fake_stripe_end(fake);
}

static void the_members_own_pause_stays(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	fake_says(fake, 200, at_stripe(f, PAUSED));
	dispute_is(f, "needs_response", begin + 20);
	run(f, 1);
	dispute_is(f, "won", begin + 30);
	run(f, 2);
	assert_null(strstr(fake->paths, "POST"));
	assert_string_equal(db_text(&f->db, "SELECT pause_behavior FROM subscription"), "void");
	fake_stripe_end(fake);
}

static void a_lost_dispute_ends_it_once(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	dispute_is(f, "lost", begin + 20);
	const char *ended = "{\"id\":\"sub_1\",\"status\":\"canceled\",\"customer\":\"cus_1\"}";
	fake_says(fake, 0, "");
	fake_then(fake, 200, "", at_stripe(f, HELD));
	assert_string_equal(run(f, 1).event, "subscription.dispute");
	assert_non_null(strstr(fake->asked, "DELETE /v1/subscriptions/sub_1 "));
	fake_says(fake, 200, ended); /* it was done */
	run(f, 1);
	assert_null(strstr(fake->paths, "DELETE"));
	assert_string_equal(db_text(&f->db, "SELECT status FROM subscription"), "canceled");
	fake_stripe_end(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_dispute_holds_and_its_end_releases),
		CASE(a_lost_answer_does_not_lose_the_release),
		CASE(each_try_has_a_key_of_its_own),
		CASE(the_members_own_pause_stays),
		CASE(a_lost_dispute_ends_it_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
