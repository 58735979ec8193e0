/* subscription_test.c: every story about subscriptions, in order, in every order, shuffled with duplicates: one end, that of
 * story.json, down to the last right and token. */
#include "plans.h"
#include "story_crowd.h"
#include "webhook.h"

#include <json-c/json.h>

#include "conf.h"
#include "entitlement.h"
#include "json.h"
#include "order.h"
#include "stripe_event.h"
#include "token.h"

enum { PERMUTED_MAX = 5, SHUFFLES = 60, PROOF_SHUFFLES = 2000 };

static int listens(void **state)
{
	const char *why;
	*state = fixture_new();
	return !conf_set("stripe_webhook_secrets", "whsec_test", &why) || !conf_set("stripe_livemode", "no", &why);
}

static int leaves(void **state)
{
	moment_clock_set((struct moment){ 0 });
	fixture_end(*state);
	return 0;
}

/* What a story needs before it begins, and its end in our words beside story.json. */
struct story {
	const char *name, *after; /* after: the story it goes on from */
	const char *price, *old_price;
	const char *every;
	int64_t amount, trial_days;
	const char *order_state;  /* "": the story has no session; its subscription was linked before */
	const char *download, *license; /* states of the rights; "": none */
	int64_t tokens;           /* granted in all */
	struct json_object *expected;
	const char *bodies[STEPS_MAX];
	size_t count;
};

#define CLUB "price_1yQK4vEJEe0pLtFmFfkFFhwd"
#define CLUB_YEAR "price_1Sl8nUnJEe0pLtFmUIZs6HU1"
#define PRO "price_1Jl0ipPJEe0pLtFmcvvahqUY"

static const struct story stories[] = {
	{ .name = "monthly-subscription", .price = CLUB, .every = "month", .amount = 900, .order_state = "paid",
		.download = "active", .license = "expired", .tokens = 9000 },
	{ .name = "legacy-monthly-subscription", .price = CLUB, .every = "month", .amount = 900, .order_state = "paid",
		.download = "active", .license = "expired", .tokens = 9000 },
	{ .name = "annual-plan", .price = CLUB_YEAR, .every = "year", .amount = 9000, .order_state = "paid",
		.download = "active", .license = "active", .tokens = 6000 },
	{ .name = "trial-active-paused-canceled", .price = PRO, .every = "month", .amount = 1500, .trial_days = 14,
		.order_state = "paid", .download = "active", .license = "expired", .tokens = 3300 },
	{ .name = "plan-change-proration", .price = CLUB_YEAR, .old_price = CLUB, .every = "year", .amount = 9000,
		.order_state = "", .download = "active", .license = "active", .tokens = 1000 },
	{ .name = "pause-collection", .price = CLUB, .every = "month", .amount = 900, .order_state = "", .download = "",
		.license = "" },
	{ .name = "payment-failed-until-canceled", .price = CLUB, .every = "month", .amount = 900, .order_state = "",
		.download = "", .license = "" },
	{ .name = "subscription-invoice-refund", .after = "monthly-subscription", .price = CLUB, .every = "month",
		.amount = 900, .order_state = "paid", .download = "active", .license = "expired", .tokens = 9000 },
};

static struct json_object *read_of(struct fixture *f, const char *body)
{
	struct json_object *value = json_read(f->mem, (struct bytes){ (const unsigned char *)body, strlen(body) }, 32);
	assert_non_null(value);
	return value;
}

static struct story story_read(struct fixture *f, const struct story *known)
{
	struct story story = *known;
	if (known->after)
		story.count = story_events(f, known->after, story.bodies, 0);
	story.count = story_events(f, known->name, story.bodies, story.count);
	story.expected = json_at(read_of(f, file_body(f, mem_format(f->mem, "tests/spec/stripe/stories/%s/story.json",
		known->name))), "expected_final");
	return story;
}

static int64_t created_of(struct fixture *f, const char *body)
{
	return json_int(read_of(f, body), "created", 0);
}

/* A minute after the last event. */
static void clock_after(struct fixture *f, const struct story *story)
{
	int64_t last = 0;
	for (size_t i = 0; i < story->count; i++) {
		int64_t created = created_of(f, story->bodies[i]);
		last = created > last ? created : last;
	}
	moment_clock_set(moment_from_unix(last + 60));
}

static struct json_object *object_of(struct fixture *f, const struct story *story, const char *kind)
{
	for (size_t i = 0; i < story->count; i++) {
		struct json_object *event = read_of(f, story->bodies[i]);
		if (!strcmp(json_text(event, "data.object.object"), kind))
			return json_at(event, "data.object");
	}
	return NULL;
}

static void order_seed(struct fixture *f, int64_t buyer, int64_t price, struct json_object *session)
{
	int64_t id;
	const char *public_id = db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", price);
	db_run(&f->db, "UPDATE price SET currency = ? WHERE id = ?", json_text(session, "currency"), price);
	assert_int_equal(order_make(&f->db, buyer, public_id, 1, random_id(f->mem), "en", &id), ORDER_MADE);
	db_run(&f->db, "UPDATE orders SET number = ?, stripe_session = ? WHERE id = ?",
		json_text(session, "client_reference_id"), json_text(session, "id"), id);
}

static void seed(struct fixture *f, const struct story *story)
{
	struct moment now = moment_now();
	int64_t buyer = a_member(f, "jenny@example.com"), product = a_club(f);
	int64_t price = a_plan(f, product, "plan", story->price, story->amount, story->every, 3000);
	db_run(&f->db, "UPDATE price SET trial_days = ? WHERE id = ?", story->trial_days, price);
	if (story->old_price)
		a_plan(f, product, "old", story->old_price, 900, "month", 1000);
	if (*story->order_state) {
		order_seed(f, buyer, price, object_of(f, story, "checkout.session"));
		return;
	}
	db_run(&f->db,
		"INSERT INTO subscription (public_id, stripe_subscription, account_id, status, told_at, created_at, updated_at)"
		" VALUES (?, ?, ?, '', ?, ?, ?)",
		random_id(f->mem), json_text(object_of(f, story, "subscription"), "id"), buyer, moment_from_unix(1), now, now);
}

static const char *all_of(const char *text)
{
	return text ? text : "";
}

/* Everything that must not depend on the order of telling, as one text. */
static const char *end_of(struct fixture *f)
{
	db_script(&f->db, "SET SESSION group_concat_max_len = 1000000");
	return mem_format(f->mem, "%s\n%s\n%s\n%s\n%s\n%s",
		all_of(db_text(&f->db, "SELECT CONCAT_WS(' ', status, stripe_price, account_id > 0, order_id > 0, price_id > 0,"
			" paid_until, period_end, cancel_at, ended_at, told_at) FROM subscription")),
		all_of(db_text(&f->db, "SELECT GROUP_CONCAT(CONCAT_WS(' ', stripe_invoice, trial, changed, starts_at, ends_at,"
			" amount, state) ORDER BY stripe_invoice SEPARATOR '\n') FROM subscription_period")),
		all_of(db_text(&f->db, "SELECT GROUP_CONCAT(CONCAT_WS(' ', source, kind, state, reason, starts_at, ends_at)"
			" ORDER BY kind, starts_at SEPARATOR '\n') FROM entitlement")),
		all_of(db_text(&f->db, "SELECT GROUP_CONCAT(CONCAT_WS(' ', kind, period_start, granted, remaining,"
			" IF(state = 'active' AND expires_at <= ?, 'expired', state), expires_at) ORDER BY period_start, kind SEPARATOR '\n') FROM token_lot",
			moment_now())),
		all_of(db_text(&f->db, "SELECT CONCAT_WS(' ', state, review, total, discount) FROM orders")),
		all_of(db_text(&f->db, "SELECT GROUP_CONCAT(CONCAT_WS(' ', id, status, amount_paid, attempts, next_attempt_at)"
			" ORDER BY id) FROM stripe_invoice")));
}

static int64_t named(struct fixture *f, struct json_object *list, const char *state)
{
	int64_t found = 0;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		found += db_int(&f->db, "SELECT COUNT(*) FROM subscription_period WHERE stripe_invoice = ? AND state = ?",
			json_object_get_string(json_object_array_get_idx(list, i)), state);
	return found;
}

/* What story.json says. */
static void end_is_expected(struct fixture *f, const struct story *story)
{
	struct json_object *end = story->expected, *list;
	int64_t credited = json_int(end, "periods_credited", -1), until = json_int(end, "access_until", 0);
	if (credited >= 0)
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period WHERE NOT trial"), credited);
	if (until)
		assert_int_equal(db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(paid_until) AS SIGNED) FROM subscription"), until);
	if (*json_text(end, "subscription_status"))
		assert_string_equal(db_text(&f->db, "SELECT status FROM subscription"), json_text(end, "subscription_status"));
	if (json_int(end, "amount_paid", 0))
		assert_int_equal(db_int(&f->db, "SELECT amount FROM subscription_period"), json_int(end, "amount_paid", 0));
	if (json_object_is_type(list = json_at(end, "credited_invoices"), json_type_array))
		assert_int_equal(named(f, list, "active"), json_object_array_length(list));
	if (json_object_is_type(list = json_at(end, "revoked_invoices"), json_type_array)) {
		assert_int_equal(named(f, list, "revoked"), json_object_array_length(list));
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period WHERE state <> 'active'"),
			json_object_array_length(list));
	}
}

static void end_is_right(struct fixture *f, const struct story *story)
{
	end_is_expected(f, story);
	assert_string_equal(all_of(db_text(&f->db, "SELECT state FROM orders")), story->order_state);
	assert_string_equal(all_of(db_text(&f->db, "SELECT review FROM orders")), "");
	assert_string_equal(all_of(db_text(&f->db, "SELECT state FROM entitlement WHERE kind = 'download'")), story->download);
	assert_string_equal(all_of(db_text(&f->db, "SELECT state FROM license")), story->license);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license"), *story->license != 0);
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(granted) AS SIGNED) FROM token_lot"), story->tokens);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE state <> 'applied'"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'order.paid'"), *story->order_state != 0);
	assert_int_equal(token_check(&f->db), 0);
	assert_int_equal(orders_lacking_rights(&f->db), 0);
	assert_int_equal(rights_lacking_source(&f->db), 0);
}

struct told {
	struct fixture *f;
	const struct story *story;
	const char *end;
};

static void run_order(void *arg, const size_t *order, size_t count)
{
	const struct told *told = arg;
	struct fixture *f = told->f;
	struct mem_mark mark = mem_mark(f->mem);
	db_script(&f->db, "SAVEPOINT before_story");
	for (size_t i = 0; i < count; i++)
		assert_int_equal(event_send(f, told->story->bodies[order[i]]).status, 200);
	const char *here = end_of(f);
	if (strcmp(here, told->end)) {
		print_error("%s, told as", told->story->name);
		for (size_t i = 0; i < count; i++)
			print_error(" %zu", order[i] + 1);
		print_error("\n%s\ninstead of\n%s\n", here, told->end);
	}
	assert_string_equal(here, told->end);
	end_is_right(f, told->story);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT before_story");
	mem_rewind(f->mem, mark);
}

/* The end that the order of the files leads to, which every other order must lead to. */
static const char *first_end(struct fixture *f, const struct story *story)
{
	db_script(&f->db, "SAVEPOINT first_end");
	for (size_t i = 0; i < story->count; i++)
		assert_int_equal(event_send(f, story->bodies[i]).status, 200);
	const char *end = end_of(f);
	end_is_right(f, story);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT first_end");
	return end;
}

static void story_told(struct fixture *f, const struct story *known)
{
	struct story story = story_read(f, known);
	size_t order[STEPS_MAX];
	const char *proof = getenv("PROOF");
	bool long_run = proof && *proof;
	db_script(&f->db, "SAVEPOINT empty");
	clock_after(f, &story);
	seed(f, &story);
	struct told told = { f, &story, first_end(f, &story) };
	struct telling telling = { run_order, &told };
	for (size_t i = 0; i < story.count; i++)
		order[i] = i;
	if (story.count <= PERMUTED_MAX + (size_t)long_run)
		every_order(telling, order, story.count, story.count);
	for (int i = 0; i < (long_run ? PROOF_SHUFFLES : SHUFFLES); i++)
		shuffled(telling, story.count);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT empty");
}

static void stories_end_right(void **state)
{
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
		story_told(*state, &stories[i]);
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
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		struct story story = story_read(f, &stories[i]);
		clock_after(f, &story);
		seed(f, &story);
		const char *end = first_end(f, &story);
		crowd_tells(f, story.bodies, story.count);
		assert_string_equal(end_of(f), end);
		end_is_right(f, &story);
		sweep(&f->db);
	}
}

static int swept_back(void **state)
{
	moment_clock_set((struct moment){ 0 });
	return swept_after(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stories_end_right, listens, leaves),
		cmocka_unit_test_setup_teardown(stories_told_by_a_crowd_end_right, swept_listens, swept_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
