/* conf.c: the settings table read from files. */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checked.h"
#include "mem.h"

#ifndef CONF_FOLDER
#define CONF_FOLDER "/etc/comptoir"
#endif

struct conf conf;
static const char *loaded_zone = "";

enum setting_kind { SETTING_TEXT, SETTING_SECRET, SETTING_NUMBER, SETTING_FLAG };

struct setting {
	const char *name;
	enum setting_kind kind;
	const char *value;
	const char *about;
	size_t offset;
};

#define CONF_ROW(name, kind, value, about) { #name, SETTING_##kind, value, about, offsetof(struct conf, name) },
static const struct setting settings[] = { CONF_TABLE(CONF_ROW) };
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static const struct setting *setting_named(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	return NULL;
}

static bool setting_store(const struct setting *setting, const char *value, const char **why)
{
	void *at = (char *)&conf + setting->offset;
	switch (setting->kind) {
	case SETTING_TEXT:
	case SETTING_SECRET:
		*(const char **)at = program_copy(value);
		return true;
	case SETTING_NUMBER:
		*why = "needs a whole number";
		return parse_int(value, 0, INT64_MAX, at);
	case SETTING_FLAG:
		*why = "is yes or no";
		*(bool *)at = !strcmp(value, "yes");
		return !strcmp(value, "yes") || !strcmp(value, "no");
	}
	return false;
}

bool conf_set(const char *name, const char *value, const char **why)
{
	const struct setting *setting = setting_named(name);
	*why = "is no setting";
	return setting && setting_store(setting, value, why);
}

static void refuse(const char *path, int line, const char *name, const char *why)
{
	fprintf(stderr, "conf.refused file=%s line=%d name=%s why=\"%s\"\n", path, line, name, why);
	exit(78); /* EX_CONFIG */
}

static char *trim(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	char *end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = 0;
	return text;
}

static bool line_read(const char *path, int number, char *line)
{
	char *text = trim(line);
	if (!*text || *text == '#')
		return false;
	char *equals = strchr(text, '=');
	if (!equals)
		refuse(path, number, text, "is not name = value");
	*equals = 0;
	char *name = trim(text);
	const char *why;
	if (!conf_set(name, trim(equals + 1), &why))
		refuse(path, number, name, why);
	return setting_named(name)->kind == SETTING_SECRET;
}

static bool file_read(const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file && errno != ENOENT)
		refuse(path, 0, "file", strerror(errno)); /* a zone without its own settings would be another user */
	if (!file)
		return false;
	char line[4096];
	bool secret = false;
	for (int number = 1; fgets(line, sizeof line, file); number++) {
		if (!strchr(line, '\n') && !feof(file))
			refuse(path, number, "?", "is over 4095 bytes long");
		secret |= line_read(path, number, line);
	}
	struct stat info;
	bool open = fstat(fileno(file), &info) || (info.st_mode & S_IRWXO);
	fclose(file);
	if (secret && open)
		refuse(path, 0, "secret", "holds secrets that others may read: chmod o-rwx");
	return true;
}

const char *conf_zone(void)
{
	return loaded_zone;
}

void conf_load(const char *zone)
{
	const char *why;
	for (size_t i = 0; i < SETTINGS; i++)
		setting_store(&settings[i], settings[i].value, &why);
	const char *path = getenv("COMPTOIR_CONF");
	if (!path || !*path)
		path = CONF_FOLDER "/comptoir.conf";
	if (!file_read(path))
		refuse(path, 0, "COMPTOIR_CONF", "cannot be read");
	const char *slash = strrchr(path, '/');
	char beside[1024];
	snprintf(beside, sizeof beside, "%.*s%s.conf", slash ? (int)(slash + 1 - path) : 0, path, zone);
	file_read(beside);
	loaded_zone = program_copy(zone);
	if (conf.stripe_livemode && *conf.test_clock)
		refuse(path, 0, "test_clock", "is refused in live mode");
	if (strlen(conf.csrf_secret) < 32)
		refuse(path, 0, "csrf_secret", "needs 32 or more characters");
}

static void value_print(FILE *out, const struct setting *setting)
{
	const void *at = (const char *)&conf + setting->offset;
	switch (setting->kind) {
	case SETTING_TEXT:
		fprintf(out, "%s", *(const char *const *)at);
		return;
	case SETTING_SECRET:
		fprintf(out, "%s", **(const char *const *)at ? "(set)" : "");
		return;
	case SETTING_NUMBER:
		fprintf(out, "%lld", (long long)*(const int64_t *)at);
		return;
	case SETTING_FLAG:
		fprintf(out, "%s", *(const bool *)at ? "yes" : "no");
		return;
	}
}

void conf_print(FILE *out)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		fprintf(out, "# %s", settings[i].about);
		if (*settings[i].value)
			fprintf(out, " (default: %s)", settings[i].value);
		fprintf(out, "\n%s = ", settings[i].name);
		value_print(out, &settings[i]);
		fprintf(out, "\n\n");
	}
}

const char *conf_tax_behavior(void)
{
	return !conf.stripe_tax ? "" : conf.stripe_tax_included ? "inclusive" : "exclusive";
}

bool conf_is_https(void)
{
	return !strncmp(conf.base_url, "https://", 8);
}
