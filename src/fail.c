/* fail.c: the one setjmp of the program, in a function of its own so that no local of a caller is clobbered. */
#include "fail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

struct frame {
	struct frame *outer;
	jmp_buf jump;
	struct failure failure;
};

static struct frame *innermost;

bool attempt(void (*fn)(void *), void *arg, struct failure *failure)
{
	struct frame frame = { .outer = innermost };
	innermost = &frame;
	if (setjmp(frame.jump) == 0) {
		fn(arg);
		innermost = frame.outer;
		*failure = (struct failure){ .kind = FAILURE_NONE };
		return true;
	}
	innermost = frame.outer;
	*failure = frame.failure;
	return false;
}

static void __attribute__((noreturn, format(printf, 3, 0)))
unwind(enum failure_kind kind, const char *event, const char *format, va_list args)
{
	struct failure lost = { 0 };
	struct failure *failure = innermost ? &innermost->failure : &lost;
	failure->kind = kind;
	snprintf(failure->event, sizeof failure->event, "%s", event);
	vsnprintf(failure->message, sizeof failure->message, format, args);
	if (innermost)
		longjmp(innermost->jump, 1);
	log_line(failure->event, "why=%s", log_word(failure->message));
	exit(70);
}

void fail(const char *event, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	unwind(FAILURE_FAULT, event, format, args);
}

void fail_as(enum failure_kind kind, const char *event, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	unwind(kind, event, format, args);
}
