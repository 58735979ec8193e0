/* sessions_close_test.c: who subscribes finds other payment pages for the same thing closed; what Stripe says decides. */
#include "src/club.h"

#include "fail.h"
#include "fake_stripe.h"
#include "job.h"

#define STOP "Stripe-Should-Retry: false\r\n"
#define SESSION "{'id':'cs_2','object':'checkout.session','mode':'subscription','client_reference_id':'%s','currency':'usd'," \
	"'livemode':false,'amount_total':9900,'payment_status':'unpaid','status':'%s'}"

/* Jenny subscribes by the month; a page for the year is open in another window. */
struct pages {
	struct fixture *f;
	struct fake_stripe *stripe;
	struct scene scene;
	int64_t other;
};

static struct pages pages_of(struct fixture *f)
{
	struct pages pages = { .f = f, .scene = a_member_of_the_club(f), .stripe = fake_stripe_new(f) };
	pages.other = an_order(f, pages.scene.buyer, db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", pages.scene.year));
	db_run(&f->db, "UPDATE orders SET stripe_session = 'cs_2', stripe_url = 'https://pay.example/2', expires_at = ? WHERE id = ?",
		moment_add_days(moment_now(), 1), pages.other);
	return pages;
}

static void close_work(void *arg)
{
	struct pages *pages = arg;
	struct job job = { .mem = pages->f->request, .db = &pages->f->db, .unique_key = "test",
		.subject_id = db_int(&pages->f->db, "SELECT id FROM subscription") };
	job_kind_named("sessions_close")->run(&job);
}

/* Whether the job has done its work. */
static bool closed(struct pages *pages)
{
	struct failure failure;
	return attempt(close_work, pages, &failure);
}

static const char *session(struct pages *pages, const char *status)
{
	struct fixture *f = pages->f;
	return json_of(f, mem_format(f->mem, SESSION, db_text(&f->db, "SELECT number FROM orders WHERE id = ?", pages->other), status));
}

static const char *state_of(struct pages *pages)
{
	return db_text(&pages->f->db, "SELECT state FROM orders WHERE id = ?", pages->other);
}

static void the_other_page_is_closed(void **state)
{
	struct pages pages = pages_of(*state);
	struct db *db = &pages.f->db;
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM job WHERE reaction = 'sessions_close'"), 1);
	fake_then(pages.stripe, 200, "", session(&pages, "expired"));
	fake_then(pages.stripe, 200, "", session(&pages, "expired"));
	assert_true(closed(&pages));
	assert_string_equal(state_of(&pages), "expired");
	assert_non_null(strstr(pages.stripe->paths, "POST /v1/checkout/sessions/cs_2/expire\nGET /v1/checkout/sessions/cs_2"));
	int asked = pages.stripe->count;
	assert_true(closed(&pages)); /* nothing is open: nobody is asked */
	assert_int_equal(pages.stripe->count, asked);
	fake_stripe_end(pages.stripe);
}

/* Refused because it was over already; refused and open still, or no answer: tried again. */
static void what_stripe_says_decides(void **state)
{
	static const struct { int expire, get; const char *status; bool done; const char *state; } rows[] = {
		{ 400, 200, "expired", true, "expired" }, { 400, 200, "open", false, "pending" },
		{ 500, 500, "open", false, "pending" }, { 200, 500, "open", false, "pending" },
	};
	struct pages pages = pages_of(*state);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&pages.f->db, "SAVEPOINT row");
		fake_says(pages.stripe, 500, "");
		fake_then(pages.stripe, rows[i].expire, STOP, rows[i].expire == 200 ? session(&pages, "expired") : "{}");
		fake_then(pages.stripe, rows[i].get, STOP, session(&pages, rows[i].status));
		assert_int_equal(closed(&pages), rows[i].done);
		assert_string_equal(state_of(&pages), rows[i].state);
		db_script(&pages.f->db, "ROLLBACK TO SAVEPOINT row");
	}
	fake_stripe_end(pages.stripe);
}

/* What is bought once, of another product, or by somebody else, is none of its business. */
static void other_pages_stay(void **state)
{
	static const char *const changes[] = {
		"UPDATE price SET recurring = 'once' WHERE name = 'annual'",
		"UPDATE orders SET account_id = (SELECT MAX(id) FROM account) WHERE stripe_session = 'cs_2'",
		"UPDATE price SET product_id = (SELECT MAX(id) FROM product) WHERE name = 'annual'",
		"UPDATE orders SET state = 'failed' WHERE stripe_session = 'cs_2'",
	};
	struct pages pages = pages_of(*state);
	a_member(pages.f, "somebody@example.com");
	a_price(pages.f, "another", 500);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		db_script(&pages.f->db, "SAVEPOINT row");
		db_script(&pages.f->db, changes[i]);
		assert_true(closed(&pages));
		assert_int_equal(pages.stripe->count, 0);
		db_script(&pages.f->db, "ROLLBACK TO SAVEPOINT row");
	}
	fake_stripe_end(pages.stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(the_other_page_is_closed), CASE(what_stripe_says_decides), CASE(other_pages_stay) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
