/* The daily purge: what goes, and what must stay. */
#include "fixture.h"

#include "job.h"
#include "moment.h"

enum { NOW = 1800000000, DAY = 86400 };

static int fresh(void **state)
{
	*state = fixture_new();
	moment_clock_set(moment_from_unix(NOW));
	return 0;
}

static int gone(void **state)
{
	fixture_end(*state);
	return 0;
}

static void purge(struct fixture *f)
{
	struct job job = { .mem = f->mem, .db = &f->db };
	job_kind_named("purge")->run(&job);
}

static void keeps_events_that_a_job_still_needs(void **state)
{
	struct fixture *f = *state;
	struct moment old = moment_from_unix(NOW - 401 * DAY);
	for (int i = 0; i < 2; i++)
		db_run(&f->db,
			"INSERT INTO event (topic, account_id, subject_id, payload, request_id, created_at)"
			" VALUES ('test', 0, ?, '{}', '', ?)",
			i, old);
	db_run(&f->db,
		"INSERT INTO job (reaction, unique_key, event_id, state, run_at, created_at)"
		" SELECT 'x', 'x', id, 'dead', ?, ? FROM event WHERE subject_id = 1 AND topic = 'test'",
		old, old);
	purge(f);
	assert_int_equal(db_int(&f->db, "SELECT SUM(subject_id) + COUNT(*) FROM event WHERE topic = 'test'"), 2);
}

static void mail(struct fixture *f, const char *key, const char *state, bool secret, int64_t days)
{
	struct moment at = moment_from_unix(NOW - days * DAY);
	db_run(&f->db,
		"INSERT INTO mail (account_id, unique_key, recipient, subject, body, secret, state, created_at, send_at)"
		" VALUES (0, ?, 'a@example.com', 's', 'text', ?, ?, ?, ?)",
		key, secret, state, at, at);
}

static const char *body(struct fixture *f, const char *key)
{
	return db_text(&f->db, "SELECT body FROM mail WHERE unique_key = ?", key);
}

static void empties_mails_before_it_forgets_them(void **state)
{
	struct fixture *f = *state;
	mail(f, "secret dead", "dead", true, 3);
	mail(f, "secret ready", "ready", true, 3);
	mail(f, "sent lately", "sent", false, 3);
	mail(f, "sent long ago", "sent", false, 91);
	mail(f, "forgotten", "sent", false, 401);
	purge(f);
	assert_string_equal(body(f, "secret dead"), "");
	assert_string_equal(body(f, "secret ready"), "text");
	assert_string_equal(body(f, "sent lately"), "text");
	assert_string_equal(body(f, "sent long ago"), "");
	assert_null(body(f, "forgotten"));
}

static void drops_links_a_day_after_their_end(void **state)
{
	struct fixture *f = *state;
	a_price(f, "night-walk", 1900);
	for (int64_t hours = 0; hours <= 48; hours += 48)
		db_run(&f->db,
			"INSERT INTO download_link (token_hash, account_id, entitlement_id, file_id, created_at, expires_at)"
			" SELECT UNHEX(SHA2(?, 256)), 1, 1, MIN(id), ?, ? FROM product_file",
			hours, moment_now(), moment_from_unix(NOW - hours * 3600));
	for (int64_t hours = 0; hours <= 48; hours += 48)
		db_run(&f->db,
			"INSERT INTO access_token (token_hash, public_id, account_id, access_id, expires_at, created_at)"
			" VALUES (UNHEX(SHA2(?, 256)), ?, 1, 1, ?, ?)",
			hours, hours, moment_from_unix(NOW - hours * 3600), moment_now());
	purge(f);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM access_token"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM download_link"), 1);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
	const struct CMUnitTest tests[] = { TEST(keeps_events_that_a_job_still_needs),
		TEST(empties_mails_before_it_forgets_them), TEST(drops_links_a_day_after_their_end) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
