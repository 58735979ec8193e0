/* test.h: what every unit test includes: cmocka with what it needs, and failures caught by kind. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* cmocka's fail() gives way to the function of fail.h; fail_msg() stays. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <string.h>

#include "fail.h"
#include "mem.h"

/* Runs fn(arg), which must fail() with that event; returns the message, good until the next call. */
static inline const char *assert_fails(const char *event, void (*fn)(void *), void *arg)
{
	static struct failure failure;
	assert_false(attempt(fn, arg, &failure));
	assert_string_equal(failure.event, event);
	return failure.message;
}

#define RUN_TAP(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

#endif
