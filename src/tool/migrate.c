/* comptoir migrate: brings the schema up to date, and says plainly where it stopped. */
#include <stdio.h>

#include "checked.h"
#include "migrate.h"
#include "moment.h"
#include "tool.h"

enum { HOURS = 3600 };

static void told(const char *name, int64_t statements, int64_t ms)
{
	printf("applied %s (%lld statements, %lld ms)\n", name, (long long)statements, (long long)ms);
}

static int stopped_in(const struct migrate_report *report)
{
	if (report->why)
		fprintf(stderr, "the database said: %s\n", report->why);
	return refused("%s stopped at statement %lld of %lld: %s…\n"
		"Statements before it are done and stay done. Look whether this one is; then go on with it, or with the next:\n"
		"\tcomptoir migrate --continue %lld",
		report->file, (long long)report->statement, (long long)report->statements, report->text,
		(long long)(report->statement ? report->statement : 1));
}

static int told_end(enum migrated end, const struct migrate_report *report)
{
	switch (end) {
	case MIGRATED:
		printf("%lld applied, the database is up to date\n", (long long)report->applied);
		return EXIT_DONE;
	case MIGRATE_PENDING:
		printf("%lld to be applied\n", (long long)report->applied);
		return EXIT_REFUSED;
	case MIGRATE_BUSY:
		return refused("another migration is at work, or ended without a word in the last two minutes");
	case MIGRATE_CHANGED:
		return refused("%s was changed after it was applied: undo that, and put the change into a new file",
			report->file);
	case MIGRATE_UNKNOWN:
		return refused("the database knows %s, this program does not: it is older than the database", report->file);
	case MIGRATE_FOREIGN:
		return refused("the database has tables, but no record of migrations: begin with an empty database");
	case MIGRATE_UNFINISHED:
		fprintf(stderr, "A migration was begun and not finished: it is still running, or it was interrupted.\n");
		return stopped_in(report);
	case MIGRATE_BROKEN:
		return stopped_in(report);
	}
	return EXIT_REFUSED;
}

int migrate_command(struct tool *tool)
{
	bool check = false;
	const char *from = NULL;
	int64_t resume = 0;
	if (!options(tool, 0, 0, { "--check", &check, NULL }, { "--continue", NULL, &from }))
		return EXIT_USAGE;
	if (from && !parse_int(from, 1, INT64_MAX, &resume))
		return refused("--continue needs the number of a statement");
	tool->db->timeout = HOURS;
	struct migrations known = migrations_known(tool->mem);
	struct migrate_report report;
	if (check)
		return told_end(migrate_check(tool->db, known, &report), &report);
	return told_end(migrate(tool->db, known, resume, told, &report), &report);
}
