/* POST /admin/orders/{number}/review and …/right, and the refund of a subscription's payment: decided once, refused with what
 * was typed. */
#include "../../clerk.h"
#include "../../plans.h"
#include "entitlement.h"

#define WHY "&reason=Looked+at+it"

static const char *path_of(struct fixture *f, int64_t order, const char *deed)
{
	return mem_format(f->mem, "/admin/orders/%s%s", number_of(f, order), deed);
}

static const char *state_of(struct fixture *f, int64_t order)
{
	return db_text(&f->db,
		"SELECT CONCAT(state, ' ', review, ' ', (SELECT COUNT(*) FROM audit), ' ', (SELECT COUNT(*) FROM job), ' ',"
		" (SELECT COUNT(*) FROM refund), ' ', (SELECT COALESCE(GROUP_CONCAT(state), '') FROM entitlement)) FROM orders WHERE id = ?",
		order);
}

static int64_t a_held_order(struct fixture *f)
{
	int64_t order = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET review = 'amount_mismatch', stripe_session = 'cs_1' WHERE id = ?", order);
	return order;
}

static const char *value_after(struct fixture *f, struct page page, const char *id)
{
	const char *at = strstr(page.body, mem_format(f->mem, "id=\"%s\"", id)), *value = at ? strstr(at, "value=\"") : NULL;
	return value ? mem_textn(f->mem, value + 7, strcspn(value + 7, "\"")) : "none";
}

static void a_held_order_is_decided_once(void **state)
{
	static const struct { const char *form, *notice, *says, *state; } rows[] = {
		{ "action=release" WHY, "order_released", "The order is released.", "pending" },
		{ "action=close" WHY, "order_closed", "The order is closed.", "failed" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < 2; i++) {
		db_script(&f->db, "SAVEPOINT row");
		int64_t order = a_held_order(f), clerk = a_clerk(f);
		struct page page = post(f, path_of(f, order, "/review"), rows[i].form);
		assert_int_equal(page.status, 303);
		assert_string_equal(page.location, path_of(f, order, mem_format(f->mem, "?notice=%s", rows[i].notice)));
		assert_has(get(f, page.location), rows[i].says);
		assert_string_equal(db_text(&f->db, "SELECT CONCAT(state, review) FROM orders WHERE id = ?", order), rows[i].state);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE actor_id = ? AND subject_id = ?"
						" AND detail = 'amount_mismatch: Looked at it'", clerk, order), 1);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'order_check'"), i == 0);
		const char *before = state_of(f, order);
		page = post(f, path_of(f, order, "/review"), rows[i].form);
		assert_int_equal(page.status, 422);
		assert_has(page, "This order is not held.");
		assert_string_equal(value_after(f, page, "review-reason"), "Looked at it");
		assert_string_equal(state_of(f, order), before);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void a_bad_decision_keeps_its_reason(void **state)
{
	static const struct { const char *form, *says, *reason; } rows[] = {
		{ "", "Please fill this in.", "" },
		{ "action=release", "Please fill this in.", "" },
		{ "action=release&reason=%22a", "This is too short.", "&quot;a" },
		{ "reason=Looked+at+it", "Please fill this in.", "Looked at it" },
		{ "action=forget" WHY, "Please choose one of the options.", "Looked at it" },
		{ "action=release&action=close" WHY, "This cannot be right.", "Looked at it" },
		{ "action=close&reason=a%00b", "Some characters here cannot be used.", "" },
	};
	struct fixture *f = *state;
	int64_t order = a_held_order(f);
	a_clerk(f);
	const char *before = state_of(f, order);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct page page = post(f, path_of(f, order, "/review"), rows[i].form);
		if (page.status != 422 || !strstr(page.body, rows[i].says) || !strstr(page.body, "href=\"#review\""))
			fail_msg("%s: %d", rows[i].form, page.status);
		assert_string_equal(value_after(f, page, "review-reason"), rows[i].reason);
		assert_string_equal(state_of(f, order), before);
	}
	const char *most = mem_format(f->mem, "%0200d", 0), *more = mem_format(f->mem, "%0201d", 0);
	struct page page = post(f, path_of(f, order, "/review"), mem_format(f->mem, "action=close&reason=%s", more));
	assert_has(page, "This is too long.");
	assert_string_equal(value_after(f, page, "review-reason"), more);
	assert_string_equal(state_of(f, order), before);
	assert_int_equal(post(f, path_of(f, order, "/review"), mem_format(f->mem, "action=close&reason=%s", most)).status, 303);
}

static const char *right_form(struct fixture *f, const char *right, const char *reason)
{
	return mem_format(f->mem, "right=%s&reason=%s", right, reason);
}

static void a_right_is_given_back_once(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900)), clerk = a_clerk(f);
	const char *right = right_of_order(f, order), *here = path_of(f, order, "/right");
	db_begin(&f->db);
	entitlements_revoke(&f->db, order, "refunded");
	db_commit(&f->db);
	assert_int_equal(times(get(f, path_of(f, order, "")).body, "/right\""), 2);
	struct page page = post(f, here, right_form(f, right, "a+gift"));
	assert_string_equal(page.location, path_of(f, order, "?notice=right_back"));
	assert_string_equal(db_text(&f->db, "SELECT state FROM entitlement WHERE public_id = ?", right), "active");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'revoked'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.restored' AND actor_id = ?", clerk),
		1);
	page = get(f, page.location);
	assert_has(page, "The right is given back.");
	assert_int_equal(times(page.body, "/right\""), 1);
	const char *before = state_of(f, order);
	page = post(f, here, right_form(f, right, "once+more"));
	assert_int_equal(page.status, 422);
	assert_has(page, "This right is not withdrawn.");
	assert_string_equal(value_after(f, page, mem_format(f->mem, "reason-%s", right)), "once more");
	assert_string_equal(state_of(f, order), before);
}

static void a_bad_right_is_not_given_back(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	int64_t other = a_purchase(f, a_member(f, "omar@example.com"), a_price(f, "other", 300));
	const char *right = right_of_order(f, order), *foreign = right_of_order(f, other), *here = path_of(f, order, "/right");
	a_clerk(f);
	db_begin(&f->db);
	entitlements_revoke(&f->db, order, "refunded");
	entitlements_revoke(&f->db, other, "refunded");
	db_commit(&f->db);
	const char *before = state_of(f, order);
	struct page page = post(f, here, right_form(f, right, "no"));
	assert_int_equal(page.status, 422);
	assert_has(page, mem_format(f->mem, "id=\"reason-%s-error\">This is too short.", right));
	assert_string_equal(value_after(f, page, mem_format(f->mem, "reason-%s", right)), "no");
	assert_int_equal(times(page.body, "This is too short."), 1);
	assert_int_equal(times(page.body, "aria-invalid"), 1); /* of this right alone */
	const char *const forms[] = { "", "right=short&reason=why+not", right_form(f, foreign, "why+not"),
		"right=AAAAAAAAAAAAAAAAAAAAAA&reason=why+not" };
	for (size_t i = 0; i < 4; i++) {
		page = post(f, here, forms[i]);
		assert_int_equal(page.status, 422);
		assert_has(page, i < 2 ? "Please look at the fields" : "This right is not withdrawn.");
		assert_lacks(page, foreign);
		assert_string_equal(state_of(f, order), before);
	}
}

/* A plan with two paid months, pi_1 and pi_2, of 900 each. */
static int64_t a_subscribed_order(struct fixture *f)
{
	int64_t jenny = a_member(f, "jenny@example.com"), product = a_club(f), month = a_plan(f, product, "m", "price_m", 900, "month", 0);
	int64_t order = an_order(f, jenny, db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", month));
	struct moment now = moment_now();
	int64_t id = db_insert(&f->db,
		"INSERT INTO subscription (public_id, account_id, order_id, stripe_subscription, status, told_at, created_at, updated_at)"
		" VALUES (?, ?, ?, 'sub_1', 'active', ?, ?, ?)", random_id(f->mem), jenny, order, now, now, now);
	for (int i = 1; i <= 2; i++) {
		const char *invoice = mem_format(f->mem, "in_%d", i), *payment = mem_format(f->mem, "pi_%d", i);
		struct moment from = moment_add_months(now, i - 2);
		db_run(&f->db,
			"INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, starts_at, ends_at, amount, currency,"
			" state, created_at) VALUES (?, ?, ?, ?, ?, 900, 'usd', 'active', ?)", id, invoice, month, from,
			moment_add_months(from, 1), now);
		db_run(&f->db, "INSERT INTO payment (payment_intent, stripe_invoice, amount, created_at, updated_at)"
			" VALUES (?, ?, 900, ?, ?)", payment, invoice, now, now);
	}
	return order;
}

static const char *chosen(struct fixture *f, struct page page)
{
	bool one = strstr(choice_of(f, page, "payment", "pi_1"), " checked"), two = strstr(choice_of(f, page, "payment", "pi_2"), " checked");
	return mem_format(f->mem, "%s%s%s", one ? "pi_1" : "", two ? "pi_2" : "",
		strstr(choice_of(f, page, "ends", "yes"), " checked") ? " ends" : "");
}

#define KEY "key=AAAAAAAAAAAAAAAAAAAAAA&"

static void a_refused_month_stays_chosen(void **state)
{
	static const struct { const char *form, *says, *chosen; } rows[] = {
		{ KEY "kind=amount&amount=x&payment=pi_1&ends=yes" WHY, "This is no amount", "pi_1 ends" },
		{ KEY "kind=amount&amount=9.01&payment=pi_1" WHY, "That is more than is left.", "pi_1" },
		{ KEY "kind=all&payment=pi_2&ends=yes&reason=a", "This is too short.", "pi_2 ends" },
		{ KEY "kind=lines&line_1=yes&payment=pi_1&ends=yes" WHY, "Please choose one of the options.", "pi_1 ends" },
		{ KEY "kind=all&payment=pi_7" WHY, "Nothing was paid", "" },
		{ KEY "kind=all&payment=%C3%A9" WHY, "Please choose one of the options.", "" },
		{ KEY "kind=all" WHY, "Nothing was paid", "" },
	};
	struct fixture *f = *state;
	int64_t order = a_subscribed_order(f);
	a_clerk(f);
	assert_string_equal(chosen(f, get(f, path_of(f, order, ""))), "pi_2");
	const char *before = state_of(f, order);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct page page = post(f, path_of(f, order, "/refund"), rows[i].form);
		if (page.status != 422 || !strstr(page.body, rows[i].says))
			fail_msg("%s: %d", rows[i].form, page.status);
		assert_string_equal(chosen(f, page), rows[i].chosen);
		assert_string_equal(state_of(f, order), before);
	}
	struct page page = post(f, path_of(f, order, "/refund"), KEY "kind=all&payment=pi_1&ends=yes" WHY);
	assert_string_equal(page.location, path_of(f, order, "?notice=refund_asked"));
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(payment_intent, ' ', amount, ' ', cancels) FROM refund"), "pi_1 900 1");
	page = post(f, path_of(f, order, "/refund"), "key=BBBBBBBBBBBBBBBBBBBBBB&kind=all&payment=pi_1" WHY);
	assert_has(page, "All of it is refunded already");
	assert_string_equal(chosen(f, page), "pi_1"); /* what was meant is still there, though it cannot be */
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_held_order_is_decided_once), TEST(a_bad_decision_keeps_its_reason),
		TEST(a_right_is_given_back_once), TEST(a_bad_right_is_not_given_back), TEST(a_refused_month_stays_chosen) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
