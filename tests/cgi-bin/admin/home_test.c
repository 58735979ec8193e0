/* GET /admin: what waits for a person, counted and listed. */
#include "../../clerk.h"

static void it_is_for_staff(void **state)
{
	struct fixture *f = *state;
	shown_to_staff_alone(f, "/admin");
	int64_t clerk = a_clerk(f);
	assert_int_equal(get(f, "/admin").status, 200);
	db_run(&f->db, "UPDATE account SET staff = FALSE WHERE id = ?", clerk);
	assert_int_equal(get(f, "/admin").status, 403); /* at once, in the same session */
	db_run(&f->db, "UPDATE account SET seller = TRUE WHERE id = ?", clerk);
	assert_int_equal(get(f, "/admin").status, 403);
}

static void a_calm_shop_says_so(void **state)
{
	struct fixture *f = *state;
	a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "DELETE FROM invariant");
	a_clerk(f);
	struct page page = get(f, "/admin");
	static const char *const zeros[] = { "orders held", "open disputes", "events held up", "broken promises" };
	for (size_t i = 0; i < 4; i++)
		assert_has(page, mem_format(f->mem, "<b>0</b> %s", zeros[i]));
	assert_has(page, "No order waits for anyone.");
	assert_lacks(page, "notice bad");
	assert_lacks(page, "class=\"row\"");
	assert_has(page, "<a href=\"/admin\" aria-current=\"page\">");
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(get(f, "/admin"), "<html lang=\"fr\">");
}

static void disputes_put(struct fixture *f, int count)
{
	for (int i = 0; i < count; i++)
		db_run(&f->db,
			"INSERT INTO dispute (public_id, stripe_dispute, payment_intent, status, amount, currency, opened_at, closed_at, told_at)"
			" VALUES (?, ?, 'pi_1', IF(?, 'needs_response', 'won'), 100, 'eur', NOW(), IF(?, NULL, NOW()), NOW())",
			random_id(f->mem), mem_format(f->mem, "du_%d", i), i > 0, i > 0);
}

static void what_waits_is_counted_and_the_newest_listed(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), first = 0, last = 0;
	const char *price = a_price(f, NULL, 1900);
	for (int i = 0; i < 12; i++) {
		last = an_order(f, jenny, price);
		first = first ? first : last;
	}
	db_run(&f->db, "UPDATE orders SET review = 'refund_failed'");
	an_order(f, jenny, price); /* waits for nobody */
	disputes_put(f, 3);
	a_clerk(f);
	struct page page = get(f, "/admin");
	assert_has(page, "<b>12</b> orders held");
	assert_has(page, "<b>2</b> open disputes");
	assert_int_equal(times(page.body, "class=\"row\""), 10 + 3);
	assert_has(page, number_of(f, last));
	assert_lacks(page, number_of(f, first));
	assert_has(page, "a refund came back: the buyer was not repaid");
	assert_lacks(page, "notice bad");
}

/* Each alone makes the page point to health. */
static void what_broke_is_pointed_to(void **state)
{
	static const struct { const char *set, *says; } rows[] = {
		{ "INSERT INTO job (reaction, unique_key, state, run_at, created_at) VALUES ('a', 'b', 'dead', NOW(), NOW())",
			"<b>0</b> events held up" },
		{ "INSERT INTO invariant VALUES ('seats_over', 3, NOW()), ('invoice_gaps', 0, NOW())", "<b>1</b> broken promises" },
		{ "INSERT INTO stripe_event (id, type, object_id, api_version, livemode, state, payload, created_at, received_at) VALUES"
			" ('evt_1', 'a', 'a', 'a', 0, 'dead', '', NOW(), NOW()), ('evt_2', 'a', 'a', 'a', 0, 'applied', '', NOW(), NOW()),"
			" ('evt_3', 'a', 'a', 'a', 0, 'review', '', NOW(), NOW()), ('evt_4', 'a', 'a', 'a', 0, 'failed', '', NOW(), NOW())",
			"<b>3</b> events held up" },
	};
	struct fixture *f = *state;
	a_clerk(f);
	db_run(&f->db, "DELETE FROM invariant");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_script(&f->db, rows[i].set);
		struct page page = get(f, "/admin");
		assert_has(page, rows[i].says);
		assert_has(page, "Something needs a look.");
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	assert_lacks(get(f, "/admin"), "Something needs a look.");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(it_is_for_staff), TEST(a_calm_shop_says_so),
		TEST(what_waits_is_counted_and_the_newest_listed), TEST(what_broke_is_pointed_to) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
