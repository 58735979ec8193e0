/* usage.h: how many tokens an account used on each of the last days: the bars of a chart, and the rows of
 * its table. */
#ifndef USAGE_H
#define USAGE_H

#include "web.h"

/* The chart's coordinates, in its own units: a day is USAGE_STEP wide, the highest bar USAGE_HEIGHT high,
 * and stands on the line y = USAGE_HEIGHT + USAGE_TOP. */
enum { USAGE_DAYS = 14, USAGE_STEP = 40, USAGE_BAR = 28, USAGE_TOP = 24, USAGE_HEIGHT = 260 };

struct usage_day {
	struct moment day;
	const char *tokens; /* for people; "" on days of none */
	const char *label;  /* of the day in its month */
	int64_t x, middle, y, height;
	bool is_peak; /* the first of the highest */
};
VIEW(usage_day, day, tokens, label, x, middle, y, height, is_peak);

/* Today and the days before it, in UTC, oldest first; an empty list when there was nothing at all. One
 * query over an index. */
struct list usage_days(struct request *req);

#endif
