/* subscription_test.c: facts of subscriptions in any shape and order, and the access that follows; trials. Money:
 * subscription_money_test.c; quotas and changes of plan: subscription_plan_test.c. The stories of Stripe are in
 * tests/cgi-bin/hook/subscription_test.c. */
#include "club.h"

#include "json.h"
#include "stripe_read.h"

static int64_t download_until(struct fixture *f)
{
	return db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(ends_at) AS SIGNED) FROM entitlement WHERE kind = 'download'");
}

static void facts_wait_for_their_account(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, the_first_invoice(900, month_end(1)));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 0);
	link_order(f, &scene);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 1);
	assert_int_equal(balance(f, &scene), 1000);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "paid");
	assert_string_equal(db_text(&f->db, "SELECT stripe_customer FROM account WHERE id = ?", scene.buyer), "cus_1");
	link_order(f, &scene);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 3);
}

static void a_final_status_stays(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	tell(f, "canceled", MONTH, begin + 50);
	assert_string_equal(license_state(f), "expired");
	tell(f, "active", MONTH, begin + 100);
	assert_string_equal(db_text(&f->db, "SELECT status FROM subscription"), "canceled");
	assert_string_equal(license_state(f), "expired");
	assert_int_equal(download_until(f), month_end(1)); /* what is paid stays until its end */
}

static void unknown_statuses_give_no_access(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	static const char *const none[] = { "unpaid", "paused", "incomplete", "new_in_2031" };
	for (size_t i = 0; i < 4; i++) {
		tell(f, none[i], MONTH, begin + 100 * (int64_t)(i + 1));
		assert_string_equal(license_state(f), "expired");
	}
	tell(f, "active", MONTH, begin + 1000);
	assert_string_equal(license_state(f), "active");
}

static void overdue_gives_days_of_grace(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	assert_int_equal(download_until(f), month_end(1) + 3 * 3600);
	tell(f, "past_due", MONTH, month_end(1));
	assert_int_equal(download_until(f), month_end(1) + 7 * 86400);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'subscription.past_due'"), 1);
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	tell(f, "active", MONTH, month_end(1) + 100);
	assert_int_equal(download_until(f), month_end(2) + 3 * 3600);
}

static void staffs_word_stays(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	db_run(&f->db, "UPDATE entitlement SET state = 'suspended', reason = 'staff' WHERE kind = 'license'");
	tell(f, "active", MONTH, begin + 100);
	assert_string_equal(db_text(&f->db, "SELECT state FROM entitlement WHERE kind = 'license'"), "suspended");
}

/* Cancelled and kept again within a second: which was the later, only Stripe knows. */
static void two_changes_of_one_second_are_asked_about(void **state)
{
	struct fixture *f = *state;
	struct subscription_fact fact = { .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = MONTH, .status = "active", .pause_behavior = "", .told_at = moment_from_unix(begin), .rank = "2b" };
	db_begin(&f->db);
	assert_int_equal(subscription_told(&f->db, fact), NEWS_NEWER);
	fact.rank = "2a";
	assert_int_equal(subscription_told(&f->db, fact), NEWS_NONE); /* nothing differs */
	fact.cancel_at = moment_from_unix(month_end(1));
	assert_int_equal(subscription_told(&f->db, fact), NEWS_SAME_SECOND);
	db_commit(&f->db);
}

static void a_trial_is_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db, "UPDATE price SET trial_days = 14");
	struct subscription_fact fact = { .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = MONTH, .status = "trialing", .pause_behavior = "", .started_at = moment_from_unix(begin),
		.trial_start = moment_from_unix(begin), .trial_end = moment_from_unix(begin + 14 * 86400),
		.told_at = moment_from_unix(begin), .rank = "" };
	link_order(f, &scene);
	tell_invoice(f, the_first_invoice(0, begin + 14 * 86400));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 0); /* a trial, or not: not told yet */
	db_begin(&f->db);
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period WHERE trial"), 1);
	assert_int_equal(balance(f, &scene), 100);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "paid");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM trial_claim"), 1);
	db_run(&f->db, "UPDATE trial_claim SET subscription_id = 999");
	tell_invoice(f, the_first_invoice(0, begin + 14 * 86400));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'trial_again'"), 1);
}

static void both_shapes_read_alike(void **state)
{
	struct fixture *f = *state;
	const char *texts[] = {
		"{\"id\":\"in_1\",\"subscription\":{\"id\":\"sub_1\"},\"status\":\"paid\",\"lines\":{\"data\":[{\"type\":\"subscription\","
		"\"amount\":900,\"price\":{\"id\":\"p\"},\"period\":{\"start\":10,\"end\":20}}]}}",
		"{\"id\":\"in_1\",\"parent\":{\"subscription_details\":{\"subscription\":\"sub_1\"}},\"status\":\"paid\",\"lines\":{\"data\":["
		"{\"parent\":{\"subscription_item_details\":{\"proration\":false}},\"amount\":900,\"pricing\":{\"price_details\":"
		"{\"price\":\"p\"}},\"period\":{\"start\":10,\"end\":20}}]}}" };
	for (size_t i = 0; i < 2; i++) {
		struct invoice_fact fact = invoice_read(f->mem, json_read(f->mem,
			(struct bytes){ (const unsigned char *)texts[i], strlen(texts[i]) }, 32));
		assert_string_equal(fact.stripe_subscription, "sub_1");
		assert_string_equal(fact.stripe_price, "p");
		assert_int_equal(moment_unix(fact.period_end), 20);
	}
	const char *odd[] = { "{}", "[]", "null", "{\"items\":7,\"status\":3,\"id\":[]}", "{\"lines\":{\"data\":[null,7,{}]}}" };
	for (size_t i = 0; i < 5; i++) {
		struct json_object *value = json_read(f->mem, (struct bytes){ (const unsigned char *)odd[i], strlen(odd[i]) }, 32);
		assert_string_equal(subscription_read(f->mem, value).stripe_subscription, "");
		assert_string_equal(invoice_read(f->mem, value).stripe_subscription, "");
	}
}

static struct subscription_fact a_trial(const char *status, int64_t at)
{
	return (struct subscription_fact){ .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = MONTH, .status = status, .pause_behavior = "", .started_at = moment_from_unix(begin),
		.trial_start = moment_from_unix(begin), .trial_end = moment_from_unix(begin + 14 * 86400),
		.told_at = moment_from_unix(at), .rank = "" };
}

static void told_and_settled(struct fixture *f, struct subscription_fact fact)
{
	db_begin(&f->db);
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

/* Ended on its third day: what it gave ends then, not after two weeks. */
static void a_trial_that_is_ended_early_ends_then(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db, "UPDATE price SET trial_days = 14");
	link_order(f, &scene);
	tell_invoice(f, the_first_invoice(0, begin + 14 * 86400));
	told_and_settled(f, a_trial("trialing", begin));
	assert_true(download_until(f) >= begin + 14 * 86400);
	struct subscription_fact ended = a_trial("canceled", begin + 3 * 86400);
	ended.ended_at = moment_from_unix(begin + 3 * 86400);
	told_and_settled(f, ended);
	assert_int_equal(download_until(f), begin + 3 * 86400);
	assert_string_equal(license_state(f), "expired");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(facts_wait_for_their_account),
		CASE(a_final_status_stays),
		CASE(unknown_statuses_give_no_access),
		CASE(overdue_gives_days_of_grace),
		CASE(staffs_word_stays),
		CASE(two_changes_of_one_second_are_asked_about),
		CASE(both_shapes_read_alike),
		CASE(a_trial_is_once),
		CASE(a_trial_that_is_ended_early_ends_then),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
