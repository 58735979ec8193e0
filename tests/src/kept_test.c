/* kept_test.c: who is given a page that another visitor's request made, and who never is. */
#include "fixture.h"

#include <string.h>
#include <time.h>

#include "kept.h"

static struct mem *mem;

static int fresh(void **state)
{
	(void)state;
	mem = mem_new((size_t)8 << 20);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	mem_free(mem);
	return 0;
}

static struct request asks(const char *path, const char *cookies)
{
	return (struct request){ .mem = mem, .method = GET, .path = path, .query = "", .cookies = cookies,
		.accept_language = "en", .response = { .file = -1 } };
}

static void is_served(struct request *req, const char *headers, const char *body)
{
	req->shared = true;
	req->response.status = 200;
	req->response.headers = buffer_new(mem, 100);
	req->response.body = buffer_new(mem, 100);
	buffer_text(&req->response.headers, headers);
	buffer_text(&req->response.body, body);
	kept_take(req);
}

/* Early enough in a second of the clock that what follows happens in it. */
static void second_begins(void)
{
	struct timespec now;
	do
		clock_gettime(CLOCK_REALTIME, &now);
	while (now.tv_nsec > 500000000);
}

/* Makes the page for a first visitor; whether the second is given it. */
static bool passes(struct request first, const char *headers, struct request second)
{
	second_begins();
	assert_false(kept_give(&first));
	is_served(&first, headers, "the page");
	bool given = kept_give(&second);
	if (given)
		assert_string_equal(second.response.body.text, "the page");
	return given;
}

static void the_next_visitor_is_given_it(void **state)
{
	(void)state;
	assert_true(passes(asks("/a", ""), "X: 1\r\n", asks("/a", "")));
	assert_true(passes(asks("/b", ""), "X: 1\r\n", asks("/b", "theme=dark")));
	struct request head = asks("/c", "");
	head.head = true;
	assert_true(passes(asks("/c", ""), "", head));
}

static void another_address_or_language_is_not(void **state)
{
	(void)state;
	struct request french = asks("/m", ""), second = asks("/e", ""), post = asks("/f", "");
	french.accept_language = "fr";
	second.query = "after=1";
	post.method = POST;
	assert_false(passes(asks("/d", ""), "", asks("/dd", "")));
	assert_false(passes(asks("/g", ""), "", asks("/g", "language=fr")));
	assert_false(passes(asks("/m", ""), "", french));
	assert_false(passes(asks("/e", ""), "", second));
	assert_false(passes(asks("/f", ""), "", post));
}

static void a_member_neither_gives_nor_gets(void **state)
{
	(void)state;
	static const char *const cookies[] = { "session=x", "__Host-session=x", "a=b; session=x", "visitor=x",
		"language=en; __Host-visitor=x" };
	for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
		assert_false(passes(asks(mem_format(mem, "/h%zu", i), cookies[i]), "", asks(mem_format(mem, "/h%zu", i), "")));
		assert_false(passes(asks(mem_format(mem, "/i%zu", i), ""), "", asks(mem_format(mem, "/i%zu", i), cookies[i])));
	}
}

static void what_sets_a_cookie_is_not_kept(void **state)
{
	(void)state;
	assert_false(passes(asks("/j", ""), "Set-Cookie: visitor=x\r\n", asks("/j", "")));
}

static void errors_and_unshared_pages_are_not_kept(void **state)
{
	(void)state;
	struct request first = asks("/k", ""), again = asks("/k", "");
	assert_false(kept_give(&first));
	first.response.status = 404;
	first.shared = true;
	first.response.headers = first.response.body = buffer_new(mem, 1);
	kept_take(&first);
	assert_false(kept_give(&again));
	first.response.status = 200;
	first.shared = false;
	kept_take(&first);
	assert_false(kept_give(&again));
	char *long_text = mem_get(mem, 70000);
	memset(long_text, 'x', 69999);
	is_served(&first, "", long_text);
	assert_false(kept_give(&again));
}

static void its_second_passes(void **state)
{
	(void)state;
	assert_true(passes(asks("/l", ""), "", asks("/l", "")));
	time_t then = time(NULL);
	while (time(NULL) == then)
		;
	struct request late = asks("/l", "");
	assert_false(kept_give(&late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_visitor_is_given_it),
		cmocka_unit_test(another_address_or_language_is_not),
		cmocka_unit_test(a_member_neither_gives_nor_gets),
		cmocka_unit_test(what_sets_a_cookie_is_not_kept),
		cmocka_unit_test(errors_and_unshared_pages_are_not_kept),
		cmocka_unit_test(its_second_passes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, fresh, gone);
}
