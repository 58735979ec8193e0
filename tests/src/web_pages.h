/* web_pages.h: pages of the smallest kind, with templates of their own, for tests of web.h and serve.h. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "../fixture.h"
#include "../own_assets.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "serve.h"
#include "session.h"

static int runs; /* how often the page of the request under test ran */

ROUTE(GET, "/plain", ANYONE, plain)
{
	answer(req, 200, "text/plain", "plain %s", req->language);
}

ROUTE(GET, "/member", MEMBER, member_only)
{
	answer(req, 200, "text/plain", "hello %s", req->member->email);
}

struct text_page {
	const char *text;
};
VIEW(text_page, text);

ROUTE(GET, "/page", ANYONE, page_show)
{
	render(req, "page", text_page, .text = "<b>bold</b>");
}

static inline int fresh(void **state)
{
	runs = 0;
	*state = fixture_new();
	return 0;
}

static inline int gone(void **state)
{
	fixture_end(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

static inline void holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in: %s", part, text);
}

#endif
