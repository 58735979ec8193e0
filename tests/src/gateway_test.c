/* gateway_test.c: what a front end may hand over: methods, paths, lengths, addresses, ids. */
#include "../each.h"

#include <string.h>

#include "conf.h"
#include "gateway.h"
#include "serve.h"

struct table {
	struct variable rows[8];
};

static const char *table_get(const char *name, void *arg)
{
	const struct table *table = arg;
	for (size_t i = 0; i < 8 && table->rows[i].name; i++)
		if (!strcmp(table->rows[i].name, name))
			return table->rows[i].value;
	return NULL;
}

static bool read_path(struct request *req, const char *uri)
{
	struct table table = { { { "REQUEST_METHOD", "GET" }, { "REQUEST_URI", uri } } };
	return request_read(req, table_get, &table);
}

static void paths_are_decoded_once_and_plain(void **state)
{
	static const char *const good[][2] = { { "/", "/" }, { "/a/b", "/a/b" }, { "/a%20b", "/a b" }, { "/caf%C3%A9", "/café" },
		{ "/a?b=%00", "/a" }, { "/a.b/..c/.../d..", "/a.b/..c/.../d.." }, { "/%2e/x", "/./x" }, { "/a+b", "/a+b" } };
	static const char *const bad[] = { "", "a", "*", "http://evil/", "/..", "/../a", "/a/../b", "/a/..", "/%2e%2e/a", "/a/%2E.",
		"/%2e%2e%2fa", "/a%2f..%2fb", "/a%00", "/%00", "/a%00b", "/a%0ab", "/a%0d", "/a%7f", "/%252e%252e/a", "/a%2541", "//", "//a",
		"/a//b", "/a%2f%2fb", "/a\\b", "/a%5cb", "/a%", "/a%4", "/a%zz", "/%ff", "/%c0%ae%c0%ae/a", "/a\xff", "/\x01", "/%ed%a0%80" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct request req = { .mem = *state };
		assert_true(read_path(&req, good[i][0]));
		assert_string_equal(req.path, good[i][1]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct request req = { .mem = *state };
		if (read_path(&req, bad[i]))
			fail_msg("%s is taken", bad[i]);
		assert_null(req.path);
		assert_int_equal(req.response.status, 400);
	}
}

static void long_paths_are_refused(void **state)
{
	struct request req = { .mem = *state };
	char path[1100] = "/";
	memset(path + 1, 'a', 999);
	assert_true(read_path(&req, path));
	path[1000] = 'a';
	assert_false(read_path(&req, path));
}

static void a_shell_gives_path_info(void **state)
{
	struct request req = { .mem = *state };
	struct table table = { { { "REQUEST_METHOD", "GET" }, { "PATH_INFO", "/a" } } };
	assert_true(request_read(&req, table_get, &table));
	assert_string_equal(req.path, "/a");
	assert_string_equal(req.query, "");
	assert_string_equal(req.cookies, "");
	assert_string_equal(req.origin, "");
}

static int64_t length_of(struct request *req, const char *uri, const char *length)
{
	struct table table = { { { "REQUEST_METHOD", "POST" }, { "REQUEST_URI", uri }, { "CONTENT_LENGTH", length } } };
	assert_true(request_read(req, table_get, &table));
	return request_length(req, table_get, &table);
}

static void lengths_are_strict(void **state)
{
	static const struct { const char *uri, *length; int64_t read; int status; } rows[] = {
		{ "/a", "0", 0, 0 }, { "/a", "65536", 65536, 0 }, { "/webhooks/stripe", "1048576", 1048576, 0 },
		{ "/a", "65537", -1, 413 }, { "/webhooks/stripe", "1048577", -1, 413 }, { "/a", "9223372036854775807", -1, 413 },
		{ "/a", NULL, -1, 400 }, { "/a", "", -1, 400 }, { "/a", "-1", -1, 400 }, { "/a", "9223372036854775808", -1, 400 },
		{ "/a", "18446744073709551616", -1, 400 }, { "/a", "5, 5", -1, 400 }, { "/a", "5,5", -1, 400 }, { "/a", "+5", -1, 400 },
		{ "/a", " 5", -1, 400 }, { "/a", "5 ", -1, 400 }, { "/a", "0x5", -1, 400 }, { "/a", "5e0", -1, 400 }, { "/a", "-0x", -1, 400 },
		{ "/a", "-9223372036854775808", -1, 400 }, { "/a", "five", -1, 400 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct request req = { .mem = *state };
		int64_t length = length_of(&req, rows[i].uri, rows[i].length);
		if (length != rows[i].read)
			fail_msg("%s: %lld", rows[i].length ? rows[i].length : "absent", (long long)length);
		if (length >= 0)
			continue;
		assert_null(req.path);
		assert_int_equal(req.response.status, rows[i].status);
	}
}

static void get_reads_no_body(void **state)
{
	struct request req = { .mem = *state };
	struct table table = { { { "REQUEST_METHOD", "GET" }, { "REQUEST_URI", "/a" }, { "CONTENT_LENGTH", "9999999999" } } };
	assert_true(request_read(&req, table_get, &table));
	assert_int_equal(request_length(&req, table_get, &table), 0);
}

static const char *address_seen(struct mem *mem, const char *peer, const char *forwarded)
{
	struct request req = { .mem = mem };
	struct table table = { { { "REQUEST_METHOD", "GET" }, { "REQUEST_URI", "/" }, { "REMOTE_ADDR", peer },
		{ "HTTP_X_FORWARDED_FOR", forwarded } } };
	assert_true(request_read(&req, table_get, &table));
	return req.address;
}

static void only_trusted_proxies_are_believed(void **state)
{
	struct mem *mem = *state;
	conf.trusted_proxies = "";
	assert_string_equal(address_seen(mem, "203.0.113.9", "10.0.0.1"), "203.0.113.9");
	assert_string_equal(address_seen(mem, NULL, "10.0.0.1"), "");
	conf.trusted_proxies = "10.0.0.12, 10.0.0.13";
	assert_string_equal(address_seen(mem, "203.0.113.9", "192.0.2.1"), "203.0.113.9");
	assert_string_equal(address_seen(mem, "10.0.0.12", "192.0.2.1"), "192.0.2.1");
	assert_string_equal(address_seen(mem, "10.0.0.13", "1.2.3.4, 192.0.2.1"), "192.0.2.1");
	assert_string_equal(address_seen(mem, "10.0.0.12", NULL), "10.0.0.12");
	/* Parts of a trusted address are other addresses. */
	assert_string_equal(address_seen(mem, "10.0.0.1", "192.0.2.1"), "10.0.0.1");
	assert_string_equal(address_seen(mem, "0.0.0.12", "192.0.2.1"), "0.0.0.12");
	assert_string_equal(address_seen(mem, "", "192.0.2.1"), "");
	conf.trusted_proxies = "";
}

static void ids_are_plain_or_made_anew(void **state)
{
	static const char *const bad[] = { "", "a b", "abc\n", "id=1", "0123456789012345678901234567890123456789a", "\xff", "xyz" };
	struct request req = { .mem = *state };
	struct table table = { { { "REQUEST_METHOD", "GET" }, { "REQUEST_URI", "/" }, { "HTTP_X_REQUEST_ID", "8f3c-AB" } } };
	request_read(&req, table_get, &table);
	assert_string_equal(req.id, "8f3c-AB");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		table.rows[2].value = bad[i];
		request_read(&req, table_get, &table);
		assert_int_equal(strlen(req.id), 22);
		assert_string_not_equal(req.id, bad[i]);
	}
}

static void odd_user_agents_are_dropped(void **state)
{
	struct request req = { .mem = *state };
	struct table table = { { { "REQUEST_METHOD", "GET" }, { "REQUEST_URI", "/" }, { "HTTP_USER_AGENT", "bad \xff agent" } } };
	assert_true(request_read(&req, table_get, &table));
	assert_string_equal(req.user_agent, "");
}

static int trusting_nobody(void **state)
{
	conf.trusted_proxies = "";
	return mem_fresh(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define NOBODY_TEST(name) cmocka_unit_test_setup_teardown(name, trusting_nobody, mem_gone)
		NOBODY_TEST(paths_are_decoded_once_and_plain), NOBODY_TEST(long_paths_are_refused), NOBODY_TEST(a_shell_gives_path_info),
		NOBODY_TEST(lengths_are_strict), NOBODY_TEST(get_reads_no_body), NOBODY_TEST(only_trusted_proxies_are_believed),
		NOBODY_TEST(ids_are_plain_or_made_anew), NOBODY_TEST(odd_user_agents_are_dropped),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
