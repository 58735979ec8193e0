/* api_scope.c: what keys may do, by name. */
#include <string.h>

#include "api_key.h"

static const char *const names[API_SCOPES] = {
	[SCOPE_TOKENS_READ] = "tokens:read",
	[SCOPE_TOKENS_DEBIT] = "tokens:debit",
	[SCOPE_ACCESS_CHECK] = "access:check",
	[SCOPE_ACCESS_USE] = "access:use",
};

const char *api_scope_name(enum api_scope scope)
{
	return names[scope];
}

bool api_key_may(const struct api_key *key, enum api_scope scope)
{
	char name[32] = " ";
	strncat(name, names[scope], sizeof name - 3);
	strncat(name, " ", 2);
	return strstr(key->scopes, name) != NULL;
}
