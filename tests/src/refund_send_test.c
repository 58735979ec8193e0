/* refund_send_test.c: an asked refund and every answer Stripe may give: what the buyer has back, what rights are left. */
#include "buyer.h"
#include "fake_stripe.h"
#include "invoice.h"
#include "payment.h"
#include "refund.h"
#include "settle.h"

#define STOP "Stripe-Should-Retry: false\r\n"

/* An order of 19.00 eur, paid and invoiced, and a refund of all of it that was asked for. */
struct scene {
	struct fixture *f;
	struct fake_stripe *stripe;
	int64_t order, refund;
	const char *key;
};

static struct scene scene_of(struct fixture *f)
{
	struct scene scene = { .f = f, .stripe = fake_stripe_new(f), .key = random_id(f->mem) };
	scene.order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET stripe_payment = 'pi_1', number = 'AAAA-BBBB-CCCC' WHERE id = ?", scene.order);
	db_begin(&f->db);
	invoice_issue(&f->db, scene.order);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "",
		.amount = 1900 });
	db_commit(&f->db);
	struct refund_wish wish = { .key = scene.key, .order_id = scene.order, .reason = "asked for" };
	assert_int_equal(refund_ask(&f->db, &wish), REFUND_ASKED);
	scene.refund = db_int(&f->db, "SELECT id FROM refund WHERE public_id = ?", scene.key);
	return scene;
}

static const char *re_1(struct fixture *f, const char *key, const char *status)
{
	return json_of(f, mem_format(f->mem, "{'id':'re_1','object':'refund','amount':1900,'currency':'eur','status':'%s',"
		"'charge':'ch_1','payment_intent':'pi_1','metadata':{'refund_id':'%s'}}", status, key));
}

static const char *status_of(const struct scene *scene)
{
	return db_text(&scene->f->db, "SELECT status FROM refund WHERE id = ?", scene->refund);
}

/* How the order stands, how many rights are active, how many credit notes there are. */
static void stands(const struct scene *scene, const char *state, int64_t rights, int64_t credits)
{
	struct db *db = &scene->f->db;
	assert_string_equal(db_text(db, "SELECT state FROM orders"), state);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), rights);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM invoice WHERE kind = 'credit'"), credits);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM refund"), 1);
}

static void each_status_has_its_end(void **state)
{
	static const struct { const char *status, *order; int64_t rights, credits, refunded; const char *review; } rows[] = {
		{ "succeeded", "refunded", 0, 1, 1900, "" },
		{ "pending", "refunded", 0, 0, 1900, "" },
		{ "requires_action", "refunded", 0, 0, 1900, "" },
		{ "failed", "paid", 2, 0, 0, "refund_failed" },
		{ "canceled", "paid", 2, 0, 0, "refund_failed" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT asked");
		fake_says(scene.stripe, 200, re_1(f, scene.key, rows[i].status));
		assert_true(refund_send(&f->db, scene.refund));
		assert_string_equal(status_of(&scene), rows[i].status);
		stands(&scene, rows[i].order, rows[i].rights, rows[i].credits);
		assert_int_equal(db_int(&f->db, "SELECT refunded FROM orders"), rows[i].refunded);
		assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), rows[i].review);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT asked");
	}
	fake_stripe_end(scene.stripe);
}

static void a_refund_is_sent_once_under_its_key(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_says(scene.stripe, 200, re_1(f, scene.key, "succeeded"));
	assert_true(refund_send(&f->db, scene.refund));
	assert_non_null(strstr(scene.stripe->asked, mem_format(f->mem, "Idempotency-Key: refund-%s\r\n", scene.key)));
	assert_non_null(strstr(scene.stripe->asked, mem_format(f->mem, "\r\n\r\npayment_intent=pi_1&amount=1900"
		"&metadata[refund_id]=%s&metadata[order_id]=AAAA-BBBB-CCCC", scene.key)));
	assert_null(strstr(scene.stripe->asked, "reverse_transfer"));
	assert_true(refund_send(&f->db, scene.refund));
	assert_true(refund_send(&f->db, 999999999));
	assert_int_equal(scene.stripe->count, 1);
	stands(&scene, "refunded", 0, 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'refund.sent'"), 1);
	fake_stripe_end(scene.stripe);
}

static void the_event_may_tell_it_before_the_answer(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_begin(&f->db);
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_1", .payment_intent = "pi_1", .currency = "eur",
		.status = "succeeded", .public_id = scene.key, .amount = 1900 });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
	assert_true(refund_send(&f->db, scene.refund));
	assert_int_equal(scene.stripe->count, 0);
	stands(&scene, "refunded", 0, 1);
	fake_stripe_end(scene.stripe);
}

static void a_refund_refused_says_why(void **state)
{
	static const struct { int status; const char *answer, *error; } rows[] = {
		{ 400, "{'error':{'type':'invalid_request_error','code':'charge_already_refunded'}}", "charge_already_refunded" },
		{ 400, "{'error':{'type':'invalid_request_error'}}", "invalid_request_error" },
		{ 404, "{'error':{'code':'Not A <Word>'}}", "refused" },
		{ 403, "{}", "refused" },
		{ 401, "no JSON", "refused" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT asked");
		fake_says(scene.stripe, rows[i].status, json_of(f, rows[i].answer));
		assert_true(refund_send(&f->db, scene.refund));
		assert_string_equal(status_of(&scene), "refused");
		assert_string_equal(db_text(&f->db, "SELECT error FROM refund"), rows[i].error);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'refund.refused'"), 1);
		stands(&scene, "paid", 2, 0);
		assert_int_equal(refund_left_of(&f->db, "pi_1", 1900), 1900);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT asked");
	}
	fake_stripe_end(scene.stripe);
}

static void who_does_not_answer_is_asked_again(void **state)
{
	static const int silent[] = { 500, 429, 409, 302, 200 };
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *why;
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
		fake_says(scene.stripe, 500, "");
		fake_then(scene.stripe, silent[i], STOP, "no JSON");
		assert_false(refund_send(&f->db, scene.refund));
		assert_string_equal(status_of(&scene), "asked");
		stands(&scene, "paid", 2, 0);
		assert_int_equal(refund_left_of(&f->db, "pi_1", 1900), 0); /* it may be on its way */
	}
	assert_true(conf_set("stripe_key", "", &why));
	assert_false(refund_send(&f->db, scene.refund));
	assert_true(conf_set("stripe_key", "sk_test_fake", &why));
	fake_says(scene.stripe, 200, re_1(f, scene.key, "succeeded"));
	assert_true(refund_send(&f->db, scene.refund));
	assert_non_null(strstr(scene.stripe->asked, mem_format(f->mem, "Idempotency-Key: refund-%s\r\n", scene.key)));
	stands(&scene, "refunded", 0, 1);
	fake_stripe_end(scene.stripe);
}

#define OTHER "{'error':{'type':'idempotency_error'}}"

/* Stripe keeps an answer that says nothing of this refund. Its list may; never another key, which could be a second refund. */
static void a_spent_key_is_looked_behind(void **state)
{
	static const struct { int status; const char *answer; bool listed; const char *ends; } rows[] = {
		{ 400, OTHER, true, "succeeded" }, { 400, OTHER, false, "asked" },
		{ 500, "{}", true, "succeeded" }, { 500, "{}", false, "asked" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *key = mem_format(f->mem, "refund-%s", scene.key);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT asked");
		fake_says(scene.stripe, 500, "");
		fake_then(scene.stripe, rows[i].status, "Idempotent-Replayed: true\r\n", json_of(f, rows[i].answer));
		fake_then(scene.stripe, 200, "", mem_format(f->mem, "{\"data\":[%s]}",
			rows[i].listed ? re_1(f, scene.key, "succeeded") : ""));
		assert_int_equal(refund_send(&f->db, scene.refund), rows[i].listed);
		assert_string_equal(scene.stripe->paths, "POST /v1/refunds\nGET /v1/refunds?limit=100&payment_intent=pi_1\n");
		assert_string_equal(scene.stripe->key, key);
		assert_string_equal(status_of(&scene), rows[i].ends);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT asked");
	}
	fake_stripe_end(scene.stripe);
}

static void a_day_later(const struct scene *scene)
{
	db_run(&scene->f->db, "UPDATE refund SET created_at = ?", moment_add_days(moment_now(), -1));
}

/* Stripe has forgotten the key: the same request would be a second refund. */
static void an_old_refund_that_arrived_is_not_sent_again(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	a_day_later(&scene);
	fake_says(scene.stripe, 200, mem_format(f->mem, "{\"data\":[%s,{},%s]}", re_1(f, "another", "failed"),
		re_1(f, scene.key, "succeeded")));
	assert_true(refund_send(&f->db, scene.refund));
	assert_string_equal(scene.stripe->paths, "GET /v1/refunds?limit=100&payment_intent=pi_1\n");
	stands(&scene, "refunded", 0, 1);
	fake_stripe_end(scene.stripe);
}

static void an_old_refund_is_not_sent_on_a_guess(void **state)
{
	static const struct { int status; const char *answer; } rows[] = {
		{ 500, "" }, { 404, "{}" }, { 200, "{}" }, { 200, "{'data':{}}" }, { 200, "no JSON" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	a_day_later(&scene);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(scene.stripe, 200, re_1(f, scene.key, "succeeded"));
		fake_then(scene.stripe, rows[i].status, STOP, json_of(f, rows[i].answer));
		assert_false(refund_send(&f->db, scene.refund));
		assert_null(strstr(scene.stripe->paths, "POST"));
		assert_string_equal(status_of(&scene), "asked");
	}
	fake_stripe_end(scene.stripe);
}

static void an_old_refund_that_never_arrived_is_sent(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	a_day_later(&scene);
	fake_says(scene.stripe, 200, re_1(f, scene.key, "succeeded"));
	fake_then(scene.stripe, 200, "", mem_format(f->mem, "{\"data\":[%s]}", re_1(f, "another", "succeeded")));
	assert_true(refund_send(&f->db, scene.refund));
	assert_string_equal(scene.stripe->paths, "GET /v1/refunds?limit=100&payment_intent=pi_1\nPOST /v1/refunds\n");
	stands(&scene, "refunded", 0, 1);
	fake_stripe_end(scene.stripe);
}

/* Only of a charge that passed money on: Stripe refuses it otherwise. */
static void what_a_seller_got_goes_back_too(void **state)
{
	static const struct { int64_t seller; bool transferred, reverses; } rows[] = {
		{ 0, false, false }, { 7, false, false }, { 0, true, false }, { 7, true, true },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT asked");
		db_run(&f->db, "UPDATE order_line SET seller_id = ?", rows[i].seller);
		db_run(&f->db, "UPDATE payment SET transferred = ?", rows[i].transferred);
		fake_says(scene.stripe, 200, re_1(f, scene.key, "succeeded"));
		assert_true(refund_send(&f->db, scene.refund));
		bool asked = strstr(scene.stripe->asked, "&reverse_transfer=true&refund_application_fee=true") != NULL;
		assert_int_equal(asked, rows[i].reverses);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT asked");
	}
	fake_stripe_end(scene.stripe);
}

static void forgotten_refunds_are_queued_again(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "DELETE FROM job WHERE reaction = 'refund_now'"); /* as if it had been lost */
	assert_int_equal(refunds_send_again(&f->db), 0);
	moment_clock_offset(3600);
	assert_int_equal(refunds_send_again(&f->db), 1);
	assert_int_equal(refunds_send_again(&f->db), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'refund_now' AND subject_id = ?",
		scene.refund), 1);
	db_run(&f->db, "UPDATE refund SET status = 'refused'");
	assert_int_equal(refunds_send_again(&f->db), 0);
	fake_stripe_end(scene.stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_status_has_its_end),
		TEST(a_refund_is_sent_once_under_its_key),
		TEST(the_event_may_tell_it_before_the_answer),
		TEST(a_refund_refused_says_why),
		TEST(who_does_not_answer_is_asked_again),
		TEST(a_spent_key_is_looked_behind),
		TEST(an_old_refund_that_arrived_is_not_sent_again),
		TEST(an_old_refund_is_not_sent_on_a_guess),
		TEST(an_old_refund_that_never_arrived_is_sent),
		TEST(what_a_seller_got_goes_back_too),
		TEST(forgotten_refunds_are_queued_again),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
