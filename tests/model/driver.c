/* driver.c: the real program, driven by one JSON command per line: the model test's other side (tests/model/model.test.mjs).
 * All of a history happens in one transaction that is rolled back, on one of the test databases. Commands:
 *
 *	{"do":"reset"}                                     forgets the history before, and begins one with a new buyer
 *	{"do":"clock","at":1800000000}
 *	{"do":"order","price":"price_walk","quantity":2,"session":"cs_1"}    → {"number":…}
 *	{"do":"event","event":{…}}                         as the webhook takes it → {"taken":"applied"}
 *	{"do":"session","session":{…}}, {"do":"subscription","subscription":{…}}    as read from Stripe by a job
 *	{"do":"debit","amount":5,"key":"k"}                → {"outcome":…,"balance":…,"replayed":…}
 *	{"do":"use","module":"studio","level":"counted"}   → {"code":"open"}
 *	{"do":"jobs"}, {"do":"regenerate"}                 what the worker runs every few minutes; what the customer may press
 *	{"do":"state"}                                     → everything the model compares */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "conf.h"
#include "entitlement.h"
#include "json.h"
#include "moment.h"
#include "order.h"
#include "plans.h"
#include "sign.h"
#include "stripe_event.h"
#include "subscription_ask.h"
#include "subscription_settle.h"
#include "token.h"

struct driver {
	struct fixture *f;
	struct json_object *command;
	int64_t buyer;
	struct json_object *answer;
};

static void say(struct driver *driver, const char *name, const char *text)
{
	json_object_object_add(driver->answer, name, json_object_new_string(text));
}

static void say_number(struct driver *driver, const char *name, int64_t number)
{
	json_object_object_add(driver->answer, name, json_object_new_int64(number));
}

static void price_name(struct fixture *f, const char *public_id, const char *name)
{
	db_run(&f->db, "UPDATE price SET stripe_price = ?, quantity_max = 5 WHERE public_id = ?", name, public_id);
}

/* A plan of the club: download, licence, so many tokens a month, and the module "club". */
static void a_club_plan(struct fixture *f, int64_t club, const char *name, int64_t amount, const char *every,
	const char *level, int64_t tokens)
{
	int64_t price = a_plan(f, club, level, name, amount, every, tokens);
	db_run(&f->db, "UPDATE price SET currency = 'eur', trial_days = 14 WHERE id = ?", price);
	db_run(&f->db,
		"INSERT INTO benefit (price_id, product_id, kind, position, module, level) VALUES (?, ?, 'module', 3, 'club', ?)",
		price, club, level);
}

static void module_set(struct fixture *f, const char *public_id, const char *level, int64_t uses)
{
	db_run(&f->db, "DELETE FROM benefit WHERE kind = 'license' AND price_id = (SELECT id FROM price WHERE public_id = ?)",
		public_id);
	db_run(&f->db,
		"UPDATE benefit SET kind = 'module', module = 'studio', level = ?, duration_days = 30, uses = NULLIF(?, 0)"
		" WHERE price_id = (SELECT id FROM price WHERE public_id = ?)",
		level, uses, public_id);
}

/* The shop of every history; model.mjs knows the same. */
static void shop_seed(struct fixture *f)
{
	const char *walk = a_price(f, "walk", 1500), *pack = a_price(f, "pack", 900), *studio = a_price(f, "studio", 2000),
		*counted = a_price(f, "counted", 1000);
	int64_t club = a_club(f);
	price_name(f, walk, "price_walk");
	price_name(f, pack, "price_pack");
	price_name(f, studio, "price_studio");
	price_name(f, counted, "price_counted");
	db_run(&f->db, "DELETE FROM benefit WHERE kind = 'license' AND price_id = (SELECT id FROM price WHERE public_id = ?)", pack);
	db_run(&f->db,
		"UPDATE benefit SET kind = 'tokens', tokens = 3000 WHERE price_id = (SELECT id FROM price WHERE public_id = ?)", pack);
	module_set(f, studio, "full", 0);
	module_set(f, counted, "counted", 1);
	a_club_plan(f, club, "price_month", 990, "month", "basic", 3000);
	a_club_plan(f, club, "price_month_pro", 1990, "month", "pro", 8000);
	a_club_plan(f, club, "price_year", 9900, "year", "basic", 3000);
	a_club_plan(f, club, "price_year_pro", 19900, "year", "pro", 8000);
}

static void do_reset(struct driver *driver)
{
	db_script(&driver->f->db, "ROLLBACK TO SAVEPOINT history");
	moment_clock_set(moment_from_unix(json_int(driver->command, "at", 1800000000)));
	driver->buyer = a_member(driver->f, "jenny@example.com");
}

static void do_clock(struct driver *driver)
{
	moment_clock_set(moment_from_unix(json_int(driver->command, "at", 0)));
}

static void do_order(struct driver *driver)
{
	struct fixture *f = driver->f;
	int64_t id = 0;
	const char *price = db_text(&f->db, "SELECT public_id FROM price WHERE stripe_price = ?",
		json_text(driver->command, "price"));
	if (order_make(&f->db, driver->buyer, price, json_int(driver->command, "quantity", 1), random_id(f->mem), "en", &id) !=
		ORDER_MADE)
		fail("driver.order", "no order of %s", json_text(driver->command, "price"));
	order_session_set(&f->db, id, json_text(driver->command, "session"), "https://pay.example.com/",
		moment_add_days(moment_now(), 1));
	say(driver, "number", db_text(&f->db, "SELECT number FROM orders WHERE id = ?", id));
}

static const char *const takens[] = {
	[TAKEN_APPLIED] = "applied", [TAKEN_IGNORED] = "ignored", [TAKEN_REVIEW] = "review", [TAKEN_FAILED] = "failed",
	[TAKEN_BEFORE] = "before", [TAKEN_UNREADABLE] = "unreadable",
};

static void do_event(struct driver *driver)
{
	const char *body = json_object_to_json_string_ext(json_at(driver->command, "event"), JSON_C_TO_STRING_PLAIN);
	say(driver, "taken", takens[stripe_event_take(&driver->f->db,
		(struct bytes){ (const unsigned char *)body, strlen(body) })]);
}

static void do_session(struct driver *driver)
{
	db_begin(&driver->f->db);
	say(driver, "taken", takens[session_apply(&driver->f->db, json_at(driver->command, "session"))]);
	db_commit(&driver->f->db);
}

static void do_subscription(struct driver *driver)
{
	db_begin(&driver->f->db);
	subscription_apply_read(&driver->f->db, json_at(driver->command, "subscription"));
	db_run(&driver->f->db, "DELETE FROM job WHERE reaction = 'subscription_check'");
	db_commit(&driver->f->db);
}

static void do_debit(struct driver *driver)
{
	static const char *const outcomes[] = { [TOKEN_DEBITED] = "debited", [TOKEN_REFUSED] = "refused",
		[TOKEN_CONFLICT] = "conflict" };
	db_begin(&driver->f->db);
	struct token_answer answer = token_debit(&driver->f->db, driver->buyer, 1, json_int(driver->command, "amount", 0),
		json_text(driver->command, "key"), "a test");
	db_commit(&driver->f->db);
	say(driver, "outcome", outcomes[answer.outcome]);
	say_number(driver, "balance", answer.balance);
	say_number(driver, "replayed", answer.replayed);
}

static void do_use(struct driver *driver)
{
	db_begin(&driver->f->db);
	struct access_answer answer = access_use(&driver->f->db, (struct access_ask){ .account_id = driver->buyer,
		.module = json_text(driver->command, "module"), .level = json_text(driver->command, "level") });
	db_commit(&driver->f->db);
	say(driver, "code", access_word(answer.code));
}

static void do_jobs(struct driver *driver)
{
	struct db *db = &driver->f->db;
	say_number(driver, "retried", stripe_events_retry(db, 100));
	struct moment since = moment_add_days(moment_now(), -3);
	say_number(driver, "fulfilled", orders_fulfil_missing(db, since, 100).created + subscriptions_mend(db, since, 100).orders);
	say_number(driver, "renewed", quotas_renew(db, 100));
	say_number(driver, "expired", token_lots_expire(db, 100));
}

static void do_regenerate(struct driver *driver)
{
	say_number(driver, "created", orders_fulfil_account(&driver->f->db, driver->buyer).created +
		subscriptions_mend_account(&driver->f->db, driver->buyer).created);
}

#define SECONDS(column) "TIMESTAMPDIFF(SECOND, '1970-01-01', " column ")" /* UNIX_TIMESTAMP() ends in 2038 */

static void say_rows(struct driver *driver, const char *name, const char *rows)
{
	json_object_object_add(driver->answer, name, json_tokener_parse(rows ? rows : "[]"));
}

static void say_rights(struct driver *driver)
{
	struct db *db = &driver->f->db;
	say_rows(driver, "orders", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('number', number, 'state', state, 'review',"
		" review, 'refunded', refunded)) FROM orders WHERE account_id = ?", driver->buyer));
	say_rows(driver, "rights", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('order', order_number, 'kind', kind, 'state',"
		" state, 'until', " SECONDS("ends_at") ")) FROM entitlement WHERE account_id = ? AND kind IN ('download', 'license')",
		driver->buyer));
	say_rows(driver, "licenses", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('order', order_number, 'state', state,"
		" 'until', " SECONDS("expires_at") ", 'key', license_key)) FROM license WHERE account_id = ?", driver->buyer));
	say_rows(driver, "accesses", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('order', e.order_number, 'module', m.module,"
		" 'level', m.level, 'state', m.state, 'from', " SECONDS("m.starts_at") ", 'until', " SECONDS("m.ends_at") ","
		" 'uses', m.uses_left, 'since', " SECONDS("m.suspended_at") ", 'same', m.state = e.state AND m.ends_at <=> e.ends_at))"
		" FROM module_access m"
		" JOIN entitlement e ON e.id = m.entitlement_id WHERE m.account_id = ?", driver->buyer));
	say_rows(driver, "subscriptions", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('id', s.stripe_subscription, 'status',"
		" s.status, 'plan', p.stripe_price, 'paid', " SECONDS("s.paid_until") ")) FROM subscription s"
		" LEFT JOIN price p ON p.id = s.price_id WHERE s.account_id = ?", driver->buyer));
}

static void say_tokens(struct driver *driver)
{
	struct db *db = &driver->f->db;
	say_rows(driver, "lots", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('kind', kind, 'granted', granted, 'remaining',"
		" remaining, 'state', state, 'until', " SECONDS("expires_at") ")) FROM token_lot WHERE account_id = ?",
		driver->buyer));
	say_rows(driver, "ledger", db_text(db, "SELECT JSON_ARRAYAGG(JSON_OBJECT('kind', kind, 'sum', sum)) FROM"
		" (SELECT kind, CAST(SUM(amount) AS SIGNED) AS sum FROM token_entry WHERE account_id = ? GROUP BY kind) e",
		driver->buyer));
	say_number(driver, "balance", token_balance(db, driver->buyer));
	say_number(driver, "cached", db_int(db, "SELECT balance FROM token_account WHERE account_id = ?", driver->buyer));
	say_number(driver, "crooked", token_check(db));
}

static void do_state(struct driver *driver)
{
	struct db *db = &driver->f->db;
	say_rights(driver);
	say_tokens(driver);
	say_number(driver, "asks", db_int(db, "SELECT COUNT(*) FROM job WHERE reaction = 'subscription_check'"));
	say_number(driver, "unapplied", db_int(db, "SELECT COUNT(*) FROM stripe_event WHERE state IN ('failed', 'dead')"));
	say_number(driver, "lacking", orders_lacking_rights(db) + rights_lacking_source(db) + subscriptions_lacking_rights(db) +
		periods_missing(db));
}

static const struct {
	const char *word;
	void (*run)(struct driver *driver);
} commands[] = {
	{ "reset", do_reset }, { "clock", do_clock }, { "order", do_order }, { "event", do_event }, { "session", do_session },
	{ "subscription", do_subscription }, { "debit", do_debit }, { "use", do_use }, { "jobs", do_jobs },
	{ "regenerate", do_regenerate }, { "state", do_state },
};

static void command_run(void *arg)
{
	struct driver *driver = arg;
	const char *word = json_text(driver->command, "do");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (!strcmp(commands[i].word, word)) {
			commands[i].run(driver);
			return;
		}
	fail("driver.command", "no command \"%s\"", word);
}

static void line_answer(struct driver *driver, const char *line, size_t length)
{
	struct failure failure;
	struct mem_mark mark = mem_mark(driver->f->mem);
	driver->command = json_read(driver->f->mem, (struct bytes){ (const unsigned char *)line, length }, 40);
	driver->answer = json_object_new_object();
	if (!attempt(command_run, driver, &failure)) {
		db_leave(&driver->f->db);
		say(driver, "error", mem_format(driver->f->mem, "%s: %s", failure.event, failure.message));
	}
	puts(json_object_to_json_string_ext(driver->answer, JSON_C_TO_STRING_PLAIN));
	fflush(stdout);
	json_object_put(driver->answer);
	mem_rewind(driver->f->mem, mark);
}

/* On a busy machine a statement may take longer than a page would wait for it; and the history would be gone. */
static void connect_patiently(struct db *db)
{
	db_close(db);
	db->timeout = 120;
	db->held = false;
	db_script(db, "START TRANSACTION");
	db->held = true;
}

int main(void)
{
	const char *why;
	char *line = NULL;
	size_t space = 0;
	struct driver driver = { .f = fixture_new() };
	struct db *db = &driver.f->db;
	if (!conf_set("stripe_livemode", "no", &why))
		return 78;
	connect_patiently(db);
	shop_seed(driver.f);
	db_script(db, "SAVEPOINT history");
	for (unsigned generation = db->generation; db->connection && db->generation == generation;) {
		ssize_t length = getline(&line, &space, stdin);
		if (length <= 0) {
			free(line);
			fixture_end(driver.f);
			return 0;
		}
		line_answer(&driver, line, (size_t)length - (line[length - 1] == '\n'));
	}
	return 70; /* the connection broke, and the history with it: the last answer says why */
}
