/* tool.c: what the commands share: their options, and how they refuse. */
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"

int refused(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("comptoir: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return EXIT_REFUSED;
}

static const struct option_row *option_named(const struct option_row *options, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (options[i].name && !strcmp(options[i].name, name))
			return &options[i];
	return NULL;
}

bool options_read(struct tool *tool, const struct option_row *options, size_t count, int least, int most)
{
	int operands = 0;
	for (int i = 0; i < tool->argc; i++) {
		char *word = tool->argv[i];
		if (strncmp(word, "--", 2)) {
			tool->argv[operands++] = word;
			continue;
		}
		const struct option_row *option = option_named(options, count, word);
		if (!option || (option->value && i + 1 == tool->argc)) {
			refused("%s %s", word, option ? "needs a value" : "is no option of this command");
			return false;
		}
		if (option->value)
			*option->value = tool->argv[++i];
		else
			*option->flag = true;
	}
	tool->argc = operands;
	if (operands < least || operands > most)
		refused(operands < least ? "something is missing" : "%s is too much", tool->argv[most < operands ? most : 0]);
	return operands >= least && operands <= most;
}

int conf_command(struct tool *tool)
{
	if (!options(tool, 0, 0, { 0 }))
		return EXIT_USAGE;
	conf_print(stdout);
	return EXIT_DONE;
}
