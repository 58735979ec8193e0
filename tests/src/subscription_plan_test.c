/* subscription_plan_test.c: the quota of each month, months that were missed, changes of plan. */
#include "club.h"

#include "access.h"
#include "json.h"
#include "stripe_event.h"
#include "stripe_read.h"

/* An annual plan gets its quota every month; after months of silence only that of now. */
static void annual_quota_comes_monthly(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, true);
	struct invoice_fact first = an_invoice("in_1", YEAR, 9900, begin, month_end(12));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", YEAR, begin);
	tell_invoice(f, first);
	assert_int_equal(balance(f, &scene), 3000);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	moment_clock_set(moment_from_unix(month_end(1)));
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	assert_int_equal(balance(f, &scene), 3000);
	moment_clock_set(moment_from_unix(month_end(4) + 40));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 3000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot"), 3);
	tell(f, "past_due", YEAR, month_end(5));
	moment_clock_set(moment_from_unix(month_end(5) + 40));
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	tell(f, "active", YEAR, month_end(5) + 50);
	moment_clock_set(moment_from_unix(month_end(12)));
	assert_int_equal(quotas_renew(&f->db, 10), 0); /* the next year is not paid */
	assert_int_equal(token_check(&f->db), 0);
}

/* A renewal as Stripe's list names it, in the older shape: month k from its start. */
static const char *a_renewal(struct fixture *f, int64_t k)
{
	return mem_format(f->db.mem,
		"{\"id\":\"in_%lld\",\"subscription\":\"sub_1\",\"status\":\"paid\",\"billing_reason\":\"subscription_cycle\","
		"\"currency\":\"usd\",\"amount_paid\":900,\"created\":%lld,\"payment_intent\":\"pi_%lld\",\"charge\":\"ch_%lld\","
		"\"lines\":{\"data\":[{\"type\":\"subscription\",\"amount\":900,\"price\":\"" MONTH "\","
		"\"period\":{\"start\":%lld,\"end\":%lld}}]}}",
		(long long)k + 1, (long long)month_end(k), (long long)k, (long long)k, (long long)month_end(k),
		(long long)month_end(k + 1));
}

static void months_told_at_once(struct fixture *f)
{
	const char *text = mem_format(f->db.mem, "[%s,%s,%s,%s]", a_renewal(f, 3), a_renewal(f, 2), a_renewal(f, 4),
		a_renewal(f, 1));
	struct json_object *invoices = json_read(f->db.mem, (struct bytes){ (const unsigned char *)text, strlen(text) }, 32);
	db_begin(&f->db);
	invoices_note(&f->db, invoices);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

/* Months that are over when they are told have their lot, document and period; what can be spent is the last one's alone. */
static void an_outage_of_months_is_made_up(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	moment_clock_set(moment_from_unix(month_end(4) + 10));
	for (int times = 0; times < 2; times++) {
		months_told_at_once(f);
		assert_int_equal(balance(f, &scene), 1000);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'quota' AND granted = 1000"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE source = 'period'"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'subscription.renewed'"), 4);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'subscription.paid'"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id"), 5);
		assert_int_equal(db_int(&f->db, "SELECT last FROM invoice_counter"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT subject_id) FROM job WHERE reaction = 'invoice_print'"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM payment WHERE stripe_invoice LIKE 'in\\_%' AND charge <> ''"), 4);
		assert_int_equal(token_check(&f->db), 0);
	}
	assert_int_equal(db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(paid_until) AS SIGNED) FROM subscription"), month_end(5));
}

static void upgrade_brings_its_share(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	int64_t half = (begin + month_end(1)) / 2;
	const char *key = db_text(&f->db, "SELECT license_key FROM license");
	moment_clock_set(moment_from_unix(half + 5));
	struct invoice_fact change = an_invoice("in_2", YEAR, 9000, half, moment_unix(moment_add_months(moment_from_unix(half), 12)));
	change.billing_reason = "subscription_update";
	change.from_price = MONTH;
	change.change_at = moment_from_unix(half);
	tell_invoice(f, change);
	tell(f, "active", YEAR, half);
	assert_int_equal(balance(f, &scene), 2000); /* (3000 - 1000) / 2 more */
	assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), scene.year);
	assert_string_equal(db_text(&f->db, "SELECT license_key FROM license"), key); /* the same key goes on */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license"), 1);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	moment_clock_set(moment_from_unix(month_end(1) + 5));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 3000);
}

/* The scheduler was down when the month began, and the plan was changed since: its quota is that of the plan it began with. */
static void a_late_month_has_the_quota_it_began_with(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, true);
	struct invoice_fact first = an_invoice("in_1", YEAR, 9900, begin, month_end(12));
	a_plan(f, product_id_of(f, "club"), "more", "price_more", 19900, "year", 8000);
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", YEAR, begin);
	tell_invoice(f, first);
	int64_t half = (month_end(1) + month_end(2)) / 2;
	moment_clock_set(moment_from_unix(half + 5));
	struct invoice_fact change = an_invoice("in_2", "price_more", 9000, half, month_end(12));
	change.billing_reason = "subscription_update";
	change.from_price = YEAR;
	change.change_at = moment_from_unix(half);
	tell_invoice(f, change);
	assert_int_equal(balance(f, &scene), 2500); /* half of the 5,000 more */
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 5500);
	moment_clock_set(moment_from_unix(month_end(2)));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 8000);
}

static void proration_alone_extends_nothing(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	int64_t half = (begin + month_end(1)) / 2, more = a_plan(f, product_id_of(f, "club"), "more", "price_more", 1900, "month", 5000);
	moment_clock_set(moment_from_unix(half + 5));
	struct invoice_fact change = an_invoice("in_2", "price_more", 500, half, half);
	change.billing_reason = "subscription_update";
	change.from_price = MONTH;
	change.period_start = change.period_end = (struct moment){ 0 };
	change.change_at = moment_from_unix(half);
	change.change_end = moment_from_unix(month_end(1));
	tell_invoice(f, change);
	assert_int_equal(balance(f, &scene), 3000); /* 1000 + (5000 - 1000) / 2 */
	assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), more);
	assert_int_equal(db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(paid_until) AS SIGNED) FROM subscription"), month_end(1));
}

/* A change of plan within its interval, as Stripe bills it: prorated lines alone. */
static struct invoice_fact a_change(const char *id, const char *from, const char *to, int64_t at, int64_t ends)
{
	struct invoice_fact change = an_invoice(id, to, 500, at, ends);
	change.billing_reason = "subscription_update";
	change.from_price = from;
	change.period_start = change.period_end = (struct moment){ 0 };
	change.change_at = moment_from_unix(at);
	change.change_end = moment_from_unix(ends);
	return change;
}

/* 500 and 500, then 1,500 and 1,500: at half of the month 1,000 more. */
static void an_upgrade_counts_all_tokens_of_both_plans(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	int64_t product = product_id_of(f, "club"), more = a_plan(f, product, "more", "price_more", 1900, "month", 1500);
	db_run(&f->db, "UPDATE benefit SET tokens = 500 WHERE price_id = ? AND kind = 'tokens'", scene.month);
	db_run(&f->db, "INSERT INTO benefit (price_id, product_id, kind, position, tokens) VALUES (?, ?, 'tokens', 3, 500),"
		" (?, ?, 'tokens', 3, 1500)", scene.month, product, more, product);
	struct invoice_fact first = an_invoice("in_1", MONTH, 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	assert_int_equal(balance(f, &scene), 1000);
	int64_t half = (begin + month_end(1)) / 2;
	moment_clock_set(moment_from_unix(half + 5));
	tell_invoice(f, a_change("in_2", MONTH, "price_more", half, month_end(1)));
	tell_invoice(f, a_change("in_2", MONTH, "price_more", half, month_end(1)));
	assert_int_equal(balance(f, &scene), 2000);
	moment_clock_set(moment_from_unix(month_end(1) + 5));
	tell_invoice(f, an_invoice("in_3", "price_more", 1900, month_end(1), month_end(2)));
	assert_int_equal(balance(f, &scene), 3000);
	assert_int_equal(token_check(&f->db), 0);
}

static void tell_anchor(struct fixture *f, const char *price, int64_t anchor, int64_t trial_end, const char *status, int64_t period_end)
{
	struct subscription_fact fact = { .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = price, .status = status, .pause_behavior = "", .started_at = moment_from_unix(begin),
		.anchor_at = moment_from_unix(anchor), .period_end = moment_from_unix(period_end), .told_at = moment_now(), .rank = "2evt" };
	if (trial_end) {
		fact.trial_start = moment_from_unix(begin);
		fact.trial_end = moment_from_unix(trial_end);
	}
	db_begin(&f->db);
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

static const char *the_share(struct fixture *f)
{
	return db_text(&f->db, "SELECT CONCAT(COUNT(*), ' ', SUM(granted), ' ', CAST(UNIX_TIMESTAMP(MIN(expires_at)) AS SIGNED))"
		" FROM token_lot WHERE kind = 'upgrade'");
}

/* Paused over a month and resumed with a new anchor: an upgrade at half of the new month brings half, until that month's end,
 * also when its news come before the month's own. */
static void an_upgrade_after_a_pause_counts_the_new_month(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	a_plan(f, product_id_of(f, "club"), "more", "price_more", 1900, "month", 3000);
	int64_t resumed = month_end(2) + 14 * 86400, end = moment_unix(moment_add_months(moment_from_unix(resumed), 1));
	int64_t half = resumed + (end - resumed) / 2;
	moment_clock_set(moment_from_unix(half + 10));
	tell_anchor(f, MONTH, resumed, 0, "active", end);
	struct invoice_fact paid = an_invoice("in_2", MONTH, 900, resumed, end), change = a_change("in_3", MONTH, "price_more", half, end);
	for (int early = 0; early < 2; early++) {
		db_script(&f->db, "SAVEPOINT row");
		tell_invoice(f, early ? change : paid);
		tell_invoice(f, early ? paid : change);
		tell_invoice(f, change);
		assert_string_equal(the_share(f), mem_format(f->mem, "1 1000 %lld", (long long)end));
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* A trial without a card ended in a pause, and was resumed 25 days later: the year that is paid then has twelve months. */
static void a_year_after_a_pause_has_twelve_months(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, true);
	int64_t trial_end = begin + 14 * 86400, resumed = trial_end + 25 * 86400;
	int64_t end = moment_unix(moment_add_months(moment_from_unix(resumed), 12));
	link_order(f, &scene);
	tell_anchor(f, YEAR, trial_end, trial_end, "trialing", trial_end);
	struct invoice_fact zero = an_invoice("in_1", YEAR, 0, begin, trial_end);
	zero.billing_reason = "subscription_create";
	tell_invoice(f, zero);
	moment_clock_set(moment_from_unix(resumed + 10));
	tell_anchor(f, YEAR, resumed, trial_end, "active", end);
	tell_invoice(f, an_invoice("in_2", YEAR, 9900, resumed, end));
	assert_int_equal(balance(f, &scene), 3000);
	for (int64_t day = resumed + 10; day < end; day += 86400) {
		moment_clock_set(moment_from_unix(day));
		quotas_renew(&f->db, 10);
		assert_int_equal(balance(f, &scene), 3000);
	}
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'quota'"), 12);
	assert_int_equal(token_check(&f->db), 0);
}

/* A plan with a module, left for one without: the module closes, the licence keeps its key. */
static void what_the_new_plan_does_not_give_ends(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db,
		"INSERT INTO benefit (price_id, product_id, kind, position, module, level) SELECT id, product_id, 'module', 3, 'studio',"
		" 'pro' FROM price WHERE id = ?",
		scene.month);
	struct invoice_fact first = an_invoice("in_1", MONTH, 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	struct access_ask ask = { .account_id = scene.buyer, .module = "studio", .level = "" };
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_OPEN);
	assert_true(moment_unix(access_check(&f->db, ask).access->ends_at) >= month_end(1));
	const char *key = db_text(&f->db, "SELECT license_key FROM license");
	moment_clock_set(moment_from_unix(month_end(1) + 5));
	tell_invoice(f, an_invoice("in_2", YEAR, 9900, month_end(1), month_end(13)));
	tell(f, "active", YEAR, month_end(1));
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_ENDED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE kind = 'module' AND state = 'expired'"
		" AND reason = 'plan_changed'"), 1);
	assert_string_equal(db_text(&f->db, "SELECT license_key FROM license WHERE state = 'active'"), key);
	tell_invoice(f, an_invoice("in_2", YEAR, 9900, month_end(1), month_end(13)));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.expired'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(annual_quota_comes_monthly),
		CASE(an_outage_of_months_is_made_up),
		CASE(upgrade_brings_its_share),
		CASE(a_late_month_has_the_quota_it_began_with),
		CASE(proration_alone_extends_nothing),
		CASE(an_upgrade_counts_all_tokens_of_both_plans),
		CASE(an_upgrade_after_a_pause_counts_the_new_month),
		CASE(a_year_after_a_pause_has_twelve_months),
		CASE(what_the_new_plan_does_not_give_ends),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
