/* quota.c: months counted from an anchor, and the share of a period that is left. */
#include "quota.h"

#include "checked.h"
#include "fail.h"
#include "moment.h"

/* By the calendar alone, days aside: never too small, and one too great at most. */
static int64_t months_apart(struct moment anchor, struct moment now)
{
	struct civil from = moment_civil(anchor), to = moment_civil(now);
	return (to.year - from.year) * 12 + to.month - from.month;
}

struct quota_month quota_month(struct moment anchor, struct moment now)
{
	struct quota_month month = { .k = months_apart(anchor, now) };
	if (moment_add_months(anchor, month.k).us > now.us)
		month.k--;
	month.starts_at = moment_add_months(anchor, month.k);
	month.ends_at = moment_add_months(anchor, month.k + 1);
	return month;
}

int64_t quota_upgrade(int64_t from, int64_t to, struct moment starts_at, struct moment ends_at,
	struct moment at)
{
	int64_t more, total = moment_unix(ends_at) - moment_unix(starts_at),
		left = moment_unix(ends_at) - moment_unix(at);
	if (!checked_sub(to, from, &more))
		fail("token.range", "quotas too far apart");
	if (more <= 0 || total <= 0 || left <= 0)
		return 0;
	/* In 128 bits: the product of both would not fit in 64 for a plan of many millions. */
	return (int64_t)((__int128)more * (left < total ? left : total) / total);
}
