/* reconcile_test.c: events that never came are found in Stripe's own list, payment pages are asked what became of them, and an
 * outage in the middle loses nothing. */
#include "plans.h"

#include "buyer.h"
#include "fake_stripe.h"
#include "reconcile.h"

enum { NOW = 1800000000, DAY = 86400 };
#define STOP "Stripe-Should-Retry: false\r\n"
#define NONE "{\"object\":\"list\",\"data\":[],\"has_more\":false}"

/* A pending order of 19.00 eur at the cashier, the clock at NOW, the mark an hour ago. */
struct scene {
	struct fixture *f;
	struct fake_stripe *stripe;
	int64_t order;
};

static struct scene scene_of(struct fixture *f)
{
	moment_clock_set(moment_from_unix(NOW));
	struct scene scene = { .f = f, .stripe = fake_stripe_new(f) };
	scene.order = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET number = 'AAAA-BBBB-CCCC', stripe_session = 'cs_1' WHERE id = ?", scene.order);
	db_run(&f->db, "INSERT INTO reconcile (id, mark_at) VALUES (1, ?)", moment_from_unix(NOW - 3600));
	fake_says(scene.stripe, 200, NONE);
	return scene;
}

static const char *state_of(const struct scene *scene)
{
	return db_text(&scene->f->db, "SELECT state FROM orders WHERE id = ?", scene->order);
}

#define SESSION                                                                                                      \
	"{'id':'cs_1','object':'checkout.session','mode':'payment','client_reference_id':'AAAA-BBBB-CCCC','currency':'eur'," \
	"'livemode':false,'amount_total':%d,'payment_status':'%s','status':'%s','payment_intent':'pi_1'}"

static const char *an_event(struct fixture *f, const char *id, const char *type, const char *object)
{
	return mem_format(f->mem, "{\"id\":\"%s\",\"object\":\"event\",\"type\":\"%s\",\"created\":%d,\"livemode\":false,"
		"\"api_version\":\"2026-04-22.dahlia\",\"data\":{\"object\":%s}}", id, type, (int)NOW - 60, object);
}

static const char *paid_event(struct fixture *f, int amount)
{
	return an_event(f, "evt_paid", "checkout.session.completed",
		json_of(f, mem_format(f->mem, SESSION, amount, "paid", "complete")));
}

static const char *a_list(struct fixture *f, const char *events, bool more)
{
	return mem_format(f->mem, "{\"object\":\"list\",\"data\":[%s],\"has_more\":%s}", events, more ? "true" : "false");
}

static int64_t mark(struct fixture *f)
{
	return moment_unix(reconcile_last(&f->db)->mark_at);
}

static void a_missed_payment_is_found(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	fake_then(scene.stripe, 200, "", a_list(f, paid_event(f, 1900), false));
	struct reconciled done = reconcile_stripe(&f->db, 0, 0);
	assert_string_equal(state_of(&scene), "paid");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 2);
	assert_int_equal(done.listed, 1);
	assert_int_equal(done.missed, 1);
	assert_int_equal(done.failed, 0);
	assert_false(done.cut || done.closed || done.more);
	assert_non_null(strstr(scene.stripe->paths, mem_format(f->mem, "GET /v1/events?created%%5Bgte%%5D=%d&types%%5B%%5D=",
		(int)NOW - 3600 - 600)));
	assert_int_equal(mark(f), NOW);
	fake_then(scene.stripe, 200, "", a_list(f, paid_event(f, 1900), false));
	done = reconcile_stripe(&f->db, 0, 0);
	assert_int_equal(done.listed, 1);
	assert_int_equal(done.missed, 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 2);
	assert_int_equal(reconcile_last(&f->db)->missed_ever, 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM reconcile"), 1);
	fake_stripe_end(scene.stripe);
}

static void every_page_is_read(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *first = mem_format(f->mem, "%s,%s", an_event(f, "evt_1", "payment_intent.succeeded", "{}"),
		an_event(f, "evt_2", "payment_intent.succeeded", "{}"));
	fake_then(scene.stripe, 200, "", a_list(f, first, true));
	fake_then(scene.stripe, 200, "", a_list(f, paid_event(f, 1900), true));
	fake_then(scene.stripe, 200, "", a_list(f, "", true)); /* more of nothing is the end */
	assert_int_equal(reconcile_stripe(&f->db, 0, 0).missed, 3);
	assert_non_null(strstr(scene.stripe->paths, "&starting_after=evt_2\n"));
	assert_non_null(strstr(scene.stripe->paths, "&starting_after=evt_paid\n"));
	assert_string_equal(state_of(&scene), "paid");
	fake_stripe_end(scene.stripe);
}

/* Every type this program knows is asked for, no more than Stripe allows in one question. */
static void every_type_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	reconcile_stripe(&f->db, 0, 0);
	static const char *const some[] = { "checkout.session.completed", "charge.refunded", "refund.failed", "invoice.paid",
		"customer.subscription.deleted", "invoice.marked_uncollectible", "charge.dispute.closed" };
	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
		assert_non_null(strstr(scene.stripe->paths, mem_format(f->mem, "types%%5B%%5D=%s", some[i])));
	for (const char *line = scene.stripe->paths; *line; line += strcspn(line, "\n") + 1)
		assert_true(times(mem_textn(f->mem, line, strcspn(line, "\n")), "types%5B%5D=") <= 20);
	fake_stripe_end(scene.stripe);
}

static void what_cannot_be_applied_is_counted(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *events = mem_format(f->mem, "%s,%s,{\"object\":\"event\"},{\"object\":\"v2.core.event\",\"id\":\"evt_thin\"}",
		paid_event(f, 100), an_event(f, "evt_2", "new.in.2031", "{}"));
	fake_then(scene.stripe, 200, "", a_list(f, events, false));
	struct reconciled done = reconcile_stripe(&f->db, 0, 0);
	assert_int_equal(done.listed, 4);
	assert_int_equal(done.failed, 2);
	assert_string_equal(state_of(&scene), "pending");
	assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), "amount_mismatch");
	assert_int_equal(reconcile_last(&f->db)->failed, 2);
	db_run(&f->db, "DELETE FROM stripe_event");
	db_run(&f->db, "UPDATE orders SET review = ''");
	db_run(&f->db, "UPDATE benefit SET updates_days = 99999999999"); /* beyond every calendar */
	fake_then(scene.stripe, 200, "", a_list(f, paid_event(f, 1900), false));
	assert_int_equal(reconcile_stripe(&f->db, 0, 0).failed, 1);
	assert_string_equal(db_text(&f->db, "SELECT state FROM stripe_event"), "failed");
	fake_stripe_end(scene.stripe);
}

static void an_outage_leaves_the_mark(void **state)
{
	static const struct { int status; const char *answer; } rows[] = {
		{ 500, "" }, { 401, "{}" }, { 200, "{}" }, { 200, "{\"data\":7}" }, { 200, "no JSON" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(scene.stripe, 200, NONE);
		fake_then(scene.stripe, rows[i].status, STOP, rows[i].answer);
		struct reconciled done = reconcile_stripe(&f->db, 0, 0);
		assert_true(done.cut);
		assert_int_equal(scene.stripe->count, 1);
		assert_int_equal(done.sessions, 0);
		assert_int_equal(mark(f), NOW - 3600);
		assert_string_equal(reconcile_last(&f->db)->error, mem_format(f->mem, "Stripe answered %d", rows[i].status));
	}
	fake_says(scene.stripe, 200, NONE);
	fake_then(scene.stripe, 200, "", a_list(f, paid_event(f, 1900), false));
	assert_false(reconcile_stripe(&f->db, 0, 0).cut);
	assert_string_equal(state_of(&scene), "paid");
	assert_string_equal(reconcile_last(&f->db)->error, "");
	assert_int_equal(mark(f), NOW);
	fake_stripe_end(scene.stripe);
}

/* Three days behind: the first day is read, then nobody answers; the next run goes on after it. */
static void days_already_read_are_not_lost(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE reconcile SET mark_at = ?", moment_from_unix(NOW - 3 * DAY));
	fake_then(scene.stripe, 200, "", NONE);
	fake_then(scene.stripe, 200, "", NONE);
	fake_then(scene.stripe, 500, STOP, "");
	assert_true(reconcile_stripe(&f->db, 0, 0).cut);
	assert_int_equal(mark(f), NOW - 2 * DAY - 600);
	const char *bounds = mem_format(f->mem, "created%%5Bgte%%5D=%d&created%%5Blt%%5D=%d&", (int)NOW - 3 * DAY - 600,
		(int)NOW - 2 * DAY - 600);
	assert_non_null(strstr(scene.stripe->paths, bounds));
	fake_says(scene.stripe, 200, NONE);
	assert_false(reconcile_stripe(&f->db, 0, 0).cut);
	assert_null(strstr(scene.stripe->paths, bounds));
	assert_int_equal(mark(f), NOW);
	fake_stripe_end(scene.stripe);
}

static void without_a_key_it_is_closed(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	const char *why;
	assert_true(conf_set("stripe_key", "", &why));
	struct reconciled done = reconcile_stripe(&f->db, 0, 0);
	assert_true(done.closed);
	assert_false(done.cut);
	assert_int_equal(mark(f), NOW - 3600);
	assert_string_equal(reconcile_last(&f->db)->error, "");
	fake_stripe_end(scene.stripe);
}

/* The first run ever, and one told to look further back than Stripe can: thirty days. */
static void stripe_remembers_thirty_days(void **state)
{
	static const struct { int64_t days, from; } rows[] = { { 0, NOW - 30 * DAY }, { 30, NOW - 30 * DAY }, { 2, NOW - 2 * DAY } };
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_run(&f->db, "DELETE FROM reconcile");
		assert_null(reconcile_last(&f->db));
		fake_says(scene.stripe, 500, "");
		fake_then(scene.stripe, 500, STOP, "");
		assert_true(reconcile_stripe(&f->db, rows[i].days, 0).cut);
		assert_non_null(strstr(scene.stripe->paths, mem_format(f->mem, "created%%5Bgte%%5D=%lld&", (long long)rows[i].from)));
	}
	fake_stripe_end(scene.stripe);
}

static void a_run_over_old_days_leaves_the_mark_where_it_is(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE reconcile SET mark_at = ?", moment_from_unix(NOW - 60));
	fake_then(scene.stripe, 200, "", NONE);
	fake_then(scene.stripe, 200, "", NONE);
	fake_then(scene.stripe, 500, STOP, "");
	assert_true(reconcile_stripe(&f->db, 3, 0).cut);
	assert_int_equal(mark(f), NOW - 60);
	fake_stripe_end(scene.stripe);
}

/* Time is over before the second day: what is left is said, and done by the next run. */
static void a_long_way_is_gone_in_parts(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	db_run(&f->db, "UPDATE reconcile SET mark_at = ?", moment_from_unix(NOW - 3 * DAY));
	assert_false(reconcile_stripe(&f->db, 0, 50).more);
	db_run(&f->db, "UPDATE reconcile SET mark_at = ?", moment_from_unix(NOW - 3 * DAY));
	struct reconciled done = reconcile_stripe(&f->db, 0, -1);
	assert_true(done.more);
	assert_int_equal(done.sessions, 0);
	assert_int_equal(mark(f), NOW - 2 * DAY - 600);
	fake_stripe_end(scene.stripe);
}

static void open_payment_pages_are_asked_about(void **state)
{
	static const struct { int amount; const char *payment, *status, *state, *review; } rows[] = {
		{ 1900, "paid", "complete", "paid", "" }, { 1900, "unpaid", "expired", "expired", "" },
		{ 1900, "unpaid", "open", "pending", "" }, { 100, "paid", "complete", "pending", "amount_mismatch" },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f);
	assert_int_equal(reconcile_stripe(&f->db, 0, 0).sessions, 0); /* so young: the buyer is still there */
	db_run(&f->db, "UPDATE orders SET updated_at = ?", moment_from_unix(NOW - 600));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT open");
		fake_says(scene.stripe, 200, json_of(f, mem_format(f->mem, SESSION, rows[i].amount, rows[i].payment, rows[i].status)));
		fake_then(scene.stripe, 200, "", NONE);
		fake_then(scene.stripe, 200, "", NONE);
		assert_int_equal(reconcile_stripe(&f->db, 0, 0).sessions, 1);
		assert_non_null(strstr(scene.stripe->paths, "GET /v1/checkout/sessions/cs_1\n"));
		assert_string_equal(state_of(&scene), rows[i].state);
		assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), rows[i].review);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT open");
	}
	fake_stripe_end(scene.stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missed_payment_is_found),
		TEST(every_page_is_read),
		TEST(every_type_is_asked_for),
		TEST(what_cannot_be_applied_is_counted),
		TEST(an_outage_leaves_the_mark),
		TEST(days_already_read_are_not_lost),
		TEST(without_a_key_it_is_closed),
		TEST(stripe_remembers_thirty_days),
		TEST(a_run_over_old_days_leaves_the_mark_where_it_is),
		TEST(a_long_way_is_gone_in_parts),
		TEST(open_payment_pages_are_asked_about),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
