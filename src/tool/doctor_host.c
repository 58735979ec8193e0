/* doctor_host.c: the settings of every zone, and whether its program finds what it needs under its own database user. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "tool/doctor.h"

void check_settings(struct doctor *doctor)
{
	found(doctor, HEALTH_OK, "%s, %s mode", conf.base_url, conf.stripe_livemode ? "live" : "test");
	if (conf.stripe_livemode && !conf_is_https())
		found(doctor, HEALTH_FAIL, "base_url is not https, and the shop takes real money");
	if (*conf.test_clock)
		found(doctor, HEALTH_WARN, "test_clock is set: the shop does not live in the present");
	if (!strcmp(conf.mail_from, "shop@localhost"))
		found(doctor, HEALTH_WARN, "mail_from is shop@localhost: such mails are refused everywhere");
}

static bool key_fits_mode(const char *key)
{
	bool live = strstr(key, "_live_") != NULL;
	return !*key || live == conf.stripe_livemode;
}

/* Of a zone's own settings, in a child: conf_load() exits when it refuses a file. Bits say what is missing. */
enum { LACKS_KEY = 1, LACKS_SECRET = 2, WRONG_MODE = 4, UNREADABLE = 78 };

static int zone_lacks(const char *zone)
{
	int status = 0;
	pid_t child = fork();
	if (!child) {
		conf_load(zone);
		int lacks = (*conf.stripe_key ? 0 : LACKS_KEY) | (*conf.stripe_webhook_secrets ? 0 : LACKS_SECRET) |
			    (key_fits_mode(conf.stripe_key) ? 0 : WRONG_MODE);
		_exit(lacks);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : UNREADABLE;
}

void check_secrets(struct doctor *doctor)
{
	fflush(stdout);
	int shop = zone_lacks("shop"), hook = zone_lacks("hook");
	const char *tax = !conf.stripe_tax ? "" : conf.stripe_tax_included ? ", prices hold the VAT" : ", VAT comes on top of prices";
	found(doctor, HEALTH_OK, "Stripe's key and the webhook's secret are set%s", tax);
	if (shop == UNREADABLE || hook == UNREADABLE)
		found(doctor, HEALTH_FAIL, "a settings file is refused: see above");
	else if (shop & LACKS_KEY)
		found(doctor, HEALTH_WARN, "stripe_key is not set for the zone shop: checkout is closed");
	else if (shop & WRONG_MODE)
		found(doctor, HEALTH_FAIL, "stripe_key and stripe_livemode are not of the same mode");
	else if (hook & LACKS_SECRET)
		found(doctor, HEALTH_FAIL, "stripe_webhook_secrets is not set for the zone hook: payments are not heard of");
	else if (conf.stripe_tax_included && !conf.stripe_tax)
		found(doctor, HEALTH_WARN, "stripe_tax_included says nothing without stripe_tax");
}

/* Runs `program --check`; its exit code, and the first line it said. */
static int program_check(const char *path, char *said, size_t room)
{
	int pipes[2], status = 0;
	if (pipe2(pipes, O_CLOEXEC))
		return 127;
	fflush(stdout);
	pid_t child = fork();
	if (!child) {
		dup2(pipes[1], STDOUT_FILENO);
		dup2(pipes[1], STDERR_FILENO);
		unsetenv("GATEWAY_INTERFACE");
		execl(path, path, "--check", (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	size_t used = 0;
	char rest[512];
	for (ssize_t n; (n = read(pipes[0], used + 1 < room ? said + used : rest,
				  used + 1 < room ? room - used - 1 : sizeof rest)) > 0;)
		used += used + 1 < room ? (size_t)n : 0;
	said[used] = 0;
	said[strcspn(said, "\n")] = 0;
	close(pipes[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* Every statement is prepared under the zone's own user: a missing grant shows, and a schema that does not fit. */
void check_programs(struct doctor *doctor)
{
	static const char *const names[] = { "shop.fcgi", "auth.fcgi", "account.fcgi", "download.fcgi", "hook.fcgi", "api.fcgi",
		"admin.fcgi", "worker" };
	char self[3000], path[3100], said[300];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	self[length > 0 ? length : 0] = 0;
	char *slash = strrchr(self, '/');
	int checked = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%.*s/%s", slash ? (int)(slash - self) : 0, self, names[i]);
		if (access(path, X_OK)) {
			found(doctor, HEALTH_WARN, "%s is not beside this program: it was not checked", names[i]);
			continue;
		}
		checked++;
		if (program_check(path, said, sizeof said))
			found(doctor, HEALTH_FAIL, "%s --check: %s", names[i], said);
	}
	found(doctor, HEALTH_OK, "%d programs find their tables, grants, templates and words", checked);
}
