/* story_crowd.h: a story told by sixteen senders at once, each with all of its events in an order of its own, while return pages
 * ask what became of the payment page. */
#ifndef STORY_CROWD_H
#define STORY_CROWD_H

#include <sodium.h>

#include "crowd.h"
#include "json.h"
#include "stripe_event.h"

enum { SENDERS = 16, ASKERS_EVERY = 4, AGAIN_MOST = 50 };

struct told_story {
	const char *const *bodies;
	size_t count;
};

/* What one process does in one transaction. */
struct telling_one {
	struct db *db;
	const char *body;
	bool asks; /* as the job of the return page, which reads the session; otherwise as the webhook */
	enum stripe_taken taken;
};

static inline void one_told(void *arg)
{
	struct telling_one *one = arg;
	struct bytes body = { (const unsigned char *)one->body, strlen(one->body) };
	if (!one->asks) {
		one->taken = stripe_event_take(one->db, body);
		return;
	}
	db_begin(one->db);
	one->taken = session_apply(one->db, json_at(json_read(one->db->mem, body, 32), "data.object"));
	db_commit(one->db);
}

/* Conflicts are tried again, as by serve() and then by Stripe. */
static inline bool told_in_the_end(struct telling_one one)
{
	for (int again = 0; again < AGAIN_MOST; again++) {
		struct mem_mark mark = mem_mark(one.db->mem);
		struct failure failure = db_attempts(one.db, one_told, &one);
		mem_rewind(one.db->mem, mark);
		if (failure.kind == FAILURE_NONE)
			return one.taken != TAKEN_FAILED && one.taken != TAKEN_UNREADABLE;
	}
	return false;
}

static inline bool tells_a_session(const char *body)
{
	return strstr(body, "\"object\": \"checkout.session\"") != NULL;
}

static inline bool tell_whole_story(struct db *db, void *arg)
{
	const struct told_story *story = arg;
	bool well = true;
	size_t order[32], left = story->count;
	patient(db);
	for (size_t i = 0; i < left; i++)
		order[i] = i;
	while (left) {
		size_t at = randombytes_uniform((uint32_t)left);
		struct telling_one one = { .db = db, .body = story->bodies[order[at]] };
		order[at] = order[--left];
		well &= told_in_the_end(one);
		one.asks = tells_a_session(one.body) && !randombytes_uniform(ASKERS_EVERY);
		well = well && (!one.asks || told_in_the_end(one));
	}
	return well;
}

/* Commits what was seeded, and has it told; asserts that nobody met a failure. */
static inline void crowd_tells(struct fixture *f, const char *const *bodies, size_t count)
{
	struct told_story story = { bodies, count };
	assert_true(count <= 32);
	assert_int_equal(at_once(f, SENDERS, tell_whole_story, &story), SENDERS);
}

#endif
