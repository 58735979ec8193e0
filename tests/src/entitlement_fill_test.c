/* entitlement_fill_test.c: rights that lack what they stand for get it, once; those that were taken away do not. */
#include "../tokens.h"

#include "access.h"
#include "each.h"
#include "entitlement.h"

static void rights_without_what_they_stand_for_are_filled(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t pack = a_purchase(f, jenny, a_tokens_price(f, "pack", 300));
	int64_t module = a_purchase(f, jenny, a_module_price(f, "studio-pro", "studio", "pro", 30, 0));
	struct access_ask ask = { .account_id = jenny, .module = "studio", .level = "" };
	assert_int_equal(rights_unfilled(&f->db), 0);
	db_run(&f->db, "DELETE FROM token_entry");
	db_run(&f->db, "DELETE FROM token_lot");
	db_run(&f->db, "UPDATE token_account SET balance = 0");
	db_run(&f->db, "DELETE FROM module_access");
	assert_int_equal(rights_unfilled(&f->db), 2);
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_NONE);
	assert_int_equal(rights_fill(&f->db, 1), 1);
	assert_int_equal(rights_fill(&f->db, 10), 1);
	assert_int_equal(rights_fill(&f->db, 10), 0);
	assert_int_equal(token_balance(&f->db, jenny), 300);
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_OPEN);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE entitlement_id = ?", right_id_of(f, pack)), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM module_access WHERE entitlement_id = ?", right_id_of(f, module)), 1);
	assert_int_equal(token_check(&f->db), 0);
}

/* What was taken away is not given back by a repair. */
static void revoked_rights_stay_empty(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_tokens_price(f, "pack", 300));
	db_begin(&f->db);
	entitlements_revoke(&f->db, order, "refunded");
	db_commit(&f->db);
	db_run(&f->db, "DELETE FROM token_lot");
	assert_int_equal(rights_unfilled(&f->db), 0);
	assert_int_equal(rights_fill(&f->db, 10), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(rights_without_what_they_stand_for_are_filled), TEST(revoked_rights_stay_empty) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
