/* /admin/health: the promises, the queue, Stripe's events that failed or are held, the reconciler. */
#include "audit.h"
#include "desk.h"
#include "invariant.h"
#include "moment.h"
#include "reconcile.h"

#include <string.h>

enum { EVENTS = 50, LATE_SECONDS = 300 };

struct promise {
	const char *name, *label;
	int64_t broken;
	struct moment checked_at;
};
VIEW(promise, name, label, broken, checked_at);

struct queue {
	const char *reaction, *state, *state_label, *error;
	int64_t jobs;
	bool is_dead, is_late;
};
ROW(queue, reaction, state, state_label, error, jobs, is_dead, is_late);

struct held_event {
	const char *event, *type, *state, *state_label, *note;
	int64_t tries;
	struct moment received_at, retry_at;
};
ROW(held_event, event, type, state, state_label, note, tries, received_at, OPT(retry_at));

struct health_page {
	struct list promises, queue, events;
	const struct reconcile *reconcile;
};
VIEW(health_page, LIST(promises, promise), LIST(queue, queue), LIST(events, held_event), REF(reconcile, reconcile));

static struct list promises_of(struct request *req)
{
	struct list known = invariants_known(req->db);
	struct list list = { .items = mem_array(req->mem, known.count, sizeof(struct promise)), .shape = &promise_shape };
	struct promise *rows = list.items;
	LIST_EACH(invariant, one, known)
		rows[list.count++] = (struct promise){ .name = one->name, .label = word_of(req, "promise", one->name),
			.broken = one->broken, .checked_at = one->checked_at };
	return list;
}

static struct list queue_of(struct request *req)
{
	struct list list = db_all(req->db, queue,
		"SELECT reaction, state, '' AS state_label, COALESCE(MAX(error), '') AS error, COUNT(*) AS jobs,"
		" state = 'dead' AS is_dead, COALESCE(MIN(run_at) < ? AND state = 'ready', FALSE) AS is_late FROM job"
		" GROUP BY reaction, state ORDER BY state = 'dead' DESC, reaction LIMIT 100",
		moment_add_seconds(moment_now(), -LATE_SECONDS));
	struct queue *rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		rows[i].state_label = word_of(req, "state.job", rows[i].state);
	return list;
}

static struct list events_of(struct request *req)
{
	struct list list = db_all(req->db, held_event,
		"SELECT id AS event, type, state, '' AS state_label, note, tries, received_at, retry_at FROM stripe_event"
		" WHERE state IN ('failed', 'dead', 'review') ORDER BY received_at DESC LIMIT ?", (int)EVENTS);
	struct held_event *rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		rows[i].state_label = word_of(req, "state.event", rows[i].state);
	return list;
}

ROUTE(GET, "/admin/health", STAFF, health_show)
{
	render(req, "admin/health", health_page, .promises = promises_of(req), .queue = queue_of(req),
		.events = events_of(req), .reconcile = reconcile_last(req->db));
}

struct health_form {
	const char *action, *event;
};
FORM(health_form, CHOICE(action, "reconcile retry"), LINE(event, 0, 255));

ROUTE(POST, "/admin/health", STAFF, health_do)
{
	const struct health_form *form = form_read(req, health_form);
	if (!form_ok(req))
		refuse(req, 400);
	if (!strcmp(form->action, "retry")) {
		if (!desk_plain(form->event) || !stripe_event_again(req->db, form->event, decision_of(req, "asked")))
			not_found(req);
		see_other(req, "/admin/health?notice=event_retried");
	}
	db_begin(req->db);
	audit_put(req->db, 0, req->account_id, "reconcile.asked", 0, "");
	reconcile_ask(req->db);
	db_commit(req->db);
	see_other(req, "/admin/health?notice=reconcile_asked");
}
