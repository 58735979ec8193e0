/* fixture.h: what tests stand on: a real database in a transaction that is never committed, requests, people, products.
 *
 *	static int fresh(void **state) { *state = fixture_new(); return 0; }
 *	static int gone(void **state) { fixture_end(*state); return 0; }
 *	static void shows_order(void **state)
 *	{
 *		struct fixture *f = *state;
 *		int64_t buyer = a_member(f, "jenny@example.com");
 *		log_in(f, buyer);
 *		struct page page = get(f, "/account/orders");
 *		assert_int_equal(page.status, 200);
 *		assert_non_null(strstr(page.body, "…"));
 *	}
 *	int main(void) { cmocka_set_message_output(CM_OUTPUT_TAP); … cmocka_unit_test_setup_teardown(shows_order, fresh, gone) … }
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "fail.h"

#include <cmocka.h>
/* cmocka's fail() is a macro, ours a function: tests say fail_msg(). */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                                                \
	do {                                                                                                             \
		print_error(__VA_ARGS__);                                                                                    \
		print_error("\n");                                                                                           \
		_fail(__FILE__, __LINE__);                                                                                   \
	} while (0)

struct fixture {
	struct db db;         /* held: everything is rolled back by fixture_end(); results live in mem */
	struct mem *mem;      /* the test's */
	struct mem *request;  /* of the requests */
	char cookies[600];    /* sent with every request; log_in() and Set-Cookie headers change it */
	const char *language; /* Accept-Language, "en" */
	struct variable {
		const char *name;
		const char *value;
	} with[24]; /* see with() */
	size_t with_count;
};

struct page {
	int status;
	const char *headers; /* as they go out */
	const char *location; /* of the Location header, base_url cut off; NULL: none */
	const char *body;
};

struct fixture *fixture_new(void);
void fixture_end(struct fixture *f);

/* Requests through serve(). post() adds the form token and the Origin; form is urlencoded. post_raw() adds nothing. */
struct page get(struct fixture *f, const char *path_and_query);
struct page post(struct fixture *f, const char *path, const char *form);
struct page post_raw(struct fixture *f, const char *path, const char *content_type, const char *body, const char *origin);

/* One more CGI variable for the next request alone: with(f, "HTTP_RANGE", "bytes=0-9"). NULL takes one of the usual away. */
void with(struct fixture *f, const char *name, const char *value);

/* The whole value of a header of a page, or NULL. */
const char *header_of(struct fixture *f, struct page page, const char *name);

/* The body with its form tokens taken out: they are masked anew in every page. */
const char *without_tokens(struct fixture *f, struct page page);

/* A verified account (password "correct horse", language en) and its session cookie. log_out forgets all cookies. */
int64_t a_member(struct fixture *f, const char *email);
void log_in(struct fixture *f, int64_t account_id);
void log_out(struct fixture *f);

/* A published product "Night Walk" (slug night-walk unless named otherwise) with one version, one file and one price of
 * `amount` eur that gives download + license(3 seats). Returns the price's public id; product and price rows by slug. */
const char *a_price(struct fixture *f, const char *slug, int64_t amount);
int64_t product_id_of(struct fixture *f, const char *slug);

/* Runs fn and tells how it ended: for code that fail()s. */
struct failure failing(void (*fn)(void *), void *arg);

#endif
