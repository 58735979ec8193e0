/* comptoir jobs …: which reaction answers which event, what is waiting, what is dead. */
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "job.h"
#include "tool/tool.h"

static void every_print(const struct job_kind *kind, void *arg)
{
	(void)arg;
	if (kind->every)
		printf("%-28s %-24s %s\n", kind->every == 60 ? "every minute" : kind->every == 3600 ? "every hour" :
			kind->every == 86400 ? "every day" : "every so often", kind->reaction, kind->file);
}

static void reactions_print(void)
{
	for (size_t i = 0; i < reactions_count; i++) {
		const struct job_kind *kind = job_kind_named(reactions[i].reaction);
		printf("%-28s %-24s %s\n", reactions[i].topic, reactions[i].reaction, kind ? kind->file : "NOT THERE");
	}
	job_kinds_each(every_print, NULL);
}

struct queue {
	const char *reaction, *state;
	int64_t jobs, late;
	const char *error;
};
ROW(queue, reaction, state, jobs, late, OPT(error));

static void queue_print(const void *row, void *arg)
{
	const struct queue *queue = row;
	(void)arg;
	printf("%-28s %-7s %6lld", queue->reaction, queue->state, (long long)queue->jobs);
	if (queue->late > 0)
		printf("  %lld s late", (long long)queue->late);
	printf("%s%s\n", queue->error && *queue->error ? "  " : "", queue->error ? queue->error : "");
}

int jobs_command(struct tool *tool)
{
	if (!options(tool, 0, 0, { 0 }))
		return EXIT_USAGE;
	reactions_print();
	printf("\nwaiting: %lld\n", (long long)db_int(tool->db, "SELECT COUNT(*) FROM job"));
	db_each(tool->db, queue, queue_print, NULL,
		"SELECT reaction, state, COUNT(*) AS jobs, COALESCE(IF(state = 'ready',"
		" TIMESTAMPDIFF(SECOND, MIN(run_at), UTC_TIMESTAMP(6)), 0), 0) AS late, MAX(error) AS error"
		" FROM job GROUP BY reaction, state ORDER BY reaction, state");
	return EXIT_DONE;
}

int jobs_retry_command(struct tool *tool)
{
	if (!options(tool, 0, 1, { 0 }))
		return EXIT_USAGE;
	printf("%lld jobs will run again\n", (long long)jobs_retry(tool->db, tool->argc ? tool->argv[0] : NULL));
	return EXIT_DONE;
}
