/* stripe_test.c: every story about one-off payments, in order, in every order, shuffled with duplicates; and bad input. */
#include "plans.h"
#include "story_crowd.h"
#include "webhook.h"

#include <json-c/json.h>

#include "conf.h"
#include "entitlement.h"
#include "form.h"
#include "json.h"
#include "moment.h"
#include "order.h"
#include "sign.h"
#include "stripe_event.h"

enum { PERMUTED_MAX = 5, SHUFFLES = 60 };

static const char secret[] = "whsec_test";

static int listens(void **state)
{
	const char *why;
	*state = fixture_new();
	return !conf_set("stripe_webhook_secrets", secret, &why) || !conf_set("stripe_livemode", "no", &why);
}

static int leaves(void **state)
{
	fixture_end(*state);
	return 0;
}

struct story {
	const char *name;
	const char *bodies[STEPS_MAX];
	size_t count;
	const char *state;  /* of the order at the end */
	const char *review;
	int64_t rights;     /* entitlements at the end: a download and a licence for each grant */
	int64_t refunded;
	bool ended;         /* granted, then taken away: active is 0 */
	bool promotions;
};

/* The end states are those of story.json, in our words. */
static const struct story payments[] = {
	{ .name = "one-off-purchase", .state = "paid", .review = "", .rights = 2 },
	{ .name = "legacy-one-off-purchase", .state = "paid", .review = "", .rights = 2 },
	{ .name = "free-with-promotion-code", .state = "paid", .review = "", .rights = 2, .promotions = true },
	{ .name = "async-payment-succeeded", .state = "paid", .review = "", .rights = 2 },
	{ .name = "async-payment-failed", .state = "failed", .review = "" },
	{ .name = "checkout-expired", .state = "expired", .review = "" },
	{ .name = "amount-or-currency-mismatch", .state = "pending", .review = "amount_mismatch" },
	{ .name = "refund-full", .state = "refunded", .review = "", .rights = 2, .ended = true, .refunded = 1900 },
	{ .name = "refund-partial-then-rest", .state = "refunded", .review = "", .rights = 2, .ended = true, .refunded = 1900 },
	{ .name = "refund-fails", .state = "paid", .review = "refund_failed", .rights = 2 },
	{ .name = "dispute-lost", .state = "disputed", .review = "", .rights = 2, .ended = true },
	{ .name = "dispute-won", .state = "paid", .review = "", .rights = 2 },
	{ .name = "destination-charge", .state = "refunded", .review = "", .rights = 2, .ended = true, .refunded = 1900 },
};

static struct story story_read(struct fixture *f, const struct story *known)
{
	struct story story = *known;
	story.count = story_events(f, known->name, story.bodies, 0);
	return story;
}

/* The stored order that the story speaks of: the session's own values, but 19.00 where the story is about a mismatch. */
static void order_seed(struct fixture *f, const struct story *story)
{
	struct json_object *session = NULL;
	for (size_t i = 0; i < story->count; i++) {
		struct json_object *event = json_read(f->mem, (struct bytes){ (const unsigned char *)story->bodies[i],
			strlen(story->bodies[i]) }, 32);
		if (!strcmp(json_text(event, "data.object.object"), "checkout.session"))
			session = json_at(event, "data.object");
	}
	assert_non_null(session);
	int64_t amount = strstr(story->name, "mismatch") ? 1900 : json_int(session, "amount_subtotal", 0), id;
	int64_t buyer = a_member(f, "jenny@example.com");
	const char *price = a_price(f, "ebook", amount);
	db_run(&f->db, "UPDATE price SET currency = ? WHERE public_id = ?", json_text(session, "currency"), price);
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
	db_run(&f->db, "UPDATE orders SET number = ?, stripe_session = ?, promotions = ? WHERE id = ?",
		json_text(session, "client_reference_id"), json_text(session, "id"), story->promotions, id);
}

static void end_is_right(struct fixture *f, const struct story *story, const char *how)
{
	const char *state = db_text(&f->db, "SELECT state FROM orders");
	if (strcmp(state, story->state))
		print_error("%s, %s: %s\n", story->name, how, state);
	assert_string_equal(state, story->state);
	assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), story->review);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), story->rights);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"),
		story->ended ? 0 : story->rights);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license l JOIN entitlement e ON e.id = l.entitlement_id"
		" WHERE l.state = e.state"), story->rights / 2);
	assert_int_equal(db_int(&f->db, "SELECT refunded FROM orders"), story->refunded);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'order.paid'"), story->rights / 2);
	assert_int_equal(orders_lacking_rights(&f->db), 0);
}

struct told {
	struct fixture *f;
	const struct story *story;
};

static void run_order(void *arg, const size_t *order, size_t count)
{
	const struct told *told = arg;
	struct fixture *f = told->f;
	struct mem_mark mark = mem_mark(f->mem);
	struct buffer how = buffer_new(f->mem, 50);
	db_script(&f->db, "SAVEPOINT before_story");
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(event_send(f, told->story->bodies[order[i]]).status, 200);
		buffer_format(&how, "%s%zu", i ? " " : "told as ", order[i] + 1);
	}
	end_is_right(f, told->story, how.text);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT before_story");
	mem_rewind(f->mem, mark);
}

static void story_told(struct fixture *f, const struct story *known)
{
	struct story story = story_read(f, known);
	size_t order[STEPS_MAX];
	const char *proof = getenv("PROOF");
	db_script(&f->db, "SAVEPOINT empty");
	order_seed(f, &story);
	for (size_t i = 0; i < story.count; i++)
		order[i] = i;
	struct told told = { f, &story };
	struct telling telling = { run_order, &told };
	if (story.count <= PERMUTED_MAX || (proof && story.count <= PERMUTED_MAX + 1))
		every_order(telling, order, story.count, story.count);
	else
		run_order(&told, order, story.count);
	for (int i = 0; i < (proof && *proof ? 2000 : SHUFFLES); i++)
		shuffled(telling, story.count);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT empty");
}

static void stories_end_right(void **state)
{
	for (size_t i = 0; i < sizeof payments / sizeof payments[0]; i++)
		story_told(*state, &payments[i]);
}

static int swept_listens(void **state)
{
	fixture_end(fixture_new()); /* takes a database */
	sweep_alone();
	return listens(state);
}

static void stories_told_by_a_crowd_end_right(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof payments / sizeof payments[0]; i++) {
		struct story story = story_read(f, &payments[i]);
		order_seed(f, &story);
		crowd_tells(f, story.bodies, story.count);
		end_is_right(f, &story, "told by a crowd");
		sweep(&f->db);
	}
}

/* All that they could touch: the account they name, what is sold, orders, rights, and whatever would follow. */
#define OURS                                                                                                         \
	"SELECT CONCAT_WS(';', (SELECT GROUP_CONCAT(CONCAT_WS(',', email, name, seller, stripe_customer, updated_at)) FROM account),"  \
	" (SELECT GROUP_CONCAT(CONCAT_WS(',', slug, updated_at, price_count, price_from)) FROM product),"                        \
	" (SELECT GROUP_CONCAT(CONCAT_WS(',', name, amount, active, stripe_price)) FROM price),"                            \
	" (SELECT GROUP_CONCAT(CONCAT_WS(',', state, review, updated_at)) FROM orders),"                                    \
	" (SELECT GROUP_CONCAT(state) FROM entitlement), (SELECT COUNT(*) FROM subscription), (SELECT COUNT(*) FROM payment),"  \
	" (SELECT COUNT(*) FROM audit), (SELECT COUNT(*) FROM event), (SELECT COUNT(*) FROM job), (SELECT COUNT(*) FROM mail))"

static void told_and_ignored(void *arg, const size_t *order, size_t count)
{
	const struct told *told = arg;
	struct fixture *f = told->f;
	struct mem_mark mark = mem_mark(f->mem);
	const char *before = db_text(&f->db, OURS);
	db_script(&f->db, "SAVEPOINT before_story");
	for (size_t i = 0; i < count; i++) {
		struct page page = event_send(f, told->story->bodies[order[i]]);
		assert_int_equal(page.status, 200);
		assert_true(!strcmp(page.body, "ignored\n") || !strcmp(page.body, "known already\n"));
	}
	assert_string_equal(db_text(&f->db, OURS), before);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE state = 'ignored'"), told->story->count);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE state <> 'ignored'"), 0);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT before_story");
	mem_rewind(f->mem, mark);
}

/* The catalogue is ours and told to Stripe, never the other way round; an account is never found by an e-mail address; sellers
 * are paid elsewhere so far. Stored, so that Stripe does not send them again, and nothing of ours changes. */
static void stories_of_nothing_of_ours_change_nothing(void **state)
{
	static const char *const names[] = { "catalogue-and-customer", "connect-onboarding" };
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "ada@example.com");
	const char *price = a_price(f, "walk", 900);
	int64_t id;
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
	db_run(&f->db, "UPDATE account SET stripe_customer = 'cus_1qqsvT4A8wGiYq', seller = TRUE WHERE id = ?", buyer);
	db_run(&f->db, "UPDATE price SET stripe_price = 'price_1yQK4vEJEe0pLtFmFfkFFhwd' WHERE public_id = ?", price);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct story story = { .name = names[i] };
		size_t order[STEPS_MAX];
		story.count = story_events(f, story.name, story.bodies, 0);
		for (size_t k = 0; k < story.count; k++)
			order[k] = k;
		struct told told = { f, &story };
		struct telling telling = { told_and_ignored, &told };
		every_order(telling, order, story.count, story.count);
		for (int k = 0; k < SHUFFLES; k++)
			shuffled(telling, story.count);
	}
}

static void foreign_and_unknown_are_ignored(void **state)
{
	struct fixture *f = *state;
	static const char *const files[] = { "connect-foreign-session/01-checkout.session.completed.json",
		"must-ignore/checkout.session.completed-setup-mode.json", "must-ignore/invoice.upcoming.json",
		"must-ignore/thin-v1.checkout.session.completed.json", "must-ignore/unknown-event-type.json" };
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const char *path = mem_format(f->mem, "tests/spec/stripe/stories/%s", files[i]);
		struct page page = event_send(f, file_body(f, path));
		assert_int_equal(page.status, 200);
		assert_string_equal(page.body, "ignored\n");
	}
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE state <> 'ignored'"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 0);
}

static void currencies_pay_as_stripe_counts(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "jpy", "kwd", "isk", "huf" };
	for (size_t i = 0; i < 4; i++) {
		struct story story = { .name = names[i], .count = 1, .state = "paid", .review = "", .rights = 2 };
		story.bodies[0] = file_body(f, mem_format(f->mem,
			"tests/spec/stripe/stories/currencies/%s-checkout.session.completed.json", names[i]));
		db_script(&f->db, "SAVEPOINT empty");
		order_seed(f, &story);
		run_order(&(struct told){ f, &story }, (size_t[]){ 0 }, 1);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT empty");
	}
}

/* The one paid event, with one of its values bent. */
static void bent_event(struct fixture *f, const char *from, const char *to, const char *answer)
{
	struct story story = story_read(f, &payments[0]);
	const char *body = story.bodies[2], *at = strstr(body, from);
	assert_non_null(at);
	db_script(&f->db, "SAVEPOINT bent");
	order_seed(f, &story);
	struct page page = event_send(f, mem_format(f->mem, "%.*s%s%s", (int)(at - body), body, to, at + strlen(from)));
	assert_int_equal(page.status, 200);
	assert_string_equal(page.body, answer);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "pending");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 0);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT bent");
}

static void bent_events_grant_nothing(void **state)
{
	struct fixture *f = *state;
	bent_event(f, "\"amount_total\": 1900", "\"amount_total\": 1899", "held for review\n");
	bent_event(f, "\"amount_total\": 1900", "\"amount_total\": \"1900\"", "held for review\n");
	bent_event(f, "\"currency\": \"usd\"", "\"currency\": \"eur\"", "held for review\n");
	bent_event(f, "\"livemode\": false,\n      \"locale\"", "\"livemode\": true,\n      \"locale\"", "held for review\n");
	bent_event(f, "\"payment_status\": \"paid\"", "\"payment_status\": \"no_payment_required\"", "held for review\n");
	bent_event(f, "\"id\": \"cs_test_a1j0", "\"id\": \"cs_test_a1jX", "held for review\n");
	bent_event(f, "\"client_reference_id\": \"ord_1001\"", "\"client_reference_id\": \"ord_4444\"", "ignored\n");
	bent_event(f, "\"mode\": \"payment\"", "\"mode\": \"subscription\"", "ignored\n");
	bent_event(f, "\"payment_status\": \"paid\"", "\"payment_status\": \"unpaid\"", "applied\n");
	bent_event(f, "\"payment_status\": \"paid\"", "\"payment_status\": \"new_in_2031\"", "applied\n");
	bent_event(f, "\"livemode\": false,\n  \"pending", "\"livemode\": true,\n  \"pending", "ignored\n");
}

static void unsigned_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *body = "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"x\"}", *why;
	assert_int_equal(post_raw(f, "/webhooks/stripe", "application/json", body, NULL).status, 400);
	with(f, "HTTP_STRIPE_SIGNATURE", signed_now(f, body, "whsec_other"));
	assert_int_equal(post_raw(f, "/webhooks/stripe", "application/json", body, NULL).status, 400);
	conf_set("stripe_webhook_secrets", "", &why);
	assert_int_equal(event_send(f, body).status, 503);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event"), 0);
	assert_int_equal(get(f, "/webhooks/stripe").status, 405);
}

static void not_events_are_refused(void **state)
{
	struct fixture *f = *state;
	struct buffer deep = buffer_new(f->mem, 4096);
	for (int i = 0; i < 2000; i++)
		buffer_text(&deep, "[");
	const char *const bodies[] = { "", "{", "null", "[]", "{\"object\":\"event\"}", "{} {}", "\xff\xfe", deep.text,
		"{\"object\":\"event\",\"id\":\"evt é\",\"type\":\"x\"}",
		"{\"object\":\"event\",\"id\":\"evt_1\\u0000\",\"type\":\"x\"}" };
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		assert_int_equal(event_send(f, bodies[i]).status, 400);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event"), 0);
	with(f, "CONTENT_LENGTH", "1048577");
	assert_int_equal(post_raw(f, "/webhooks/stripe", "application/json", "{}", NULL).status, 400);
}

/* What cannot be applied is kept, with its error, and applied when it is tried again. */
static void failed_event_is_tried_again(void **state)
{
	struct fixture *f = *state;
	struct story story = story_read(f, &payments[0]);
	order_seed(f, &story);
	db_run(&f->db, "UPDATE price SET public_id = public_id");
	db_run(&f->db, "UPDATE benefit SET updates_days = 99999999999");
	assert_string_equal(event_send(f, story.bodies[2]).body, "stored, will be tried again\n");
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "pending");
	assert_string_equal(db_text(&f->db, "SELECT state FROM stripe_event"), "failed");
	db_run(&f->db, "UPDATE benefit SET updates_days = NULL");
	assert_int_equal(stripe_events_retry(&f->db, 10), 0);
	moment_clock_offset(3600);
	assert_int_equal(stripe_events_retry(&f->db, 10), 1);
	end_is_right(f, &story, "retried");
	assert_string_equal(db_text(&f->db, "SELECT state FROM stripe_event"), "applied");
	assert_int_equal(stripe_event_apply(&f->db, "evt_unknown"), TAKEN_IGNORED);
}

/* Stripe itself sends it again before our own next try: then it is done, and nothing is left to try. */
static void failed_event_is_sent_again(void **state)
{
	struct fixture *f = *state;
	struct story story = story_read(f, &payments[0]);
	order_seed(f, &story);
	db_run(&f->db, "UPDATE benefit SET updates_days = 99999999999");
	event_send(f, story.bodies[2]);
	db_run(&f->db, "UPDATE benefit SET updates_days = NULL");
	assert_int_equal(event_send(f, story.bodies[2]).status, 200);
	end_is_right(f, &story, "sent again");
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(state, note) FROM stripe_event"), "applied");
	moment_clock_offset(3600);
	assert_int_equal(stripe_events_retry(&f->db, 10), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stories_end_right, listens, leaves),
		cmocka_unit_test_setup_teardown(stories_told_by_a_crowd_end_right, swept_listens, swept_after),
		cmocka_unit_test_setup_teardown(stories_of_nothing_of_ours_change_nothing, listens, leaves),
		cmocka_unit_test_setup_teardown(foreign_and_unknown_are_ignored, listens, leaves),
		cmocka_unit_test_setup_teardown(currencies_pay_as_stripe_counts, listens, leaves),
		cmocka_unit_test_setup_teardown(bent_events_grant_nothing, listens, leaves),
		cmocka_unit_test_setup_teardown(unsigned_is_refused, listens, leaves),
		cmocka_unit_test_setup_teardown(not_events_are_refused, listens, leaves),
		cmocka_unit_test_setup_teardown(failed_event_is_tried_again, listens, leaves),
		cmocka_unit_test_setup_teardown(failed_event_is_sent_again, listens, leaves),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
