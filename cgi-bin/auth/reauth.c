/* /reauth: the password once more, before something that matters. Good for 15 minutes of this session. */
#include "login_form.h"
#include "next.h"
#include "session.h"
#include "web.h"

struct reauth_form {
	const char *password;
};
FORM(reauth_form, SECRET(password, 1, 200));

struct reauth_page {
	const char *next;
};
VIEW(reauth_page, next);

static void show(struct request *req, int status)
{
	render_status(req, status, "auth/reauth", reauth_page, .next = next_of(req));
}

ROUTE(GET, "/reauth", MEMBER, reauth_show)
{
	if (session_is_proved(req))
		next_see(req, next_of(req), "/account");
	show(req, 200);
}

ROUTE(POST, "/reauth", MEMBER, reauth_send)
{
	const struct reauth_form *form = form_read(req, reauth_form);
	if (!form_ok(req)) {
		show(req, 422);
		return;
	}
	int status = member_typed(req, "password", form->password);
	if (status == 200) {
		session_proved(req);
		next_see(req, next_of(req), "/account");
	}
	show(req, status);
}
