/* patience.c: one deadline of the process, by a clock that nobody sets. */
#include "patience.h"

#include <time.h>

enum { SECONDS_MOST = 3600 };

static int64_t until; /* milliseconds; 0: nobody waits */

static int64_t now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

void patience_begin(int64_t seconds)
{
	until = now() + (seconds < 1 ? 1 : seconds > SECONDS_MOST ? SECONDS_MOST : seconds) * 1000;
}

void patience_end(void)
{
	until = 0;
}

bool patience_counts(void)
{
	return until != 0;
}

int64_t patience_left(void)
{
	int64_t left = until ? until - now() : INT64_MAX;
	return left > 0 ? left : 0;
}
