/* cut_test.c: what is paid, given back, renewed and spent while the connection to the database is cut
 * at each packet, or the database answers an error to each command in turn: the state is that before or
 * that after, never between; whoever asks again ends where an undisturbed run ends. */
#include "../plans.h"
#include "../buyer.h"
#include "../crowd.h"
#include "../fake_stripe.h"
#include "proxy.h"
#include "state.h"

#include <json-c/json.h>

#include "api_key.h"
#include "download.h"
#include "entitlement.h"
#include "event.h"
#include "job.h"
#include "json.h"
#include "stripe_event.h"
#include "token.h"

enum { STATES_MAX = 16, SHORT_EVERY = 41, LASTING = 12, REST_SECONDS = 4000, MEM_JOBS = 8 << 20 };

struct cut;

/* What is done, and in how many steps that may each be seen alone: every transaction it commits is one. */
struct scene {
	const char *name;
	void (*seed)(struct cut *cut);	/* by a connection of its own, committed */
	int (*act)(struct cut *cut);	/* the program, through the proxy; returns its last status */
	void (*after)(struct cut *cut); /* what must hold at the end besides being equal; NULL: nothing */
	size_t states;					/* before, after, and what lies between transactions */
	bool manual;					/* the connection of the webhook's zone */
	bool jobs; /* the worker's: one job may wait while others go on, so they are left out of the state */
	const char *story;
	size_t told; /* of the story's events: told in the seed */
};

struct cut {
	struct fixture *f;
	const struct scene *scene;
	struct plan *plan;
	struct db observer; /* kept while the program has its turn */
	bool inside;
	struct mem *kept, *jobs;
	struct fake_stripe *fake;
	const char *statement, *others, *back;
	const char *states[STATES_MAX]; /* seen, in their order; the last of an undisturbed run is the end */
	size_t state_count;
	const char *end;
	const char *bodies[STEPS_MAX];
	size_t body_count;
	const char *path, *form, *key, *csrf;
	struct moment clock;
	long points;
};

/* The program's turn: its own connection, always a new one, through the proxy. */
static void program_in(struct cut *cut)
{
	cut->observer = cut->f->db;
	cut->inside = true;
	cut->f->db = (struct db){ .mem = cut->f->mem, .manual = cut->scene->manual };
}

static void program_out(struct cut *cut)
{
	if (!cut->inside)
		return;
	db_leave(&cut->f->db);
	db_close(&cut->f->db);
	cut->f->db = cut->observer;
	cut->inside = false;
}

/* Events. */

static struct json_object *read_of(struct fixture *f, const char *body)
{
	struct json_object *value = json_read(
		f->mem, (struct bytes){ (const unsigned char *)body, strlen(body) }, 32);
	assert_non_null(value);
	return value;
}

/* 503 also for an event that is stored but not applied: Stripe is done with it, the shop is not. */
static int deliver(struct fixture *f, const char *body)
{
	long long now = (long long)moment_unix(moment_now());
	const char *text = mem_format(f->mem, "%lld.%s", now, body);
	with(f, "HTTP_STRIPE_SIGNATURE",
		mem_format(
			f->mem, "t=%lld,v1=%s", now, hex_of(f->mem, hmac_of(f->mem, "whsec_test", text, strlen(text)))));
	struct page page = post_raw(f, "/webhooks/stripe", "application/json", body, NULL);
	return strncmp(page.body, "stored", 6) != 0 ? page.status : 503;
}

static int events_told(struct cut *cut)
{
	int status = 200;
	for (size_t i = cut->scene->told; i < cut->body_count && status == 200; i++)
		status = deliver(cut->f, cut->bodies[i]);
	return status;
}

/* The order that a story's session speaks of. */
static void order_of_session(struct fixture *f, int64_t buyer, const char *price, struct json_object *session)
{
	int64_t id;
	db_run(
		&f->db, "UPDATE price SET currency = ? WHERE public_id = ?", json_text(session, "currency"), price);
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
	db_run(&f->db,
		"UPDATE orders SET number = ?, stripe_session = ?, stripe_url = 'https://checkout.stripe.com/c' "
		"WHERE id = ?",
		json_text(session, "client_reference_id"), json_text(session, "id"), id);
}

static void story_seed(struct cut *cut, bool club)
{
	struct fixture *f = cut->f;
	struct json_object *session = NULL;
	int64_t last = 0, buyer;
	cut->body_count = story_events(f, cut->scene->story, cut->bodies, 0);
	for (size_t i = 0; i < cut->body_count; i++) {
		struct json_object *event = read_of(f, cut->bodies[i]);
		int64_t created = json_int(event, "created", 0);
		last = created > last ? created : last;
		if (!session && !strcmp(json_text(event, "data.object.object"), "checkout.session"))
			session = json_at(event, "data.object");
	}
	moment_clock_set(moment_from_unix(last + 60));
	buyer = a_member(f, "jenny@example.com");
	const char *price = NULL;
	if (club)
		price = db_text(&f->db, "SELECT public_id FROM price WHERE id = ?",
			a_plan(f, a_club(f), "plan", "price_1yQK4vEJEe0pLtFmFfkFFhwd", 900, "month", 3000));
	else
		price = a_price(f, "ebook", json_int(session, "amount_subtotal", 0));
	order_of_session(f, buyer, price, session);
	for (size_t i = 0; i < cut->scene->told; i++)
		assert_int_equal(deliver(f, cut->bodies[i]), 200);
}

static void purchase_seed(struct cut *cut)
{
	story_seed(cut, false);
}

/* The second month alone: what becomes of the subscription afterwards is told elsewhere. */
static void renewal_seed(struct cut *cut)
{
	enum { SECOND_MONTH = 8 };
	story_seed(cut, true);
	cut->body_count = SECOND_MONTH;
}

/* Checkout. */

static const char session_answer[] =
	"{\"id\":\"cs_test_cut\",\"object\":\"checkout.session\",\"livemode\":false,"
	"\"expires_at\":%lld,\"status\":\"open\",\"payment_status\":\"unpaid\",\"url\":\"https://"
	"checkout.stripe.com/c/cut\"}";

static void checkout_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	const char *price = a_price(f, "ebook", 1900);
	log_in(f, a_member(f, "jenny@example.com"));
	cut->path = mem_format(f->mem, "/checkout/%s", price);
	const char *page = get(f, cut->path).body, *token = strstr(page, "name=\"csrf\" value=\"");
	assert_non_null(token);
	token += strlen("name=\"csrf\" value=\"");
	cut->form = mem_format(f->mem, "quantity=1&request_key=%s&action=pay&csrf=%.*s", random_id(f->mem),
		(int)strcspn(token, "\""), token);
	fake_says(cut->fake, 200,
		mem_format(f->mem, session_answer, (long long)moment_unix(moment_add_days(moment_now(), 1))));
}

static int checkout_pressed(struct cut *cut)
{
	struct page page = post_raw(
		cut->f, cut->path, "application/x-www-form-urlencoded", cut->form, conf.base_url);
	if (page.status == 303)
		assert_string_equal(page.location, "https://checkout.stripe.com/c/cut");
	return page.status == 303 ? 200 : page.status;
}

/* However often it was pressed: Stripe was asked for one session, by one key. */
static void one_session(struct cut *cut)
{
	assert_int_equal(cut->fake->keys, 1);
	assert_int_equal(db_int(&cut->f->db, "SELECT checkout_tries FROM orders"), 1);
}

/* Tokens. */

static void debit_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	int64_t jenny = a_member(f, "jenny@example.com");
	assert_int_equal(
		api_key_make(&f->db, jenny, jenny, "test", 1 << SCOPE_TOKENS_DEBIT, &cut->key), API_KEY_MADE);
	db_run(&f->db, "UPDATE api_key SET used_at = ?", moment_now());
	for (int64_t i = 0; i < 3; i++) {
		db_begin(&f->db);
		assert_true(token_adjust(&f->db, jenny, 0, 10, "for a test"));
		db_commit(&f->db);
	}
}

static int debited(struct cut *cut)
{
	with(cut->f, "HTTP_AUTHORIZATION", mem_format(cut->f->mem, "Bearer %s", cut->key));
	with(cut->f, "HTTP_IDEMPOTENCY_KEY", "work-1");
	struct page page = post_raw(cut->f, "/api/v1/tokens/debit", "application/json", "{\"amount\":25}", NULL);
	if (page.status == 200)
		assert_non_null(strstr(page.body, "\"balance\":5"));
	return page.status;
}

/* Downloads. */

static void download_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	int64_t jenny = a_member(f, "jenny@example.com"), order = a_purchase(f, jenny, a_price(f, "ebook", 1900));
	const char *token = NULL;
	const struct download *download;
	log_in(f, jenny);
	assert_int_equal(download_link_make(&f->db, jenny, right_of_order(f, order), file_named(f, "ebook.txt"),
						 &token, &download),
		DOWNLOAD_OPEN);
	cut->path = mem_format(f->mem, "/download/%s", token);
	cut->csrf = NULL;
	cut->form = NULL;
}

static int downloaded(struct cut *cut)
{
	struct page page = get(cut->f, cut->path);
	if (page.status == 200)
		assert_string_equal(page.body, "walk, night, walk\n");
	return page.status;
}

static void link_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	download_seed(cut);
	const char *page = get(f, "/account/downloads").body, *token = strstr(page, "name=\"csrf\" value=\"");
	assert_non_null(token);
	token += strlen("name=\"csrf\" value=\"");
	cut->form = mem_format(f->mem, "entitlement=%s&file=%s&csrf=%.*s",
		db_text(&f->db, "SELECT public_id FROM entitlement WHERE kind = 'download'"),
		file_named(f, "ebook.txt"), (int)strcspn(token, "\""), token);
	db_run(&f->db, "DELETE FROM download_link");
}

/* Who presses again has another link: one that was never followed counts nothing, and the state leaves
 * it out. */
static int link_pressed(struct cut *cut)
{
	struct page page = post_raw(
		cut->f, "/account/downloads", "application/x-www-form-urlencoded", cut->form, conf.base_url);
	if (page.status == 303)
		assert_memory_equal(page.location, "/download/", 10);
	return page.status == 303 ? 200 : page.status;
}

static void a_link(struct cut *cut)
{
	assert_in_range(db_int(&cut->f->db, "SELECT COUNT(*) FROM download_link WHERE used_at IS NULL"), 1, 3);
}

/* Jobs. */

static void jobs_all(void *arg)
{
	struct cut *cut = arg;
	jobs_run(&cut->f->db, cut->jobs, REST_SECONDS);
}

static int worker_round(struct cut *cut)
{
	struct failure failure = failing(jobs_all, cut);
	if (failure.kind == FAILURE_NONE)
		return db_int(&cut->observer, "SELECT COUNT(*) FROM job") ? 503 : 200; /* some were put off */
	return failure.kind == FAILURE_DATABASE || failure.kind == FAILURE_AGAIN ? 503 : 500;
}

static void receipt_seed(struct cut *cut)
{
	a_purchase(cut->f, a_member(cut->f, "jenny@example.com"), a_price(cut->f, "ebook", 1900));
}

/* The webhook is late, or lost: the worker asks Stripe. */
static void order_check_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	story_seed(cut, false);
	struct json_object *event = read_of(f, cut->bodies[2]);
	fake_says(cut->fake, 200,
		json_object_to_json_string_ext(json_at(event, "data.object"), JSON_C_TO_STRING_PLAIN));
	db_begin(&f->db);
	job_put(&f->db, "order_check", db_text(&f->db, "SELECT number FROM orders"),
		db_int(&f->db, "SELECT id FROM orders"), 0);
	db_commit(&f->db);
}

static void expiry_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	int64_t jenny = a_member(f, "jenny@example.com");
	db_begin(&f->db);
	for (int64_t i = 1; i < 3; i++)
		assert_true(token_lot_add(&f->db,
			(struct token_lot){ .account_id = jenny,
				.kind = TOKEN_QUOTA,
				.line = LINE_SUBSCRIPTION_RENEWAL,
				.subscription_id = 7,
				.entitlement_id = i,
				.granted = 10,
				.period_start = moment_now(),
				.expires_at = moment_add_days(moment_now(), i) }));
	job_put(&f->db, "tokens_expire", "now", 0, 0);
	db_commit(&f->db);
	cut->clock = moment_add_days(moment_now(), 3);
}

/* The money is where the rights are, whatever happened on the way. */
static void promises_hold(struct cut *cut)
{
	struct db *db = &cut->f->db;
	assert_int_equal(orders_lacking_rights(db), 0);
	assert_int_equal(rights_lacking_source(db), 0);
	assert_int_equal(token_check(db), 0);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM stripe_event WHERE state <> 'applied'"), 0);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM job WHERE state <> 'ready'"), 0);
	assert_int_equal(db_int(db,
						 "SELECT COUNT(*) FROM entitlement e JOIN orders o ON o.id = e.order_id"
						 " WHERE o.paid_at IS NULL"),
		0);
	if (cut->scene->after)
		cut->scene->after(cut);
}

/* One run and what is seen of it. */

static const char *state_now(struct cut *cut)
{
	if (cut->others && *asked(cut->f, cut->others) != '0')
		return "rows in a table that has none before and after";
	return state_of(cut->f, cut->f->mem, cut->statement);
}

static size_t state_known(struct cut *cut, const char *state)
{
	size_t i = 0;
	while (i < cut->state_count && strcmp(cut->states[i], state) != 0)
		i++;
	return i;
}

static void state_add(struct cut *cut, const char *state)
{
	if (state_known(cut, state) < cut->state_count)
		return;
	assert_true(cut->state_count < STATES_MAX);
	cut->states[cut->state_count++] = mem_text(cut->kept, state);
}

static int run(struct cut *cut, enum strike strike, long at, long times, bool for_good)
{
	program_in(cut);
	proxy_plan(cut->plan, strike, at, times, for_good);
	int status = cut->scene->act(cut);
	program_out(cut);
	return status;
}

static void begin_again(struct cut *cut)
{
	moment_clock_set(cut->clock);
	db_script(&cut->f->db, cut->back);
	cut->fake->keys = 0;
	*cut->fake->key = 0;
}

static void told(struct cut *cut, const char *what, long at, const char *seen)
{
	print_error("%s: %s at %ld of %ld: \n%s\n", cut->scene->name, what, at, cut->plan->packets, seen);
	for (size_t i = 0; i < cut->state_count; i++)
		print_error("known %zu:\n%s\n", i, cut->states[i]);
	fail_msg("%s", what);
}

/* Whoever asked asks again: Stripe, the buyer, the worker when the lease is over or the pause has
 * passed. */
static void asked_again(struct cut *cut, long at)
{
	moment_clock_set(moment_add_seconds(cut->clock, REST_SECONDS));
	if (cut->scene->act != worker_round)
		moment_clock_set(cut->clock);
	int status = run(cut, STRIKE_NONE, 0, 0, false);
	const char *state = state_now(cut);
	if (status != 200)
		told(cut, mem_format(cut->f->mem, "asked again: %d", status), at, state);
	if (strcmp(state, cut->end) != 0)
		told(cut, "another end", at, state);
	promises_hold(cut);
}

static const char *const strike_names[] = { "none", "cut", "torn", "deadlock", "lock wait", "disk full" };

/* One point: an answer that is an error it knows, or a success that is one; a state that is one. */
static void point(struct cut *cut, enum strike strike, long at, long times, bool for_good)
{
	struct mem_mark mark = mem_mark(cut->f->mem);
	begin_again(cut);
	int status = run(cut, strike, at, times, for_good);
	const char *state = state_now(cut), *name = strike_names[strike];
	if (!cut->plan->struck)
		told(cut, mem_format(cut->f->mem, "%s: not struck", name), at, state);
	if (status != 200 && status != 500 && status != 503)
		told(cut, mem_format(cut->f->mem, "%s: answer %d", name, status), at, state);
	if (state_known(cut, state) == cut->state_count)
		told(cut, mem_format(cut->f->mem, "%s: a state between, answer %d", name, status), at, state);
	if (status == 200 && strcmp(state, cut->end) != 0)
		told(cut, mem_format(cut->f->mem, "%s: false success", name), at, state);
	asked_again(cut, at);
	cut->points++;
	mem_rewind(cut->f->mem, mark);
}

/* Twice undisturbed: the end is the same, and what there is to strike is counted. */
static void undisturbed(struct cut *cut, long *packets, long *commands)
{
	state_add(cut, state_now(cut));
	for (int i = 0; i < 2; i++) {
		begin_again(cut);
		int status = run(cut, STRIKE_NONE, 0, 0, false);
		const char *state = state_now(cut);
		*packets = cut->plan->packets;
		*commands = cut->plan->commands;
		if (status != 200)
			told(cut, mem_format(cut->f->mem, "undisturbed: %d", status), 0, state);
		if (cut->end && strcmp(cut->end, state) != 0)
			told(cut, "undisturbed: ends differ", 0, state);
		cut->end = mem_text(cut->kept, state);
		promises_hold(cut);
	}
}

/* From here on only tables that have rows, before or after, are read whole. */
static void state_narrow(struct cut *cut)
{
	struct buffer names = buffer_new(cut->f->mem, 500);
	const char *without = cut->scene->jobs ? "job" : "";
	state_names(&names, cut->states[0]);
	state_names(&names, cut->end);
	cut->statement = state_statement(cut->f, without, names.text);
	cut->others = others_statement(cut->f, without, names.text);
}

/* What can be seen from outside: the states around each COMMIT of an undisturbed run. There are as many
 * as the scene says; whatever else is seen later lies between. */
static void states_learn(struct cut *cut)
{
	long commits[COMMITS_MAX], count = cut->plan->commit_count;
	memcpy(commits, (const void *)(uintptr_t)cut->plan->commits, sizeof commits);
	for (long i = 0; i < count * 2; i++) {
		struct mem_mark mark = mem_mark(cut->f->mem);
		begin_again(cut);
		run(cut, STRIKE_CUT, commits[i / 2] + i % 2, 1, true);
		state_add(cut, state_now(cut));
		mem_rewind(cut->f->mem, mark);
	}
	state_add(cut, cut->end);
	if (cut->state_count != cut->scene->states)
		told(cut, mem_format(cut->f->mem, "%zu states, not %zu", cut->state_count, cut->scene->states), 0,
			cut->end);
}

/* How many points are left out: none in the proof. The first differs from scene to scene. */
static long every(void)
{
	const char *proof = getenv("PROOF");
	return proof && *proof ? 1 : SHORT_EVERY;
}

static void cuts(struct cut *cut, long packets)
{
	long first = 1 + (every() > 1 ? packets % every() : 0);
	for (long at = first; at <= packets; at += every()) {
		point(cut, STRIKE_CUT, at, 1, true);
		point(cut, at % 2 ? STRIKE_CUT : STRIKE_TEAR, at, 1, false);
	}
}

/* Once: the program tries again by itself, or says so. From there on for a while: more often than it
 * tries. */
static void errors(struct cut *cut, long commands)
{
	static const enum strike strikes[] = { STRIKE_DEADLOCK, STRIKE_WAIT, STRIKE_FULL };
	if (every() > 1) { /* one of each, somewhere in the middle */
		for (long i = 0; i < 3; i++)
			point(cut, strikes[i], commands * (i + 1) / 4 + 1, i ? 1 : LASTING, false);
		return;
	}
	for (long at = 1; at <= commands; at++)
		for (size_t i = 0; i < 3; i++) {
			point(cut, strikes[i], at, 1, false);
			point(cut, strikes[i], at, LASTING, false);
		}
}

/* The scene under way: also after one that failed its helpers must end. */
static struct cut now;

static void helpers_end(void)
{
	program_out(&now);
	if (now.plan)
		proxy_end(now.plan);
	if (now.fake)
		fake_stripe_end(now.fake);
	if (now.kept)
		mem_free(now.kept);
	if (now.jobs)
		mem_free(now.jobs);
	now = (struct cut){ 0 };
}

static void scene_run(struct fixture *f, const struct scene *scene)
{
	struct cut *cut = &now;
	long packets, commands;
	*cut = (struct cut){ .f = f, .scene = scene, .kept = mem_new(16 << 20), .jobs = mem_new(MEM_JOBS) };
	cut->fake = fake_stripe_new(f);
	cut->statement = state_statement(f, scene->jobs ? "job" : "", "");
	scene->seed(cut);
	cut->clock = cut->clock.us ? cut->clock : moment_now();
	cut->back = state_keep(f);
	cut->plan = proxy_new();
	undisturbed(cut, &packets, &commands);
	state_narrow(cut);
	states_learn(cut);
	cuts(cut, packets);
	errors(cut, commands);
	printf("# %s: %ld points of %ld packets and %ld commands, %zu states\n", scene->name, cut->points,
		packets, commands, cut->state_count);
	fflush(stdout);
}

static const struct scene scenes[] = {
	{ "checkout", checkout_seed, checkout_pressed, one_session, .states = 3 },
	{ "paid", purchase_seed, events_told, .states = 5, .manual = true, .story = "one-off-purchase" },
	{ "refund", purchase_seed, events_told, .states = 3, .manual = true, .story = "refund-full", .told = 1 },
	{ "dispute lost", purchase_seed, events_told, .states = 3, .manual = true, .story = "dispute-lost",
		.told = 1 },
	{ "dispute won", purchase_seed, events_told, .states = 3, .manual = true, .story = "dispute-won",
		.told = 1 },
	{ "renewal", renewal_seed, events_told, .states = 5, .manual = true, .story = "monthly-subscription",
		.told = 4 },
	{ "debit", debit_seed, debited, .states = 2 },
	{ "download", download_seed, downloaded, .states = 2 },
	{ "link", link_seed, link_pressed, a_link, .states = 1 },
	{ "receipt", receipt_seed, worker_round, .states = 2, .jobs = true },
	{ "order check", order_check_seed, worker_round, .states = 3, .jobs = true, .story = "one-off-purchase" },
	{ "expiry", expiry_seed, worker_round, .states = 2, .jobs = true },
};
enum { SCENES = sizeof scenes / sizeof scenes[0] };

static int committing(void **state)
{
	const char *why;
	fresh(state);
	struct fixture *f = *state;
	f->db.held = false;
	f->db.open = true;
	db_rollback(&f->db);
	signal(SIGPIPE, SIG_IGN);
	db_script(&f->db, "SET SESSION group_concat_max_len = 131072");
	sweep(&f->db);
	return !conf_set("stripe_webhook_secrets", "whsec_test", &why) ||
		!conf_set("stripe_livemode", "no", &why) || !conf_set("mail_server", "", &why) ||
		!conf_set("file_delivery", "stream", &why);
}

/* Also after a test that failed: what it wrote is committed. */
static int swept(void **state)
{
	struct fixture *f = *state;
	helpers_end();
	sweep(&f->db);
	return gone(state);
}

static void one(void **state, const char *name)
{
	for (size_t i = 0; i < SCENES; i++)
		if (!strcmp(scenes[i].name, name))
			scene_run(*state, &scenes[i]);
}

#define SCENE(fn, name)          \
	static void fn(void **state) \
	{                            \
		one(state, name);        \
	}
SCENE(checkout_is_cut, "checkout")
SCENE(paid_is_cut, "paid")
SCENE(refund_is_cut, "refund")
SCENE(dispute_lost_is_cut, "dispute lost")
SCENE(dispute_won_is_cut, "dispute won")
SCENE(renewal_is_cut, "renewal")
SCENE(debit_is_cut, "debit")
SCENE(download_is_cut, "download")
SCENE(link_is_cut, "link")
SCENE(receipt_is_cut, "receipt")
SCENE(order_check_is_cut, "order check")
SCENE(expiry_is_cut, "expiry")

#define COMMITTING(name) cmocka_unit_test_setup_teardown(name, committing, swept)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COMMITTING(checkout_is_cut),
		COMMITTING(paid_is_cut),
		COMMITTING(refund_is_cut),
		COMMITTING(dispute_lost_is_cut),
		COMMITTING(dispute_won_is_cut),
		COMMITTING(renewal_is_cut),
		COMMITTING(debit_is_cut),
		COMMITTING(download_is_cut),
		COMMITTING(link_is_cut),
		COMMITTING(receipt_is_cut),
		COMMITTING(order_check_is_cut),
		COMMITTING(expiry_is_cut),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
