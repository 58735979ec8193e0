/* subscription_mend_test.c: what was paid of a subscription and was lost is seen, and comes back once. */
#include "club.h"

#include "entitlement.h"
#include "invariant.h"

#define RIGHTS "SELECT GROUP_CONCAT(CONCAT_WS(' ', source, source_id, kind, state, starts_at, ends_at) ORDER BY kind, starts_at) FROM entitlement"
#define PERIODS "SELECT GROUP_CONCAT(id, stripe_invoice ORDER BY id) FROM subscription_period"

static struct fulfilment mend(struct fixture *f)
{
	return subscriptions_mend(&f->db, moment_from_unix(1), 100);
}

static int64_t broken(struct fixture *f, const char *promise)
{
	invariants_prove(&f->db);
	return db_int(&f->db, "SELECT broken FROM invariant WHERE name = ?", promise);
}

static void whole(struct fixture *f)
{
	static const char *const promises[] = { "subscriptions_lacking_rights", "periods_missing", "rights_lacking_source",
		"periods_not_granted", "periods_granted_twice", "balances_unlike_lots", "balances_unlike_ledger", "licenses_unlike_rights",
		"invoices_missing", "invoice_gaps" };
	for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++)
		if (broken(f, promises[i]))
			fail_msg("broken: %s", promises[i]);
	assert_int_equal(mend(f).orders, 0);
}

static void a_whole_one_is_left_alone(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	whole(f);
}

static void lost_rights_are_seen_and_come_back(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	const char *before = db_text(&f->db, RIGHTS);
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement WHERE source = 'subscription'");
	assert_int_equal(broken(f, "subscriptions_lacking_rights"), 1);
	struct fulfilment done = mend(f);
	assert_int_equal(done.orders, 1);
	assert_int_equal(done.created, 2);
	assert_int_equal(done.skipped, 1);
	assert_string_equal(db_text(&f->db, RIGHTS), before);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(balance(f, &scene), 1000);
	whole(f);
}

/* Its tokens are there, and some are spent: the right to them comes back, and brings nothing twice. */
static void a_lost_right_to_tokens_grants_none_again(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	const char *before = db_text(&f->db, RIGHTS);
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement");
	assert_int_equal(broken(f, "subscriptions_lacking_rights"), 1);
	assert_int_equal(mend(f).created, 3);
	assert_string_equal(db_text(&f->db, RIGHTS), before);
	assert_int_equal(balance(f, &scene), 1000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot"), 1);
	whole(f);
}

/* Of an annual plan, each month whose lot belongs to the one right. */
static void a_year_of_tokens_keeps_its_right(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, true);
	struct invoice_fact first = an_invoice("in_1", YEAR, 9900, begin, month_end(12));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", YEAR, begin);
	tell_invoice(f, first);
	moment_clock_set(moment_from_unix(month_end(1) + 60));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	const char *before = db_text(&f->db, RIGHTS);
	db_run(&f->db, "DELETE FROM entitlement WHERE kind = 'tokens'");
	assert_int_equal(mend(f).created, 1);
	assert_string_equal(db_text(&f->db, RIGHTS), before);
	assert_int_equal(balance(f, &scene), 3000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot"), 2);
	whole(f);
}

static void a_lost_period_comes_back_under_its_number(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	struct invoice_fact second = an_invoice("in_2", MONTH, 900, month_end(1), month_end(2));
	tell_invoice(f, second);
	const char *before = db_text(&f->db, RIGHTS);
	int64_t invoices = db_int(&f->db, "SELECT COUNT(*) FROM invoice");
	db_run(&f->db, "DELETE FROM subscription_period");
	assert_int_equal(broken(f, "periods_missing"), 2);
	assert_true(broken(f, "rights_lacking_source") > 0);
	struct fulfilment done = mend(f);
	assert_int_equal(done.orders, 1);
	assert_int_equal(done.created, 0);
	assert_string_equal(db_text(&f->db, RIGHTS), before);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), invoices);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot"), 2);
	assert_int_equal(balance(f, &scene), 2000);
	whole(f);
}

/* Of a plan without tokens the invoice alone tells the number. */
static void an_invoice_is_not_issued_again(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db, "DELETE FROM benefit WHERE kind = 'tokens'");
	struct invoice_fact first = an_invoice("in_1", MONTH, 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	const char *before = db_text(&f->db, PERIODS);
	db_run(&f->db, "DELETE FROM subscription_period");
	assert_int_equal(mend(f).orders, 1);
	assert_string_equal(db_text(&f->db, PERIODS), before);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 2);
	whole(f);
}

/* An invoice that was told, and never became a period: nothing was lost but the settling. */
static void a_paid_invoice_becomes_its_period(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	db_begin(&f->db);
	invoice_told(&f->db, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	db_commit(&f->db);
	assert_int_equal(broken(f, "periods_missing"), 1);
	assert_int_equal(mend(f).created, 1);
	assert_int_equal(balance(f, &scene), 2000);
	whole(f);
}

/* Ended, refunded, not linked, taken by staff: nothing of them is missing. */
static void what_is_not_owed_stays_away(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement WHERE source = 'subscription'");
	moment_clock_set(moment_from_unix(month_end(1) + 1));
	assert_int_equal(mend(f).orders, 0);
	moment_clock_set(moment_from_unix(begin + 10));
	db_run(&f->db, "UPDATE subscription_period SET state = 'revoked'");
	assert_int_equal(mend(f).orders, 0);
	db_run(&f->db, "UPDATE subscription_period SET state = 'active'");
	db_run(&f->db, "UPDATE subscription SET account_id = 0");
	assert_int_equal(mend(f).orders, 0);
}

static void at_most_so_many_and_only_lately_changed(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement WHERE source = 'subscription'");
	assert_int_equal(subscriptions_mend(&f->db, moment_from_unix(1), 0).orders, 0);
	assert_int_equal(subscriptions_mend(&f->db, moment_from_unix(begin + 3600), 10).orders, 0);
	assert_int_equal(subscriptions_mend(&f->db, moment_from_unix(begin), 10).orders, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(a_whole_one_is_left_alone), CASE(lost_rights_are_seen_and_come_back),
		CASE(a_lost_right_to_tokens_grants_none_again), CASE(a_year_of_tokens_keeps_its_right),
		CASE(a_lost_period_comes_back_under_its_number), CASE(an_invoice_is_not_issued_again),
		CASE(a_paid_invoice_becomes_its_period), CASE(what_is_not_owed_stays_away),
		CASE(at_most_so_many_and_only_lately_changed) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
