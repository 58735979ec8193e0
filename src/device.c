/* device.c: two tables of marks; the first that is found wins. */
#include "device.h"

#include <string.h>

struct mark {
	const char *text;
	const char *name;
};

static const struct mark browsers[] = {
	{ "Edg", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "Vivaldi/", "Vivaldi" },
	{ "FxiOS/", "Firefox" },
	{ "Firefox/", "Firefox" },
	{ "CriOS/", "Chrome" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
	{ "curl/", "curl" },
	{ NULL, NULL },
};

static const struct mark systems[] = {
	{ "iPhone", "iPhone" },
	{ "iPad", "iPad" },
	{ "Android", "Android" },
	{ "Windows", "Windows" },
	{ "CrOS", "ChromeOS" },
	{ "Mac OS X", "Mac" },
	{ "Linux", "Linux" },
	{ NULL, NULL },
};

static const char *name_in(const struct mark *marks, const char *text)
{
	while (marks->text && !strstr(text, marks->text))
		marks++;
	return marks->name;
}

const char *device_of(struct mem *mem, const char *user_agent)
{
	const char *browser = name_in(browsers, user_agent), *system = name_in(systems, user_agent);
	if (browser && system)
		return mem_format(mem, "%s, %s", browser, system);
	return browser ? browser : system;
}
