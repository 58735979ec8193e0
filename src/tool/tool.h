/* tool.h: the commands of bin/comptoir. Their table is in src/bin/comptoir.c, each family in a file of its own here.
 *
 * A command gets what follows its name, reads its options with options_read(), prints to stdout what it did and to stderr
 * why not, and returns the exit code. What it takes from tool->mem lives until the program ends. */
#ifndef TOOL_H
#define TOOL_H

#include "db.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 64 };

struct tool {
	struct db *db;
	struct mem *mem;
	int argc; /* of what follows the command's name */
	char **argv;
};

struct command {
	const char *name;  /* "migrate", "product import" */
	const char *usage; /* what follows it */
	const char *about; /* one sentence */
	int (*run)(struct tool *tool);
};

/* An option that stands alone (flag) or takes the next word (value). */
struct option_row {
	const char *name;
	bool *flag;
	const char **value;
};

/* Takes the options out of tool->argv; what is left are the operands: between least and most of them. False, with a line
 * on stderr, for unknown options, missing values, and other numbers of operands. */
bool options_read(struct tool *tool, const struct option_row *options, size_t count, int least, int most);
#define options(tool, least, most, ...)                                                                              \
	options_read(tool, (const struct option_row[]){ __VA_ARGS__ },                                                   \
		sizeof((const struct option_row[]){ __VA_ARGS__ }) / sizeof(struct option_row), least, most)

/* Says on stderr why a command cannot be done. */
int refused(const char *format, ...) __attribute__((format(printf, 1, 2)));

int migrate_command(struct tool *tool);
int conf_command(struct tool *tool);
int jobs_command(struct tool *tool);
int jobs_retry_command(struct tool *tool);
int category_import_command(struct tool *tool);
int product_import_command(struct tool *tool);
int product_list_command(struct tool *tool);
int account_add_command(struct tool *tool);
int account_list_command(struct tool *tool);
int demo_load_command(struct tool *tool);
int demo_wipe_command(struct tool *tool);
int doctor_command(struct tool *tool);
int reconcile_command(struct tool *tool);
int stripe_events_command(struct tool *tool);
int stripe_purge_command(struct tool *tool);
int stripe_replay_command(struct tool *tool);
int key_make_command(struct tool *tool);
int key_list_command(struct tool *tool);
int key_revoke_command(struct tool *tool);
int tokens_adjust_command(struct tool *tool);
int access_give_command(struct tool *tool);

#endif
