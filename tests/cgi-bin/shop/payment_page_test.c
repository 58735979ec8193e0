/* payment_page_test.c: pressing Pay: one payment page per order at a time, another only when the first can no longer be paid. */
#include "plans.h"

#include "buyer.h"
#include "crowd.h"
#include "fake_stripe.h"
#include "patience.h"

enum { NOW = 1800000000 };
#define STOP "Stripe-Should-Retry: false\r\n"

struct scene {
	struct fixture *f;
	struct fake_stripe *stripe;
	const char *path, *form;
};

static struct scene scene_at(struct fixture *f, const char *price)
{
	moment_clock_set(moment_from_unix(NOW));
	struct scene scene = { .f = f, .stripe = fake_stripe_new(f), .path = mem_format(f->mem, "/checkout/%s", price) };
	scene.form = mem_format(f->mem, "quantity=1&request_key=%s&action=pay", random_id(f->mem));
	log_in(f, a_member(f, "jenny@example.com"));
	return scene;
}

static struct scene scene_of(struct fixture *f)
{
	return scene_at(f, a_price(f, "walk", 1900));
}

static const char *a_page(struct fixture *f, const char *id, int64_t seconds)
{
	return json_of(f, mem_format(f->mem, "{'id':'%s','url':'https://checkout.stripe.com/c/pay/%s','expires_at':%lld}", id, id,
		(long long)NOW + seconds));
}

static struct page pressed(const struct scene *scene)
{
	return post(scene->f, scene->path, scene->form);
}

static void leads_to(const struct scene *scene, const char *session)
{
	struct page page = pressed(scene);
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, mem_format(scene->f->mem, "https://checkout.stripe.com/c/pay/%s", session));
	assert_string_equal(db_text(&scene->f->db, "SELECT CONCAT(state, ' ', stripe_session) FROM orders"),
		mem_format(scene->f->mem, "pending %s", session));
}

static void pressing_twice_leads_to_one_page(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	leads_to(&scene, "cs_1");
	leads_to(&scene, "cs_1");
	assert_int_equal(scene.stripe->count, 1);
	assert_int_equal(db_int(&f->db, "SELECT checkout_tries FROM orders"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'order_check'"), 1);
	fake_stripe_end(scene.stripe);
}

/* After Back the browser may fill in what was typed last: the old order's page would ask for another sum than is shown. */
static void a_form_that_came_back_asks_for_what_it_says(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f), back = scene;
	db_run(&f->db, "UPDATE price SET quantity_max = 5");
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	leads_to(&scene, "cs_1");
	back.form = mem_format(f->mem, "quantity=3%s", scene.form + strlen("quantity=1"));
	struct page page = pressed(&back);
	assert_int_equal(page.status, 422);
	assert_non_null(strstr(page.body, "€57.00"));
	assert_int_equal(scene.stripe->count, 1);
	const char *key = strstr(page.body, "name=\"request_key\" value=\"");
	back.form = mem_format(f->mem, "quantity=3&request_key=%.22s&action=pay", key + 26);
	fake_says(scene.stripe, 200, a_page(f, "cs_2", 3600));
	assert_string_equal(pressed(&back).location, "https://checkout.stripe.com/c/pay/cs_2");
	assert_non_null(strstr(scene.stripe->asked, "line_items[0][quantity]=3"));
	assert_string_equal(pressed(&scene).location, "https://checkout.stripe.com/c/pay/cs_1");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 2);
	fake_stripe_end(scene.stripe);
}

/* No page came of it: the order stays, and the next press asks under the same key. */
static void no_page_is_no_harm(void **state)
{
	static const struct { int status; const char *answer; } rows[] = {
		{ 500, "" }, { 402, "{}" }, { 200, "{}" }, { 200, "{'id':'cs_1'}" }, { 200, "{'url':'https://x'}" }, { 200, "no JSON" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(scene.stripe, 500, "");
		fake_then(scene.stripe, rows[i].status, STOP, json_of(f, rows[i].answer));
		assert_int_equal(pressed(&scene).status, 503);
		assert_non_null(strstr(scene.stripe->asked, "-checkout-1\r\n"));
	}
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	leads_to(&scene, "cs_1");
	assert_non_null(strstr(scene.stripe->asked, "-checkout-1\r\n"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 1);
	fake_stripe_end(scene.stripe);
}

#define KEPT "Idempotent-Replayed: true\r\n"
#define OTHER "{\"error\":{\"type\":\"idempotency_error\"}}"

/* Stripe keeps an answer under the order's key that is no page, for a day: the same press asks under the next one. */
static void a_spent_key_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 500, "");
	fake_then(scene.stripe, 500, "", "{}");
	fake_then(scene.stripe, 500, KEPT, "{}");
	fake_then(scene.stripe, 400, "", OTHER);
	assert_int_equal(pressed(&scene).status, 503);
	assert_int_equal(scene.stripe->count, 3);
	assert_int_equal(scene.stripe->keys, 2);
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	fake_then(scene.stripe, 400, "", OTHER);
	leads_to(&scene, "cs_1");
	assert_non_null(strstr(scene.stripe->asked, "-checkout-3\r\n"));
	assert_int_equal(db_int(&f->db, "SELECT checkout_tries FROM orders"), 3);
	fake_stripe_end(scene.stripe);
}

/* Presses at the same moment, and what the other did while Stripe answered this one: never two pages that can both be paid. */
static void beside(const char *change)
{
	struct db db = { .mem = mem_new((size_t)16 << 20) };
	db_script(&db, change);
	db_close(&db);
}

static void gave_our_key_up(void)
{
	beside("UPDATE orders SET checkout_tries = 1");
}

static void had_its_page(void)
{
	beside("UPDATE orders SET checkout_tries = 1, stripe_session = 'cs_9', stripe_url = 'https://checkout.stripe.com/c/pay/cs_9',"
		" expires_at = '2028-01-01'");
}

static void presses_beside_each_other_lead_to_one_page(void **state)
{
	static const struct { void (*meanwhile)(void); int status; const char *answer; int pressed; const char *session; } rows[] = {
		{ gave_our_key_up, 200, "", 503, "" },
		{ had_its_page, 400, OTHER, 303, "cs_9" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *answer = *rows[i].answer ? rows[i].answer : a_page(f, "cs_1", 3600);
		scene.form = mem_format(f->mem, "quantity=1&request_key=%s&action=pay", random_id(f->mem));
		db_run(&f->db, "DELETE FROM order_line");
		db_run(&f->db, "DELETE FROM orders");
		commit_for_real(f);
		f->db.held = false;
		scene.stripe->meanwhile = rows[i].meanwhile;
		fake_says(scene.stripe, rows[i].status, answer);
		struct page page = pressed(&scene);
		scene.stripe->meanwhile = NULL;
		db_script(&f->db, "START TRANSACTION");
		f->db.held = true;
		assert_int_equal(page.status, rows[i].pressed);
		assert_string_equal(db_text(&f->db, "SELECT COALESCE(stripe_session, '') FROM orders"), rows[i].session);
		assert_int_equal(scene.stripe->count, 1);
	}
	fake_stripe_end(scene.stripe);
}

/* A page's patience begins with the page and ends with it. */
static void a_press_does_not_wait_for_ever(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *why;
	assert_true(conf_set("stripe_patience", "1", &why));
	fake_says(scene.stripe, FAKE_HANGS, "");
	assert_int_equal(pressed(&scene).status, 503);
	assert_int_equal(scene.stripe->count, 1);
	assert_false(patience_counts());
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	leads_to(&scene, "cs_1");
	assert_true(conf_set("stripe_patience", "10", &why));
	fake_stripe_end(scene.stripe);
}

#define SESSION                                                                                                      \
	"{'id':'cs_1','object':'checkout.session','mode':'payment','client_reference_id':'AAAA-BBBB-CCCC','currency':'eur'," \
	"'livemode':false,'amount_total':1900,'payment_intent':'pi_1','payment_status':"

/* Money that came must not be asked for again: before a second page, what became of the first. */
static void an_old_page_is_asked_about_first(void **state)
{
	static const struct { const char *name; int status; const char *says; int answer; const char *leads, *state; int calls; } rows[] = {
		{ "expired", 200, SESSION "'unpaid','status':'expired'}", 303, "https://checkout.stripe.com/c/pay/cs_2", "pending", 2 },
		{ "paid", 200, SESSION "'paid','status':'complete'}", 303, "/checkout/return/AAAA-BBBB-CCCC", "paid", 1 },
		{ "still open", 200, SESSION "'unpaid','status':'open'}", 503, NULL, "pending", 1 },
		{ "unknown", 404, "{}", 503, NULL, "pending", 1 },
		{ "silent", 503, "", 503, NULL, "pending", 1 },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 30)); /* so short that nobody could pay there in time */
	assert_int_equal(pressed(&scene).status, 503);
	db_run(&f->db, "UPDATE orders SET number = 'AAAA-BBBB-CCCC'");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		fake_says(scene.stripe, 200, a_page(f, "cs_2", 3600));
		fake_then(scene.stripe, rows[i].status, STOP, json_of(f, rows[i].says));
		struct page page = pressed(&scene);
		if (page.status != rows[i].answer || scene.stripe->count != rows[i].calls)
			fail_msg("%s: %d after %d calls", rows[i].name, page.status, scene.stripe->count);
		if (rows[i].leads)
			assert_string_equal(page.location, rows[i].leads);
		assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), rows[i].state);
		assert_int_equal(strncmp(scene.stripe->paths, "GET /v1/checkout/sessions/cs_1\n", 31), 0);
		if (rows[i].calls == 2)
			assert_non_null(strstr(scene.stripe->asked, "Idempotency-Key: AAAA-BBBB-CCCC-checkout-2\r\n"));
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	fake_stripe_end(scene.stripe);
}

/* Closed, paid, or in the hands of a person: what a press leads to then. */
static void an_order_that_is_no_longer_open(void **state)
{
	static const struct { const char *set; const char *session; int answer; const char *leads; int calls; } rows[] = {
		{ "state = 'failed'", "cs_2", 303, "https://checkout.stripe.com/c/pay/cs_2", 1 },
		{ "state = 'expired'", "cs_2", 303, "https://checkout.stripe.com/c/pay/cs_2", 1 },
		{ "state = 'failed'", "cs_1", 503, NULL, 1 }, /* the same page again: it failed */
		{ "state = 'paid', paid_at = NOW()", "cs_2", 303, "/checkout/return/AAAA-BBBB-CCCC", 0 },
		{ "state = 'pending', expires_at = '2020-01-01', review = 'amount_mismatch'", "cs_2", 303,
			"/checkout/return/AAAA-BBBB-CCCC", 0 },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	leads_to(&scene, "cs_1");
	db_run(&f->db, "UPDATE orders SET number = 'AAAA-BBBB-CCCC'");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_script(&f->db, mem_format(f->mem, "UPDATE orders SET %s", rows[i].set));
		fake_says(scene.stripe, 200, a_page(f, rows[i].session, 3600));
		struct page page = pressed(&scene);
		if (page.status != rows[i].answer || scene.stripe->count != rows[i].calls)
			fail_msg("%s: %d after %d calls", rows[i].set, page.status, scene.stripe->count);
		if (rows[i].leads)
			assert_string_equal(page.location, rows[i].leads);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	fake_stripe_end(scene.stripe);
}

/* The plan is made known to Stripe first; its trial is offered to who never had one of it. */
static void a_plan_has_its_trial_once(void **state)
{
	static const struct { int64_t days; bool had, trial; } rows[] = { { 0, false, false }, { 14, false, true }, { 14, true, false } };
	struct fixture *f = *state;
	int64_t product = a_club(f), plan = a_plan(f, product, "Monthly", "price_month", 900, "month", 1000);
	db_run(&f->db, "UPDATE price SET stripe_price = NULL WHERE id = ?", plan);
	struct scene scene = scene_at(f, db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", plan));
	fake_says(scene.stripe, 402, "{}");
	assert_int_equal(pressed(&scene).status, 503);
	assert_string_equal(scene.stripe->paths, "POST /v1/prices\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_run(&f->db, "UPDATE price SET trial_days = ? WHERE id = ?", rows[i].days, plan);
		if (rows[i].had)
			db_run(&f->db, "INSERT INTO trial_claim (account_id, product_id, subscription_id, created_at)"
				" SELECT account_id, ?, 1, created_at FROM orders", product);
		fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
		fake_then(scene.stripe, 200, "", "{\"id\":\"price_9\"}");
		leads_to(&scene, "cs_1");
		assert_string_equal(scene.stripe->paths, "POST /v1/prices\nPOST /v1/checkout/sessions\n");
		assert_non_null(strstr(scene.stripe->asked, "line_items[0][price]=price_9"));
		assert_int_equal(strstr(scene.stripe->asked, "trial_period_days") != NULL, rows[i].trial);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	fake_stripe_end(scene.stripe);
}

#define GONE "{'error':{'code':'resource_missing','param':'customer','message':'No such customer: cus_gone'}}"

/* The customer was deleted at Stripe: the press that finds out leads to a page all the same, asked for under another key. */
static void a_deleted_customer_can_buy_again(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE account SET stripe_customer = 'cus_gone'");
	fake_says(scene.stripe, 200, a_page(f, "cs_1", 3600));
	fake_then(scene.stripe, 400, "", json_of(f, GONE));
	leads_to(&scene, "cs_1");
	assert_int_equal(scene.stripe->count, 2);
	assert_int_equal(scene.stripe->keys, 2);
	assert_null(strstr(scene.stripe->asked, "customer=cus_gone"));
	assert_non_null(strstr(scene.stripe->asked, "customer_email=jenny%40example.com"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE stripe_customer IS NOT NULL"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'account.customer_gone'"), 1);
	leads_to(&scene, "cs_1");
	assert_int_equal(scene.stripe->count, 2);
	fake_stripe_end(scene.stripe);
}

/* What else is missing, and a customer that was never named, are no reason to forget one. */
static void other_refusals_forget_no_customer(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = { "{'error':{'code':'resource_missing','param':'line_items[0][price]'}}",
		"{'error':{'code':'parameter_invalid_empty','param':'customer'}}", "{}", "[1]" };
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE account SET stripe_customer = 'cus_1'");
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		fake_says(scene.stripe, 400, json_of(f, answers[i]));
		assert_int_equal(pressed(&scene).status, 503);
		assert_int_equal(scene.stripe->count, 1);
	}
	assert_string_equal(db_text(&f->db, "SELECT stripe_customer FROM account"), "cus_1");
	db_run(&f->db, "UPDATE account SET stripe_customer = NULL");
	fake_says(scene.stripe, 400, json_of(f, GONE));
	assert_int_equal(pressed(&scene).status, 503);
	assert_int_equal(scene.stripe->keys, 1);
	fake_stripe_end(scene.stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pressing_twice_leads_to_one_page),
		TEST(a_form_that_came_back_asks_for_what_it_says),
		TEST(no_page_is_no_harm),
		TEST(a_spent_key_is_given_up),
		CROWDED(presses_beside_each_other_lead_to_one_page),
		TEST(a_press_does_not_wait_for_ever),
		TEST(an_old_page_is_asked_about_first),
		TEST(an_order_that_is_no_longer_open),
		TEST(a_plan_has_its_trial_once),
		TEST(a_deleted_customer_can_buy_again),
		TEST(other_refusals_forget_no_customer),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
