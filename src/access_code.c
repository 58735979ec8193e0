/* access_code.c: what an access is worth at a moment, and the words for it. */
#include "access.h"

#include <string.h>

const char *access_word(enum access_code code)
{
	static const char *const words[] = {
		[ACCESS_OPEN] = "open",
		[ACCESS_LATER] = "later",
		[ACCESS_SUSPENDED] = "suspended",
		[ACCESS_USED_UP] = "used_up",
		[ACCESS_ENDED] = "ended",
		[ACCESS_REVOKED] = "revoked",
		[ACCESS_TOKEN_ENDED] = "token_ended",
		[ACCESS_NONE] = "none",
	};
	return words[code];
}

enum access_code access_judge(const struct access *access, struct moment now)
{
	if (!strcmp(access->state, "suspended"))
		return ACCESS_SUSPENDED;
	if (!strcmp(access->state, "revoked"))
		return ACCESS_REVOKED;
	if (strcmp(access->state, "active") || (access->ends_at.us && access->ends_at.us <= now.us))
		return ACCESS_ENDED;
	if (access->starts_at.us > now.us)
		return ACCESS_LATER;
	return access->unlimited || access->uses_left > 0 ? ACCESS_OPEN : ACCESS_USED_UP;
}
