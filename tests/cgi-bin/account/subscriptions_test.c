/* subscriptions_test.c: the portal's pages of subscriptions: every state in words, and what each button asks of Stripe. */
#include "plans.h"

#include "buyer.h"
#include "fake_stripe.h"
#include "job.h"
#include "subscription.h"

/* Jenny's subscription to the monthly plan, active, in the middle of its first month; an annual plan stands beside it. */
struct scene {
	struct fixture *f;
	struct fake_stripe *stripe;
	int64_t buyer, month, year;
	const char *id, *path;
};

static struct scene scene_of(struct fixture *f)
{
	struct scene scene = { .f = f, .stripe = fake_stripe_new(f), .buyer = a_member(f, "jenny@example.com") };
	struct moment now = moment_now();
	int64_t product = a_club(f);
	scene.month = a_plan(f, product, "Monthly", "price_month", 900, "month", 1000);
	scene.year = a_plan(f, product, "Annual", "price_year", 9900, "year", 3000);
	scene.id = random_id(f->mem);
	scene.path = mem_format(f->mem, "/account/subscriptions/%s", scene.id);
	db_run(&f->db,
		"INSERT INTO subscription (public_id, stripe_subscription, stripe_customer, stripe_item, stripe_price, account_id,"
		" price_id, status, started_at, period_start, period_end, paid_until, told_at, created_at, updated_at)"
		" VALUES (?, 'sub_1', 'cus_1', 'si_1', 'price_month', ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?)",
		scene.id, scene.buyer, scene.month, now, now, moment_add_days(now, 30), moment_add_days(now, 30), now, now, now);
	log_in(f, scene.buyer);
	return scene;
}

static struct page pressed(const struct scene *scene, const char *action)
{
	return post(scene->f, scene->path,
		mem_format(scene->f->mem, "action=%s&request_key=%s", action, random_id(scene->f->mem)));
}

/* The same again, as if Stripe had told. */
static void settled(const struct scene *scene)
{
	db_run(&scene->f->db, "UPDATE subscription SET changing_at = NULL");
}

static struct page in_status(const struct scene *scene, const char *status)
{
	db_run(&scene->f->db, "UPDATE subscription SET status = ?", status);
	struct page page = get(scene->f, scene->path);
	assert_int_equal(page.status, 200);
	return page;
}

static void each_status_is_said_in_words(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	static const char *const words[][2] = { { "", "Being set up" }, { "active", "Active" }, { "trialing", "Free trial" },
		{ "past_due", "Payment overdue" }, { "unpaid", "Unpaid" }, { "paused", "Paused" }, { "canceled", "Ended" },
		{ "incomplete", "Being set up" }, { "new_in_2031", "Not active" } };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_has(in_status(&scene, words[i][0]), words[i][1]);
		assert_has(get(f, "/account/subscriptions"), words[i][1]);
	}
	assert_lacks(in_status(&scene, "canceled"), "value=\"cancel\"");
	f->language = "fr";
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(in_status(&scene, "past_due"), "Paiement en retard");
	fake_stripe_end(scene.stripe);
}

static void nobody_elses_is_found(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	log_out(f);
	log_in(f, a_member(f, "b@example.com"));
	assert_int_equal(get(f, scene.path).status, 404);
	assert_int_equal(pressed(&scene, "cancel").status, 404);
	assert_has(get(f, "/account/subscriptions"), "No subscriptions yet");
	assert_lacks(get(f, "/account/subscriptions"), scene.id);
	assert_int_equal(scene.stripe->count, 0);
	fake_stripe_end(scene.stripe);
}

static void buttons_ask_stripe_and_wait(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 200, "{\"id\":\"sub_1\"}");
	assert_int_equal(pressed(&scene, "cancel").status, 303);
	assert_non_null(strstr(scene.stripe->asked, "POST /v1/subscriptions/sub_1 "));
	assert_non_null(strstr(scene.stripe->asked, "cancel_at_period_end=true"));
	assert_non_null(strstr(scene.stripe->asked, "Idempotency-Key: sub-"));
	struct page waiting = get(f, scene.path);
	assert_has(waiting, "Your change is on its way");
	assert_lacks(waiting, "value=\"pause\"");
	assert_string_equal(header_of(f, waiting, "Refresh"), "3");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'subscription_check'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription WHERE cancel_at IS NULL"), 1); /* not told yet */
	fake_says(scene.stripe, 200, "{}");
	assert_int_equal(pressed(&scene, "pause").status, 303); /* not while it is being changed */
	assert_int_equal(scene.stripe->count, 0);
	settled(&scene);
	pressed(&scene, "pause");
	assert_non_null(strstr(scene.stripe->asked, "pause_collection[behavior]=void"));
	settled(&scene);
	db_run(&f->db, "UPDATE subscription SET pause_behavior = 'void'");
	assert_has(get(f, scene.path), "Paused: nothing is charged");
	pressed(&scene, "resume");
	assert_non_null(strstr(scene.stripe->asked, "\r\n\r\npause_collection="));
	settled(&scene);
	in_status(&scene, "paused");
	pressed(&scene, "resume");
	assert_non_null(strstr(scene.stripe->asked, "POST /v1/subscriptions/sub_1/resume "));
	fake_stripe_end(scene.stripe);
}

static const char *plan_path(const struct scene *scene, int64_t price)
{
	return mem_format(scene->f->mem, "%s/plan/%s", scene->path,
		db_text(&scene->f->db, "SELECT public_id FROM price WHERE id = ?", price));
}

static void a_payment_is_disputed(const struct scene *scene)
{
	struct moment now = moment_now();
	db_run(&scene->f->db,
		"INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, trial, starts_at, ends_at, amount,"
		" currency, state, created_at) SELECT id, 'in_0', price_id, FALSE, ?, ?, 900, 'usd', 'suspended', ? FROM subscription",
		now, moment_add_days(now, 30), now);
}

/* Nothing that would charge is offered, nor done; whoever paused it, and however it stands. */
static void a_dispute_is_not_resumed_by_the_member(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	static const char *const pauses[] = { "", "void" }, *const statuses[] = { "active", "trialing", "paused", "past_due" };
	a_payment_is_disputed(&scene);
	fake_says(scene.stripe, 200, "{}");
	for (size_t i = 0; i < 2 * 4; i++) {
		db_run(&f->db, "UPDATE subscription SET pause_behavior = ?", pauses[i % 2]);
		struct page page = in_status(&scene, statuses[i / 2]);
		assert_has(page, "Your bank disputes a payment");
		assert_lacks(page, "value=\"resume\"");
		assert_lacks(page, "value=\"pause\"");
		assert_lacks(page, "/plan/");
		assert_lacks(page, "resume whenever you like");
		pressed(&scene, "resume");
		pressed(&scene, "pause");
		assert_int_equal(scene.stripe->count, 0);
		assert_int_equal(get(f, plan_path(&scene, scene.year)).status, 303);
		assert_has(page, "value=\"cancel\""); /* that charges nothing */
	}
	in_status(&scene, "active");
	assert_has(get(f, "/account/subscriptions"), "Disputed");
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	f->language = "fr";
	assert_has(get(f, scene.path), "Le paiement est contesté");
	db_run(&f->db, "UPDATE subscription_period SET state = 'active'");
	assert_has(get(f, scene.path), "value=\"resume\"");
	fake_stripe_end(scene.stripe);
}

static void an_end_can_be_undone(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE subscription SET cancel_at = period_end");
	struct page page = get(f, scene.path);
	assert_has(page, "Ends on");
	assert_has(page, "It will not be renewed");
	fake_says(scene.stripe, 200, "{\"id\":\"sub_1\"}");
	pressed(&scene, "keep");
	assert_non_null(strstr(scene.stripe->asked, "cancel_at_period_end=false"));
	fake_stripe_end(scene.stripe);
}

static void refusals_and_silence_are_said(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *why;
	fake_says(scene.stripe, 400, "{\"error\":{\"code\":\"x\"}}");
	struct page refused = pressed(&scene, "cancel");
	assert_int_equal(refused.status, 409);
	assert_has(refused, "did not accept this");
	settled(&scene);
	assert_int_equal(post(f, scene.path, "action=steal").status, 422);
	conf_set("stripe_key", "", &why);
	struct page closed = pressed(&scene, "pause");
	assert_int_equal(closed.status, 503);
	assert_has(closed, "cannot be reached");
	fake_stripe_end(scene.stripe);
}

static void the_portal_opens_at_the_click(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 200, "{\"url\":\"https://billing.stripe.com/p/session/x\"}");
	struct page page = pressed(&scene, "portal");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "https://billing.stripe.com/p/session/x");
	assert_non_null(strstr(scene.stripe->asked, "customer=cus_1"));
	assert_non_null(strstr(get(f, scene.path).headers, mem_format(f->mem, " %s;", conf.portal_origin)));
	fake_says(scene.stripe, 400, "{}");
	assert_int_equal(pressed(&scene, "portal").status, 503);
	fake_says(scene.stripe, 400, "{\"error\":{\"code\":\"resource_missing\",\"param\":\"customer\"}}");
	page = pressed(&scene, "portal");
	assert_int_equal(page.status, 409);
	assert_has(page, "no longer has your customer account");
	fake_stripe_end(scene.stripe);
}

static void what_is_overdue_can_be_paid(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db,
		"INSERT INTO stripe_invoice (id, stripe_subscription, status, billing_reason, amount_due, currency, hosted_url,"
		" attempts, next_attempt_at, created_at) VALUES ('in_9', 'sub_1', 'open', 'subscription_cycle', 900, 'usd',"
		" 'https://invoice.stripe.com/i/x', 1, ?, ?)", moment_add_days(moment_now(), 3), moment_now());
	assert_lacks(in_status(&scene, "active"), "did not go through");
	struct page page = in_status(&scene, "past_due");
	assert_has(page, "did not go through");
	assert_has(page, "href=\"https://invoice.stripe.com/i/x\"");
	assert_has(page, "Your access stays until");
	db_run(&f->db, "UPDATE stripe_invoice SET hosted_url = 'javascript:alert(1)'");
	assert_lacks(in_status(&scene, "past_due"), "javascript:");
	fake_stripe_end(scene.stripe);
}

static void an_upgrade_shows_its_price_first(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *path = plan_path(&scene, scene.year);
	assert_has(get(f, scene.path), path);
	fake_says(scene.stripe, 200, "{\"amount_due\":9450,\"lines\":{\"data\":[{\"amount\":-450},{\"amount\":9900}]}}");
	struct page page = get(f, path);
	assert_int_equal(page.status, 200);
	assert_non_null(strstr(scene.stripe->asked, "POST /v1/invoices/create_preview "));
	assert_has(page, "$94.50");
	assert_has(page, "$4.50");
	const char *at = strstr(page.body, "name=\"prorate_at\" value=\"");
	assert_non_null(at);
	fake_says(scene.stripe, 200, "{\"id\":\"sub_1\"}");
	const char *form = mem_format(f->mem, "prorate_at=%.10s&request_key=%s", at + 25, random_id(f->mem));
	assert_int_equal(post(f, path, form).status, 303);
	assert_non_null(strstr(scene.stripe->asked, "items[0][price]=price_year"));
	assert_non_null(strstr(scene.stripe->asked, mem_format(f->mem, "proration_date=%.10s", at + 25)));
	assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), scene.month); /* not told yet */
	assert_int_equal(get(f, path).status, 303); /* nothing can be changed meanwhile */
	settled(&scene);
	fake_says(scene.stripe, 402, "{\"error\":{\"type\":\"card_error\"}}");
	struct page declined = post(f, path, form);
	assert_int_equal(declined.status, 409);
	assert_has(declined, "Your payment method was refused");
	fake_says(scene.stripe, 200, "{\"amount_due\":1,\"lines\":{\"data\":[]}}");
	struct page stale = post(f, path, mem_format(f->mem, "prorate_at=1000&request_key=%s", random_id(f->mem)));
	assert_int_equal(stale.status, 409);
	assert_null(strstr(scene.stripe->asked, "POST /v1/subscriptions"));
	fake_stripe_end(scene.stripe);
}

static void a_trial_is_not_called_paid(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	struct moment now = moment_now();
	db_run(&f->db,
		"INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, trial, starts_at, ends_at, amount,"
		" currency, state, created_at) SELECT id, 'in_0', price_id, TRUE, ?, ?, 0, 'eur', 'active', ? FROM subscription",
		now, moment_add_days(now, 14), now);
	struct page page = get(f, scene.path);
	assert_has(page, "<span class=\"row-sum\">Free</span>");
	assert_lacks(page, ">Paid</span>");
	db_run(&f->db, "UPDATE subscription_period SET trial = FALSE, amount = 900");
	page = get(f, scene.path);
	assert_has(page, "<span class=\"row-sum\">€9.00</span>");
	assert_has(page, ">Paid</span>");
	db_run(&f->db, "UPDATE subscription_period SET trial = TRUE, amount = 0, state = 'revoked'");
	assert_has(get(f, scene.path), ">Refunded</span>");
}

static void a_downgrade_begins_with_the_next_period(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE subscription SET price_id = ?, stripe_price = 'price_year'", scene.year);
	const char *path = plan_path(&scene, scene.month);
	assert_has(get(f, path), "You keep what you have paid for");
	assert_int_equal(post(f, path, mem_format(f->mem, "prorate_at=0&request_key=%s", random_id(f->mem))).status, 303);
	assert_int_equal(scene.stripe->count, 0);
	assert_has(get(f, scene.path), "From the next period on: Monthly");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'plan_switch'"), 1); /* that tells Stripe */
	assert_has(get(f, scene.path), "value=\"undo\"");
	db_run(&f->db, "DELETE FROM job");
	pressed(&scene, "undo");
	assert_int_equal(db_int(&f->db, "SELECT next_price_id FROM subscription"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'plan_switch'"), 1);
	/* Its first period is under way, not paid yet: too late. */
	db_run(&f->db, "UPDATE subscription SET next_price_id = ?, stripe_price = 'price_month', paid_until = period_start",
		scene.month);
	assert_lacks(get(f, scene.path), "value=\"undo\"");
	pressed(&scene, "undo");
	assert_true(db_int(&f->db, "SELECT next_price_id FROM subscription") == scene.month);
	fake_stripe_end(scene.stripe);
}

/* Stripe changes nothing of what has a schedule. It is made again when the plan is still wanted. */
static void a_change_releases_the_plan_to_come(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE subscription SET stripe_schedule = 'sub_sched_1', next_price_id = ?", scene.year);
	fake_says(scene.stripe, 200, "{}");
	assert_int_equal(pressed(&scene, "cancel").status, 303);
	assert_string_equal(scene.stripe->paths,
		"POST /v1/subscription_schedules/sub_sched_1/release\nPOST /v1/subscriptions/sub_1\n");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'plan_switch'"), 1);
	settled(&scene);
	db_run(&f->db, "UPDATE subscription SET stripe_schedule = '', next_price_id = 0");
	db_run(&f->db, "DELETE FROM job");
	fake_says(scene.stripe, 200, "{}");
	pressed(&scene, "pause");
	assert_int_equal(scene.stripe->count, 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'plan_switch'"), 0);
	fake_stripe_end(scene.stripe);
}

/* What Stripe answers is applied by the job, as a fact. */
static void the_check_applies_what_stripe_says(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE subscription SET changing_at = ?", moment_now());
	fake_says(scene.stripe, 200, "{\"id\":\"sub_1\",\"status\":\"active\",\"customer\":\"cus_1\",\"cancel_at_period_end\":true,"
		"\"items\":{\"data\":[{\"id\":\"si_1\",\"price\":{\"id\":\"price_month\"},\"current_period_end\":1900000000}]},"
		"\"latest_invoice\":{\"id\":\"in_1\",\"status\":\"paid\",\"subscription\":\"sub_1\",\"billing_reason\":\"subscription_cycle\","
		"\"currency\":\"usd\",\"amount_paid\":900,\"lines\":{\"data\":[{\"type\":\"subscription\",\"amount\":900,\"price\":"
		"\"price_month\",\"period\":{\"start\":1897000000,\"end\":1900000000}}]}}}");
	struct job job = { .mem = f->mem, .db = &f->db, .unique_key = scene.id,
		.subject_id = db_int(&f->db, "SELECT id FROM subscription") };
	job_kind_named("subscription_check")->run(&job);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription WHERE changing_at IS NULL AND cancel_at IS NOT NULL"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 1); /* a webhook that was lost */
	assert_has(get(f, scene.path), "Ending");
	fake_stripe_end(scene.stripe);
}

static void letters_go_out_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	int64_t subscription = db_int(&f->db, "SELECT id FROM subscription");
	db_run(&f->db,
		"INSERT INTO stripe_invoice (id, stripe_subscription, status, billing_reason, amount_due, currency, hosted_url,"
		" created_at) VALUES ('in_9', 'sub_1', 'open', 'subscription_cycle', 900, 'usd', 'https://pay.example/x', ?)",
		moment_now());
	struct job job = { .mem = f->mem, .db = &f->db, .unique_key = "x", .subject_id = subscription };
	job.event_id = db_insert(&f->db,
		"INSERT INTO event (topic, account_id, subject_id, payload, request_id, created_at)"
		" VALUES ('subscription.payment_failed', ?, ?, '{\"invoice\":\"in_9\",\"attempt\":1}', '', ?)", scene.buyer,
		subscription, moment_now());
	job_kind_named("mail_payment_failed")->run(&job);
	job_kind_named("mail_payment_failed")->run(&job);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail WHERE body LIKE '%https://pay.example/x%'"), 1);
	db_run(&f->db, "UPDATE subscription SET status = 'trialing', trial_end = ?", moment_add_days(moment_now(), 3));
	job_kind_named("mail_trial_end")->run(&job);
	job_kind_named("mail_trial_end")->run(&job);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail WHERE body LIKE '%$9.00%'"), 2);
	fake_stripe_end(scene.stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(each_status_is_said_in_words), TEST(nobody_elses_is_found),
		TEST(buttons_ask_stripe_and_wait), TEST(a_dispute_is_not_resumed_by_the_member),
		TEST(an_end_can_be_undone), TEST(refusals_and_silence_are_said),
		TEST(the_portal_opens_at_the_click), TEST(what_is_overdue_can_be_paid), TEST(an_upgrade_shows_its_price_first),
		TEST(a_trial_is_not_called_paid),
		TEST(a_change_releases_the_plan_to_come),
		TEST(a_downgrade_begins_with_the_next_period), TEST(the_check_applies_what_stripe_says), TEST(letters_go_out_once) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
