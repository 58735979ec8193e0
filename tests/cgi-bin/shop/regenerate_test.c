/* /account/regenerate: puts back what was paid, of orders and of subscriptions, and nothing else. */
#include "../../src/club.h"

static void an_order_has_its_rights_back(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *price = a_price(f, NULL, 1900);
	int64_t order = a_purchase(f, jenny, price), other = a_purchase(f, omar, price);
	an_order(f, jenny, price); /* pending: brings nothing */
	db_run(&f->db, "DELETE FROM license WHERE account_id IN (?, ?)", jenny, omar);
	db_run(&f->db, "DELETE FROM entitlement WHERE order_id IN (?, ?) AND kind = 'license'", order, other);
	log_in(f, jenny);
	struct page page = post(f, "/account/regenerate", "");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/account/downloads?created=1&skipped=1&orders=1");
	assert_string_equal(post(f, "/account/regenerate", "").location,
		"/account/downloads?created=0&skipped=2&orders=1");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE account_id = ?", omar), 1);
	for (int i = 0; i < 8; i++)
		assert_int_equal(post(f, "/account/regenerate", "").status, 303);
	assert_string_equal(post(f, "/account/regenerate", "").location, "/account/downloads?notice=regenerated"); /* enough */
	moment_clock_offset(601);
	assert_int_equal(post(f, "/account/regenerate", "").status, 303);
}

static void a_subscription_has_its_rights_back(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	log_in(f, scene.buyer);
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement WHERE source = 'subscription'");
	assert_string_equal(post(f, "/account/regenerate", "").location,
		"/account/downloads?created=2&skipped=1&orders=1");
	assert_string_equal(license_state(f), "active");
	assert_int_equal(balance(f, &scene), 1000);
	assert_string_equal(post(f, "/account/regenerate", "").location,
		"/account/downloads?created=0&skipped=3&orders=1");
	log_in(f, a_member(f, "omar@example.com"));
	assert_string_equal(post(f, "/account/regenerate", "").location,
		"/account/downloads?created=0&skipped=0&orders=0");
}

static void only_by_its_form(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	assert_int_equal(get(f, "/account/regenerate").status, 405);
	assert_int_equal(post_raw(f, "/account/regenerate", "application/x-www-form-urlencoded", "", NULL).status, 403);
	log_out(f);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'account.regenerated'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(an_order_has_its_rights_back), CASE(a_subscription_has_its_rights_back),
		CASE(only_by_its_form) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
