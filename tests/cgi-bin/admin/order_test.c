/* GET /admin/orders/{number}: what staff see of an order in each of its states, and what they are offered to do. */
#include "../../clerk.h"
#include "../../lines.h"
#include "audit.h"
#include "entitlement.h"
#include "payment.h"

static const int64_t amounts[LINES] = { 500, 600, 800 };

static const char *path_of(struct fixture *f, int64_t order)
{
	return mem_format(f->mem, "/admin/orders/%s", number_of(f, order));
}

static struct page page_of(struct fixture *f, int64_t order)
{
	struct page page = get(f, path_of(f, order));
	assert_int_equal(page.status, 200);
	return page;
}

static void only_staff_see_it(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	shown_to_staff_alone(f, path_of(f, order));
	log_in(f, jenny); /* not the buyer either */
	assert_int_equal(get(f, path_of(f, order)).status, 403);
	a_clerk(f);
	page_of(f, order);
	static const char *const none[] = { "AAAA-BBBB-CCCC", "1", "%27", "%C3%A9", "-" };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(get(f, mem_format(f->mem, "/admin/orders/%s", none[i])).status, 404);
}

static void a_paid_order_is_told_whole(void **state)
{
	static const char *const told[] = { "jenny@example.com", "Jenny Example", "€19.00", "Night Walk", "More", "Basic", "Paid",
		"https://dashboard.stripe.com/test/payments/pi_1", "Rights it gave", "Download", "Licence", "Active", "Order placed",
		"Payment received", "All that is left: €19.00", "/refund\"" };
	static const char *const not_told[] = { "/review\"", "/right\"", "Type your password", "Held:", "Disputes</h2>",
		"Refunds</h2>", "role=\"alert\"", "aria-invalid", "name=\"payment\"" };
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	struct page page = page_of(f, order);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		if (!strstr(page.body, told[i]))
			fail_msg("%s is not there", told[i]);
	for (size_t i = 0; i < sizeof not_told / sizeof not_told[0]; i++)
		if (strstr(page.body, not_told[i]))
			fail_msg("%s is there", not_told[i]);
	assert_int_equal(times(page.body, "type=\"checkbox\""), LINES);
	assert_null(header_of(f, page, "Refresh"));
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	page = page_of(f, order);
	assert_has(page, "<html lang=\"fr\">");
	assert_has(page, "19,00\u00a0€");
	assert_has(page, "Rembourser");
}

static void without_a_late_password_nothing_is_offered(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	db_begin(&f->db);
	entitlements_revoke(&f->db, order, "refunded");
	db_commit(&f->db);
	db_run(&f->db, "UPDATE orders SET review = 'amount_mismatch'");
	struct page page = page_of(f, order);
	assert_int_equal(times(page.body, "method=\"post\" action=\"/admin/"), 8); /* refund, review, six rights */
	proof_is_old(f);
	page = page_of(f, order);
	assert_lacks(page, "method=\"post\" action=\"/admin/");
	assert_has(page, mem_format(f->mem, "href=\"/reauth?next=%%2Fadmin%%2Forders%%2F%s\"", number_of(f, order)));
}

/* What is offered hangs on what may be done. */
static void each_state_offers_its_own(void **state)
{
	static const struct { const char *name, *set; bool refund, review; const char *says; } rows[] = {
		{ "paid", "UPDATE orders SET id = id", true, false, "state paid\">Paid" },
		{ "pending", "UPDATE orders SET state = 'pending', paid_at = NULL", false, false, "Waiting for payment" },
		{ "paid without a payment", "UPDATE orders SET stripe_payment = NULL", false, false, "Paid" },
		{ "held", "UPDATE orders SET review = 'amount_mismatch'", true, true, "the amount paid is not that of the order" },
		{ "held and unpaid", "UPDATE orders SET review = 'currency_mismatch', paid_at = NULL", false, true, "another currency" },
		{ "failed", "UPDATE orders SET state = 'failed', paid_at = NULL", false, false, "Payment failed" },
		{ "partly refunded", "UPDATE orders SET state = 'partially_refunded', refunded = 500", true, false, "−€5.00" },
		{ "free", "UPDATE orders SET total = 0, subtotal = 0, stripe_payment = NULL", false, false, "Free" },
		{ "all is back", "INSERT INTO payment (payment_intent, amount, refunded, created_at, updated_at)"
			" VALUES ('pi_1', 1900, 1900, NOW(), NOW())", false, false, "Paid" },
	};
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_script(&f->db, rows[i].set);
		struct page page = page_of(f, order);
		if (!strstr(page.body, "/refund\"") != !rows[i].refund || !strstr(page.body, "/review\"") != !rows[i].review ||
			!strstr(page.body, rows[i].says))
			fail_msg("%s", rows[i].name);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static int64_t a_refund(struct fixture *f, int64_t order, const char *key, const char *status, struct moment when)
{
	return db_insert(&f->db,
		"INSERT INTO refund (public_id, payment_intent, order_id, amount, currency, status, reason, error, created_at, updated_at)"
		" VALUES (?, 'pi_1', ?, 500, 'eur', ?, 'came <late>', IF(? = 'refused', 'charge_disputed', ''), ?, ?)",
		key, order, status, status, when, when);
}

/* It asks for itself again while an answer may come soon, but takes nobody's typing away for ever. */
static void refunds_are_listed_with_their_answers(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	db_run(&f->db, "INSERT INTO refund_line VALUES (?, ?, 500)",
		a_refund(f, order, "AAAAAAAAAAAAAAAAAAAAAA", "asked", moment_now()), lines[0]);
	struct page page = page_of(f, order);
	assert_string_equal(header_of(f, page, "Refresh"), "2");
	assert_has(page, "On its way to Stripe");
	assert_has(page, "came &lt;late&gt;");
	assert_has(page, "All that is left: €14.00");
	assert_lacks(page, "name=\"line_1\""); /* on its way back */
	assert_has(page, "name=\"line_2\"");
	moment_clock_set(moment_add_seconds(moment_now(), 61));
	assert_null(header_of(f, page_of(f, order), "Refresh"));
	db_run(&f->db, "UPDATE refund SET status = 'refused', error = 'charge_disputed'");
	page = page_of(f, order);
	assert_has(page, "Refused by Stripe");
	assert_has(page, "<code>charge_disputed</code>");
	assert_has(page, "All that is left: €19.00");
	assert_has(page, "name=\"line_1\"");
	a_refund(f, 0, "BBBBBBBBBBBBBBBBBBBBBB", "succeeded", moment_now()); /* in Stripe's dashboard: by its payment alone */
	page = page_of(f, order);
	assert_int_equal(times(page.body, "came &lt;late&gt;"), 2);
	assert_null(header_of(f, page, "Refresh"));
}

static void a_dispute_is_told_and_takes_the_refund_away(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
		.status = "needs_response", .reason = "fraudulent", .currency = "eur", .amount = 1900, .opened_at = moment_now(),
		.told_at = moment_now() });
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "", .amount = 1900 });
	struct page page = page_of(f, order);
	assert_has(page, mem_format(f->mem, "/admin/disputes/%s", db_text(&f->db, "SELECT public_id FROM dispute")));
	assert_has(page, "Fraud, says the cardholder");
	assert_lacks(page, "/refund\"");
}

static void long_names_are_whole_and_escaped(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	char name[100] = "<b>&amp;", title[255] = "<i>\"";
	memset(name + 8, 'n', sizeof name - 9);
	memset(title + 4, 'w', sizeof title - 5);
	db_run(&f->db, "UPDATE account SET name = ?, email = CONCAT(REPEAT('e', 200), '+a&b@example.com')", name);
	db_run(&f->db, "UPDATE order_line SET title = ?", title);
	db_run(&f->db, "UPDATE entitlement SET title = ?", title);
	db_run(&f->db, "UPDATE audit SET detail = ?", title);
	a_clerk(f);
	struct page page = page_of(f, order);
	assert_has(page, mem_format(f->mem, "&lt;b&gt;&amp;amp;%s", name + 8));
	assert_int_equal(times(page.body, mem_format(f->mem, "&lt;i&gt;&quot;%s", title + 4)) >= 2 * LINES + 2, 1);
	assert_has(page, "eee+a&amp;b@example.com");
	assert_lacks(page, "<i>");
	const char *link = strstr(page.body, "href=\"/admin/orders?q=e") + strlen("href=\""); /* leads to all of theirs */
	assert_has(get(f, mem_textn(f->mem, link, strcspn(link, "\""))), number_of(f, order));
}

static void steps_say_who_took_them(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines), clerk = a_clerk(f);
	int64_t jenny = db_int(&f->db, "SELECT account_id FROM orders");
	audit_put(&f->db, jenny, clerk, "order.released", order, "looked at it");
	audit_put(&f->db, jenny, 0, "order.paid", order + 1, "of another order");
	struct page page = page_of(f, order);
	assert_has(page, "Released <small>looked at it</small> <small>Clara Clerk</small>");
	assert_lacks(page, "of another order");
}

static void a_fraud_warning_is_said(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET stripe_payment = 'pi_1' WHERE id = ?", order);
	a_clerk(f);
	assert_lacks(page_of(f, order), "for fraud");
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "",
		.fraud_warning = true });
	db_commit(&f->db);
	assert_has(page_of(f, order), "The card network takes a payment of this order for fraud.");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(only_staff_see_it), TEST(a_fraud_warning_is_said), TEST(a_paid_order_is_told_whole),
		TEST(without_a_late_password_nothing_is_offered), TEST(each_state_offers_its_own),
		TEST(refunds_are_listed_with_their_answers), TEST(a_dispute_is_told_and_takes_the_refund_away),
		TEST(long_names_are_whole_and_escaped), TEST(steps_say_who_took_them) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
