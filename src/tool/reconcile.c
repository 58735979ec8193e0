/* comptoir reconcile: what Stripe knows and we were not told, now; then every promise, counted. */
#include <stdio.h>

#include "checked.h"
#include "invariant.h"
#include "reconcile.h"
#include "tool/tool.h"

/* Of one page of events at a time: the program's own memory, where statements live, is never rewound. */
enum { DAYS_MOST = 3660, ARENA = 64 << 20 };

static void promises_print(struct db *db)
{
	struct list promises = invariants_known(db);
	LIST_EACH(invariant, promise, promises)
		printf("%-4s  %-24s %lld\n", promise->broken ? "FAIL" : "ok", promise->name, (long long)promise->broken);
}

int reconcile_command(struct tool *tool)
{
	const char *days_text = NULL;
	int64_t days = 0;
	if (!options(tool, 0, 0, { "--days", NULL, &days_text }))
		return EXIT_USAGE;
	if (days_text && !parse_int(days_text, 1, DAYS_MOST, &days))
		return refused("--days is a number from 1 to %d", (int)DAYS_MOST);
	tool->db->mem = mem_new(ARENA);
	struct reconciled done = reconcile_stripe(tool->db, days, 0);
	int64_t broken = invariants_prove(tool->db);
	if (done.closed)
		printf("stripe_key is not set: Stripe was not asked\n");
	else
		printf("listed=%lld missed=%lld failed=%lld sessions=%lld\n", (long long)done.listed, (long long)done.missed,
			(long long)done.failed, (long long)done.sessions);
	promises_print(tool->db);
	if (done.cut)
		return refused("Stripe did not answer to the end: say it again");
	return broken || done.failed ? EXIT_REFUSED : EXIT_DONE;
}
