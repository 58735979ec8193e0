/* stripe_test.c: every story about one-off payments, in order, in every order, shuffled with duplicates; and bad input. */
#include "fixture.h"

#include <dirent.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "entitlement.h"
#include "form.h"
#include "json.h"
#include "moment.h"
#include "order.h"
#include "sign.h"
#include "stripe_event.h"

enum { STEPS_MAX = 10, PERMUTED_MAX = 5, SHUFFLES = 60 };

static const char secret[] = "whsec_test";

static int fresh(void **state)
{
	const char *why;
	*state = fixture_new();
	return !conf_set("stripe_webhook_secrets", secret, &why) || !conf_set("stripe_livemode", "no", &why);
}

static int gone(void **state)
{
	fixture_end(*state);
	return 0;
}

static char *signed_now(struct fixture *f, const char *body, const char *key)
{
	long long now = (long long)moment_unix(moment_now());
	const char *text = mem_format(f->mem, "%lld.%s", now, body);
	return mem_format(f->mem, "t=%lld,v1=%s", now, hex_of(f->mem, hmac_of(f->mem, key, text, strlen(text))));
}

static struct page deliver(struct fixture *f, const char *body)
{
	with(f, "HTTP_STRIPE_SIGNATURE", signed_now(f, body, secret));
	return post_raw(f, "/webhooks/stripe", "application/json", body, NULL);
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

static const char *file_body(struct fixture *f, const char *path)
{
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	struct buffer text = buffer_new(f->mem, 8192);
	char block[4096];
	for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
		buffer_put(&text, block, n);
	fclose(file);
	return text.text;
}

static int name_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static struct story story_read(struct fixture *f, const struct story *known)
{
	struct story story = *known;
	struct dirent **names;
	const char *folder = mem_format(f->mem, "tests/spec/stripe/stories/%s", known->name);
	int count = scandir(folder, &names, NULL, name_order);
	assert_true(count > 2);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] == '0')
			story.bodies[story.count++] = file_body(f, mem_format(f->mem, "%s/%s", folder, names[i]->d_name));
		free(names[i]);
	}
	free(names);
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

static void run_order(struct fixture *f, const struct story *story, const size_t *order, size_t count, const char *how)
{
	db_script(&f->db, "SAVEPOINT before_story");
	for (size_t i = 0; i < count; i++)
		assert_int_equal(deliver(f, story->bodies[order[i]]).status, 200);
	end_is_right(f, story, how);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT before_story");
}

/* Every permutation, by Heap's algorithm (B. R. Heap, 1963). */
static void every_order(struct fixture *f, const struct story *story, size_t *order, size_t k)
{
	if (k <= 1) {
		run_order(f, story, order, story->count, "permuted");
		return;
	}
	for (size_t i = 0; i < k; i++) {
		every_order(f, story, order, k - 1);
		size_t with_last = k % 2 ? 0 : i, kept = order[with_last];
		order[with_last] = order[k - 1];
		order[k - 1] = kept;
	}
}

/* Each event one to three times, in any order. */
static void shuffled(struct fixture *f, const struct story *story)
{
	size_t order[STEPS_MAX * 3], count = 0;
	for (size_t i = 0; i < story->count; i++)
		for (uint32_t times = 1 + randombytes_uniform(3); times; times--)
			order[count++] = i;
	for (size_t i = count - 1; i > 0; i--) {
		size_t j = randombytes_uniform((uint32_t)i + 1), kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
	run_order(f, story, order, count, "shuffled");
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
	if (story.count <= PERMUTED_MAX || (proof && story.count <= PERMUTED_MAX + 1))
		every_order(f, &story, order, story.count);
	else
		run_order(f, &story, order, story.count, "in order");
	for (int i = 0; i < (proof && *proof ? 2000 : SHUFFLES); i++) {
		struct mem_mark mark = mem_mark(f->mem);
		shuffled(f, &story);
		mem_rewind(f->mem, mark);
	}
	db_script(&f->db, "ROLLBACK TO SAVEPOINT empty");
}

static void stories_end_right(void **state)
{
	for (size_t i = 0; i < sizeof payments / sizeof payments[0]; i++)
		story_told(*state, &payments[i]);
}

static void foreign_and_unknown_are_ignored(void **state)
{
	struct fixture *f = *state;
	static const char *const files[] = { "connect-foreign-session/01-checkout.session.completed.json",
		"must-ignore/checkout.session.completed-setup-mode.json", "must-ignore/invoice.upcoming.json",
		"must-ignore/thin-v1.checkout.session.completed.json", "must-ignore/unknown-event-type.json" };
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const char *path = mem_format(f->mem, "tests/spec/stripe/stories/%s", files[i]);
		struct page page = deliver(f, file_body(f, path));
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
		run_order(f, &story, (size_t[]){ 0 }, 1, "alone");
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
	struct page page = deliver(f, mem_format(f->mem, "%.*s%s%s", (int)(at - body), body, to, at + strlen(from)));
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
	assert_int_equal(deliver(f, body).status, 503);
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
		assert_int_equal(deliver(f, bodies[i]).status, 400);
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
	assert_string_equal(deliver(f, story.bodies[2]).body, "stored, will be tried again\n");
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

/* Told again by Stripe before its time has come: applied, and noted so. */
static void failed_event_is_applied_by_its_repetition(void **state)
{
	struct fixture *f = *state;
	struct story story = story_read(f, &payments[0]);
	order_seed(f, &story);
	db_run(&f->db, "UPDATE benefit SET updates_days = 99999999999");
	assert_string_equal(deliver(f, story.bodies[2]).body, "stored, will be tried again\n");
	db_run(&f->db, "UPDATE benefit SET updates_days = NULL");
	assert_string_equal(deliver(f, story.bodies[2]).body, "applied\n");
	end_is_right(f, &story, "told again");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE state = 'applied' AND retry_at IS NULL"), 1);
	moment_clock_offset(3600);
	assert_int_equal(stripe_events_retry(&f->db, 10), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stories_end_right, fresh, gone),
		cmocka_unit_test_setup_teardown(foreign_and_unknown_are_ignored, fresh, gone),
		cmocka_unit_test_setup_teardown(currencies_pay_as_stripe_counts, fresh, gone),
		cmocka_unit_test_setup_teardown(bent_events_grant_nothing, fresh, gone),
		cmocka_unit_test_setup_teardown(unsigned_is_refused, fresh, gone),
		cmocka_unit_test_setup_teardown(not_events_are_refused, fresh, gone),
		cmocka_unit_test_setup_teardown(failed_event_is_tried_again, fresh, gone),
		cmocka_unit_test_setup_teardown(failed_event_is_applied_by_its_repetition, fresh, gone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
