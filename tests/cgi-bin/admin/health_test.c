/* /admin/health: promises, the queue, events that failed or are held, the reconciler; its two buttons. */
#include "../../clerk.h"
#include "invariant.h"
#include "product.h"

static void emptied(struct fixture *f)
{
	db_run(&f->db, "DELETE FROM invariant");
	db_run(&f->db, "DELETE FROM reconcile");
	db_run(&f->db, "DELETE FROM job");
}

static void an_event(struct fixture *f, const char *id, const char *state, const char *note)
{
	struct moment now = moment_now();
	db_run(&f->db,
		"INSERT INTO stripe_event (id, type, object_id, api_version, livemode, state, note, tries, payload, created_at, received_at)"
		" VALUES (?, 'charge.refunded', 'ch_1', 'a', 0, ?, ?, 5, 'secret', ?, ?)",
		id, state, note, now, now);
}

static const char *all_there_is(struct fixture *f)
{
	return db_text(&f->db,
		"SELECT CONCAT((SELECT COUNT(*) FROM job), ' ', (SELECT COUNT(*) FROM audit), ' ',"
		" (SELECT COALESCE(GROUP_CONCAT(id, state, tries, COALESCE(retry_at, '') ORDER BY id), '') FROM stripe_event))");
}

static void only_staff_look_and_press(void **state)
{
	struct fixture *f = *state;
	an_event(f, "evt_1", "failed", "");
	const char *before = all_there_is(f);
	db_script(&f->db, "SAVEPOINT look");
	shown_to_staff_alone(f, "/admin/health");
	db_script(&f->db, "ROLLBACK TO SAVEPOINT look");
	posted_by_staff_alone(f, "/admin/health", "action=retry&event=evt_1");
	assert_string_equal(all_there_is(f), before);
	assert_int_equal(get(f, "/admin/health").status, 200);
}

static void a_new_shop_has_nothing_to_tell(void **state)
{
	struct fixture *f = *state;
	emptied(f);
	a_clerk(f);
	struct page page = get(f, "/admin/health");
	assert_int_equal(page.status, 200);
	assert_has(page, "None failed, none is held.");
	assert_has(page, "Compare now");
	assert_lacks(page, "class=\"row\"");
	assert_lacks(page, "Last time");
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(get(f, "/admin/health"), "<html lang=\"fr\">");
}

static void promises_are_told_broken_ones_first(void **state)
{
	struct fixture *f = *state;
	emptied(f);
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	a_clerk(f);
	product_prices_refresh(&f->db, product_id_of(f, "night-walk"));
	invariants_prove(&f->db);
	int64_t promises = db_int(&f->db, "SELECT COUNT(*) FROM invariant");
	struct page page = get(f, "/admin/health");
	assert_int_equal(times(page.body, "state active\">Holds"), promises);
	assert_lacks(page, "Broken by");
	assert_lacks(page, ">promise."); /* each has its sentence */
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement WHERE order_id = ?", order);
	page = get(f, "/admin/health"); /* the page counts nothing itself */
	assert_int_equal(times(page.body, "state active\">Holds"), promises);
	invariants_prove(&f->db);
	page = get(f, "/admin/health");
	assert_int_equal(times(page.body, "state active\">Holds"), promises - 1);
	assert_has(page, "state failed\">Broken by 1<");
	assert_true(strstr(page.body, "Every paid order has its rights") < strstr(page.body, "Every balance is the sum of its lots"));
}

static void the_queue_tells_what_is_late_or_dead(void **state)
{
	struct fixture *f = *state;
	struct moment now = moment_now();
	emptied(f);
	a_clerk(f);
	db_run(&f->db, "INSERT INTO job (reaction, unique_key, state, error, run_at, created_at) VALUES ('mail_send', '1', 'ready', '', ?, ?),"
		" ('mail_send', '2', 'ready', '', ?, ?), ('refund_now', '3', 'ready', '', ?, ?), ('zip', '4', 'dead', 'no <disk>', ?, ?),"
		" ('zip', '5', 'leased', '', ?, ?)", now, now, moment_add_days(now, 9), now, moment_add_seconds(now, -301), now, now, now,
		moment_add_days(now, -9), now);
	struct page page = get(f, "/admin/health");
	assert_int_equal(times(page.body, "class=\"row\""), 4);
	assert_has(page, "<code>mail_send</code></span>\n<span class=\"row-sub\">2</span>\n<span class=\"row-state state \">Waiting");
	assert_has(page, "<code>refund_now</code></span>\n<span class=\"row-sub\">1</span>\n<span class=\"row-state state pending\">Waiting");
	assert_has(page, "<span class=\"row-sub\">1 · no &lt;disk&gt;</span>\n<span class=\"row-state state failed\">Given up");
	assert_has(page, "<span class=\"row-state state \">Running");
	assert_true(strstr(page.body, "<code>zip</code>") < strstr(page.body, "<code>mail_send</code>"));
}

static void events_are_told_with_their_reasons(void **state)
{
	struct fixture *f = *state;
	char note[381] = "<i>";
	memset(note + 3, 'n', sizeof note - 4);
	emptied(f);
	an_event(f, "evt_1", "failed", note);
	an_event(f, "evt_2", "dead", "");
	an_event(f, "evt_3", "review", "");
	an_event(f, "evt_4", "applied", "");
	an_event(f, "evt_5", "ignored", "");
	a_clerk(f);
	struct page page = get(f, "/admin/health");
	assert_int_equal(times(page.body, "name=\"event\""), 3);
	assert_has(page, mem_format(f->mem, "&lt;i&gt;%s", note + 3));
	assert_lacks(page, "secret");
	static const char *const states[] = { "state failed\">Failed", "Given up", "Held", "aria-label=\"Try again: evt_3\"" };
	for (size_t i = 0; i < 4; i++)
		assert_has(page, states[i]);
	for (int i = 0; i < 60; i++)
		an_event(f, mem_format(f->mem, "evt_more_%d", i), "failed", "");
	assert_int_equal(times(get(f, "/admin/health").body, "name=\"event\""), 50);
}

static void the_reconciler_tells_how_it_went(void **state)
{
	struct fixture *f = *state;
	emptied(f);
	a_clerk(f);
	db_run(&f->db, "INSERT INTO reconcile (id, ran_at, listed, missed, missed_ever, error) VALUES (1, '2027-01-15 08:00:00', 41, 2, 17, '')");
	struct page page = get(f, "/admin/health");
	assert_has(page, "15 January 2027");
	assert_has(page, "<dd>41</dd>");
	assert_has(page, "<dd>17</dd>");
	assert_lacks(page, "Cut short:");
	db_run(&f->db, "UPDATE reconcile SET error = 'Stripe <away>'");
	assert_has(get(f, "/admin/health"), "Cut short: Stripe &lt;away&gt;");
}

static void an_event_is_tried_again(void **state)
{
	static const char *const states[] = { "failed", "dead", "review" };
	struct fixture *f = *state;
	int64_t clerk = a_clerk(f);
	for (size_t i = 0; i < 3; i++) {
		db_script(&f->db, "SAVEPOINT row");
		an_event(f, "evt_1", states[i], "");
		assert_string_equal(post(f, "/admin/health", "action=retry&event=evt_1").location, "/admin/health?notice=event_retried");
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE retry_at IS NOT NULL AND tries = 0"), 1);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'stripe_event.retried' AND actor_id = ?"
						" AND detail LIKE 'evt_1:%'", clerk), 1);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'reconcile'"), 1);
		assert_lacks(get(f, "/admin/health?notice=event_retried"), "notice.event_retried");
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void a_comparison_is_asked_for_once(void **state)
{
	struct fixture *f = *state;
	int64_t clerk = a_clerk(f);
	for (int twice = 0; twice < 2; twice++)
		assert_string_equal(post(f, "/admin/health", "action=reconcile").location, "/admin/health?notice=reconcile_asked");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'stripe_reconcile'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'reconcile.asked' AND actor_id = ?", clerk), 2);
	proof_is_old(f); /* it moves no money */
	assert_int_equal(post(f, "/admin/health", "action=reconcile").status, 303);
}

/* Nobody types here: what a button would not send is no request of this page. */
static void what_no_button_sends_does_nothing(void **state)
{
	static const struct { const char *form; int status; } rows[] = {
		{ "", 400 }, { "action=", 400 }, { "action=delete", 400 }, { "action=reconcile+retry", 400 },
		{ "action=reconcile&action=retry", 400 }, { "action=retry&event=%FF", 400 }, { "action=retry", 404 },
		{ "action=retry&event=evt_9", 404 }, { "action=retry&event=evt_1", 404 }, { "action=retry&event=%27", 404 },
		{ "action=retry&event=%C3%A9", 404 },
	};
	struct fixture *f = *state;
	an_event(f, "evt_1", "applied", "");
	a_clerk(f);
	const char *before = all_there_is(f), *more = mem_format(f->mem, "action=retry&event=%0256d", 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int status = post(f, "/admin/health", rows[i].form).status;
		if (status != rows[i].status)
			fail_msg("%s: %d", rows[i].form, status);
		assert_string_equal(all_there_is(f), before);
	}
	assert_int_equal(post(f, "/admin/health", more).status, 400);
	assert_string_equal(all_there_is(f), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(only_staff_look_and_press), TEST(a_new_shop_has_nothing_to_tell),
		TEST(promises_are_told_broken_ones_first), TEST(the_queue_tells_what_is_late_or_dead),
		TEST(events_are_told_with_their_reasons), TEST(the_reconciler_tells_how_it_went), TEST(an_event_is_tried_again),
		TEST(a_comparison_is_asked_for_once), TEST(what_no_button_sends_does_nothing) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
