/* access_api.h: what the two questions of module servers have in common: what they send, and what they get. */
#ifndef ACCESS_API_H
#define ACCESS_API_H

#include "access.h"
#include "api.h"

struct access_form {
	const char *token;   /* of a customer; "": asked by account and module */
	const char *account; /* public id; "": the key's own */
	const char *module;  /* "" with a token: whatever it is of */
	const char *level;   /* "": any */
};

struct access_view {
	bool valid;
	const char *code, *module, *level;
	struct moment ends_at;
	bool unlimited;
	int64_t uses_left; /* 0 when unlimited */
	struct moment token_expires_at;
	bool token_unlimited;
	int64_t token_uses_left;
};

/* What is asked, from the body; 404 and 422 as api_account() and api_read() say. */
struct access_ask access_asked(struct request *req);

/* The answer as it is printed. */
struct access_view access_view_of(const struct access_answer *answer);
extern const struct shape *const access_view_printed;

#endif
