/* /account/downloads: which files a right gives, the press, the history, and the repair. */
#include "../../buyer.h"

#include "download.h"

static void press(struct fixture *f, const char *right, const char *file, int status)
{
	struct page page = post(f, "/account/downloads", mem_format(f->mem, "entitlement=%s&file=%s", right, file));
	assert_int_equal(page.status, status);
	if (status == 303)
		assert_int_equal(strlen(page.location), strlen("/download/") + 43);
}

static void empty_is_friendly(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	struct page page = get(f, "/account/downloads");
	assert_int_equal(page.status, 200);
	assert_has(page, "Nothing to download yet.");
	assert_has(page, "action=\"/account/regenerate\"");
}

static void press_makes_a_link(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	const char *right = right_of_order(f, order), *file = file_named(f, "night-walk.txt");
	log_in(f, jenny);
	struct page page = get(f, "/account/downloads");
	assert_has(page, mem_format(f->mem, "name=\"entitlement\" value=\"%s\"", right));
	assert_has(page, mem_format(f->mem, "name=\"file\" value=\"%s\"", file));
	assert_has(page, "id=\"night-walk\"");
	press(f, right, file, 303);
	assert_int_equal(db_int(&f->db,
				 "SELECT COUNT(*) FROM download_link WHERE account_id = ? AND used_at IS NULL"
				 " AND TIMESTAMPDIFF(SECOND, created_at, expires_at) = 600",
				 jenny),
		1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.download'"), 1);
}

static void strangers_find_nothing(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	a_price(f, "day-walk", 500);
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *right = right_of_order(f, a_purchase(f, jenny, price)), *file = file_named(f, "night-walk.txt");
	log_in(f, jenny);
	press(f, right, file_named(f, "day-walk.txt"), 404);
	press(f, right, right, 404);
	press(f, right, "1", 404);
	assert_int_equal(post(f, "/account/downloads", "").status, 404);
	log_in(f, a_member(f, "omar@example.com"));
	press(f, right, file, 404);
	assert_has(get(f, "/account/downloads"), "Nothing to download yet.");
	log_out(f);
	assert_int_equal(get(f, "/account/downloads").status, 303);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM download_link"), 0);
}

static void parts_and_updates_decide(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	int64_t product = product_id_of(f, "night-walk"), jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, price);
	const char *right = right_of_order(f, order);
	a_version(f, product, "2.0", 10, "two.wav", "wav");
	a_version(f, product, "2.0", 10, "two.mp3", "mp3");
	a_version(f, product, "2.0", 10, "two.txt", "");
	a_version(f, product, "3.0", 20, "three.txt", "");
	db_run(&f->db, "UPDATE entitlement SET parts = ',wav,stems,', updates_until = ? WHERE order_id = ?",
		moment_add_days(moment_now(), 15), order);
	log_in(f, jenny);
	struct page page = get(f, "/account/downloads");
	assert_has(page, "two.wav");
	assert_has(page, "two.txt");
	assert_lacks(page, "two.mp3");
	assert_lacks(page, "three.txt");
	assert_true(strstr(page.body, "two.wav") < strstr(page.body, "Older versions"));
	assert_true(strstr(page.body, "night-walk.txt") > strstr(page.body, "Older versions"));
	press(f, right, file_named(f, "two.wav"), 303);
	press(f, right, file_named(f, "night-walk.txt"), 303);
	press(f, right, file_named(f, "two.mp3"), 404);
	press(f, right, file_named(f, "three.txt"), 404);
	db_run(&f->db, "UPDATE entitlement SET parts = '', updates_until = NULL WHERE order_id = ?", order);
	page = get(f, "/account/downloads");
	assert_has(page, "two.mp3");
	assert_has(page, "three.txt");
	press(f, right, file_named(f, "three.txt"), 303);
	db_run(&f->db, "UPDATE product_file SET part = 'wa'"); /* is no part of ,wav,stems, */
	db_run(&f->db, "UPDATE entitlement SET parts = ',wav,stems,' WHERE order_id = ?", order);
	press(f, right, file_named(f, "two.wav"), 404);
	assert_has(get(f, "/account/downloads"), "No file has been put here yet");
}

static void withdrawn_rights_have_no_buttons(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	const char *right = right_of_order(f, order), *file = file_named(f, "night-walk.txt");
	db_run(&f->db, "UPDATE entitlement SET state = 'suspended', reason = 'disputed' WHERE order_id = ?", order);
	log_in(f, jenny);
	struct page page = get(f, "/account/downloads");
	assert_has(page, "Suspended, the payment is disputed");
	assert_lacks(page, "name=\"file\"");
	press(f, right, file, 403);
	db_run(&f->db, "UPDATE entitlement SET state = 'active', ends_at = ? WHERE order_id = ?",
		moment_add_days(moment_now(), -1), order);
	page = get(f, "/account/downloads");
	assert_has(page, "Ended, its time is over");
	assert_lacks(page, "name=\"file\"");
	press(f, right, file, 403);
	db_run(&f->db, "UPDATE entitlement SET deleted_at = ? WHERE order_id = ?", moment_now(), order);
	assert_has(get(f, "/account/downloads"), "Nothing to download yet.");
}

static void limit_refuses_the_press(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	const char *right = right_of_order(f, order), *file = file_named(f, "night-walk.txt"), *token = NULL;
	const struct download *download;
	db_run(&f->db, "UPDATE benefit SET download_limit = 1 WHERE kind = 'download'");
	assert_int_equal(download_link_make(&f->db, jenny, right, file, &token, &download), DOWNLOAD_OPEN);
	assert_int_equal(download_find(&f->db, jenny, token, &download), DOWNLOAD_OPEN);
	assert_int_equal(download_use(&f->db, download), DOWNLOAD_OPEN);
	log_in(f, jenny);
	press(f, right, file, 429);
}

static void history_pages_by_twenty(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	for (int i = 1; i <= 25; i++)
		db_run(&f->db,
			"INSERT INTO download_event (account_id, entitlement_id, file_id, title, file_name, version_name, size,"
			" sha256, created_at) VALUES (?, 1, 1, 'Night Walk', ?, '1.0', 1234567, ?, ?)",
			i % 25 ? jenny : omar, mem_format(f->mem, "file-%02d.txt", i), sha256_of(f->mem, "", 0),
			moment_now());
	log_in(f, jenny);
	struct page page = get(f, "/account/downloads");
	assert_has(page, "file-24.txt");
	assert_lacks(page, "file-25.txt");
	assert_lacks(page, "file-04.txt");
	assert_has(page, "1.2\u00A0MB");
	page = get(f, next_of(f, page));
	assert_has(page, "file-04.txt");
	assert_has(page, "file-01.txt");
	assert_lacks(page, "file-05.txt");
	assert_null(next_of(f, page));
}

static void rights_page_by_ten(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	int64_t jenny = a_member(f, "jenny@example.com");
	for (int i = 0; i < 12; i++)
		a_purchase(f, jenny, price);
	log_in(f, jenny);
	struct page page = get(f, "/account/downloads");
	assert_int_equal(times(page.body, "class=\"right\""), 10);
	assert_int_equal(times(page.body, "id=\"night-walk\""), 1);
	assert_int_equal(times(get(f, next_of(f, page)).body, "class=\"right\""), 2);
}

static void report_takes_numbers_only(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	assert_lacks(get(f, "/account/downloads?created=x&skipped=2&orders=1"), "id=\"report\"");
	assert_lacks(get(f, "/account/downloads?created=-1&skipped=2&orders=1"), "id=\"report\"");
	assert_lacks(get(f, "/account/downloads?created=99999999&skipped=2&orders=1"), "id=\"report\"");
	assert_lacks(get(f, "/account/downloads?created=1"), "id=\"report\"");
	assert_has(get(f, "/account/downloads?created=1&skipped=1&orders=1"), "Your downloads are complete again");
	assert_has(get(f, "/account/downloads?created=0&skipped=2&orders=1"), "Everything was already in its place");
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(empty_is_friendly), TEST(press_makes_a_link), TEST(strangers_find_nothing),
		TEST(parts_and_updates_decide), TEST(withdrawn_rights_have_no_buttons), TEST(limit_refuses_the_press),
		TEST(history_pages_by_twenty), TEST(rights_page_by_ten), TEST(report_takes_numbers_only) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
