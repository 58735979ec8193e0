/* migrate.h: forward-only changes of the schema, from sql/NNNN_noun.sql compiled into the program.
 *
 * Each file is applied once, in the order of its name; its name and SHA-256 are kept, and a file that changed afterwards is
 * refused. A lease row keeps two at once apart. DDL cannot be rolled back: the number of the statement is noted before it is
 * run, so that after a crash in the middle one knows where to look. */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "db.h"

struct migration {
	const char *name; /* "0001_account.sql" */
	const char *sql;
};

enum migrated {
	MIGRATED,           /* nothing is left to do */
	MIGRATE_PENDING,    /* migrate_check only: files are not applied yet */
	MIGRATE_BUSY,       /* another one holds the lease */
	MIGRATE_CHANGED,    /* an applied file is not what it was */
	MIGRATE_UNKNOWN,    /* the database has a migration that this program does not know: it is newer */
	MIGRATE_FOREIGN,    /* tables, but no record of migrations */
	MIGRATE_UNFINISHED, /* a file was begun and not finished */
	MIGRATE_BROKEN,     /* a statement failed now */
};

struct migrate_report {
	int64_t applied;     /* files, in this run; pending ones for migrate_check */
	const char *file;    /* which one stopped it */
	int64_t statement;   /* UNFINISHED, BROKEN: begun last, from 1 */
	int64_t statements;
	const char *text;    /* its beginning */
	const char *why;     /* BROKEN: what the database said */
};

/* Those of this program, by name. In mem. */
struct migrations {
	const struct migration *items;
	size_t count;
} migrations_known(struct mem *mem);

/* Applies what is missing. resume: 0, or the statement to go on with in the file that was begun and not finished (that
 * file may have been corrected). told: called after each file. Texts of the report live in db->mem. */
enum migrated migrate(struct db *db, struct migrations known, int64_t resume,
	void (*told)(const char *name, int64_t statements, int64_t ms), struct migrate_report *report);

/* The same questions without changing anything. */
enum migrated migrate_check(struct db *db, struct migrations known, struct migrate_report *report);

/* The statements of a script, one by one: from *sql, which moves on; NULL at the end. Knows quotes and comments. In mem. */
const char *script_next(struct mem *mem, const char **sql);

#endif
