/* reconcile_far.c: an outage longer than Stripe keeps events. Its lists of objects reach back further: facts are told by them,
 * a page at a time, and then each subscription is settled once, however many invoices it had meanwhile. */
#include <string.h>

#include "event.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "payment.h"
#include "reconcile_private.h"
#include "stripe_handler.h"
#include "stripe_read.h"
#include "subscription_ask.h"

/* So few in one transaction that payments elsewhere do not wait long for the counter of invoices. */
enum { TOGETHER = 10 };

static void invoices_note(struct run *run, struct json_object *invoices)
{
	db_begin(run->db);
	for (size_t i = 0; i < json_object_array_length(invoices); i++) {
		struct mem_mark mark = mem_mark(run->db->mem);
		invoice_note(run->db, json_object_array_get_idx(invoices, i));
		mem_rewind(run->db->mem, mark);
		run->done.listed++;
	}
	db_commit(run->db);
}

/* What a webhook told while the page was on its way may be newer than the page: then Stripe is asked once more, by itself. */
static void subscription_read_in(struct run *run, struct json_object *object)
{
	const struct subscription *known = subscription_locked(run->db, json_text(object, "id"));
	if (known && known->told_at.us >= run->asked_at.us)
		job_put(run->db, "subscription_check", known->public_id, known->id, 0);
	else
		subscription_apply_read(run->db, object);
}

static void subscriptions_settle(struct run *run, struct json_object *subscriptions)
{
	size_t count = json_object_array_length(subscriptions);
	for (size_t i = 0; i < count; i++) {
		struct mem_mark mark = mem_mark(run->db->mem);
		if (i % TOGETHER == 0)
			db_begin(run->db);
		subscription_read_in(run, json_object_array_get_idx(subscriptions, i));
		if (i % TOGETHER == TOGETHER - 1 || i == count - 1)
			db_commit(run->db);
		mem_rewind(run->db->mem, mark);
		run->done.listed++;
	}
}

static void event_drop(void *event)
{
	json_object_put(event);
}

/* An object as the event would bring it that was made now. */
static struct json_object *event_around(struct db *db, struct json_object *object)
{
	struct json_object *event = json_object_new_object(), *data = json_object_new_object();
	mem_defer(db->mem, event_drop, event);
	json_object_object_add(data, "object", json_object_get(object));
	json_object_object_add(event, "data", data);
	json_object_object_add(event, "created", json_object_new_int64(moment_unix(moment_now())));
	return event;
}

static void events_apply(struct run *run, struct json_object *objects, const char *inside,
	enum stripe_taken (*first)(struct db *, struct json_object *), enum stripe_taken (*then)(struct db *, struct json_object *))
{
	for (size_t i = 0; i < json_object_array_length(objects); i++) {
		struct mem_mark mark = mem_mark(run->db->mem);
		struct json_object *object = json_object_array_get_idx(objects, i), *part = json_at(object, inside);
		db_begin(run->db);
		if (json_object_is_type(part, json_type_object))
			first(run->db, event_around(run->db, part));
		then(run->db, event_around(run->db, object));
		db_commit(run->db);
		mem_rewind(run->db->mem, mark);
		run->done.listed++;
	}
}

/* The sums that were given back stand in the charge. */
static void refunds_apply(struct run *run, struct json_object *refunds)
{
	events_apply(run, refunds, "charge", charge_event, refund_event);
}

static void disputes_apply(struct run *run, struct json_object *disputes)
{
	events_apply(run, disputes, "charge", charge_event, dispute_event);
}

bool far_feed(struct run *run)
{
	static const struct {
		const char *path;
		list_feeder feed;
	} lists[] = {
		{ "/v1/invoices?expand%5B%5D=data.payments&created%5Bgte%5D=", invoices_note },
		{ "/v1/subscriptions?status=all", subscriptions_settle },
		{ "/v1/refunds?expand%5B%5D=data.charge&created%5Bgte%5D=", refunds_apply },
		{ "/v1/disputes?expand%5B%5D=data.charge&created%5Bgte%5D=", disputes_apply },
	};
	log_line("reconcile.far", "since=%lld", (long long)run->since);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct mem *mem = run->db->mem;
		const char *path = lists[i].path;
		if (path[strlen(path) - 1] == '=' && path[strlen(path) - 2] == 'D')
			path = mem_format(mem, "%s%lld", path, (long long)run->since);
		if (!list_feed(run, path, lists[i].feed))
			return false;
	}
	return true;
}
