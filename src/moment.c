/* moment.c: the clock, the calendar, and printing and reading points in time. */
#include "moment.h"

#include <string.h>
#include <time.h>

#include "checked.h"
#include "fail.h"
#include "language.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static int64_t frozen_us;
static int64_t ahead_us;

void moment_clock_set(struct moment moment)
{
	frozen_us = moment.us;
}

void moment_clock_offset(int64_t seconds)
{
	ahead_us = moment_from_unix(seconds).us;
}

struct moment moment_now(void)
{
	if (frozen_us)
		return (struct moment){ frozen_us + ahead_us };
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (struct moment){ (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000 + ahead_us };
}

static struct moment add(int64_t us, int64_t count, int64_t unit)
{
	int64_t more, sum;
	if (!checked_mul(count, unit, &more) || !checked_add(us, more, &sum))
		fail("moment.range", "beyond the calendar");
	return (struct moment){ sum };
}

struct moment moment_from_unix(int64_t seconds)
{
	return add(0, seconds, SECOND);
}

/* Rounds down, also before 1970. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t moment_unix(struct moment moment)
{
	return floor_div(moment.us, SECOND);
}

struct moment moment_add_seconds(struct moment moment, int64_t seconds)
{
	return add(moment.us, seconds, SECOND);
}

struct moment moment_add_days(struct moment moment, int64_t days)
{
	return add(moment.us, days, DAY);
}

/* Days since 1970-01-01. Both directions are Howard Hinnant's days_from_civil and civil_from_days, from
 * "chrono-Compatible Low-Level Date Algorithms" (public domain): years begin in March, so that the leap
 * day comes last, and repeat every 400 years (an era of 146,097 days). */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct civil *civil)
{
	days += 719468;
	int64_t era = floor_div(days, 146097);
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	civil->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	civil->month = (int)(month < 10 ? month + 3 : month - 9);
	civil->year = year_of_era + era * 400 + (civil->month <= 2);
}

struct civil moment_civil(struct moment moment)
{
	struct civil civil;
	int64_t days = floor_div(moment.us, DAY);
	int64_t rest = moment.us % DAY;
	rest += rest < 0 ? DAY : 0;
	civil_from_days(days, &civil);
	civil.us = (int)(rest % SECOND);
	rest /= SECOND;
	civil.second = (int)(rest % 60);
	civil.minute = (int)(rest / 60 % 60);
	civil.hour = (int)(rest / 3600);
	return civil;
}

struct moment moment_from_civil(struct civil civil)
{
	if (civil.year < -300000 || civil.year > 300000)
		fail("moment.range", "beyond the calendar");
	int64_t days = days_from_civil(civil.year, civil.month, civil.day);
	int64_t seconds = civil.hour * 3600 + civil.minute * 60 + civil.second;
	return add(seconds * SECOND + civil.us, days, DAY);
}

int moment_month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

struct moment moment_add_months(struct moment anchor, int64_t k)
{
	struct civil civil = moment_civil(anchor);
	int64_t months;
	if (!checked_add(civil.year * 12 + civil.month - 1, k, &months))
		fail("moment.range", "beyond the calendar");
	civil.year = floor_div(months, 12);
	civil.month = (int)(months - civil.year * 12) + 1;
	int last = moment_month_days(civil.year, civil.month);
	if (civil.day > last)
		civil.day = last;
	return moment_from_civil(civil);
}

/* Reads exactly count digits at *text and moves behind them. */
static bool digits(const char **text, int count, int *out)
{
	int value = 0;
	for (; count; count--, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		value = value * 10 + (**text - '0');
	}
	*out = value;
	return true;
}

static bool sign(const char **text, char expected)
{
	if (**text != expected)
		return false;
	(*text)++;
	return true;
}

static bool read_date(const char **text, struct civil *civil)
{
	int year;
	if (!digits(text, 4, &year) || !sign(text, '-') || !digits(text, 2, &civil->month) || !sign(text, '-') ||
		!digits(text, 2, &civil->day))
		return false;
	civil->year = year;
	return year >= 1 && civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
		civil->day <= moment_month_days(year, civil->month);
}

static bool read_time(const char **text, struct civil *civil)
{
	if (!digits(text, 2, &civil->hour) || !sign(text, ':') || !digits(text, 2, &civil->minute))
		return false;
	if (sign(text, ':')) {
		if (!digits(text, 2, &civil->second))
			return false;
		if (sign(text, '.')) {
			size_t length = strspn(*text, "0123456789");
			if (!length)
				return false;
			for (size_t i = 0; i < 6; i++)
				civil->us = civil->us * 10 + (i < length ? (*text)[i] - '0' : 0);
			*text += length;
		}
	}
	return civil->hour < 24 && civil->minute < 60 && civil->second < 60;
}

static bool read_zone(const char **text, int64_t *seconds)
{
	int hours, minutes;
	if (!**text || sign(text, 'Z'))
		return true;
	bool west = **text == '-';
	if (!sign(text, '+') && !sign(text, '-'))
		return false;
	if (!digits(text, 2, &hours) || !sign(text, ':') || !digits(text, 2, &minutes) || hours > 15 ||
		minutes > 59)
		return false;
	*seconds = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

bool moment_parse_iso(const char *text, struct moment *out)
{
	struct civil civil = { 0 };
	int64_t zone = 0;
	if (!text || !read_date(&text, &civil))
		return false;
	if (*text) {
		if (!sign(&text, 'T') && !sign(&text, ' '))
			return false;
		if (!read_time(&text, &civil) || !read_zone(&text, &zone) || *text)
			return false;
	}
	*out = moment_add_seconds(moment_from_civil(civil), -zone);
	return true;
}

/* English, French. */
static const char *const months[2][12] = {
	{ "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
		"November", "December" },
	{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
		"novembre", "décembre" },
};

/* Two digits; back comes the place behind them. */
static char *two(char *to, int number)
{
	to[0] = (char)('0' + number / 10);
	to[1] = (char)('0' + number % 10);
	return to + 2;
}

static void date_put(struct buffer *out, const struct civil *civil, bool french)
{
	buffer_int(out, civil->day);
	buffer_text(out, french && civil->day == 1 ? "er " : " ");
	buffer_text(out, months[french][civil->month - 1]);
	buffer_put(out, " ", 1);
	buffer_int(out, civil->year);
}

/* Both languages write 14:03. */
static void time_put(struct buffer *out, const struct civil *civil)
{
	char text[5];
	char *to = two(text, civil->hour);
	*to++ = ':';
	two(to, civil->minute);
	buffer_put(out, text, sizeof text);
}

void moment_date_put(struct buffer *out, struct moment moment, const char *language)
{
	struct civil civil = moment_civil(moment);
	if (moment.us)
		date_put(out, &civil, language_french(language));
}

void moment_time_put(struct buffer *out, struct moment moment)
{
	struct civil civil = moment_civil(moment);
	if (moment.us)
		time_put(out, &civil);
}

void moment_put(struct buffer *out, struct moment moment, const char *language)
{
	bool french = language_french(language);
	struct civil civil = moment_civil(moment);
	if (!moment.us)
		return;
	date_put(out, &civil, french);
	buffer_text(out, french ? " à " : ", ");
	time_put(out, &civil);
	buffer_text(out, "\u00A0UTC"); /* who reads it may be elsewhere */
}

void moment_iso_put(struct buffer *out, struct moment moment)
{
	struct civil civil = moment_civil(moment);
	const int parts[] = { civil.month, civil.day, civil.hour, civil.minute, civil.second };
	char text[17];
	char *to = text;
	if (!moment.us)
		return;
	for (int i = 0; i < 5; i++) {
		*to++ = "--T::"[i];
		to = two(to, parts[i]);
	}
	*to++ = 'Z';
	if (civil.year < 0)
		buffer_put(out, "-", 1);
	buffer_digits(out, (uint64_t)(civil.year < 0 ? -civil.year : civil.year), 4);
	buffer_put(out, text, (size_t)(to - text));
}

const char *moment_print(struct mem *mem, struct moment moment, const char *language)
{
	struct buffer out = buffer_new(mem, 47);
	moment_put(&out, moment, language);
	return out.text;
}

const char *moment_date(struct mem *mem, struct moment moment, const char *language)
{
	struct buffer out = buffer_new(mem, 31);
	moment_date_put(&out, moment, language);
	return out.text;
}

const char *moment_time(struct mem *mem, struct moment moment)
{
	struct buffer out = buffer_new(mem, 7);
	moment_time_put(&out, moment);
	return out.text;
}

const char *moment_iso(struct mem *mem, struct moment moment)
{
	struct buffer out = buffer_new(mem, 31);
	moment_iso_put(&out, moment);
	return out.text;
}
