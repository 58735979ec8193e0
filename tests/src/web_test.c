/* web_test.c: routing, guards, form tokens. What a page answers: web_answer_test.c. */
#include "web_pages.h"

ROUTE(GET, "/things/{thing}/parts/{part}", ANYONE, part)
{
	answer(req, 200, "text/plain", "[%s][%s]", path_text(req, "thing"), path_text(req, "part"));
}

ROUTE(GET, "/things/{thing}", ANYONE, thing)
{
	answer(req, 200, "text/plain", "[%s]", path_text(req, "part"));
}

ROUTE(GET, "/seller", SELLER, seller_only)
{
	answer(req, 200, "text/plain", "seller");
}

ROUTE(GET, "/staff", STAFF, staff_only)
{
	answer(req, 200, "text/plain", "staff");
}

ROUTE(POST, "/act", ANYONE, act)
{
	runs++;
	see_other(req, "/plain?notice=saved");
}

ROUTE(POST, "/member", MEMBER, member_act)
{
	runs++;
	answer(req, 200, "text/plain", "done");
}

ROUTE(POST, "/member/only", MEMBER, member_only_posted)
{
	runs++;
	answer(req, 200, "text/plain", "done");
}

ROUTE(POST, "/signed", SIGNED, signed_act)
{
	assert_int_equal(req->account_id, 0);
	answer(req, 200, "text/plain", "%zu bytes", req->body.length);
}

static void routes_find_their_page(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/plain").body, "plain en");
	assert_string_equal(get(f, "/plain?x=1").body, "plain en");
	assert_string_equal(get(f, "/things/a/parts/b").body, "[a][b]");
	assert_string_equal(get(f, "/things/%61-1/parts/b_.~").body, "[a-1][b_.~]");
}

static void unknown_paths_are_404(void **state)
{
	struct fixture *f = *state;
	static const char *const paths[] = { "/", "/plain/", "/Plain", "/plain2", "/plai", "/things", "/things/a/parts",
		"/things/a/parts/", "/things/a/parts/b/c", "/plain/x", "/things/caf%C3%A9/parts/b", "/things/a%20b/parts/b",
		"/things/{a}/parts/{b}" };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (get(f, paths[i]).status != 404)
			fail_msg("%s is found", paths[i]);
	holds(get(f, "/nowhere").body, "<h1>404 en: not here</h1>");
}

static void other_methods_are_405(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, "/act").status, 405);
	assert_int_equal(post(f, "/plain", "").status, 405);
	with(f, "REQUEST_METHOD", "DELETE");
	struct page page = get(f, "/plain");
	assert_int_equal(page.status, 405);
	assert_non_null(header_of(f, page, "Allow"));
	with(f, "REQUEST_METHOD", "get");
	assert_int_equal(get(f, "/plain").status, 405);
	with(f, "REQUEST_METHOD", NULL);
	assert_int_equal(get(f, "/plain").status, 405);
	with(f, "REQUEST_METHOD", "HEAD");
	assert_int_equal(get(f, "/plain").status, 200);
}

static void a_name_the_route_lacks_is_a_fault(void **state)
{
	assert_int_equal(get(*state, "/things/a").status, 500);
}

static void members_pages_lead_to_log_in_and_back(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/member?sort=name&page=2");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/login?next=%2Fmember%3Fsort%3Dname%26page%3D2");
	const char *form = "application/x-www-form-urlencoded";
	assert_string_equal(post_raw(f, "/member?sort=name", form, "", NULL).location, "/login?next=%2Fmember");
	assert_string_equal(post_raw(f, "/member/only", form, "", NULL).location, "/login");
	assert_int_equal(runs, 0);
	log_in(f, a_member(f, "jenny@example.com"));
	assert_string_equal(get(f, "/member").body, "hello jenny@example.com");
}

static void roles_are_asked_for(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	assert_string_equal(get(f, "/staff").location, "/login?next=%2Fstaff");
	log_in(f, jenny);
	assert_int_equal(get(f, "/staff").status, 403);
	assert_int_equal(get(f, "/seller").status, 403);
	db_run(&f->db, "UPDATE account SET seller = TRUE WHERE id = ?", jenny);
	assert_int_equal(get(f, "/seller").status, 200);
	assert_int_equal(get(f, "/staff").status, 403);
	db_run(&f->db, "UPDATE account SET staff = TRUE, seller = FALSE WHERE id = ?", jenny);
	assert_int_equal(get(f, "/staff").status, 200);
	assert_int_equal(get(f, "/seller").status, 403);
}

static void only_a_live_session_is_a_member(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	db_run(&f->db, "UPDATE session SET expires_at = '2001-01-01 00:00:00'");
	assert_int_equal(get(f, "/member").status, 303);
	static const char *const cookies[] = { "session=", "session=x", "session='; DROP TABLE session; --",
		"session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "; ;;=;session", "__Host-session=x" };
	for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
		snprintf(f->cookies, sizeof f->cookies, "%s", cookies[i]);
		assert_int_equal(get(f, "/member").status, 303);
	}
}

static void identity_comes_from_the_session_alone(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	static const char *const names[] = { "REMOTE_USER", "AUTH_USER", "HTTP_AUTHORIZATION", "HTTP_X_USER", "HTTP_X_ACCOUNT_ID",
		"HTTP_X_REMOTE_USER", "HTTP_X_FORWARDED_USER", "HTTP_X_WP_USER", "SSL_CLIENT_S_DN", "account_id" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		with(f, names[i], mem_format(f->mem, "%lld", (long long)jenny));
		assert_int_equal(get(f, "/member?account_id=1&user=jenny%40example.com").status, 303);
	}
}

static void forms_need_their_token(void **state)
{
	struct fixture *f = *state;
	const char *type = "application/x-www-form-urlencoded";
	assert_int_equal(post_raw(f, "/act", type, "", conf.base_url).status, 403);
	assert_int_equal(post_raw(f, "/act", type, "csrf=", conf.base_url).status, 403);
	assert_int_equal(post_raw(f, "/act", type, "csrf=AAAA", conf.base_url).status, 403);
	assert_int_equal(runs, 0);
	assert_int_equal(post(f, "/act", "").status, 303);
	assert_int_equal(runs, 1);
	log_in(f, a_member(f, "jenny@example.com"));
	assert_int_equal(post_raw(f, "/member", type, "x=1", conf.base_url).status, 403);
	assert_int_equal(post(f, "/member", "x=1").status, 200);
}

/* The token as a page shows it. */
static const char *token_shown(struct fixture *f)
{
	const char *at = strstr(get(f, "/page").body, "value=\"");
	assert_non_null(at);
	at += strlen("value=\"");
	return mem_textn(f->mem, at, strcspn(at, "\""));
}

static void tokens_belong_to_one_cookie(void **state)
{
	struct fixture *f = *state;
	const char *type = "application/x-www-form-urlencoded";
	const char *body = mem_format(f->mem, "csrf=%s", token_shown(f));
	assert_int_equal(post_raw(f, "/act", type, body, conf.base_url).status, 303);
	assert_int_equal(post_raw(f, "/act", type, body, NULL).status, 303);
	assert_int_equal(post_raw(f, "/act", type, mem_format(f->mem, "%s&%s", body, body), conf.base_url).status, 403);
	assert_int_equal(post_raw(f, mem_format(f->mem, "/act?%s", body), type, "", conf.base_url).status, 403);
	log_out(f);
	assert_int_equal(post_raw(f, "/act", type, body, conf.base_url).status, 403);
	token_shown(f); /* another visitor */
	assert_int_equal(post_raw(f, "/act", type, body, conf.base_url).status, 403);
	log_in(f, a_member(f, "jenny@example.com"));
	assert_int_equal(post_raw(f, "/member", type, body, conf.base_url).status, 403);
}

static void foreign_origins_are_refused(void **state)
{
	struct fixture *f = *state;
	const char *body = mem_format(f->mem, "csrf=%s", token_shown(f));
	const char *const origins[] = { "http://evil.example", "null", "https://127.0.0.1:8080",
		mem_format(f->mem, "%s.evil.example", conf.base_url), mem_format(f->mem, "%s/", conf.base_url), "http://" };
	for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++)
		if (post_raw(f, "/act", "application/x-www-form-urlencoded", body, origins[i]).status != 403)
			fail_msg("origin %s is taken", origins[i]);
	assert_int_equal(runs, 0);
}

static void signed_routes_need_no_token(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com")); /* and know no member */
	struct page page = post_raw(f, "/signed", "application/json", "{\"a\":1}", "https://stripe.example");
	assert_string_equal(page.body, "7 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(routes_find_their_page),
		TEST(unknown_paths_are_404),
		TEST(other_methods_are_405),
		TEST(a_name_the_route_lacks_is_a_fault),
		TEST(members_pages_lead_to_log_in_and_back),
		TEST(roles_are_asked_for),
		TEST(only_a_live_session_is_a_member),
		TEST(identity_comes_from_the_session_alone),
		TEST(forms_need_their_token),
		TEST(tokens_belong_to_one_cookie),
		TEST(foreign_origins_are_refused),
		TEST(signed_routes_need_no_token),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
