/* comptoir account …: people, made by the operator. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "audit.h"
#include "form.h"
#include "moment.h"
#include "password.h"
#include "sign.h"
#include "tool/tool.h"

/* The first line of stdin when that is no terminal; otherwise one is made up, printed once. */
static const char *password_take(struct mem *mem, bool *made)
{
	char line[PASSWORD_MAX * 4 + 2];
	*made = isatty(STDIN_FILENO) || !fgets(line, sizeof line, stdin);
	if (*made)
		return random_code(mem, 20, 5);
	line[strcspn(line, "\r\n")] = 0;
	return mem_text(mem, line);
}

static char *lower(struct mem *mem, const char *text)
{
	char *copy = mem_text(mem, text);
	for (char *p = copy; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	return copy;
}

static const char *account_fault(const char *email, const char *name, const char *language)
{
	const char *at = strchr(email, '@');
	if (!at || at == email || !at[1] || strchr(at + 1, '@') || strpbrk(email, " \t,;<>") || strlen(email) > 254)
		return "that is no e-mail address";
	if (!name || !*name || utf8_length(name) > 100)
		return "--name needs 1 to 100 characters";
	return strcmp(language, "en") && strcmp(language, "fr") ? "--language is en or fr" : NULL;
}

int account_add_command(struct tool *tool)
{
	const char *name = NULL, *language = "en";
	bool staff = false, seller = false, made;
	if (!options(tool, 1, 1, { "--name", NULL, &name }, { "--language", NULL, &language }, { "--staff", &staff, NULL },
		    { "--seller", &seller, NULL }))
		return EXIT_USAGE;
	const char *email = lower(tool->mem, tool->argv[0]), *fault = account_fault(email, name, language);
	if (fault)
		return refused("%s", fault);
	if (account_by_email(tool->db, email))
		return refused("there is an account of that address already");
	const char *password = password_take(tool->mem, &made);
	if (password_fault(password, email, name))
		return refused("the password is too short, too common, or too near to the name (%d characters or more)",
			PASSWORD_MIN);
	const char *hash = password_hash(tool->mem, password);
	if (!hash)
		return refused("other passwords are being hashed just now: once more, please");
	int64_t id = account_add(tool->db, email, name, language, hash, staff, seller, true);
	printf("account %lld: %s%s%s\n", (long long)id, email, staff ? ", staff" : "", seller ? ", seller" : "");
	if (made)
		printf("password: %s\n", password);
	return id ? EXIT_DONE : EXIT_REFUSED;
}

struct person {
	int64_t id;
	const char *email, *name, *language;
	bool staff, seller, verified;
	int64_t orders;
};
ROW(person, id, email, name, language, staff, seller, verified, orders);

static void person_print(const void *row, void *arg)
{
	const struct person *person = row;
	(void)arg;
	printf("%6lld  %-32s %-24s %s%s%s%s  %lld orders\n", (long long)person->id, person->email, person->name,
		person->language, person->staff ? " staff" : "", person->seller ? " seller" : "",
		person->verified ? "" : " (address not proven)", (long long)person->orders);
}

int account_list_command(struct tool *tool)
{
	if (!options(tool, 0, 0, { 0 }))
		return EXIT_USAGE;
	db_each(tool->db, person, person_print, NULL,
		"SELECT a.id, a.email, a.name, a.language, a.staff, a.seller, a.verified_at IS NOT NULL AS verified,"
		" COUNT(o.id) AS orders FROM account a LEFT JOIN orders o ON o.account_id = a.id GROUP BY a.id ORDER BY a.id");
	return EXIT_DONE;
}
