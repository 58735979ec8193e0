/* moment.h: points in time. Microseconds since 1970-01-01 UTC, 0 is "absent" (struct moment in shape.h).
 *
 * Calendar arithmetic is the proleptic Gregorian calendar in UTC, by our own hand: no time zone file, no
 * TZ variable and no daylight saving can move a period's end. */
#ifndef MOMENT_H
#define MOMENT_H

#include "mem.h"
#include "shape.h"

struct civil {
	int64_t year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
	int hour, minute, second, us;
};

/* What the clock says. moment_clock_set freezes it for tests (a moment of 0: runs again),
 * moment_clock_offset puts it that many seconds ahead of the real or frozen time (negative: behind). */
struct moment moment_now(void);
void moment_clock_set(struct moment moment);
void moment_clock_offset(int64_t seconds);

/* Seconds since 1970, as Stripe and JWTs count them; moment_unix rounds down. Beyond ±292,000 years
 * moment_from_unix, moment_add_seconds, _days and _months fail("moment.range"). */
struct moment moment_from_unix(int64_t seconds);
int64_t moment_unix(struct moment moment);

struct moment moment_add_seconds(struct moment moment, int64_t seconds);
struct moment moment_add_days(struct moment moment, int64_t days);
/* The same day and time k months after the anchor, on the last day of the month where that day does not
 * exist. Always from the original anchor: 31 Jan + 1 is 28 or 29 Feb, 31 Jan + 2 is 31 Mar, as
 * subscriptions bill. */
struct moment moment_add_months(struct moment anchor, int64_t k);

/* To and from year, month, day … in UTC. moment_from_civil expects fields in range, moment_civil gives
 * such. */
struct civil moment_civil(struct moment moment);
struct moment moment_from_civil(struct civil civil);
int moment_month_days(int64_t year, int month);

/* Reads "2026-11-21", optionally "T" or " " and "14:03" or "14:03:00", a fraction (cut after six digits),
 * and "Z" or "+01:00"; no zone is UTC. False, with *out untouched, for anything else, for days that do not
 * exist, and outside the years 1 to 9999. */
bool moment_parse_iso(const char *text, struct moment *out);

/* Texts in mem, "" when absent. In English "21 November 2026, 14:03 UTC", "21 November 2026", "14:03"; in French
 * "21 novembre 2026 à 14:03 UTC", "1er novembre 2026"; moment_iso "2026-11-21T14:03:00Z". All in UTC. */
const char *moment_print(struct mem *mem, struct moment moment, const char *language);
const char *moment_date(struct mem *mem, struct moment moment, const char *language);
const char *moment_time(struct mem *mem, struct moment moment);
const char *moment_iso(struct mem *mem, struct moment moment);

/* The same, appended to a buffer. */
void moment_put(struct buffer *out, struct moment moment, const char *language);
void moment_date_put(struct buffer *out, struct moment moment, const char *language);
void moment_time_put(struct buffer *out, struct moment moment);
void moment_iso_put(struct buffer *out, struct moment moment);

#endif
