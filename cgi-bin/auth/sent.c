/* /sent/{what}: look in your mailbox. The same words whether or not a mail was sent. */
#include <string.h>

#include "account_token.h"
#include "web.h"

struct sent_page {
	bool is_verify, is_reset;
	int64_t hours, minutes; /* how long the link works: one of them is 0 */
};
VIEW(sent_page, is_verify, is_reset, hours, minutes);

ROUTE(GET, "/sent/{what}", ANYONE, sent_show)
{
	bool verify = !strcmp(path_text(req, "what"), "verify"), reset = !strcmp(path_text(req, "what"), "reset");
	if (!verify && !reset)
		not_found(req);
	render(req, "auth/sent", sent_page, .is_verify = verify, .is_reset = reset,
		.hours = verify ? token_minutes(TOKEN_VERIFY) / 60 : 0,
		.minutes = reset ? token_minutes(TOKEN_RESET) : 0);
}
