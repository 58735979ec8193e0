/* quota.h: the monthly calendar of token quotas, and what an upgrade adds. Pure: no database, no clock
 * (domain.md §4).
 *
 * Month k of a subscription begins add_months(anchor, k), always counted from the first anchor: 31 January,
 * 28 or 29 February, 31 March. Everything is UTC, so no change of the clocks moves a month's end. */
#ifndef QUOTA_H
#define QUOTA_H

#include "shape.h"

struct quota_month {
	int64_t k;                 /* 0: the first; negative: the anchor is still to come */
	struct moment starts_at;   /* add_months(anchor, k): belongs to this month */
	struct moment ends_at;     /* add_months(anchor, k + 1): belongs to the next */
};

/* The month that holds now. */
struct quota_month quota_month(struct moment anchor, struct moment now);

/* The tokens an upgrade adds at once: floor((to − from) × seconds left / seconds total) of the period
 * [starts_at, ends_at) in which it happens at `at`. 0 for a downgrade, for an empty period, and from its
 * end on; all before its start. */
int64_t quota_upgrade(int64_t from, int64_t to, struct moment starts_at, struct moment ends_at,
	struct moment at);

#endif
