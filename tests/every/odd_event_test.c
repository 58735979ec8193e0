/* odd_event_test.c: events of Stripe with letters that are no ASCII, or 5,000 of them, in every text they bring: each is answered,
 * and none is kept to be tried again for another reason than that. */
#include "world.h"

#include <json-c/json.h>

#include "json.h"
#include "sign.h"

enum { STRINGS_MAX = 400 };

/* Events: every string of one, in turn. */
static void strings_of(struct json_object *value, struct json_object **found, size_t *count)
{
	if (json_object_is_type(value, json_type_string)) {
		assert_true(*count < STRINGS_MAX);
		found[(*count)++] = value;
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			strings_of(json_object_array_get_idx(value, i), found, count);
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			strings_of(member, found, count);
		}
	}
}

static struct json_object *read_of(struct fixture *f, const char *body)
{
	struct json_object *value = json_read(f->mem, (struct bytes){ (const unsigned char *)body, strlen(body) }, 32);
	assert_non_null(value);
	return value;
}

static struct page deliver(struct fixture *f, const char *body)
{
	long long now = (long long)moment_unix(moment_now());
	const char *text = mem_format(f->mem, "%lld.%s", now, body);
	with(f, "HTTP_STRIPE_SIGNATURE",
		mem_format(f->mem, "t=%lld,v1=%s", now, hex_of(f->mem, hmac_of(f->mem, secret, text, strlen(text)))));
	return post_raw(f, "/webhooks/stripe", "application/json", body, NULL);
}

/* Answered, and not kept to be tried again for any other reason than a text that fits nowhere. */
static void told(struct world *world, const char *body)
{
	last_asked = body;
	answered(world, deliver(world->f, body));
	const char *note = db_text(&world->f->db, "SELECT note FROM stripe_event WHERE state IN ('failed', 'dead') AND note NOT RLIKE"
		" '^(1267|1366|1406) ' LIMIT 1");
	if (note)
		fail_msg("%s: %.900s", note, body);
}

static void event_bent(struct world *world, const char *body)
{
	struct json_object *strings[STRINGS_MAX];
	size_t count = 1;
	for (size_t i = 0; i < count; i++)
		for (int way = 0; way < 2; way++) {
			struct turn turn = turn_begin(world);
			struct json_object *event = read_of(world->f, body);
			strings_of(event, strings, (count = 0, &count));
			const char *good = json_object_get_string(strings[i]);
			const char *odd = way ? world->long_text : mem_format(world->f->mem, "%.*s\xC3\xA9", (int)(*good ? strlen(good) - 1 : 0), good);
			json_object_set_string(strings[i], odd);
			told(world, mem_text(world->f->mem, json_object_to_json_string(event)));
			turn_end(world, &turn);
		}
}

/* The order that the first session of a story speaks of. */
static void order_of_story(struct fixture *f, const char *const *bodies, size_t count, const char *price)
{
	int64_t id, buyer = a_member(f, "jenny@example.com");
	for (size_t i = 0; i < count; i++) {
		struct json_object *event = read_of(f, bodies[i]), *session = json_at(event, "data.object");
		if (strcmp(json_text(session, "object"), "checkout.session"))
			continue;
		db_run(&f->db, "UPDATE price SET currency = ?, amount = ? WHERE public_id = ?", json_text(session, "currency"),
			json_int(session, "amount_subtotal", 0), price);
		assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
		db_run(&f->db, "UPDATE orders SET number = ?, stripe_session = ?, stripe_url = 'https://checkout.stripe.com/c' WHERE id = ?",
			json_text(session, "client_reference_id"), json_text(session, "id"), id);
		return;
	}
}

static void no_event_breaks_on_odd_text(void **state)
{
	static const struct { const char *name; size_t told; } stories[] = { { "one-off-purchase", 4 }, { "refund-partial-then-rest", 3 },
		{ "dispute-lost", 3 }, { "monthly-subscription", 5 } };
	struct fixture *f = *state;
	struct world *world = mem_get(f->mem, sizeof *world);
	const char *bodies[STEPS_MAX], *why;
	char *text = mem_get(f->mem, LONG + 1);
	memset(text, 'x', LONG);
	*world = (struct world){ .f = f, .long_text = text };
	assert_true(conf_set("stripe_webhook_secrets", secret, &why) && conf_set("stripe_livemode", "no", &why));
	for (size_t s = 0; s < sizeof stories / sizeof stories[0]; s++) {
		db_script(&f->db, "SAVEPOINT story");
		size_t count = story_events(f, stories[s].name, bodies, 0);
		const char *price = a_price(f, "ebook", 1900);
		if (s == 3)
			price = db_text(&f->db, "SELECT public_id FROM price WHERE id = ?",
				a_plan(f, a_club(f), "plan", "price_1yQK4vEJEe0pLtFmFfkFFhwd", 900, "month", 3000));
		order_of_story(f, bodies, count, price);
		for (size_t i = 0; i < count && i < stories[s].told; i++) {
			event_bent(world, bodies[i]);
			told(world, bodies[i]);
		}
		db_script(&f->db, "ROLLBACK TO SAVEPOINT story");
	}
	print_message("# %zu events\n", world->asked);
	assert_int_equal(world->broken, 0);
}
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(no_event_breaks_on_odd_text) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
