/* story.h: events of a story of Stripe's as the webhook takes them, and the order they speak of. */
#ifndef STORY_H
#define STORY_H

#include "../buyer.h"
#include "../webhook.h"
#include "cut.h"

#include <json-c/json.h>

#include "json.h"
#include "stripe_event.h"

static inline struct json_object *read_of(struct fixture *f, const char *body)
{
	struct json_object *value = json_read(
		f->mem, (struct bytes){ (const unsigned char *)body, strlen(body) }, 32);
	assert_non_null(value);
	return value;
}

/* 503 also for an event that is stored but not applied: Stripe is done with it, the shop is not. */
static inline int deliver(struct fixture *f, const char *body)
{
	struct page page = event_send(f, body);
	return strncmp(page.body, "stored", 6) != 0 ? page.status : 503;
}

static inline int events_told(struct cut *cut)
{
	int status = 200;
	for (size_t i = cut->scene->told; i < cut->body_count && status == 200; i++)
		status = deliver(cut->f, cut->bodies[i]);
	return status;
}

/* The order that a story's session speaks of. */
static inline void order_of_session(struct fixture *f, int64_t buyer, const char *price, struct json_object *session)
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

static inline void story_seed(struct cut *cut, bool club)
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

#endif
