/* comptoir: the operator's tool. `comptoir help` prints the table below. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "tool/tool.h"

static int help_command(struct tool *tool);

static const struct command commands[] = {
	{ "help", "", "print this", help_command },
	{ "conf", "", "print every setting: what it is, its default, its value", conf_command },
	{ "migrate", "[--check | --continue STATEMENT]", "bring the database's schema up to date", migrate_command },
	{ "doctor", "[--deep] [--repair] [--clean [--yes]]",
		"look for everything that can be wrong; exit code 0: well, 1: warnings, 2: failures", doctor_command },
	{ "product import", "[--seller NAME=ADDRESS] PATH…",
		"import products: a product.json, its folder, or a folder of such folders", product_import_command },
	{ "product list", "", "print the products", product_list_command },
	{ "category import", "FILE", "import categories", category_import_command },
	{ "account add", "EMAIL --name NAME [--language en|fr] [--staff] [--seller]",
		"make an account; the password is read from stdin, or made up and printed", account_add_command },
	{ "account list", "", "print the accounts", account_list_command },
	{ "tokens adjust", "EMAIL AMOUNT --reason WHY", "give an account tokens, or take some away (a negative amount)",
		tokens_adjust_command },
	{ "access give", "EMAIL PRODUCT PRICE --reason WHY", "give an account the module access that a price brings",
		access_give_command },
	{ "key make", "NAME --may SCOPE,SCOPE…", "make an API key of the shop's own, for every account; printed once",
		key_make_command },
	{ "key list", "", "print the API keys that stand", key_list_command },
	{ "key revoke", "KEY", "end an API key, named as in the list", key_revoke_command },
	{ "demo load", "[FOLDER]", "fill a test shop with the demo's accounts, products and past orders", demo_load_command },
	{ "demo wipe", "[--yes]", "remove the demo's accounts, their orders and products", demo_wipe_command },
	{ "stripe events", "", "print the events that failed or are held", stripe_events_command },
	{ "stripe replay", "EVENT", "apply a stored event again", stripe_replay_command },
	{ "stripe purge", "[--days N] [--yes]", "delete applied events older than 400 (or N) days", stripe_purge_command },
	{ "reconcile", "[--days N]", "ask Stripe for events that never came, apply them, count every promise", reconcile_command },
	{ "jobs", "", "print which reaction answers which event, and what is waiting", jobs_command },
	{ "jobs retry", "[REACTION]", "run dead jobs again", jobs_retry_command },
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static int help_command(struct tool *tool)
{
	(void)tool;
	printf("comptoir COMMAND …, with the settings of the file named by COMPTOIR_CONF:\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %s%s%s\n      %s\n", commands[i].name, *commands[i].usage ? " " : "", commands[i].usage,
			commands[i].about);
	return EXIT_DONE;
}

/* How many words of argv are this command's name; 0: it is another one. */
static int words_of(const struct command *command, int argc, char **argv)
{
	const char *name = command->name;
	for (int i = 0; i < argc; i++) {
		size_t length = strcspn(name, " ");
		if (strlen(argv[i]) != length || strncmp(argv[i], name, length))
			return 0;
		name += length;
		if (!*name)
			return i + 1;
		name++;
	}
	return 0;
}

struct run {
	const struct command *command;
	struct tool tool;
	int code;
};

static void run(void *arg)
{
	struct run *run = arg;
	run->code = run->command->run(&run->tool);
}

static int command_run(const struct command *command, int argc, char **argv)
{
	struct db db = { .mem = mem_program() };
	struct run one = { command, { &db, mem_program(), argc, argv }, EXIT_DONE };
	struct failure failure;
	if (command->run != help_command) {
		conf_load("operator");
		clock_read();
	}
	bool whole = attempt(run, &one, &failure);
	db_leave(&db);
	db_close(&db);
	if (!whole) {
		fprintf(stderr, "comptoir: %s: %s\n", failure.event, failure.message);
		return failure.kind == FAILURE_DATABASE ? 75 : 70; /* EX_TEMPFAIL, EX_SOFTWARE */
	}
	if (one.code == EXIT_USAGE)
		fprintf(stderr, "usage: comptoir %s %s\n", command->name, command->usage);
	return one.code;
}

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		return 70;
	const struct command *command = NULL;
	int words = 0;
	for (size_t i = 0; i < COMMANDS; i++) {
		int here = words_of(&commands[i], argc - 1, argv + 1);
		if (here > words) { /* "jobs retry" rather than "jobs" */
			words = here;
			command = &commands[i];
		}
	}
	if (command)
		return command_run(command, argc - 1 - words, argv + 1 + words);
	fprintf(stderr, "comptoir: %s; `comptoir help` lists the commands\n", argc > 1 ? "no such command" : "which command?");
	return EXIT_USAGE;
}
