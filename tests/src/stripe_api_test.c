/* stripe_api_test.c: what goes over the wire to Stripe, under which key, and what each answer is taken for. */
#include "plans.h"

#include "buyer.h"
#include "fake_stripe.h"
#include "form.h"
#include "json.h"
#include "patience.h"
#include "people.h"
#include "plan.h"
#include "slot.h"
#include "stripe_manage.h"

static struct stripe_answer a_post(struct fixture *f, const char *key)
{
	struct buffer form = stripe_form(f->mem);
	stripe_number(&form, "amount", 1900);
	stripe_field(&form, "name", "Café & co");
	return stripe_post(f->mem, "/v1/things", form, key);
}

#define STOP "Stripe-Should-Retry: false\r\n"
#define KEPT "idempotent-replayed: true\r\n"

static void answers_are_taken_for_what_they_are(void **state)
{
	static const struct { const char *name; int status; const char *headers, *answer; enum stripe_end end; int tries; } rows[] = {
		{ "good", 200, "", "{\"id\":\"a\"}", STRIPE_GOOD, 1 },
		{ "made", 201, "", "{\"id\":\"a\"}", STRIPE_GOOD, 1 },
		{ "wrong question", 400, "", "{\"error\":{}}", STRIPE_REFUSED, 1 },
		{ "card refused", 402, "", "{\"error\":{\"code\":\"card_declined\"}}", STRIPE_REFUSED, 1 },
		{ "unknown", 404, "", "{}", STRIPE_REFUSED, 1 },
		{ "refused without JSON", 403, "", "<html>", STRIPE_REFUSED, 1 },
		{ "in use", 409, "", "{}", STRIPE_UNSURE, 3 },
		{ "too many", 429, "", "{}", STRIPE_UNSURE, 3 },
		{ "too many, do not ask again", 429, STOP, "{}", STRIPE_UNSURE, 1 },
		{ "in use, do not ask again", 409, STOP, "{}", STRIPE_UNSURE, 1 },
		{ "fault", 500, "", "{}", STRIPE_UNSURE, 3 },
		{ "fault, do not ask again", 500, STOP, "{}", STRIPE_UNSURE, 1 },
		{ "fault in small letters", 503, "stripe-should-retry: false\r\n", "", STRIPE_UNSURE, 1 },
		{ "wrong, but ask again", 400, "Stripe-Should-Retry: true\r\n", "{}", STRIPE_REFUSED, 3 },
		{ "elsewhere", 302, "Location: https://example.com/\r\n", "{}", STRIPE_UNSURE, 1 },
		{ "not JSON", 200, "", "<html>", STRIPE_UNSURE, 1 },
		{ "nothing", 200, "", "", STRIPE_UNSURE, 1 },
		{ "hung up", 0, "", "", STRIPE_UNSURE, 3 },
	};
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(stripe, 500, "");
		for (int try = 0; try < 3; try++)
			fake_then(stripe, rows[i].status, rows[i].headers, rows[i].answer);
		struct stripe_answer answer = a_post(f, "key-1");
		if (answer.end != rows[i].end || stripe->count != rows[i].tries)
			fail_msg("%s: end %d after %d tries", rows[i].name, (int)answer.end, stripe->count);
		assert_int_equal(answer.status, rows[i].status);
		assert_non_null(strstr(stripe->asked, "Idempotency-Key: key-1\r\n"));
		assert_non_null(strstr(stripe->asked, "\r\n\r\namount=1900&name=Caf%C3%A9%20%26%20co"));
	}
	fake_stripe_end(stripe);
}

static void the_last_answer_counts(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	fake_says(stripe, 200, "{\"id\":\"second\"}");
	fake_then(stripe, 503, "Request-Id: req_1\r\n", "{\"id\":\"first\"}");
	struct stripe_answer answer = a_post(f, "key-1");
	assert_int_equal(answer.end, STRIPE_GOOD);
	assert_string_equal(json_text(answer.value, "id"), "second");
	assert_string_equal(stripe->paths, "POST /v1/things\nPOST /v1/things\n");
	fake_stripe_end(stripe);
}

static void long_answers_do_no_harm(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	static const char id[] = "Request-Id: req_0123456789012345678901234567890123456789012345678901234567890123456789\r\nX: y\r\n";
	fake_says(stripe, 500, "");
	fake_then(stripe, 200, id, "{\"id\":\"a\"}")->blanks = 3 << 20;
	assert_int_equal(a_post(f, "key-1").end, STRIPE_GOOD);
	fake_says(stripe, 200, "{\"id\":\"b\"}");
	fake_then(stripe, 200, "", "{\"id\":\"a\"}")->blanks = 5 << 20; /* more than is read: as if the line were cut */
	struct stripe_answer answer = a_post(f, "key-1");
	assert_string_equal(json_text(answer.value, "id"), "b");
	fake_stripe_end(stripe);
}

/* An answer that Stripe keeps comes again as it is: no use to ask again, and no use at all when it is a fault. */
static void a_kept_answer_may_spend_its_key(void **state)
{
	static const struct { const char *name; int status; const char *headers, *answer; enum stripe_end end; int tries;
		bool spent; } rows[] = {
		{ "good, kept", 200, KEPT, "{\"id\":\"a\"}", STRIPE_GOOD, 1, false },
		{ "fault, kept", 500, KEPT, "{}", STRIPE_UNSURE, 1, true },
		{ "fault, kept, ask again", 500, KEPT "Stripe-Should-Retry: true\r\n", "{}", STRIPE_UNSURE, 1, true },
		{ "card refused, kept", 402, KEPT, "{}", STRIPE_REFUSED, 1, false },
		{ "other parameters", 400, "", "{\"error\":{\"type\":\"idempotency_error\"}}", STRIPE_REFUSED, 1, true },
	};
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(stripe, 500, "");
		fake_then(stripe, rows[i].status, rows[i].headers, rows[i].answer);
		struct stripe_answer answer = a_post(f, "key-1");
		if (answer.end != rows[i].end || answer.spent != rows[i].spent || stripe->count != rows[i].tries)
			fail_msg("%s: end %d, spent %d after %d tries", rows[i].name, (int)answer.end, answer.spent, stripe->count);
	}
	fake_stripe_end(stripe);
}

/* What may be done twice is asked for under a new key; the rest never. */
static void a_spent_key_has_a_successor_where_it_is_harmless(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	fake_says(stripe, 200, "{\"id\":\"a\"}");
	fake_then(stripe, 500, KEPT, "{}");
	assert_int_equal(stripe_post_harmless(f->mem, "/v1/things", stripe_form(f->mem), "key-1").end, STRIPE_GOOD);
	assert_int_equal(strncmp(stripe->key, "key-1-", 6), 0);
	assert_int_equal(stripe->keys, 2);
	fake_says(stripe, 200, "{\"id\":\"a\"}");
	fake_then(stripe, 500, KEPT, "{}");
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(stripe->count, 1);
	fake_stripe_end(stripe);
}

/* Any answer ends the rest that a time-out began, here for the tests that follow. */
static void stripe_is_back(struct fixture *f, struct fake_stripe *stripe)
{
	patience_begin(10);
	fake_says(stripe, 200, "{\"id\":\"a\"}");
	assert_int_equal(a_post(f, "key-2").end, STRIPE_GOOD);
	patience_end();
	assert_false(stripe_rests());
	fake_stripe_end(stripe);
}

/* One deadline for all calls and tries of a page. */
static void a_page_has_so_much_patience(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	fake_says(stripe, FAKE_HANGS, "");
	patience_begin(1);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(stripe_get(f->mem, "/v1/things").end, STRIPE_UNSURE);
	assert_int_equal(stripe->count, 1);
	stripe_is_back(f, stripe);
}

/* Jobs ask a Stripe that hangs once a minute, so that those who do not need it go on. */
static void jobs_let_stripe_rest(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	const char *why;
	assert_true(conf_set("stripe_timeout", "1", &why));
	fake_says(stripe, FAKE_HANGS, "");
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(stripe->count, 1);
	later(-3600); /* a clock that was wrong: nobody waits until it is so late again */
	assert_false(stripe_rests());
	later(3600 + 61);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(stripe->count, 2);
	assert_true(conf_set("stripe_timeout", "20", &why));
	stripe_is_back(f, stripe);
}

/* So that others have pages left. A job needs no slot, and without a folder for them there is no limit. */
static void so_many_pages_ask_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	const char *why, *shared = conf.data_folder, *nowhere = mem_format(f->mem, "%s/no/where", conf.data_folder);
	slots_of_our_own(f, "2");
	assert_true(conf_set("stripe_slots", "1", &why));
	fake_says(stripe, 200, "{\"id\":\"a\"}");
	int slot = slot_take("lock-operator", "stripe", 1, 0);
	patience_begin(10);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_UNSURE);
	assert_int_equal(stripe->count, 0);
	patience_end();
	assert_true(stripe_rests()); /* the next page does not wait for a slot */
	slot_give(slot);
	stripe_is_back(f, stripe);
	stripe = fake_stripe_new(f);
	fake_says(stripe, 200, "{\"id\":\"a\"}");
	slot = slot_take("lock-operator", "stripe", 1, 0);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_GOOD);
	assert_true(conf_set("data_folder", nowhere, &why));
	patience_begin(10);
	assert_int_equal(a_post(f, "key-1").end, STRIPE_GOOD);
	patience_end();
	slot_give(slot);
	assert_true(conf_set("data_folder", shared, &why) && conf_set("stripe_slots", "2", &why));
	fake_stripe_end(stripe);
}

static void without_a_key_nothing_is_asked(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	const char *why;
	assert_true(conf_set("stripe_key", "", &why));
	assert_int_equal(a_post(f, "key-1").end, STRIPE_NO_KEY);
	assert_int_equal(stripe_get(f->mem, "/v1/things").end, STRIPE_NO_KEY);
	assert_int_equal(stripe->count, 0);
	fake_stripe_end(stripe);
}

static struct subscription a_subscription(void)
{
	return (struct subscription){ .stripe_schedule = "", .public_id = "0000000000000000000001", .stripe_subscription = "sub_1",
		.stripe_customer = "cus_1", .stripe_item = "si_1" };
}

/* The last request: its first line, its body, its key ("": none). */
static void asked_is(const struct fake_stripe *stripe, const char *line, const char *body, const char *key)
{
	const char *end = strstr(stripe->asked, "\r\n\r\n"), *found = strstr(stripe->asked, "Idempotency-Key: ");
	assert_non_null(end);
	if (strncmp(stripe->paths, line, strlen(line)) || strcmp(end + 4, body))
		print_error("%s%s\n", stripe->paths, end + 4);
	assert_int_equal(strncmp(stripe->paths, line, strlen(line)), 0);
	assert_int_equal(stripe->paths[strlen(line)], '\n');
	assert_string_equal(end + 4, body);
	assert_true(*key ? found != NULL : found == NULL);
	if (*key && strncmp(found + 17, key, strlen(key)))
		fail_msg("%s is not under %s", stripe->asked, key);
}

static void each_wish_is_one_field(void **state)
{
	static const struct { enum manage manage; const char *line, *body, *key; } rows[] = {
		{ MANAGE_CANCEL, "POST /v1/subscriptions/sub_1", "cancel_at_period_end=true", "sub-0000000000000000000001-cancel-k\r\n" },
		{ MANAGE_KEEP, "POST /v1/subscriptions/sub_1", "cancel_at_period_end=false", "sub-0000000000000000000001-keep-k\r\n" },
		{ MANAGE_PAUSE, "POST /v1/subscriptions/sub_1", "pause_collection[behavior]=void",
			"sub-0000000000000000000001-pause-k\r\n" },
		{ MANAGE_COLLECT, "POST /v1/subscriptions/sub_1", "pause_collection=", "sub-0000000000000000000001-collect-k\r\n" },
		{ MANAGE_RESUME, "POST /v1/subscriptions/sub_1/resume", "billing_cycle_anchor=now",
			"sub-0000000000000000000001-resume-k\r\n" },
		{ MANAGE_END_TRIAL, "POST /v1/subscriptions/sub_1", "trial_end=now", "sub-0000000000000000000001-end-trial-k\r\n" },
	};
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct subscription subscription = a_subscription();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(stripe, 200, "{}");
		assert_int_equal(stripe_subscription_manage(f->mem, &subscription, rows[i].manage, "k").end, STRIPE_GOOD);
		asked_is(stripe, rows[i].line, rows[i].body, rows[i].key);
	}
	fake_stripe_end(stripe);
}

static void reading_and_ending_need_no_key(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct subscription subscription = a_subscription();
	fake_says(stripe, 200, "{}");
	assert_int_equal(stripe_subscription_get(f->mem, "sub_1").end, STRIPE_GOOD);
	asked_is(stripe, "GET /v1/subscriptions/sub_1?expand%5B%5D=latest_invoice", "", "");
	fake_says(stripe, 200, "{}");
	assert_int_equal(stripe_subscription_end(f->mem, &subscription).end, STRIPE_GOOD);
	asked_is(stripe, "DELETE /v1/subscriptions/sub_1", "", "");
	fake_stripe_end(stripe);
}

static void a_change_of_plan_is_prorated_or_not(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct subscription subscription = a_subscription();
	struct moment none = { 0 }, at = moment_from_unix(1800000000);
	fake_says(stripe, 200, "{}");
	stripe_plan_change(f->mem, &subscription, "price_year", at, "k");
	asked_is(stripe, "POST /v1/subscriptions/sub_1", "items[0][id]=si_1&items[0][price]=price_year"
		"&proration_behavior=always_invoice&proration_date=1800000000&payment_behavior=error_if_incomplete",
		"sub-0000000000000000000001-plan-k\r\n");
	fake_says(stripe, 200, "{}");
	stripe_plan_change(f->mem, &subscription, "price_month", none, "k");
	asked_is(stripe, "POST /v1/subscriptions/sub_1", "items[0][id]=si_1&items[0][price]=price_month"
		"&proration_behavior=none&payment_behavior=error_if_incomplete", "sub-0000000000000000000001-plan-k\r\n");
	fake_says(stripe, 200, "{}");
	stripe_plan_preview(f->mem, &subscription, "price_year", at);
	asked_is(stripe, "POST /v1/invoices/create_preview", "subscription=sub_1&subscription_details[items][0][id]=si_1"
		"&subscription_details[items][0][price]=price_year&subscription_details[proration_behavior]=always_invoice"
		"&subscription_details[proration_date]=1800000000", "sub-0000000000000000000001-preview-price_year-1800000000\r\n");
	fake_stripe_end(stripe);
}

static void the_portal_opens_for_a_customer(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	fake_says(stripe, 200, "{}");
	stripe_portal_open(f->mem, "cus_1", "https://shop.example/account", "fr", "k");
	asked_is(stripe, "POST /v1/billing_portal/sessions",
		"customer=cus_1&return_url=https%3A%2F%2Fshop.example%2Faccount&locale=fr", "portal-k\r\n");
	fake_stripe_end(stripe);
}

static const struct plan *a_plan_here(struct fixture *f, int64_t trial_days, bool card)
{
	int64_t id = a_plan(f, a_club(f), "Monthly", "price_month", 900, "month", 1000);
	db_run(&f->db, "UPDATE price SET stripe_price = NULL, trial_days = ?, trial_card = ?, public_id = ? WHERE id = ?",
		trial_days, card, "0000000000000000000002", id);
	return plan_by_id(&f->db, id, "en");
}

static void a_plan_is_made_known_to_stripe_once(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	const struct plan *plan = a_plan_here(f, 0, false);
	fake_says(stripe, 402, "{}");
	assert_null(plan_at_stripe(&f->db, plan));
	fake_says(stripe, 200, "{\"id\":\"\"}");
	assert_null(plan_at_stripe(&f->db, plan));
	fake_says(stripe, 200, "{\"id\":\"price_9\"}");
	assert_string_equal(plan_at_stripe(&f->db, plan), "price_9");
	asked_is(stripe, "POST /v1/prices", "currency=usd&unit_amount=900&recurring[interval]=month"
		"&product_data[name]=club%20%E2%80%94%20Monthly&metadata[price_id]=0000000000000000000002",
		"price-0000000000000000000002\r\n");
	fake_says(stripe, 200, "{\"id\":\"price_10\"}");
	assert_string_equal(plan_at_stripe(&f->db, plan_by_id(&f->db, plan->id, "en")), "price_9");
	assert_int_equal(stripe->count, 0);
	fake_stripe_end(stripe);
}

/* Prices, previews, closed pages, the portal: made twice they move no money. */
static void what_moves_no_money_gets_another_key(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	const struct plan *plan = a_plan_here(f, 0, false);
	struct subscription subscription = a_subscription();
	for (int i = 0; i < 4; i++) {
		fake_says(stripe, 200, "{\"id\":\"a\"}");
		fake_then(stripe, 500, KEPT, "{}");
		struct stripe_answer answer = i == 0 ? stripe_price_create(f->mem, plan)
			: i == 1 ? stripe_plan_preview(f->mem, &subscription, "price_year", moment_from_unix(1800000000))
			: i == 2 ? stripe_session_expire(f->mem, "cs_1")
			: stripe_portal_open(f->mem, "cus_1", "https://shop.example/account", "fr", "k");
		if (answer.end != STRIPE_GOOD || stripe->keys != 2)
			fail_msg("%d: end %d after %d keys", i, (int)answer.end, stripe->keys);
	}
	fake_stripe_end(stripe);
}

#define BACK "success_url=%s&cancel_url=%s%%3Fcanceled%%3D1&locale=en"

/* The body of a session: what it says of its order, then the rest. The way back depends on the settings. */
static const char *session_form(struct fixture *f, const char *mode, const char *after)
{
	const char *back = url_encode(f->mem, mem_format(f->mem, "%s/checkout/return/AAAA-BBBB-CCCC", conf.base_url));
	return mem_format(f->mem, "mode=%s&client_reference_id=AAAA-BBBB-CCCC&metadata[order_id]=AAAA-BBBB-CCCC&" BACK "&%s", mode,
		back, back, after);
}

static struct order an_order_row(bool promotions)
{
	return (struct order){ .number = "AAAA-BBBB-CCCC", .language = "en", .promotions = promotions, .tax_behavior = "" };
}

static void a_session_carries_our_amounts(void **state)
{
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	int64_t id = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	struct order order = an_order_row(false), open_to_codes = an_order_row(true);
	static const char line[] = "payment_intent_data[metadata][order_id]=AAAA-BBBB-CCCC&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur"
		"&line_items[0][price_data][unit_amount]=1900&line_items[0][price_data][product_data][name]=Night%20Walk";
	fake_says(stripe, 200, "{}");
	stripe_session_create(f->mem, &order, order_lines(&f->db, id), "jenny@example.com", NULL, 1);
	asked_is(stripe, "POST /v1/checkout/sessions", session_form(f, "payment", mem_format(f->mem,
		"customer_email=jenny%%40example.com&%s%%20%%E2%%80%%94%%20Basic", line)), "AAAA-BBBB-CCCC-checkout-1\r\n");
	db_run(&f->db, "UPDATE order_line SET price_title = ''");
	fake_says(stripe, 200, "{}");
	stripe_session_create(f->mem, &open_to_codes, order_lines(&f->db, id), "jenny@example.com", "cus_1", 2);
	asked_is(stripe, "POST /v1/checkout/sessions", session_form(f, "payment", mem_format(f->mem,
		"customer=cus_1&allow_promotion_codes=true&%s", line)), "AAAA-BBBB-CCCC-checkout-2\r\n");
	fake_stripe_end(stripe);
}

/* Of what Stripe knows the customer's address is kept: without it there would be no tax to work out. */
static void stripe_tax_is_asked_for(void **state)
{
	static const struct { const char *behavior, *customer, *who; } rows[] = {
		{ "exclusive", NULL, "customer_email=jenny%40example.com&automatic_tax[enabled]=true" },
		{ "inclusive", "cus_1", "customer=cus_1&automatic_tax[enabled]=true&customer_update[address]=auto" },
	};
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	int64_t id = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	fake_says(stripe, 200, "{}");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct order order = an_order_row(false);
		struct plan plan = { .trial_days = 0 };
		order.tax_behavior = rows[i].behavior;
		stripe_session_create(f->mem, &order, order_lines(&f->db, id), "jenny@example.com", rows[i].customer, 1);
		assert_non_null(strstr(stripe->asked, mem_format(f->mem, "&%s&", rows[i].who)));
		assert_non_null(strstr(stripe->asked, mem_format(f->mem, "[price_data][tax_behavior]=%s", rows[i].behavior)));
		stripe_subscription_session(f->mem, &order, &plan, "price_month", false, "jenny@example.com", rows[i].customer, 1);
		assert_non_null(strstr(stripe->asked, mem_format(f->mem, "&%s&", rows[i].who)));
	}
	fake_stripe_end(stripe);
}

#define LINE "&subscription_data[metadata][order_id]=AAAA-BBBB-CCCC&line_items[0][price]=price_month&line_items[0][quantity]=1"
#define TRIAL "&subscription_data[trial_period_days]=14"

static void a_session_of_a_plan_may_have_a_trial(void **state)
{
	static const struct { bool promotions, trial, card; const char *customer, *who, *after; } rows[] = {
		{ false, false, false, NULL, "customer_email=jenny%40example.com", "" },
		{ true, false, false, "cus_1", "customer=cus_1&allow_promotion_codes=true", "" },
		{ false, true, true, "cus_1", "customer=cus_1", TRIAL },
		{ false, true, false, "cus_1", "customer=cus_1", TRIAL "&payment_method_collection=if_required"
			"&subscription_data[trial_settings][end_behavior][missing_payment_method]=pause" },
	};
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct order order = an_order_row(rows[i].promotions);
		struct plan plan = { .trial_days = 14, .trial_card = rows[i].card };
		fake_says(stripe, 200, "{}");
		stripe_subscription_session(f->mem, &order, &plan, "price_month", rows[i].trial, "jenny@example.com",
			rows[i].customer, 3);
		asked_is(stripe, "POST /v1/checkout/sessions", session_form(f, "subscription", mem_format(f->mem, "%s" LINE "%s",
			rows[i].who, rows[i].after)), "AAAA-BBBB-CCCC-checkout-3\r\n");
	}
	fake_stripe_end(stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_are_taken_for_what_they_are),
		TEST(the_last_answer_counts),
		TEST(long_answers_do_no_harm),
		TEST(a_kept_answer_may_spend_its_key),
		TEST(a_spent_key_has_a_successor_where_it_is_harmless),
		TEST(a_page_has_so_much_patience),
		TEST(jobs_let_stripe_rest),
		TEST(so_many_pages_ask_at_a_time),
		TEST(without_a_key_nothing_is_asked),
		TEST(each_wish_is_one_field),
		TEST(reading_and_ending_need_no_key),
		TEST(a_change_of_plan_is_prorated_or_not),
		TEST(the_portal_opens_for_a_customer),
		TEST(a_plan_is_made_known_to_stripe_once),
		TEST(what_moves_no_money_gets_another_key),
		TEST(a_session_carries_our_amounts),
		TEST(stripe_tax_is_asked_for),
		TEST(a_session_of_a_plan_may_have_a_trial),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
