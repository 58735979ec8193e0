/* fail.h: leaving, nested leaving, what is told, and that nobody outside is needed. */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

static void return_quietly(void *arg)
{
	*(int *)arg += 1;
}

static void break_down(void *arg)
{
	fail("machine.broken", "part %d of %s", 3, (const char *)arg);
}

static void end_with(void *arg)
{
	fail_as(*(enum failure_kind *)arg, "kind.test", "as asked");
}

static void returning_is_no_failure(void **state)
{
	(void)state;
	int calls = 0;
	struct failure failure = { .kind = FAILURE_FAULT, .event = "old", .message = "old" };
	assert_true(attempt(return_quietly, &calls, &failure));
	assert_int_equal(calls, 1);
	assert_int_equal(failure.kind, FAILURE_NONE);
	assert_string_equal(failure.event, "");
}

static void a_failure_says_what_happened(void **state)
{
	(void)state;
	struct failure failure;
	assert_false(attempt(break_down, "the engine", &failure));
	assert_int_equal(failure.kind, FAILURE_FAULT);
	assert_string_equal(failure.event, "machine.broken");
	assert_string_equal(failure.message, "part 3 of the engine");
}

static void every_kind_arrives(void **state)
{
	(void)state;
	for (enum failure_kind kind = FAILURE_DONE; kind <= FAILURE_DATABASE; kind++) {
		struct failure failure;
		assert_false(attempt(end_with, &kind, &failure));
		assert_int_equal(failure.kind, kind);
	}
}

static void fail_long(void *arg)
{
	fail(arg, "%s", (const char *)arg);
}

static void long_messages_are_cut(void **state)
{
	(void)state;
	char text[1000];
	struct failure failure;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	assert_false(attempt(fail_long, text, &failure));
	assert_int_equal(strlen(failure.event), sizeof failure.event - 1);
	assert_int_equal(strlen(failure.message), sizeof failure.message - 1);
}

struct nest {
	bool inner_returned;
	struct failure inner;
	bool came_back;
};

static void inner_fails_outer_goes_on(void *arg)
{
	struct nest *nest = arg;
	nest->inner_returned = attempt(break_down, "inner", &nest->inner);
	nest->came_back = true;
	fail("outer.too", "after the inner one");
}

static void attempts_nest(void **state)
{
	(void)state;
	struct nest nest = { 0 };
	struct failure outer;
	assert_false(attempt(inner_fails_outer_goes_on, &nest, &outer));
	assert_false(nest.inner_returned);
	assert_true(nest.came_back);
	assert_string_equal(nest.inner.message, "part 3 of inner");
	assert_string_equal(outer.event, "outer.too");
}

static void inner_returns_then_outer_fails(void *arg)
{
	struct failure inner;
	assert_true(attempt(return_quietly, arg, &inner));
	fail("outer.alone", "not caught by the attempt that is over");
}

static void a_finished_attempt_catches_nothing(void **state)
{
	(void)state;
	int calls = 0;
	assert_fails("outer.alone", inner_returns_then_outer_fails, &calls);
	assert_int_equal(calls, 1);
}

/* Outside any attempt: one line on stderr and exit status 70. */
static void outside_any_attempt_the_program_ends(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		break_down("nowhere");
		_exit(1);
	}
	close(ends[1]);
	char line[500] = "";
	ssize_t length = read(ends[0], line, sizeof line - 1);
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(length > 0 && WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_string_equal(line, "machine.broken why=\"part 3 of nowhere\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returning_is_no_failure),
		cmocka_unit_test(a_failure_says_what_happened),
		cmocka_unit_test(every_kind_arrives),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(attempts_nest),
		cmocka_unit_test(a_finished_attempt_catches_nothing),
		cmocka_unit_test(outside_any_attempt_the_program_ends),
	};
	return RUN_TAP(tests);
}
