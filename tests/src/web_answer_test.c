/* web_answer_test.c: outcomes, headers, cookies, languages, notices, error pages, and what happens after a conflict. */
#include "web_pages.h"

#include "checked.h"

ROUTE(GET, "/header", ANYONE, header_put)
{
	header(req, query_text(req, "name"), "%s", query_text(req, "value"));
	answer(req, 200, "text/plain", "put");
}

ROUTE(GET, "/cookie", ANYONE, cookie_put)
{
	cookie_set(req, "taste", query_text(req, "value"), 60);
	answer(req, 200, "text/plain", "put");
}

ROUTE(GET, "/cookie/read", ANYONE, cookie_read)
{
	const char *taste = cookie_text(req, "taste");
	answer(req, 200, "text/plain", "%s", taste ? taste : "none");
}

ROUTE(GET, "/redirect", ANYONE, redirect)
{
	see_other(req, "%s", query_text(req, "to"));
}

ROUTE(GET, "/elsewhere", ANYONE, elsewhere)
{
	see_elsewhere(req, query_text(req, "to"));
}

ROUTE(GET, "/query", ANYONE, query)
{
	const char *value = query_text(req, "v");
	answer(req, 200, "text/plain", "%s", value ? value : "(none)");
}

ROUTE(GET, "/refuse/{status}", ANYONE, refused)
{
	answer(req, 200, "text/plain", "half a page");
	int64_t status = 0;
	assert_true(parse_int(path_text(req, "status"), 400, 599, &status));
	refuse(req, (int)status);
}

ROUTE(GET, "/fault", ANYONE, fault)
{
	answer(req, 200, "text/plain", "half a page with a secret");
	fail("test.fault", "the secret is 42");
}

/* Fails in the asked way until it ran for the n-th time; what it put into the response before is gone. */
ROUTE(GET, "/again/{kind}/{times}", ANYONE, again)
{
	enum failure_kind kind = !strcmp(path_text(req, "kind"), "conflict") ? FAILURE_AGAIN : FAILURE_DATABASE;
	int64_t times = 0;
	assert_true(parse_int(path_text(req, "times"), 1, 100, &times));
	header(req, "X-Run", "%d", ++runs);
	if (runs < times)
		fail_as(kind, "test.again", "run %d", runs);
	answer(req, 200, "text/plain", "ran %d times", runs);
}

ROUTE(GET, "/cached", ANYONE, cached)
{
	cacheable(req);
	render(req, "page", text_page, .text = "same for all");
}

ROUTE(GET, "/bad_notice", ANYONE, bad_notice)
{
	req->notice = word(req, "notice.saved");
	req->notice_bad = true;
	render_status(req, 409, "page", text_page, .text = word_of(req, "test", "hello"));
}

struct mail_form {
	const char *email;
};
FORM(mail_form, EMAIL(email));
struct form_page {
	const struct mail_form *form;
};
VIEW(form_page, REF(form, mail_form));

ROUTE(POST, "/form", ANYONE, form_take)
{
	const struct mail_form *form = form_read(req, mail_form);
	if (form_ok(req) && !strcmp(form->email, "taken@example.com"))
		form_error(req, "summary", "error.required");
	if (!form_ok(req))
		render_status(req, 422, "form", form_page, .form = form);
	else
		see_other(req, "/plain");
}

/* Writes a row, and commits only when asked to. */
ROUTE(POST, "/write", ANYONE, write_row)
{
	db_begin(req->db);
	db_run(req->db, "INSERT INTO category (slug) VALUES ('written')");
	if (query_text(req, "commit"))
		db_commit(req->db);
	if (query_text(req, "fail"))
		fail("test.fault", "after writing");
	answer(req, 200, "text/plain", "written");
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in: %s", part, text);
}

static void headers_take_no_line_breaks(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(header_of(f, get(f, "/header?name=X-Good&value=a+b"), "X-Good"), "a b");
	static const char *const bad[] = { "name=X&value=a%0d%0aX-Evil:+1", "name=X&value=a%0aX-Evil:+1", "name=X&value=a%0d",
		"name=X%0aX-Evil&value=1", "name=X:+a&value=1" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct page page = get(f, mem_format(f->mem, "/header?%s", bad[i]));
		assert_int_equal(page.status, 500);
		lacks(page.headers, "X-Evil");
	}
}

static void cookies_come_back(void **state)
{
	struct fixture *f = *state;
	const char *set = header_of(f, get(f, "/cookie?value=salt"), "Set-Cookie");
	assert_string_equal(set, "taste=salt; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
	assert_string_equal(get(f, "/cookie/read").body, "salt");
	snprintf(f->cookies, sizeof f->cookies, "%s", "a=1;  taste=pepper;b=2");
	assert_string_equal(get(f, "/cookie/read").body, "pepper");
	snprintf(f->cookies, sizeof f->cookies, "%s", "nottaste=salt; tasteless=1; taste=");
	assert_string_equal(get(f, "/cookie/read").body, "");
	snprintf(f->cookies, sizeof f->cookies, "%s", "nottaste=salt");
	assert_string_equal(get(f, "/cookie/read").body, "none");
	assert_int_equal(get(f, "/cookie?value=a%3b+Domain=evil").status, 500);
	assert_int_equal(get(f, "/cookie?value=a%0d%0aX:+1").status, 500);
}

static void https_cookies_are_locked_to_the_host(void **state)
{
	struct fixture *f = *state;
	const char *base = conf.base_url;
	conf.base_url = "https://shop.example";
	holds(get(f, "/cookie?value=salt").headers, "taste=salt; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure\r\n");
	assert_string_equal(session_cookie(), "__Host-session");
	log_in(f, a_member(f, "jenny@example.com"));
	holds(f->cookies, "__Host-session=");
	assert_int_equal(get(f, "/member").status, 200);
	conf.base_url = base;
}

static void redirects_stay_here(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/redirect?to=/a%3fb=c");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/a?b=c");
	static const char *const bad[] = { "//evil.example", "http://evil.example", "evil", "", "/a%0d%0aX-Evil:+1" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		page = get(f, mem_format(f->mem, "/redirect?to=%s", bad[i]));
		assert_int_equal(page.status, 500);
		assert_null(page.location);
	}
	assert_string_equal(get(f, "/elsewhere?to=https://checkout.stripe.com/c/1").location, "https://checkout.stripe.com/c/1");
	assert_int_equal(get(f, "/elsewhere?to=https://a/%0d%0aX-Evil:+1").status, 500);
}

static void queries_are_decoded_once(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/query?v=a+b%20c%2Bd%26").body, "a b c+d&");
	assert_string_equal(get(f, "/query?w=1&v=%2541").body, "%41");
	assert_string_equal(get(f, "/query?v=").body, "");
	static const char *const none[] = { "", "?", "?v", "?V=1", "?vv=1", "?v=1&v=2", "?v=%00", "?v=a%00b", "?v=%ff", "?v=%c0%80",
		"?v=%ed%a0%80", "?v=%f4%90%80%80", "?v=%", "?v=%4", "?v=%zz", "?%76=1" };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		const char *body = get(f, mem_format(f->mem, "/query%s", none[i])).body;
		if (strcmp(body, "(none)"))
			fail_msg("%s is read as '%s'", none[i], body);
	}
}

static void notices_come_from_the_catalogue(void **state)
{
	struct fixture *f = *state;
	holds(get(f, "/page?notice=saved").body, "<p class=\"notice\">en: saved</p>");
	holds(get(f, "/page?notice=saved&lang=fr").body, "<p class=\"notice\">fr: saved</p>");
	static const char *const nothing[] = { "", "?notice=", "?notice=unknown", "?notice=Saved", "?notice=saved&notice=saved",
		"?notice=%3Cb%3Esaved", "?notice=../test.hello", "?notice=saved%00" };
	f->language = "en";
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
		lacks(get(f, mem_format(f->mem, "/page%s", nothing[i])).body, "class=\"notice\"");
	struct page page = get(f, "/bad_notice?lang=en");
	assert_int_equal(page.status, 409);
	holds(page.body, "<p>Good evening</p>");
}

static void languages_are_chosen_in_order(void **state)
{
	struct fixture *f = *state;
	static const char *const accepted[][2] = { { "fr", "fr" }, { "fr-CA,en;q=0.5", "fr" }, { "de, fr;q=0.5", "fr" },
		{ "en-GB, fr", "en" }, { "de", "en" }, { "", "en" }, { ",,;", "en" } };
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
		f->language = accepted[i][0];
		assert_string_equal(get(f, "/plain").body, mem_format(f->mem, "plain %s", accepted[i][1]));
	}
	f->language = "en";
	int64_t jenny = a_member(f, "jenny@example.com");
	db_run(&f->db, "UPDATE account SET language = 'fr' WHERE id = ?", jenny);
	log_in(f, jenny);
	assert_string_equal(get(f, "/plain").body, "plain fr");
	assert_string_equal(get(f, "/plain?lang=en").body, "plain en");
	assert_string_equal(get(f, "/plain").body, "plain en"); /* the cookie says so now */
	assert_string_equal(get(f, "/plain?lang=de").body, "plain en");
	holds(get(f, "/page?lang=fr").body, "<html lang=\"fr\"><p>Bonsoir</p>");
}

static void pages_escape_and_know_their_visitor(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/page?a=1&lang=en&notice=saved&b=2");
	holds(page.body, "<p>&lt;b&gt;bold&lt;/b&gt;</p>");
	holds(page.body, "href=\"/page?a=1&amp;b=2&amp;lang=fr\"");
	holds(page.body, "href=\"/login?next=%2Fpage\"");
	holds(page.headers, "Content-Type: text/html; charset=utf-8\r\n");
	holds(page.headers, "Cache-Control: no-store\r\n");
	holds(page.headers, "X-Content-Type-Options: nosniff\r\n");
	holds(page.headers, "default-src 'none'; script-src 'self'");
	holds(page.headers, mem_format(f->mem, "Content-Length: %zu\r\n", strlen(page.body)));
	log_in(f, a_member(f, "jenny@example.com"));
	holds(get(f, "/page").body, "<p>Jenny Example (JE)</p>");
}

static void only_visitors_pages_are_cached(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/cached");
	assert_non_null(header_of(f, page, "X-Accel-Expires"));
	assert_string_equal(header_of(f, page, "Cache-Control"), "no-cache");
	assert_null(header_of(f, page, "Set-Cookie"));
	holds(page.body, "name=\"csrf\" value=\"\"");
	log_in(f, a_member(f, "jenny@example.com"));
	page = get(f, "/cached");
	assert_null(header_of(f, page, "X-Accel-Expires"));
	assert_string_equal(header_of(f, page, "Cache-Control"), "no-store");
}

static void refusals_are_whole_error_pages(void **state)
{
	struct fixture *f = *state;
	static const int statuses[] = { 400, 403, 404, 410, 413, 429, 503 };
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		with(f, "HTTP_X_REQUEST_ID", "8f3c");
		struct page page = get(f, mem_format(f->mem, "/refuse/%d", statuses[i]));
		assert_int_equal(page.status, statuses[i]);
		holds(page.body, mem_format(f->mem, "<h1>%d ", statuses[i]));
		holds(page.body, "<code>8f3c</code>");
		lacks(page.body, "half a page");
	}
	assert_string_equal(header_of(f, get(f, "/refuse/503"), "Retry-After"), "5");
}

static void faults_tell_the_visitor_nothing(void **state)
{
	struct page page = get(*state, "/fault");
	assert_int_equal(page.status, 500);
	holds(page.body, "<h1>500 ");
	lacks(page.body, "secret");
	lacks(page.headers, "secret");
}

static void conflicts_run_the_page_again(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/again/conflict/5");
	assert_string_equal(page.body, "ran 5 times");
	assert_string_equal(header_of(f, page, "X-Run"), "5");
	lacks(page.headers, "X-Run: 1");
	runs = 0;
	page = get(f, "/again/conflict/100");
	assert_int_equal(page.status, 503);
	assert_string_equal(header_of(f, page, "Retry-After"), "5");
	assert_int_equal(runs, 5);
}

static void a_lost_database_is_tried_once_more(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/again/lost/2").body, "ran 2 times");
	runs = 0;
	assert_int_equal(get(f, "/again/lost/100").status, 503);
	assert_int_equal(runs, 2);
}

static int64_t rows_written(struct fixture *f)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM category WHERE slug = 'written'");
}

static void leaving_without_commit_writes_nothing(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(post(f, "/write", "").status, 200);
	assert_int_equal(rows_written(f), 0);
	assert_int_equal(post(f, "/write?fail=1", "").status, 500);
	assert_int_equal(rows_written(f), 0);
	assert_int_equal(post(f, "/write?commit=1", "").status, 200);
	assert_int_equal(rows_written(f), 1);
}

static void wrong_forms_come_back_with_words(void **state)
{
	struct fixture *f = *state;
	struct page page = post(f, "/form", "email=%22%3Ejenny");
	assert_int_equal(page.status, 422);
	holds(page.body, "value=\"&quot;&gt;jenny\"><em>en: no address</em>");
	holds(post(f, "/form", "").body, "value=\"\"><em>en: needed</em>");
	holds(post(f, "/form", "email=taken%40example.com").body, "<b>en: needed</b>");
	assert_int_equal(post(f, "/form", "email=+Jenny%40Example.COM+&staff=1&account_id=1").status, 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(headers_take_no_line_breaks),
		TEST(cookies_come_back),
		TEST(https_cookies_are_locked_to_the_host),
		TEST(redirects_stay_here),
		TEST(queries_are_decoded_once),
		TEST(notices_come_from_the_catalogue),
		TEST(languages_are_chosen_in_order),
		TEST(pages_escape_and_know_their_visitor),
		TEST(only_visitors_pages_are_cached),
		TEST(refusals_are_whole_error_pages),
		TEST(faults_tell_the_visitor_nothing),
		TEST(conflicts_run_the_page_again),
		TEST(a_lost_database_is_tried_once_more),
		TEST(leaving_without_commit_writes_nothing),
		TEST(wrong_forms_come_back_with_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
