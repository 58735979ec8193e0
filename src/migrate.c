/* migrate.c: the record of migrations, the lease, and the walk through the files. */
#include "migrate.h"

#include <stdlib.h>
#include <string.h>

#include "asset.h"
#include "fail.h"
#include "moment.h"
#include "sign.h"

enum { LEASE_SECONDS = 120, SHOWN = 70 };

struct applied {
	const char *name;
	struct bytes sha256;
	const char *state;
	int64_t statement, statements;
};
ROW(applied, name, sha256, state, statement, statements);

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct migration *)a)->name, ((const struct migration *)b)->name);
}

struct migrations migrations_known(struct mem *mem)
{
	struct migration *items = mem_array(mem, (size_t)(assets_end - assets) + 1, sizeof *items);
	size_t count = 0;
	for (const struct asset *asset = assets; asset < assets_end; asset++)
		if (!strncmp(asset->name, "sql/0", 5))
			items[count++] = (struct migration){ asset->name + 4, asset->text };
	qsort(items, count, sizeof *items, by_name);
	return (struct migrations){ items, count };
}

static const char *own_tables(void)
{
	for (const struct asset *asset = assets; asset < assets_end; asset++)
		if (!strcmp(asset->name, "sql/migration.sql"))
			return asset->text;
	fail("migrate.asset", "sql/migration.sql was not built in");
}

static struct bytes hash_of(struct db *db, const struct migration *file)
{
	return sha256_of(db->mem, file->sql, strlen(file->sql));
}

static const struct migration *known_named(struct migrations known, const char *name)
{
	for (size_t i = 0; i < known.count; i++)
		if (!strcmp(known.items[i].name, name))
			return &known.items[i];
	return NULL;
}

static const struct applied *applied_named(struct list applied, const char *name)
{
	LIST_EACH(applied, row, applied)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static bool table_exists(struct db *db, const char *name)
{
	return db_int(db,
		"SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", name);
}

static struct list applied_all(struct db *db)
{
	return db_all(db, applied, "SELECT name, sha256, state, statement, statements FROM migration ORDER BY name");
}

static int64_t statements_of(struct mem *mem, const char *sql)
{
	int64_t count = 0;
	while (script_next(mem, &sql))
		count++;
	return count;
}

static const char *statement_text(struct mem *mem, const char *sql, int64_t number)
{
	const char *text = NULL;
	for (int64_t i = 0; i < number; i++)
		text = script_next(mem, &sql);
	return text ? mem_textn(mem, text, strnlen(text, strcspn(text, "\n") < SHOWN ? strcspn(text, "\n") : SHOWN)) : "";
}

/* Is what was applied still what the program has? A file begun and not finished may be another by now. */
static enum migrated compare(struct db *db, struct migrations known, struct list applied, struct migrate_report *report)
{
	if (!applied.count && table_exists(db, "account"))
		return MIGRATE_FOREIGN;
	LIST_EACH(applied, row, applied) {
		const struct migration *file = known_named(known, row->name);
		report->file = row->name;
		if (!file)
			return MIGRATE_UNKNOWN;
		report->statement = row->statement;
		report->statements = row->statements;
		report->text = statement_text(db->mem, file->sql, row->statement);
		if (strcmp(row->state, "finished"))
			return MIGRATE_UNFINISHED;
		if (!bytes_equal(row->sha256, hash_of(db, file)))
			return MIGRATE_CHANGED;
	}
	report->file = NULL;
	return MIGRATED;
}

enum migrated migrate_check(struct db *db, struct migrations known, struct migrate_report *report)
{
	*report = (struct migrate_report){ 0 };
	struct list applied = { .shape = &applied_shape };
	if (table_exists(db, "migration"))
		applied = applied_all(db);
	enum migrated compared = compare(db, known, applied, report);
	report->applied = (int64_t)known.count - (int64_t)applied.count;
	return compared == MIGRATED && report->applied ? MIGRATE_PENDING : compared;
}

/* Taken, or taken further; false when another holds it. */
static bool lease(struct db *db, const char *holder)
{
	struct moment now = moment_now();
	db_run(db,
		"UPDATE migration_lease SET holder = ?, until_at = ? WHERE id = 1 AND (holder IN (?, '') OR until_at < ?)",
		holder, moment_add_seconds(now, LEASE_SECONDS), holder, now);
	return db_int(db, "SELECT COUNT(*) FROM migration_lease WHERE id = 1 AND holder = ?", holder);
}

struct step {
	struct db *db;
	const char *sql;
};

static void step_run(void *arg)
{
	struct step *step = arg;
	db_script(step->db, step->sql);
}

/* Runs a file from the statement `from` on. */
static bool file_run(struct db *db, const struct migration *file, int64_t from, const char *holder,
	struct migrate_report *report)
{
	const char *sql = file->sql, *text;
	for (int64_t number = 1; (text = script_next(db->mem, &sql)) != NULL; number++) {
		if (number < from)
			continue;
		report->statement = number;
		report->text = statement_text(db->mem, file->sql, number);
		lease(db, holder);
		db_run(db, "UPDATE migration SET statement = ? WHERE name = ?", number, file->name);
		struct step step = { db, text };
		struct failure failure;
		if (!attempt(step_run, &step, &failure)) {
			report->why = mem_text(db->mem, failure.message);
			return false;
		}
	}
	return true;
}

static bool file_apply(struct db *db, const struct migration *file, int64_t from, const char *holder,
	struct migrate_report *report)
{
	report->file = file->name;
	report->statements = statements_of(db->mem, file->sql);
	db_run(db,
		"INSERT INTO migration (name, sha256, state, statement, statements, started_at) VALUES (?, ?, 'started', 0, ?, ?)"
		" ON DUPLICATE KEY UPDATE sha256 = VALUES(sha256), statements = VALUES(statements)",
		file->name, hash_of(db, file), report->statements, moment_now());
	if (!file_run(db, file, from, holder, report))
		return false;
	db_run(db, "UPDATE migration SET state = 'finished', finished_at = ? WHERE name = ?", moment_now(), file->name);
	report->file = NULL;
	report->applied++;
	return true;
}

static enum migrated files_apply(struct db *db, struct migrations known, int64_t resume, const char *holder,
	void (*told)(const char *name, int64_t statements, int64_t ms), struct migrate_report *report)
{
	struct list applied = applied_all(db);
	enum migrated compared = compare(db, known, applied, report);
	if (compared != MIGRATED && !(compared == MIGRATE_UNFINISHED && resume))
		return compared;
	for (size_t i = 0; i < known.count; i++) {
		const struct migration *file = &known.items[i];
		const struct applied *row = applied_named(applied, file->name);
		if (row && !strcmp(row->state, "finished"))
			continue;
		struct moment start = moment_now();
		if (!file_apply(db, file, row ? resume : 1, holder, report))
			return MIGRATE_BROKEN;
		told(file->name, report->statements, (moment_now().us - start.us) / 1000);
	}
	return MIGRATED;
}

enum migrated migrate(struct db *db, struct migrations known, int64_t resume,
	void (*told)(const char *name, int64_t statements, int64_t ms), struct migrate_report *report)
{
	*report = (struct migrate_report){ 0 };
	db_script(db, own_tables());
	const char *holder = random_id(db->mem);
	if (!lease(db, holder))
		return MIGRATE_BUSY;
	enum migrated end = files_apply(db, known, resume, holder, told, report);
	db_run(db, "UPDATE migration_lease SET holder = '' WHERE id = 1 AND holder = ?", holder);
	return end;
}
