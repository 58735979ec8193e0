/* delivery.c, download.c, keyset.c: ranges, names, times to live, cursors. */
#include "../buyer.h"

#include "conf.h"
#include "delivery.h"
#include "keyset.h"

struct range {
	const char *header;
	int64_t size;
	int status;
	int64_t from, length;
};

/* RFC 9110 §14.1.2 and what must not be taken for a range. */
static void ranges_as_the_rfc_has_them(void **state)
{
	(void)state;
	static const struct range ranges[] = {
		{ "bytes=0-499", 10000, 206, 0, 500 },
		{ "bytes=500-999", 10000, 206, 500, 500 },
		{ "bytes=-500", 10000, 206, 9500, 500 },
		{ "bytes=9500-", 10000, 206, 9500, 500 },
		{ "bytes=0-0", 10000, 206, 0, 1 },
		{ "bytes=9999-20000", 10000, 206, 9999, 1 },
		{ "bytes=-20000", 10000, 206, 0, 10000 },
		{ "bytes=0-9223372036854775807", 10000, 206, 0, 10000 },
		{ "bytes=10000-", 10000, 416, 0, 0 },
		{ "bytes=-0", 10000, 416, 0, 0 },
		{ "bytes=0-", 0, 416, 0, 0 },
		{ "bytes=-1", 0, 416, 0, 0 },
		{ "", 10000, 200, 0, 0 },
		{ "bytes=", 10000, 200, 0, 0 },
		{ "bytes=-", 10000, 200, 0, 0 },
		{ "bytes=5-4", 10000, 200, 0, 0 },
		{ "bytes=0-1,5-6", 10000, 200, 0, 0 },
		{ "bytes=0-1 ", 10000, 200, 0, 0 },
		{ "bytes=a-b", 10000, 200, 0, 0 },
		{ "bytes=--5", 10000, 200, 0, 0 },
		{ "bytes=9223372036854775808-", 10000, 200, 0, 0 },
		{ "bytes=000000000000000000000000000000000000000000000000000000000000001-", 10000, 200, 0, 0 },
		{ "pages=1-2", 10000, 200, 0, 0 },
	};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		int64_t from = 0, length = 0;
		assert_int_equal(range_read(ranges[i].header, ranges[i].size, &from, &length), ranges[i].status);
		assert_int_equal(from, ranges[i].from);
		assert_int_equal(length, ranges[i].length);
	}
}

static void names_as_headers(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(disposition_of(f->mem, "a b.txt"),
		"attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt");
	assert_string_equal(disposition_of(f->mem, "\"; x=\"\\\r\n"),
		"attachment; filename=\"_; x=____\"; filename*=UTF-8''%22%3B%20x%3D%22%5C%0D%0A");
	assert_string_equal(disposition_of(f->mem, "été"), "attachment; filename=\"_t_\"; filename*=UTF-8''%C3%A9t%C3%A9");
}

static void links_live_as_long_as_the_file_takes(void **state)
{
	(void)state;
	assert_int_equal(download_seconds(0), 600);
	assert_int_equal(download_seconds(600 * 51200), 600);
	assert_int_equal(download_seconds(1000 * 51200), 1000);
	assert_int_equal(download_seconds((int64_t)1 << 40), 10800);
}

static void cursors_open_only_unchanged(void **state)
{
	struct fixture *f = *state;
	int64_t a = 0, b = 0;
	const char *sealed = keyset_seal(f->mem, -7, 4000000000);
	assert_int_equal(strlen(sealed), 32);
	assert_true(keyset_open(f->mem, sealed, &a, &b));
	assert_int_equal(a, -7);
	assert_int_equal(b, 4000000000);
	assert_null(strstr(keyset_seal(f->mem, 1234, 0), "00000000000004d2")); /* long enough never to be there by chance */
	assert_false(keyset_open(f->mem, NULL, &a, &b));
	assert_false(keyset_open(f->mem, "", &a, &b));
	assert_false(keyset_open(f->mem, "0123456789abcdef", &a, &b));
	assert_false(keyset_open(f->mem, "0123456789abcdefG123456789abcdef", &a, &b));
}

/* The token is in no column; the same press twice makes two. */
static void tokens_are_kept_as_hashes(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *right = right_of_order(f, a_purchase(f, jenny, a_price(f, NULL, 1900)));
	const char *file = file_named(f, "night-walk.txt"), *one = NULL, *two = NULL;
	const struct download *download;
	assert_int_equal(download_link_make(&f->db, jenny, right, file, &one, &download), DOWNLOAD_OPEN);
	assert_int_equal(download_link_make(&f->db, jenny, right, file, &two, &download), DOWNLOAD_OPEN);
	assert_int_equal(strlen(one), 43);
	assert_string_not_equal(one, two);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM download_link WHERE token_hash = ?",
				 sha256_of(f->mem, one, 43)),
		1);
	assert_int_equal(download_find(&f->db, jenny + 1, one, &download), DOWNLOAD_UNKNOWN);
	assert_null(download);
	assert_int_equal(download_find(&f->db, jenny, one, &download), DOWNLOAD_OPEN);
	assert_string_equal(download->file_name, "night-walk.txt");
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(ranges_as_the_rfc_has_them), TEST(names_as_headers),
		TEST(links_live_as_long_as_the_file_takes), TEST(cursors_open_only_unchanged),
		TEST(tokens_are_kept_as_hashes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
