/* /download/{token}: delivery, ranges, and every reason to refuse; the limit under 64 processes at once. */
#include "../../buyer.h"

#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "download.h"

enum { CROWD = 64 };

static const char content[] = "walk, night, walk\n";

/* A member who bought the product, logged in. */
static int64_t a_buyer(struct fixture *f)
{
	conf.file_delivery = "stream";
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_price(f, NULL, 1900));
	log_in(f, jenny);
	return jenny;
}

/* The path of a new link to the file of the member's first download right. */
static const char *a_link(struct fixture *f, int64_t account_id)
{
	const char *token = NULL;
	const struct download *download;
	const char *right = db_text(&f->db,
		"SELECT public_id FROM entitlement WHERE account_id = ? AND kind = 'download' ORDER BY id LIMIT 1", account_id);
	const char *file = db_text(&f->db,
		"SELECT f.public_id FROM product_file f JOIN entitlement e ON e.product_id = f.product_id WHERE e.public_id = ?"
		" ORDER BY f.id LIMIT 1",
		right);
	assert_int_equal(download_link_make(&f->db, account_id, right, file, &token, &download), DOWNLOAD_OPEN);
	return mem_format(f->mem, "/download/%s", token);
}

static int64_t events(struct fixture *f, int64_t account_id)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM download_event WHERE account_id = ?", account_id);
}

static void delivers_and_counts_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny);
	struct page page = get(f, link);
	assert_int_equal(page.status, 200);
	assert_string_equal(page.body, content);
	assert_string_equal(header_of(f, page, "Content-Type"), "text/plain");
	assert_string_equal(header_of(f, page, "Content-Disposition"),
		"attachment; filename=\"night-walk.txt\"; filename*=UTF-8''night-walk.txt");
	assert_string_equal(header_of(f, page, "Content-Length"), "18");
	assert_string_equal(header_of(f, page, "X-Content-Type-Options"), "nosniff");
	assert_int_equal(strlen(header_of(f, page, "ETag")), 66);
	assert_int_equal(get(f, link).status, 200);
	assert_int_equal(events(f, jenny), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM download_link WHERE account_id = ? AND used_at IS NOT NULL",
				 jenny),
		1);
	assert_int_equal(get(f, a_link(f, jenny)).status, 200);
	assert_int_equal(events(f, jenny), 2);
}

static void head_counts_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny);
	with(f, "REQUEST_METHOD", "HEAD");
	struct page page = get(f, link);
	assert_int_equal(page.status, 200);
	assert_string_equal(header_of(f, page, "Content-Length"), "18");
	assert_int_equal(events(f, jenny), 0);
}

static struct page ranged(struct fixture *f, const char *link, const char *range)
{
	with(f, "HTTP_RANGE", range);
	return get(f, link);
}

static void ranges(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny);
	struct page page = ranged(f, link, "bytes=18-");
	assert_int_equal(page.status, 416);
	assert_string_equal(header_of(f, page, "Content-Range"), "bytes */18");
	assert_int_equal(events(f, jenny), 0);
	page = ranged(f, link, "bytes=6-10");
	assert_int_equal(page.status, 206);
	assert_string_equal(page.body, "night");
	assert_string_equal(header_of(f, page, "Content-Range"), "bytes 6-10/18");
	assert_string_equal(header_of(f, page, "Content-Length"), "5");
	assert_string_equal(ranged(f, link, "bytes=-5").body, "walk\n");
	assert_string_equal(ranged(f, link, "bytes=13-999").body, "walk\n");
	assert_int_equal(ranged(f, link, "bytes=0-1,4-5").status, 200);
	assert_int_equal(ranged(f, link, "lines=0-1").status, 200);
	assert_int_equal(events(f, jenny), 1);
	const char *etag = header_of(f, page, "ETag");
	with(f, "HTTP_IF_RANGE", etag);
	assert_int_equal(ranged(f, link, "bytes=0-3").status, 206);
	with(f, "HTTP_IF_RANGE", "\"another\"");
	assert_int_equal(ranged(f, link, "bytes=0-3").status, 200);
}

static void front_ends_deliver(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	conf.file_delivery = "accel";
	struct page page = get(f, a_link(f, jenny));
	assert_int_equal(page.status, 200);
	assert_int_equal(strncmp(header_of(f, page, "X-Accel-Redirect"), "/files/test-", 12), 0);
	assert_string_equal(page.body, "");
	assert_int_equal(events(f, jenny), 1);
	conf.file_delivery = "sendfile";
	page = get(f, a_link(f, jenny));
	assert_int_equal(strncmp(header_of(f, page, "X-Sendfile"), conf.data_folder, strlen(conf.data_folder)), 0);
	assert_null(header_of(f, page, "X-Accel-Redirect"));
	conf.file_delivery = "stream";
}

static void names_in_any_language(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	db_run(&f->db, "UPDATE product_file SET name = 'Été \"25\" 夜.pdf', media_type = 'text/html; x'");
	struct page page = get(f, a_link(f, jenny));
	assert_string_equal(header_of(f, page, "Content-Disposition"),
		"attachment; filename=\"_t_ _25_ _.pdf\"; filename*=UTF-8''%C3%89t%C3%A9%20%2225%22%20%E5%A4%9C.pdf");
	assert_string_equal(header_of(f, page, "Content-Type"), "application/octet-stream");
}

static void strangers_find_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny);
	log_out(f);
	struct page page = get(f, link);
	assert_int_equal(page.status, 303);
	assert_int_equal(strncmp(page.location, "/login?next=%2Fdownload%2F", 26), 0);
	log_in(f, a_member(f, "omar@example.com"));
	page = get(f, link);
	assert_int_equal(page.status, 404);
	assert_has(page, "We do not know this link");
	assert_lacks(page, "night-walk.txt");
	assert_int_equal(get(f, "/download/short").status, 404);
	assert_int_equal(get(f, "/download/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status, 404);
	assert_int_equal(events(f, jenny), 0);
}

static void expired_is_410(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny);
	moment_clock_offset(599);
	assert_int_equal(get(f, link).status, 200);
	moment_clock_offset(601);
	struct page page = get(f, link);
	assert_int_equal(page.status, 410);
	assert_has(page, "This download link has expired");
	assert_has(page, "night-walk.txt");
}

static void withdrawn_is_403_on_the_next_request(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny), *states[] = { "suspended", "revoked", "expired" };
	assert_int_equal(get(f, link).status, 200);
	for (size_t i = 0; i < 3; i++) {
		db_run(&f->db, "UPDATE entitlement SET state = ? WHERE account_id = ?", states[i], jenny);
		struct page page = get(f, link);
		assert_int_equal(page.status, 403);
		assert_has(page, "no longer available to you");
	}
	db_run(&f->db, "UPDATE entitlement SET state = 'active', ends_at = ? WHERE account_id = ?",
		moment_add_seconds(moment_now(), -1), jenny);
	assert_int_equal(get(f, link).status, 403);
	db_run(&f->db, "UPDATE entitlement SET ends_at = NULL, updates_until = ? WHERE account_id = ?",
		moment_add_days(moment_now(), -1), jenny);
	assert_int_equal(get(f, link).status, 403);
	db_run(&f->db, "UPDATE entitlement SET updates_until = NULL WHERE account_id = ?", jenny);
	assert_int_equal(get(f, link).status, 200);
}

static void limit_is_429(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	db_run(&f->db, "UPDATE benefit SET download_limit = 2 WHERE kind = 'download'");
	const char *links[] = { a_link(f, jenny), a_link(f, jenny), a_link(f, jenny) };
	assert_int_equal(get(f, links[0]).status, 200);
	assert_int_equal(get(f, links[1]).status, 200);
	struct page page = get(f, links[2]);
	assert_int_equal(page.status, 429);
	assert_has(page, "It may be downloaded 2 times");
	assert_int_equal(get(f, links[0]).status, 200);
	assert_int_equal(events(f, jenny), 2);
}

static void lost_file_is_503_and_free(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_buyer(f);
	const char *link = a_link(f, jenny);
	const char *storages[] = { "nowhere", "../conf/comptoir.conf", "/etc/passwd", "a\"b", "", "." };
	for (size_t i = 0; i < sizeof storages / sizeof storages[0]; i++) {
		db_run(&f->db, "UPDATE product_file SET storage = ?", storages[i]);
		assert_int_equal(get(f, link).status, 503);
	}
	assert_int_equal(events(f, jenny), 0);
}

/* CROWD processes ask for links[i] at the same time; how many were answered with this status. */
static int crowd(struct fixture *f, const char *const *links, int status)
{
	int gate[2], answered = 0;
	assert_int_equal(pipe(gate), 0);
	db_close(&f->db);
	fflush(NULL);
	for (int i = 0; i < CROWD; i++) {
		if (fork())
			continue;
		char byte;
		close(gate[1]);
		db_open(&f->db);
		if (read(gate[0], &byte, 1))
			_exit(1);
		_exit(get(f, links[i]).status == status ? 0 : 1);
	}
	close(gate[0]);
	close(gate[1]); /* the gate opens: all of them read its end */
	for (int i = 0, how; i < CROWD; i++)
		if (wait(&how) > 0 && WIFEXITED(how) && !WEXITSTATUS(how))
			answered++;
	return answered;
}

static void committed_clear(struct fixture *f, int64_t account_id, int64_t product_id)
{
	db_run(&f->db, "DELETE FROM download_link WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM download_event WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM license WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM entitlement WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE l FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM orders WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM audit WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM job");
	db_run(&f->db, "DELETE FROM event WHERE account_id = ?", account_id);
	db_run(&f->db, "DELETE FROM account WHERE id = ?", account_id);
	db_run(&f->db, "DELETE FROM benefit WHERE product_id = ?", product_id);
	db_run(&f->db, "DELETE FROM price WHERE product_id = ?", product_id);
	db_run(&f->db, "DELETE FROM product_file WHERE product_id = ?", product_id);
	db_run(&f->db, "DELETE FROM product_version WHERE product_id = ?", product_id);
	db_run(&f->db, "DELETE FROM product WHERE id = ?", product_id);
	db_run(&f->db, "DELETE FROM category");
}

static void limit_holds_in_a_crowd(void **state)
{
	struct fixture *f = *state;
	const char *links[CROWD], *same[CROWD];
	db_script(&f->db, "COMMIT");
	f->db.held = false; /* other processes must see it: committed, and taken away below */
	int64_t jenny = a_buyer(f), product = product_id_of(f, "night-walk");
	db_run(&f->db, "UPDATE benefit SET download_limit = 5 WHERE kind = 'download'");
	for (int i = 0; i < CROWD; i++)
		links[i] = a_link(f, jenny);
	int opened = crowd(f, links, 200);
	int64_t counted = events(f, jenny);
	int64_t used = db_int(&f->db, "SELECT COUNT(*) FROM download_link WHERE account_id = ? AND used_at IS NOT NULL",
		jenny);
	db_run(&f->db, "UPDATE benefit SET download_limit = 6 WHERE kind = 'download'");
	const char *one = a_link(f, jenny);
	for (int i = 0; i < CROWD; i++)
		same[i] = one;
	int resumed = crowd(f, same, 200);
	int64_t counted_after = events(f, jenny);
	committed_clear(f, jenny, product);
	assert_int_equal(opened, 5);
	assert_int_equal(counted, 5);
	assert_int_equal(used, 5);
	assert_int_equal(resumed, CROWD);
	assert_int_equal(counted_after, 6);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(delivers_and_counts_once), TEST(head_counts_nothing), TEST(ranges),
		TEST(front_ends_deliver), TEST(names_in_any_language), TEST(strangers_find_nothing), TEST(expired_is_410),
		TEST(withdrawn_is_403_on_the_next_request), TEST(limit_is_429), TEST(lost_file_is_503_and_free),
		TEST(limit_holds_in_a_crowd) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
