/* token_void_test.c: tokens taken back, frozen, thawed and adjusted. */
#include "ledger.h"

#include "entitlement.h"

static void a_refund_voids_what_is_left(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	some_tokens(f, jenny, 100);
	debit(f, jenny, 600, "a"); /* of the pack, which is the older */
	db_begin(&f->db);
	assert_int_equal(entitlements_revoke(&f->db, order, "refunded"), 1);
	assert_int_equal(entitlements_revoke(&f->db, order, "refunded"), 0);
	db_commit(&f->db);
	adds_up(f, jenny, 100);
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'refund'"),
		"refunded, shortfall 600");
	assert_int_equal(debit(f, jenny, 101, "b").outcome, TOKEN_REFUSED);
	db_begin(&f->db);
	assert_true(entitlement_reinstate(&f->db, right_id_of(f, order), 0, "refund failed"));
	db_commit(&f->db);
	adds_up(f, jenny, 2500);
}

static void a_part_is_voided_pro_rata(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 1000));
	int64_t right = right_id_of(f, order);
	db_begin(&f->db);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 1, 3), -333);
	db_commit(&f->db);
	adds_up(f, jenny, 667);
	debit(f, jenny, 600, "a");
	db_begin(&f->db);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 1, 2), -67);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 0, 2), 0);
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'refund' ORDER BY id DESC"
		" LIMIT 1"),
		"refunded in part, shortfall 433");
}

static void a_dispute_freezes(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	debit(f, jenny, 1000, "a");
	db_begin(&f->db);
	entitlements_suspend(&f->db, order, "disputed");
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_int_equal(debit(f, jenny, 1, "b").outcome, TOKEN_REFUSED);
	db_begin(&f->db);
	entitlements_restore(&f->db, order, "won");
	db_commit(&f->db);
	adds_up(f, jenny, 2000);
	assert_int_equal(debit(f, jenny, 1, "c").outcome, TOKEN_DEBITED);
	db_begin(&f->db);
	entitlements_suspend(&f->db, order, "disputed");
	entitlements_revoke(&f->db, order, "dispute_lost");
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM token_lot"), "void");
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'refund'"),
		"dispute_lost, shortfall 1001");
}

static void what_thaws_too_late_expires(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	struct moment now = moment_now();
	add(f, a_quota(jenny, 1, now, moment_add_days(now, 10), 500));
	db_begin(&f->db);
	assert_int_equal(token_lots_freeze(&f->db, 1000, "disputed"), -500);
	assert_int_equal(token_lots_freeze(&f->db, 1000, "disputed"), 0);
	db_commit(&f->db);
	moment_clock_set(moment_add_days(now, 11));
	assert_int_equal(token_lots_expire(&f->db, 10), 0); /* a frozen lot waits */
	db_begin(&f->db);
	assert_int_equal(token_lots_unfreeze(&f->db, 1000, "won"), 0);
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM token_lot"), "expired");
}

static void staff_adjusts_with_a_reason(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), staff = a_member(f, "staff@example.com");
	moment_clock_set(moment_now());
	db_begin(&f->db);
	assert_true(token_adjust(&f->db, jenny, staff, 50, "sorry for the outage"));
	assert_true(token_adjust(&f->db, jenny, staff, 50, "and again"));
	assert_false(token_adjust(&f->db, jenny, staff, -101, "too much"));
	assert_true(token_adjust(&f->db, jenny, staff, -60, "given by mistake"));
	db_commit(&f->db);
	adds_up(f, jenny, 40);
	assert_int_equal(db_int(&f->db,
		"SELECT COUNT(*) FROM audit WHERE action = 'tokens.adjusted' AND actor_id = ? AND account_id = ?", staff,
		jenny), 3);
}

/* A part of a line went back while the bank held it: what is frozen shrinks, and what thaws is the rest. */
static void a_part_of_what_is_frozen_is_voided(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t right = right_id_of(f, a_purchase(f, jenny, a_tokens_price(f, "pack", 1000)));
	db_begin(&f->db);
	assert_int_equal(token_lots_freeze(&f->db, right, "disputed"), -1000);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 25, 100), 0);
	adds_up(f, jenny, 0);
	assert_int_equal(token_lots_unfreeze(&f->db, right, "won"), 750);
	adds_up(f, jenny, 750);
	assert_int_equal(token_lots_void_part(&f->db, right, 8, 0, 100), 0); /* nothing of it */
	assert_int_equal(token_lots_freeze(&f->db, right, "disputed again"), -750);
	assert_int_equal(token_lots_part_back(&f->db, 7), 0); /* waits in the lot */
	assert_int_equal(token_lots_unfreeze(&f->db, right, "won again"), 1000);
	assert_int_equal(token_lots_part_back(&f->db, 7), 0);
	adds_up(f, jenny, 1000);
	assert_int_equal(token_lots_void(&f->db, right, "refunded"), -1000);
	assert_int_equal(token_lots_void_part(&f->db, right, 9, 25, 100), 0); /* void already */
	adds_up(f, jenny, 0);
	db_commit(&f->db);
	assert_int_equal(token_lots_void(&f->db, 0, "of no right"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refund_voids_what_is_left),
		TEST(a_part_is_voided_pro_rata),
		TEST(a_dispute_freezes),
		TEST(what_thaws_too_late_expires),
		TEST(a_part_of_what_is_frozen_is_voided),
		TEST(staff_adjusts_with_a_reason),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
