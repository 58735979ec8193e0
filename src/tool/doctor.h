/* doctor.h: the checks of `comptoir doctor`. Each looks at one thing and says one line: what it found and what to do. */
#ifndef TOOL_DOCTOR_H
#define TOOL_DOCTOR_H

#include "tool/tool.h"

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

struct finding {
	enum health health;
	char text[500];
};

struct doctor {
	struct db *db;
	struct mem *mem;
	bool deep; /* --deep: digests too */
	struct finding *finding;
};

/* Sets the finding; the worst of several in one check stays. */
void found(struct doctor *doctor, enum health health, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* doctor_shop.c */
void check_database(struct doctor *doctor);
void check_schema(struct doctor *doctor);
void check_clock(struct doctor *doctor);
void check_rights(struct doctor *doctor);
void check_jobs(struct doctor *doctor);
void check_worker(struct doctor *doctor);
void check_mails(struct doctor *doctor);
void check_stripe_events(struct doctor *doctor);
void check_orders(struct doctor *doctor);
void check_reconcile(struct doctor *doctor);
void check_promises(struct doctor *doctor);
void check_tokens(struct doctor *doctor);

/* doctor_host.c */
void check_settings(struct doctor *doctor);
void check_secrets(struct doctor *doctor);
void check_programs(struct doctor *doctor);

/* doctor_disk.c */
void check_folder(struct doctor *doctor);
void check_not_served(struct doctor *doctor);
void check_files(struct doctor *doctor);
void check_strays(struct doctor *doctor);

/* Stored files that no row names, an hour old or more. Removes them when told so. Returns how many. */
int64_t strays_each(struct db *db, bool removing);

#endif
