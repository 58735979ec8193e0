/* db.h: SQL visible where it is used, bound, typed, mapped.
 *
 *	const struct order *order = db_one(db, order, "SELECT id, number FROM orders WHERE id = ?", id);
 *	struct list lines = db_all(db, line, "SELECT title, quantity FROM order_line WHERE order_id = ?", id);
 *	int64_t count = db_int(db, "SELECT COUNT(*) FROM license WHERE account_id = ?", account_id);
 *	db_run(db, "UPDATE account SET name = ? WHERE id = ?", name, id);
 *
 * The SQL must be a literal, so composed SQL cannot exist. Arguments are bound by C type: integers, bool, text (NULL binds
 * NULL), struct moment, struct bytes; anything else does not compile. Columns meet fields by name; an extra, missing or
 * wrongly nullable column is refused when the statement is prepared. Ids, slugs and words are kept in ASCII columns: a text
 * with anything else in it equals none of them, and writing it there is FAILURE_MISFIT.
 * Every use site leaves a record that --check prepares without running a page. Results live in db->mem. Errors never come
 * back: they fail() (see fail.h for what serve and the worker make of each kind). */
#ifndef DB_H
#define DB_H

#include "fail.h"
#include "mem.h"
#include "shape.h"

struct db {
	struct mem *mem;     /* where results go: the request's or the job's arena */
	void *connection;    /* MYSQL *, NULL: not connected */
	unsigned generation; /* of the connection: statements prepared on an older one are prepared again */
	bool open;           /* a transaction is open, and leaving without db_commit() rolls it back */
	bool manual;         /* autocommit is off: begin costs no round trip (the webhook zone) */
	bool streaming;      /* rows are being read: no other statement, and who leaves now leaves a connection to close */
	unsigned timeout;    /* seconds to wait for an answer; 0: 5 (a migration may take longer) */
	bool held;           /* tests: all runs in one outer transaction, begin and commit are savepoints in it */
};

enum db_result { DB_ROWS, DB_VALUE, DB_CHANGE };

struct db_column; /* how one column is fetched: db.c */

struct statement {
	const char *sql;
	const char *file;
	int line;
	enum db_result result;
	const struct shape *shape; /* of DB_ROWS */
	unsigned arguments;
	void *prepared; /* MYSQL_STMT * */
	unsigned generation;
	struct db_column *columns;
	unsigned column_count;
};

enum db_arg_kind { DB_ARG_INT, DB_ARG_TEXT, DB_ARG_BYTES, DB_ARG_MOMENT };

struct db_arg {
	enum db_arg_kind kind;
	int64_t number;
	const void *data;
	size_t length;
};

/* Connects with the settings of conf.h (hosts in turn), or fails with FAILURE_DATABASE. Calling it when connected does
 * nothing. user and password are those of the zone. */
void db_open(struct db *db);
void db_close(struct db *db);

/* A transaction: everything between is done, or nothing. db_leave() rolls back what was not committed and is called by
 * serve() and the worker whatever happened. */
void db_begin(struct db *db);
void db_commit(struct db *db);
void db_rollback(struct db *db);
void db_leave(struct db *db);

/* Calls fn in an attempt() and leaves what it left open; after a conflict with another process once more, ten times in all.
 * How the last one ended. Pages do the same by themselves (serve.c), in fewer attempts: somebody waits. */
struct failure db_attempts(struct db *db, void (*fn)(void *), void *arg);

/* The same; ends as the last attempt did, when that was no good end. */
void db_firmly(struct db *db, void (*fn)(void *), void *arg);

/* Waits before a repetition (times: 1, 2 …): at random, up to 10 ms, then twice as long each time, at most 2.5 s. At once, a
 * short transaction would meet the same long one again until its attempts are over. */
void db_pause(int times);

/* Prepares every statement linked into this program; reports each that fails with file and line. Returns how many. */
size_t db_check(struct db *db, void (*report)(const char *file, int line, const char *message));

/* One row or NULL. The statement may find more; only the first is read. */
#define db_one(db, type, sql, ...)                                                                                   \
	((const struct type *)db_one_(db, DB_STATEMENT(DB_ROWS, &type##_shape, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__)))

/* All rows, as a struct list of that type. */
#define db_all(db, type, sql, ...)                                                                                   \
	db_all_(db, DB_STATEMENT(DB_ROWS, &type##_shape, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__))

/* Calls each(row, arg) per row; a row is gone after its call (scratch). No other statement may run inside. */
#define db_each(db, type, each, arg, sql, ...)                                                                       \
	db_each_(db, DB_STATEMENT(DB_ROWS, &type##_shape, sql, __VA_ARGS__), each, arg, DB_ARGS(__VA_ARGS__))

/* One integer; 0 when there is no row or it is NULL. One text; NULL when there is none. */
#define db_int(db, sql, ...)                                                                                         \
	db_int_(db, DB_STATEMENT(DB_VALUE, NULL, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__))
#define db_text(db, sql, ...)                                                                                        \
	db_text_(db, DB_STATEMENT(DB_VALUE, NULL, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__))

/* Rows changed. With ON DUPLICATE KEY UPDATE id = id: 1 = inserted, 0 = was there. */
#define db_run(db, sql, ...)                                                                                         \
	db_run_(db, DB_STATEMENT(DB_CHANGE, NULL, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__))

/* With ON DUPLICATE KEY UPDATE id = id: the new AUTO_INCREMENT id; 0 when the row was there. */
#define db_place(db, sql, ...)                                                                                       \
	db_place_(db, DB_STATEMENT(DB_CHANGE, NULL, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__))

/* The new AUTO_INCREMENT id. */
#define db_insert(db, sql, ...)                                                                                      \
	db_insert_(db, DB_STATEMENT(DB_CHANGE, NULL, sql, __VA_ARGS__), DB_ARGS(__VA_ARGS__))

/* Several statements of one file (a migration), or one that cannot be prepared. Not for pages. */
void db_script(struct db *db, const char *sql);

const void *db_one_(struct db *db, struct statement *const *at, const struct db_arg *args);
struct list db_all_(struct db *db, struct statement *const *at, const struct db_arg *args);
void db_each_(struct db *db, struct statement *const *at, void (*each)(const void *row, void *arg), void *arg,
	const struct db_arg *args);
int64_t db_int_(struct db *db, struct statement *const *at, const struct db_arg *args);
const char *db_text_(struct db *db, struct statement *const *at, const struct db_arg *args);
int64_t db_run_(struct db *db, struct statement *const *at, const struct db_arg *args);
int64_t db_place_(struct db *db, struct statement *const *at, const struct db_arg *args);
int64_t db_insert_(struct db *db, struct statement *const *at, const struct db_arg *args);

static inline struct db_arg db_arg_int(int64_t number)
{
	return (struct db_arg){ .kind = DB_ARG_INT, .number = number };
}

static inline struct db_arg db_arg_text(const char *text)
{
	return (struct db_arg){ .kind = DB_ARG_TEXT, .data = text, .length = text ? __builtin_strlen(text) : 0 };
}

static inline struct db_arg db_arg_bytes(struct bytes bytes)
{
	return (struct db_arg){ .kind = DB_ARG_BYTES, .data = bytes.data, .length = bytes.length };
}

static inline struct db_arg db_arg_moment(struct moment moment)
{
	return (struct db_arg){ .kind = DB_ARG_MOMENT, .number = moment.us };
}

#define DB_ARG(t, x)                                                                                                 \
	_Generic((x), bool : db_arg_int, int : db_arg_int, long : db_arg_int, long long : db_arg_int,                     \
		const char * : db_arg_text, char * : db_arg_text, struct moment : db_arg_moment,                           \
		struct bytes : db_arg_bytes)(x),
#define DB_ARGS(...) (const struct db_arg[]){ MAP(DB_ARG, _, __VA_ARGS__) { 0 } }
#define DB_COUNT(t, x) +1
/* A pointer in the section, not the record: the linker lays pointers side by side, records it may pad. */
#define DB_STATEMENT(result_, shape_, sql_, ...)                                                                     \
	({                                                                                                               \
		static struct statement statement_ = { .sql = "" sql_, .file = __FILE__, .line = __LINE__,                   \
			.result = result_, .shape = shape_, .arguments = 0 MAP(DB_COUNT, _, __VA_ARGS__) };                        \
		static struct statement *const statement_at_ __attribute__((used, section("statements"))) = &statement_;   \
		&statement_at_;                                                                                              \
	})

#endif
