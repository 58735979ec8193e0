/* comptoir stripe …: events of Stripe, looked at and applied again. */
#include <stdio.h>

#include "checked.h"
#include "moment.h"
#include "stripe_event.h"
#include "tool/tool.h"

static const char *const ends[] = {
	[TAKEN_APPLIED] = "applied",
	[TAKEN_IGNORED] = "ignored (or unknown)",
	[TAKEN_REVIEW] = "its order is held for review",
	[TAKEN_FAILED] = "failed again",
	[TAKEN_BEFORE] = "was applied before",
	[TAKEN_UNREADABLE] = "cannot be read",
};

int stripe_replay_command(struct tool *tool)
{
	if (!options(tool, 1, 1, { 0 }))
		return EXIT_USAGE;
	const char *id = tool->argv[0];
	if (!db_int(tool->db, "SELECT COUNT(*) FROM stripe_event WHERE id = ?", id))
		return refused("no event %s was stored here", id);
	enum stripe_taken taken = stripe_event_apply(tool->db, id);
	const char *note = db_text(tool->db, "SELECT note FROM stripe_event WHERE id = ?", id);
	printf("%s: %s%s%s\n", id, ends[taken], note && *note ? ": " : "", note ? note : "");
	return taken == TAKEN_FAILED || taken == TAKEN_REVIEW ? EXIT_REFUSED : EXIT_DONE;
}

struct event_row {
	const char *id, *type, *state, *note;
	struct moment received_at;
};
ROW(event_row, id, type, state, note, received_at);

static void event_print(const void *row, void *arg)
{
	const struct event_row *event = row;
	(void)arg;
	printf("%-32s %-40s %-8s %s\n", event->id, event->type, event->state, event->note);
}

int stripe_events_command(struct tool *tool)
{
	if (!options(tool, 0, 0, { 0 }))
		return EXIT_USAGE;
	db_each(tool->db, event_row, event_print, NULL,
		"SELECT id, type, state, note, received_at FROM stripe_event WHERE state IN ('failed', 'review', 'dead')"
		" ORDER BY received_at");
	return EXIT_DONE;
}

enum { KEEP_DAYS_LEAST = 90, KEEP_DAYS = 400, AT_ONCE = 5000 };

/* A dispute may come long after the payment, and a replay needs the exact body: nothing younger than 90 days goes. */
int stripe_purge_command(struct tool *tool)
{
	const char *days_text = NULL;
	bool yes = false;
	int64_t days = KEEP_DAYS, purged = 0, now;
	if (!options(tool, 0, 0, { "--days", NULL, &days_text }, { "--yes", &yes, NULL }))
		return EXIT_USAGE;
	if (days_text && !parse_int(days_text, KEEP_DAYS_LEAST, 36500, &days))
		return refused("--days is a number from %d on", KEEP_DAYS_LEAST);
	struct moment before = moment_add_days(moment_now(), -days);
	if (!yes) {
		printf("%lld applied or ignored events are older than %lld days: say --yes to delete them\n",
			(long long)db_int(tool->db,
				"SELECT COUNT(*) FROM stripe_event WHERE state IN ('applied', 'ignored') AND received_at < ?", before),
			(long long)days);
		return EXIT_DONE;
	}
	do {
		now = db_run(tool->db,
			"DELETE FROM stripe_event WHERE state IN ('applied', 'ignored') AND received_at < ? LIMIT ?", before,
			AT_ONCE);
		purged += now;
	} while (now == AT_ONCE);
	printf("%lld events deleted\n", (long long)purged);
	return EXIT_DONE;
}
