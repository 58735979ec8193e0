/* job_test.c: what the worker does, each packet cut: receipts, orders asked about, tokens that expire. */
#include "story.h"

#include "event.h"
#include "job.h"

static void jobs_all(void *arg)
{
	struct cut *cut = arg;
	jobs_run(&cut->f->db, cut->jobs, REST_SECONDS);
}

static int worker_round(struct cut *cut)
{
	struct failure failure = failing(jobs_all, cut);
	if (failure.kind == FAILURE_NONE)
		return db_int(&cut->observer, "SELECT COUNT(*) FROM job") ? 503 : 200; /* some were put off */
	return failure.kind == FAILURE_DATABASE || failure.kind == FAILURE_AGAIN ? 503 : 500;
}

static void receipt_seed(struct cut *cut)
{
	a_purchase(cut->f, a_member(cut->f, "jenny@example.com"), a_price(cut->f, "ebook", 1900));
}

/* The webhook is late, or lost: the worker asks Stripe. */
static void order_check_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	story_seed(cut, false);
	struct json_object *event = read_of(f, cut->bodies[2]);
	fake_says(cut->fake, 200,
		json_object_to_json_string_ext(json_at(event, "data.object"), JSON_C_TO_STRING_PLAIN));
	db_begin(&f->db);
	job_put(&f->db, "order_check", db_text(&f->db, "SELECT number FROM orders"),
		db_int(&f->db, "SELECT id FROM orders"), 0);
	db_commit(&f->db);
}

static void expiry_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	int64_t jenny = a_member(f, "jenny@example.com");
	db_begin(&f->db);
	for (int64_t i = 1; i < 3; i++)
		assert_true(token_lot_add(&f->db,
			(struct token_lot){ .account_id = jenny,
				.kind = TOKEN_QUOTA,
				.line = LINE_SUBSCRIPTION_RENEWAL,
				.subscription_id = 7,
				.entitlement_id = i,
				.granted = 10,
				.period_start = moment_now(),
				.expires_at = moment_add_days(moment_now(), i) }));
	job_put(&f->db, "tokens_expire", "now", 0, 0);
	db_commit(&f->db);
	cut->clock = moment_add_days(moment_now(), 3);
}

SCENE(receipt_is_cut, "receipt", receipt_seed, worker_round, .states = 2, .jobs = true)
SCENE(order_check_is_cut, "order check", order_check_seed, worker_round, .states = 3, .jobs = true,
	.story = "one-off-purchase")
SCENE(expiry_is_cut, "expiry", expiry_seed, worker_round, .states = 2, .jobs = true)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CUT_TEST(receipt_is_cut),
		CUT_TEST(order_check_is_cut),
		CUT_TEST(expiry_is_cut),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
