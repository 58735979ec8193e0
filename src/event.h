/* event.h: what happened, written in the transaction that made it happen, and the jobs that react to it.
 *
 * event_put(db, "order.paid", …) writes one event row and one job row per reaction the table in event.c names for the topic:
 * `bin/comptoir jobs` prints it. The worker runs the reactions (job.h). */
#ifndef EVENT_H
#define EVENT_H

#include "db.h"

struct reaction {
	const char *topic;
	const char *reaction; /* of a JOB in src/job/ */
};
extern const struct reaction reactions[];
extern const size_t reactions_count;

/* payload: a JSON object as text ("{}" when the ids say it all). Returns the event's id. */
int64_t event_put(struct db *db, const char *topic, int64_t account_id, int64_t subject_id, const char *payload);

/* The same for many subjects at once: a JSON list of [account, subject]. Their reactions know the subject, not the event
 * (job.event_id 0). */
void events_put(struct db *db, const char *topic, const char *subjects, const char *payload);

/* Queues a job without an event, to run after delay seconds. While one of that reaction and key is waiting, nothing is
 * added (it runs at the earlier of both times); one that is running runs once more. */
void job_put(struct db *db, const char *reaction, const char *unique_key, int64_t subject_id, int64_t delay);

#endif
