/* comptoir key …: API keys of the shop's own servers: they reach every account's tokens and access. */
#include <stdio.h>
#include <string.h>

#include "api_key.h"
#include "tool/tool.h"

static bool scope_is(enum api_scope scope, const char *text, size_t length)
{
	const char *name = api_scope_name(scope);
	return strlen(name) == length && !strncmp(name, text, length);
}

/* "tokens:read,access:use" as bits; 0 when a word of it is no scope. */
static unsigned scopes_read(const char *text)
{
	unsigned scopes = 0;
	while (*text) {
		size_t length = strcspn(text, ",");
		enum api_scope scope = 0;
		while (scope < API_SCOPES && !scope_is(scope, text, length))
			scope++;
		if (scope == API_SCOPES)
			return 0;
		scopes |= 1U << scope;
		text += length + (text[length] == ',');
	}
	return scopes;
}

int key_make_command(struct tool *tool)
{
	const char *may = "", *key = NULL;
	if (!options(tool, 1, 1, { "--may", NULL, &may }))
		return EXIT_USAGE;
	unsigned scopes = scopes_read(may);
	if (!scopes)
		return refused("--may needs one or more of tokens:read,tokens:debit,access:check,access:use, commas"
			" between");
	if (!*tool->argv[0] || strlen(tool->argv[0]) > 100)
		return refused("a name has 1 to 100 characters");
	api_key_make(tool->db, 0, 0, tool->argv[0], scopes, &key);
	printf("%s\n", key);
	return EXIT_DONE;
}

struct key_row {
	const char *public_id, *name, *scopes, *email, *used;
};
ROW(key_row, public_id, name, scopes, email, used);

static void key_print(const void *row, void *arg)
{
	const struct key_row *key = row;
	(void)arg;
	printf("%s  %-24s %-28s%s  used %s\n", key->public_id, key->name, key->email, key->scopes, key->used);
}

int key_list_command(struct tool *tool)
{
	if (!options(tool, 0, 0, { 0 }))
		return EXIT_USAGE;
	db_each(tool->db, key_row, key_print, NULL,
		"SELECT k.public_id, k.name, k.scopes, COALESCE(a.email, 'the shop') AS email,"
		" COALESCE(DATE_FORMAT(k.used_at, '%Y-%m-%d'), 'never') AS used FROM api_key k"
		" LEFT JOIN account a ON a.id = k.account_id WHERE k.revoked_at IS NULL ORDER BY k.id");
	return EXIT_DONE;
}

int key_revoke_command(struct tool *tool)
{
	if (!options(tool, 1, 1, { 0 }))
		return EXIT_USAGE;
	int64_t account = db_int(tool->db, "SELECT account_id FROM api_key WHERE public_id = ?", tool->argv[0]);
	if (!api_key_revoke(tool->db, account, 0, tool->argv[0]))
		return refused("there is no such key, or it is revoked already");
	printf("revoked\n");
	return EXIT_DONE;
}
