/* GET /admin/disputes and /admin/disputes/{id}: what banks ask, how long there is to answer, what was suspended for it. */
#include "../../clerk.h"
#include "payment.h"

static const char *a_dispute(struct fixture *f, const char *stripe, const char *payment, const char *status, int64_t days)
{
	struct moment now = moment_now(), due = days ? moment_add_days(now, days) : (struct moment){ 0 };
	bool closed = !strcmp(status, "won") || !strcmp(status, "lost") || !strcmp(status, "warning_closed");
	const char *id = random_id(f->mem);
	db_run(&f->db,
		"INSERT INTO dispute (public_id, stripe_dispute, payment_intent, status, reason, amount, currency, opened_at, closed_at,"
		" due_by, told_at) VALUES (?, ?, ?, ?, 'fraudulent', 1900, 'eur', ?, ?, ?, ?)",
		id, stripe, payment, status, now, closed ? now : (struct moment){ 0 }, due, now);
	return id;
}

static int64_t a_paid_order(struct fixture *f)
{
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET stripe_payment = 'pi_1' WHERE id = ?", order);
	return order;
}

static const char *path_of(struct fixture *f, const char *id)
{
	return mem_format(f->mem, "/admin/disputes/%s", id);
}

static void only_staff_see_them(void **state)
{
	struct fixture *f = *state;
	const char *path = path_of(f, a_dispute(f, "du_1", "pi_1", "needs_response", 8));
	db_script(&f->db, "SAVEPOINT look");
	shown_to_staff_alone(f, "/admin/disputes");
	db_script(&f->db, "ROLLBACK TO SAVEPOINT look");
	shown_to_staff_alone(f, path);
	a_clerk(f);
	assert_int_equal(get(f, "/admin/disputes").status, 200);
	assert_int_equal(get(f, path).status, 200);
	static const char *const none[] = { "du_1", "1", "AAAAAAAAAAAAAAAAAAAAAA", "%27", "%C3%A9" };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(get(f, path_of(f, none[i])).status, 404);
	assert_int_equal(post(f, path, "action=accept").status, 405); /* answers are given at Stripe */
}

static void no_disputes_are_good_news(void **state)
{
	struct fixture *f = *state;
	a_clerk(f);
	struct page page = get(f, "/admin/disputes");
	assert_has(page, "No disputes.");
	assert_lacks(page, "class=\"row\"");
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(get(f, "/admin/disputes"), "Aucun litige.");
}

static void what_is_due_first_stands_first(void **state)
{
	struct fixture *f = *state;
	const char *ids[] = { a_dispute(f, "du_late", "pi_5", "needs_response", -1), a_dispute(f, "du_soon", "pi_1", "needs_response", 3),
		a_dispute(f, "du_then", "pi_2", "warning_needs_response", 9), a_dispute(f, "du_open", "pi_3", "under_review", 0),
		a_dispute(f, "du_lost", "pi_6", "lost", 2), a_dispute(f, "du_won", "pi_4", "won", 1) };
	size_t turns[] = { 0, 1, 2, 3, 5, 4 };
	a_clerk(f);
	struct page page = get(f, "/admin/disputes");
	const char *at = page.body;
	assert_int_equal(times(page.body, "class=\"row\""), 6);
	for (size_t i = 0; i < 6; i++) {
		at = strstr(at, ids[turns[i]]);
		if (!at)
			fail_msg("%zu is not in its place", turns[i]);
	}
	assert_int_equal(times(page.body, "the time to answer is over"), 1);
	assert_int_equal(times(page.body, "days left to answer"), 2);
	static const char *const states[] = { "Answer wanted", "Inquiry", "Under review", "Lost", "Won" };
	for (size_t i = 0; i < 5; i++)
		assert_has(page, states[i]);
}

static void each_state_of_one_is_told(void **state)
{
	static const struct { const char *status; int64_t days; const char *says, *silent; } rows[] = {
		{ "needs_response", 8, "8 days left to answer", "The bank only asks" },
		{ "needs_response", 8, "The money is withdrawn", "the time to answer is over" },
		{ "needs_response", -1, "the time to answer is over", "days left" },
		{ "needs_response", 0, "The money is withdrawn", "Answer by" },
		{ "warning_needs_response", 8, "The bank only asks", "The money is withdrawn" },
		{ "warning_closed", 8, "Inquiry closed", "The bank only asks" },
		{ "won", 8, "Won", "days left" },
		{ "lost", -3, "Lost", "the time to answer is over" },
	};
	struct fixture *f = *state;
	int64_t order = a_paid_order(f);
	a_clerk(f);
	moment_clock_set(moment_now());
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		struct page page = get(f, path_of(f, a_dispute(f, "du_1", "pi_1", rows[i].status, rows[i].days)));
		assert_int_equal(page.status, 200);
		if (!strstr(page.body, rows[i].says) || strstr(page.body, rows[i].silent))
			fail_msg("%s, %lld days", rows[i].status, (long long)rows[i].days);
		assert_has(page, "https://dashboard.stripe.com/test/disputes/du_1");
		assert_has(page, "€19.00");
		assert_has(page, mem_format(f->mem, "href=\"/admin/orders/%s\"", number_of(f, order)));
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void it_shows_the_rights_that_hang_on_it(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f);
	const char *id = a_dispute(f, "du_1", "pi_1", "needs_response", 8), *stray = a_dispute(f, "du_2", "pi_9", "needs_response", 8);
	char title[255] = "<i>";
	memset(title + 3, 'w', sizeof title - 4);
	db_run(&f->db, "UPDATE entitlement SET state = 'suspended', title = ? WHERE order_id = ?", title, order);
	a_purchase(f, a_member(f, "omar@example.com"), a_price(f, "other", 300));
	a_clerk(f);
	struct page page = get(f, path_of(f, id));
	assert_int_equal(times(page.body, "class=\"row\""), 2);
	assert_int_equal(times(page.body, "state suspended\">Suspended"), 2);
	assert_has(page, mem_format(f->mem, "&lt;i&gt;%s", title + 3));
	db_run(&f->db, "UPDATE entitlement SET deleted_at = NOW() WHERE order_id = ? AND kind = 'download'", order);
	assert_int_equal(times(get(f, path_of(f, id)).body, "class=\"row\""), 1);
	page = get(f, path_of(f, stray)); /* of no order that is known */
	assert_int_equal(page.status, 200);
	assert_lacks(page, "/admin/orders/");
	assert_lacks(page, "Rights it gave");
}

/* Of a subscription's second month: the order that began it, and the rights of that. */
static void a_month_leads_to_its_order(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	int64_t subscription = db_insert(&f->db,
		"INSERT INTO subscription (public_id, account_id, order_id, stripe_subscription, status, told_at, created_at, updated_at)"
		" SELECT ?, account_id, id, 'sub_1', 'active', NOW(), NOW(), NOW() FROM orders WHERE id = ?", random_id(f->mem), order);
	db_run(&f->db,
		"INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, starts_at, ends_at, amount, currency, state,"
		" created_at) VALUES (?, 'in_2', 1, NOW(), NOW(), 900, 'eur', 'suspended', NOW())", subscription);
	db_run(&f->db, "INSERT INTO payment (payment_intent, stripe_invoice, created_at, updated_at) VALUES ('pi_2', 'in_2', NOW(), NOW())");
	const char *id = a_dispute(f, "du_1", "pi_2", "needs_response", 8);
	a_clerk(f);
	struct page page = get(f, path_of(f, id));
	assert_has(page, mem_format(f->mem, "href=\"/admin/orders/%s\"", number_of(f, order)));
	assert_int_equal(times(page.body, "class=\"row\""), 2);
	assert_has(get(f, mem_format(f->mem, "/admin/orders/%s", number_of(f, order))), path_of(f, id));
}

/* Those that a refund may still keep from becoming disputes, and whose they are. */
static void fraud_warnings_are_listed_while_something_can_be_done(void **state)
{
	static const char *const settled[] = { "UPDATE payment SET refunded = 1900", "INSERT INTO dispute (public_id, stripe_dispute,"
		" payment_intent, status, reason, amount, currency, opened_at, told_at) VALUES ('x', 'du_1', 'pi_1', 'needs_response', '', 1,"
		" 'eur', NOW(), NOW())", "INSERT INTO refund (public_id, payment_intent, amount, currency, status, created_at, updated_at)"
		" VALUES ('x', 'pi_1', 1900, 'eur', 'asked', NOW(), NOW())", "UPDATE payment SET fraud_warning = FALSE",
		"UPDATE orders SET stripe_payment = 'pi_other'" };
	struct fixture *f = *state;
	int64_t order = a_paid_order(f);
	const char *path = mem_format(f->mem, "href=\"/admin/orders/%s\"", number_of(f, order));
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "",
		.fraud_warning = true });
	db_commit(&f->db);
	a_clerk(f);
	struct page page = get(f, "/admin/disputes");
	assert_has(page, "Fraud warnings (1)");
	assert_has(page, path);
	assert_has(page, "€19.00");
	for (size_t i = 0; i < sizeof settled / sizeof settled[0]; i++) {
		db_script(&f->db, "SAVEPOINT look");
		db_script(&f->db, settled[i]);
		assert_lacks(get(f, "/admin/disputes"), "Fraud warnings");
		db_script(&f->db, "ROLLBACK TO SAVEPOINT look");
	}
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(get(f, "/admin/disputes"), "Alertes de fraude (1)");
}

/* The order that a subscription began with is where its payments are refunded. */
static void a_warning_of_a_subscription_leads_to_its_order(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 900));
	db_script(&f->db, mem_format(f->mem, "INSERT INTO subscription (public_id, stripe_subscription, order_id, account_id, status,"
		" told_at, created_at, updated_at) SELECT 's', 'sub_1', id, account_id, 'active', NOW(), NOW(), NOW() FROM orders WHERE id = %lld;"
		" INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, starts_at, ends_at, amount, currency, state,"
		" created_at) SELECT id, 'in_1', 1, NOW(), NOW(), 700, 'eur', 'active', NOW() FROM subscription;"
		" INSERT INTO payment (payment_intent, stripe_invoice, fraud_warning, created_at, updated_at)"
		" VALUES ('pi_7', 'in_1', TRUE, NOW(), NOW())", (long long)order));
	a_clerk(f);
	struct page page = get(f, "/admin/disputes");
	assert_has(page, mem_format(f->mem, "href=\"/admin/orders/%s\"", number_of(f, order)));
	assert_has(page, "€7.00");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(only_staff_see_them), TEST(fraud_warnings_are_listed_while_something_can_be_done),
		TEST(a_warning_of_a_subscription_leads_to_its_order), TEST(no_disputes_are_good_news),
		TEST(what_is_due_first_stands_first), TEST(each_state_of_one_is_told), TEST(it_shows_the_rights_that_hang_on_it),
		TEST(a_month_leads_to_its_order) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
