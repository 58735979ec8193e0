/* cut.h: something is done while the connection to the database is cut at each packet, or the database answers an error to
 * each command in turn: the state is that before or that after, never between; whoever asks again ends where an undisturbed
 * run ends. */
#ifndef CUT_H
#define CUT_H

#include "../crowd.h"
#include "../fake_stripe.h"
#include "../plans.h"
#include "proxy.h"
#include "state.h"

#include "entitlement.h"
#include "order.h"
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
static inline void program_in(struct cut *cut)
{
	cut->observer = cut->f->db;
	cut->inside = true;
	cut->f->db = (struct db){ .mem = cut->f->mem, .manual = cut->scene->manual };
}

static inline void program_out(struct cut *cut)
{
	if (!cut->inside)
		return;
	db_leave(&cut->f->db);
	db_close(&cut->f->db);
	cut->f->db = cut->observer;
	cut->inside = false;
}

/* The money is where the rights are, whatever happened on the way. */
static inline void promises_hold(struct cut *cut)
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

static inline const char *state_now(struct cut *cut)
{
	if (cut->others && *asked(cut->f, cut->others) != '0')
		return "rows in a table that has none before and after";
	return state_of(cut->f, cut->f->mem, cut->statement);
}

static inline size_t state_known(struct cut *cut, const char *state)
{
	size_t i = 0;
	while (i < cut->state_count && strcmp(cut->states[i], state) != 0)
		i++;
	return i;
}

static inline void state_add(struct cut *cut, const char *state)
{
	if (state_known(cut, state) < cut->state_count)
		return;
	assert_true(cut->state_count < STATES_MAX);
	cut->states[cut->state_count++] = mem_text(cut->kept, state);
}

static inline int run(struct cut *cut, enum strike strike, long at, long times, bool for_good)
{
	program_in(cut);
	proxy_plan(cut->plan, strike, at, times, for_good);
	int status = cut->scene->act(cut);
	program_out(cut);
	return status;
}

static inline void begin_again(struct cut *cut)
{
	moment_clock_set(cut->clock);
	db_script(&cut->f->db, cut->back);
	cut->fake->keys = 0;
	*cut->fake->key = 0;
}

static inline void told(struct cut *cut, const char *what, long at, const char *seen)
{
	print_error("%s: %s at %ld of %ld: \n%s\n", cut->scene->name, what, at, cut->plan->packets, seen);
	for (size_t i = 0; i < cut->state_count; i++)
		print_error("known %zu:\n%s\n", i, cut->states[i]);
	fail_msg("%s", what);
}

/* Whoever asked asks again: Stripe, the buyer, the worker when the lease is over or the pause has
 * passed. */
static inline void asked_again(struct cut *cut, long at)
{
	moment_clock_set(cut->scene->jobs ? moment_add_seconds(cut->clock, REST_SECONDS) : cut->clock);
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
static inline void point(struct cut *cut, enum strike strike, long at, long times, bool for_good)
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
static inline void undisturbed(struct cut *cut, long *packets, long *commands)
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
static inline void state_narrow(struct cut *cut)
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
static inline void states_learn(struct cut *cut)
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
static inline long every(void)
{
	const char *proof = getenv("PROOF");
	return proof && *proof ? 1 : SHORT_EVERY;
}

static inline void cuts(struct cut *cut, long packets)
{
	long first = 1 + (every() > 1 ? packets % every() : 0);
	for (long at = first; at <= packets; at += every()) {
		point(cut, STRIKE_CUT, at, 1, true);
		point(cut, at % 2 ? STRIKE_CUT : STRIKE_TEAR, at, 1, false);
	}
}

/* Once: the program tries again by itself, or says so. From there on for a while: more often than it
 * tries. */
static inline void errors(struct cut *cut, long commands)
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
static struct cut under_way;

static inline void helpers_end(void)
{
	program_out(&under_way);
	if (under_way.plan)
		proxy_end(under_way.plan);
	if (under_way.fake)
		fake_stripe_end(under_way.fake);
	if (under_way.kept)
		mem_free(under_way.kept);
	if (under_way.jobs)
		mem_free(under_way.jobs);
	under_way = (struct cut){ 0 };
}

static inline void scene_run(struct fixture *f, const struct scene *scene)
{
	struct cut *cut = &under_way;
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

static inline int committing(void **state)
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
static inline int swept(void **state)
{
	struct fixture *f = *state;
	helpers_end();
	sweep(&f->db);
	return gone(state);
}

/* A scene as a test: SCENE(paid_is_cut, "paid", seed, act, …), then CUT_TEST(paid_is_cut). */
#define SCENE(fn, ...)                                             \
	static void fn(void **state)                                   \
	{                                                              \
		static const struct scene scene = { __VA_ARGS__ };         \
		scene_run(*state, &scene);                                 \
	}

#define CUT_TEST(fn) cmocka_unit_test_setup_teardown(fn, committing, swept)

#endif
