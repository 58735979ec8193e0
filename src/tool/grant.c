/* comptoir tokens …, access …: what staff gives, or takes back, for a reason. */
#include <stdio.h>

#include "access.h"
#include "account.h"
#include "checked.h"
#include "tool/tool.h"
#include "token.h"

enum { TOKENS_MAX = 1000000000 };

static int64_t account_named(struct tool *tool, const char *email)
{
	return db_int(tool->db, "SELECT id FROM account WHERE email = ?", email);
}

int tokens_adjust_command(struct tool *tool)
{
	const char *reason = "";
	int64_t amount = 0;
	if (!options(tool, 2, 2, { "--reason", NULL, &reason }))
		return EXIT_USAGE;
	int64_t account = account_named(tool, tool->argv[0]);
	if (!account)
		return refused("there is no account of that address");
	if (!parse_int(tool->argv[1], -TOKENS_MAX, TOKENS_MAX, &amount) || !amount)
		return refused("how many tokens? 500, or -500 to take them away");
	if (!*reason)
		return refused("--reason is kept with it, and shown to the customer");
	db_begin(tool->db);
	bool done = token_adjust(tool->db, account, 0, amount, reason);
	db_commit(tool->db);
	if (!done)
		return refused("so many are not there: the balance is %lld", (long long)token_balance(tool->db, account));
	printf("balance: %lld\n", (long long)token_balance(tool->db, account));
	return EXIT_DONE;
}

int access_give_command(struct tool *tool)
{
	const char *reason = "";
	if (!options(tool, 3, 3, { "--reason", NULL, &reason }))
		return EXIT_USAGE;
	int64_t account = account_named(tool, tool->argv[0]);
	int64_t benefit = db_int(tool->db,
		"SELECT b.id FROM benefit b JOIN price r ON r.id = b.price_id JOIN product p ON p.id = r.product_id"
		" WHERE p.slug = ? AND r.name = ? AND b.kind = 'module' ORDER BY r.active DESC, b.position, b.id LIMIT 1",
		tool->argv[1], tool->argv[2]);
	if (!account)
		return refused("there is no account of that address");
	if (!benefit)
		return refused("%s has no price %s that opens a module", tool->argv[1], tool->argv[2]);
	if (!*reason)
		return refused("--reason is kept with it");
	db_begin(tool->db);
	access_give(tool->db, account, benefit, 0, reason);
	db_commit(tool->db);
	printf("given\n");
	return EXIT_DONE;
}
