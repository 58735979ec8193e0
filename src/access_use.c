/* access_use.c: whether access is open, and uses counted exactly. */
#include <string.h>

#include "access_private.h"
#include "moment.h"
#include "sign.h"
#include "token.h"

ROW(access, account_id, id, public_id, module, level, state, starts_at, OPT(ends_at), unlimited, uses_left);

#define ACCESS_COLUMNS                                                                                               \
	"account_id, id, public_id, module, level, state, starts_at, ends_at, uses_left IS NULL AS unlimited,"             \
	" COALESCE(uses_left, 0) AS uses_left"

struct ticket {
	int64_t account_id, access_id, uses_left;
	bool unlimited;
	struct moment expires_at, revoked_at;
};
ROW(ticket, account_id, access_id, uses_left, unlimited, expires_at, OPT(revoked_at));

static bool asked(const struct access *access, struct access_ask ask)
{
	return (!*ask.module || !strcmp(access->module, ask.module)) &&
		(!*ask.level || !strcmp(access->level, ask.level));
}

static struct list accesses_of(struct db *db, struct access_ask ask)
{
	return db_all(db, access,
		"SELECT " ACCESS_COLUMNS " FROM module_access WHERE account_id = ? AND module = ?"
		" ORDER BY ends_at IS NULL, ends_at, id",
		ask.account_id, ask.module);
}

/* Takes one use, where uses are counted. The account stands in line: it is as it was read. */
static bool access_take(struct db *db, struct access *access)
{
	if (access->unlimited)
		return true;
	if (!db_run(db,
		"UPDATE module_access SET uses_left = uses_left - 1 WHERE account_id = ? AND id = ? AND uses_left > 0",
		access->account_id, access->id))
		return false;
	int64_t room = access_room(access, moment_now());
	if (!--access->uses_left)
		access_chain_move(db, access, -room);
	return true;
}

static struct access_answer of_account(struct db *db, struct access_ask ask, bool use)
{
	struct access_answer answer = { .code = ACCESS_NONE };
	if (use)
		token_queue(db, ask.account_id);
	struct list list = accesses_of(db, ask);
	struct access *rows = list.items;
	struct moment now = moment_now();
	for (size_t i = 0; i < list.count; i++) {
		if (!asked(&rows[i], ask))
			continue;
		enum access_code code = access_judge(&rows[i], now);
		if (code == ACCESS_OPEN && use && !access_take(db, &rows[i]))
			code = ACCESS_USED_UP;
		if (code < answer.code)
			answer.code = code;
		if (code != ACCESS_OPEN)
			continue;
		answer.access = &rows[i];
		break;
	}
	return answer;
}

static struct access *access_of_ticket(struct db *db, const struct ticket *ticket)
{
	const struct access *found = db_one(db, access,
		"SELECT " ACCESS_COLUMNS " FROM module_access WHERE account_id = ? AND id = ?", ticket->account_id,
		ticket->access_id);
	return found ? mem_copy(db->mem, found, sizeof *found) : NULL;
}

static const struct ticket *ticket_of(struct db *db, struct bytes hash)
{
	return db_one(db, ticket,
		"SELECT account_id, access_id, COALESCE(uses_left, 0) AS uses_left, uses_left IS NULL AS unlimited,"
		" expires_at, revoked_at FROM access_token WHERE token_hash = ?",
		hash);
}

static bool ticket_serves(const struct ticket *ticket)
{
	return !ticket->revoked_at.us && ticket->expires_at.us > moment_now().us &&
		(ticket->unlimited || ticket->uses_left > 0);
}

static bool ticket_take(struct db *db, const struct ticket *ticket, struct bytes hash)
{
	return ticket->unlimited ||
		db_run(db, "UPDATE access_token SET uses_left = uses_left - 1 WHERE token_hash = ? AND uses_left > 0",
			hash);
}

static struct access_answer of_ticket(struct db *db, struct access_ask ask, const struct ticket *ticket,
	struct bytes hash, bool use)
{
	struct access_answer answer = { .code = ACCESS_NONE, .token_unlimited = ticket->unlimited,
		.token_uses_left = ticket->uses_left, .token_expires_at = ticket->expires_at };
	if (use)
		token_queue(db, ticket->account_id);
	struct access *access = access_of_ticket(db, ticket);
	if (!access || !asked(access, ask))
		return answer;
	answer.code = access_judge(access, moment_now());
	if (answer.code == ACCESS_OPEN && (!ticket_serves(ticket) || (use && !ticket_take(db, ticket, hash))))
		answer.code = ACCESS_TOKEN_ENDED;
	if (answer.code != ACCESS_OPEN)
		return answer;
	answer.access = access;
	if (!use)
		return answer;
	access_take(db, access);
	answer.token_uses_left = db_int(db, "SELECT uses_left FROM access_token WHERE token_hash = ?", hash);
	return answer;
}

static struct access_answer answer_of(struct db *db, struct access_ask ask, bool use)
{
	if (!ask.token)
		return of_account(db, ask, use);
	struct bytes hash = sha256_of(db->mem, ask.token, strlen(ask.token));
	const struct ticket *ticket = ticket_of(db, hash);
	if (!ticket || (ask.account_id && ticket->account_id != ask.account_id))
		return (struct access_answer){ .code = ACCESS_NONE };
	return of_ticket(db, ask, ticket, hash, use);
}

struct access_answer access_check(struct db *db, struct access_ask ask)
{
	return answer_of(db, ask, false);
}

struct access_answer access_use(struct db *db, struct access_ask ask)
{
	return answer_of(db, ask, true);
}
