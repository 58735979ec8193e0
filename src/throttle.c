/* throttle.c: buckets in the database, so that all processes and hosts count together. */
#include "throttle.h"

#include <arpa/inet.h>
#include <string.h>

#include "moment.h"
#include "sign.h"

static const struct {
	const char *name;
	int64_t tries;
	int64_t seconds;
} brakes[] = {
	[BRAKE_LOGIN_ACCOUNT] = { "login:account", 10, 900 },
	[BRAKE_LOGIN_CLIENT] = { "login:client", 50, 900 },
	[BRAKE_MAIL_RECIPIENT] = { "mail:recipient", 5, 3600 },
	[BRAKE_MAIL_CLIENT] = { "mail:client", 30, 3600 },
	[BRAKE_API_CLIENT] = { "api:client", 60, 900 },
};

enum { SWEEP_SECONDS = 86400 };

struct bucket {
	struct moment started_at;
};
ROW(bucket, started_at);

static struct bytes bucket_of(struct db *db, enum brake brake, const char *who)
{
	const char *what = mem_format(db->mem, "%s:%s", brakes[brake].name, who);
	return sha256_of(db->mem, what, strlen(what));
}

int64_t throttle_try(struct db *db, enum brake brake, const char *who)
{
	struct moment now = moment_now(), ended = moment_add_seconds(now, -brakes[brake].seconds);
	struct bytes key = bucket_of(db, brake, who);
	/* LAST_INSERT_ID hands out this try's own number, however many count at once; the first is no update and
	 * gives 0. tries is set first: it still sees the old started_at. */
	int64_t tries = db_insert(db,
		"INSERT INTO throttle (bucket, tries, started_at) VALUES (?, 1, ?) ON DUPLICATE KEY UPDATE"
		" tries = LAST_INSERT_ID(IF(started_at <= ?, 1, tries + 1)),"
		" started_at = IF(started_at <= ?, VALUES(started_at), started_at)",
		key, now, ended, ended);
	if (tries <= brakes[brake].tries)
		return 0;
	const struct bucket *bucket = db_one(db, bucket, "SELECT started_at FROM throttle WHERE bucket = ?", key);
	int64_t started = moment_unix(bucket ? bucket->started_at : now);
	int64_t over = started + brakes[brake].seconds + 1 - moment_unix(now);
	return over > 0 ? over : 1;
}

void throttle_clear(struct db *db, enum brake brake, const char *who)
{
	db_run(db, "DELETE FROM throttle WHERE bucket = ?", bucket_of(db, brake, who));
}

const char *throttle_client(struct mem *mem, const char *address)
{
	struct in6_addr parsed;
	if (inet_pton(AF_INET6, address, &parsed) != 1)
		return address;
	if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
		char text[INET_ADDRSTRLEN];
		return mem_text(mem, inet_ntop(AF_INET, &parsed.s6_addr[12], text, sizeof text));
	}
	return hex_of(mem, (struct bytes){ parsed.s6_addr, 8 });
}

void throttle_sweep(struct db *db)
{
	db_run(db, "DELETE FROM throttle WHERE started_at < ? LIMIT 10000",
		moment_add_seconds(moment_now(), -SWEEP_SECONDS));
}
