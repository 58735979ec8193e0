/* state.h: everything the shop has written, as one text without ids and times; and the way back to an
 * earlier state. */
#ifndef STATE_H
#define STATE_H

#include <mysql.h>

#include "fixture.h"

/* Tables that tell what is sold are not written by what is tested here; those of the migrations belong
 * to the schema. */
#define STATE_TABLES(any)                                                                                 \
	" FROM information_schema.tables t WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'" \
	" AND t.table_name NOT LIKE 'migration" any "' "

/* The first column of the first row of a statement that may be composed; "" when there is none. */
static inline const char *asked(struct fixture *f, const char *sql)
{
	MYSQL *connection = f->db.connection;
	if (mysql_query(connection, sql))
		fail_msg("%s: %s", mysql_error(connection), sql);
	MYSQL_RES *result = mysql_store_result(connection);
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	const char *text = mem_text(f->mem, row && row[0] ? row[0] : "");
	mysql_free_result(result);
	return text;
}

/* Rows that are no part of the state: an event that waits to be applied again, a link that nobody
 * followed. */
#define STATE_ROWS(table)                                             \
	" IF(" table " = 'stripe_event', ' WHERE state <> \\'failed\\''," \
	" IF(" table " = 'download_link', ' WHERE used_at IS NOT NULL',"  \
	" IF(" table " = 'audit', ' WHERE action <> \\'entitlement.download\\'', '')))"
#define STATE_OUTSIDE                                                                        \
	" AND t.table_name NOT LIKE 'product%%' AND t.table_name NOT LIKE 'price%%'"             \
	" AND t.table_name NOT LIKE 'category%%'"                                                \
	" AND t.table_name NOT IN ('benefit', 'session', 'throttle', 'account_token', '%s')"

/* How the state is asked for: of the tables named (a list with commas; "": of all), without one. Ids,
 * times and what is random differ from run to run; tries and why they failed are how it came, not what
 * it is. */
static inline const char *state_statement(struct fixture *f, const char *without, const char *named)
{
	static const char format[] =
		"SELECT GROUP_CONCAT(one SEPARATOR '; ') FROM (SELECT CONCAT('SELECT \\'', t.table_name, '\\',"
		" CONCAT_WS(\\'|\\', \\'\\'', (SELECT GROUP_CONCAT(',', CASE"
		"  WHEN c.data_type LIKE '%%text' OR c.data_type LIKE '%%blob' OR c.data_type LIKE '%%binary'"
		"  THEN CONCAT('MD5(IFNULL(', c.column_name, ',0))')"
		"  WHEN c.data_type = 'datetime' THEN CONCAT('ISNULL(', c.column_name, ')')"
		"  ELSE CONCAT('CONVERT(IFNULL(', c.column_name, ',\\'-\\') USING utf8mb4) COLLATE utf8mb4_bin') END"
		"  ORDER BY c.ordinal_position SEPARATOR '') FROM information_schema.columns c"
		"  WHERE c.table_schema = DATABASE() AND c.table_name = t.table_name"
		"  AND (c.data_type <> 'datetime' OR c.is_nullable = 'YES') AND c.column_name <> 'id'"
		"  AND c.column_name NOT LIKE '%%\\_id' AND c.column_name NOT LIKE '%%hash%%'"
		"  AND c.column_name NOT IN ('unique_key', 'tries', 'error', 'license_key')"
		"  AND CONCAT(t.table_name, '.', c.column_name) NOT IN ('orders.number', 'stripe_event.note')),"
		" ') FROM ', t.table_name, " STATE_ROWS("t.table_name") ", ' ORDER BY 2') AS one"
		STATE_TABLES("%%") STATE_OUTSIDE
		" AND ('%s' = '' OR FIND_IN_SET(t.table_name, '%s')) ORDER BY t.table_name) a";
	return asked(f, mem_format(f->mem, format, without, named, named));
}

/* How to ask whether any other table holds a row. */
static inline const char *others_statement(struct fixture *f, const char *without, const char *named)
{
	static const char format[] =
		"SELECT CONCAT('SELECT ', GROUP_CONCAT('EXISTS (SELECT 1 FROM ', t.table_name,"
		STATE_ROWS("t.table_name") ", ')' SEPARATOR ' + '))"
		STATE_TABLES("%%") STATE_OUTSIDE " AND NOT FIND_IN_SET(t.table_name, '%s')";
	return asked(f, mem_format(f->mem, format, without, named));
}

/* The rows of one answer, below the name of their table. */
static inline void rows_put(struct buffer *out, MYSQL_RES *result)
{
	MYSQL_ROW row;
	for (int i = 0; (row = mysql_fetch_row(result)) != NULL; i++) {
		if (!i)
			buffer_format(out, "%s\n", row[0]);
		buffer_format(out, "  %s\n", row[1]);
	}
}

/* The state now, in mem: the name of each table that holds a row, below it the rows. Sorted by the
 * server, put together here: one statement over all tables is more than MariaDB 10.11 can always bear. */
static inline const char *state_of(struct fixture *f, struct mem *mem, const char *statement)
{
	MYSQL *connection = f->db.connection;
	struct buffer out = buffer_new(mem, 4096);
	mysql_set_server_option(connection, MYSQL_OPTION_MULTI_STATEMENTS_ON);
	int next = mysql_query(connection, statement);
	while (!next) {
		MYSQL_RES *result = mysql_store_result(connection);
		if (result)
			rows_put(&out, result);
		mysql_free_result(result);
		next = mysql_next_result(connection);
	}
	if (next > 0)
		fail_msg("%s: %s", mysql_error(connection), statement);
	mysql_set_server_option(connection, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
	return out.text;
}

/* Adds the tables that a state names to a list. */
static inline void state_names(struct buffer *names, const char *state)
{
	for (const char *at = state; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (*at == ' ')
			continue;
		buffer_text(names, names->length ? "," : "");
		buffer_put(names, at, strcspn(at, "\n"));
	}
}

/* Keeps every row in temporary tables: they are gone with the connection, however it ends. Returns the
 * way back. */
static inline const char *state_keep(struct fixture *f)
{
	db_script(&f->db, asked(f,
		"SELECT GROUP_CONCAT('DROP TEMPORARY TABLE IF EXISTS kept_', t.table_name, '; CREATE TEMPORARY TABLE kept_',"
		" t.table_name, ' AS SELECT * FROM ', t.table_name SEPARATOR '; ')"
		STATE_TABLES("%")));
	return asked(f,
		"SELECT CONCAT('SET foreign_key_checks = 0; START TRANSACTION; ', GROUP_CONCAT('DELETE FROM ',"
		" t.table_name, '; INSERT INTO ', t.table_name, ' SELECT * FROM kept_', t.table_name SEPARATOR '; '),"
		" '; COMMIT; SET foreign_key_checks = 1')"
		STATE_TABLES("%")
		" AND t.table_name NOT LIKE 'product%' AND t.table_name NOT LIKE 'price%'"
		" AND t.table_name NOT LIKE 'category%' AND t.table_name <> 'benefit'");
}

#endif
