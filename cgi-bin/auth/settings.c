/* /account/settings: who somebody is here, where they are logged in, and what was done in their name. */
#include "account.h"
#include "device.h"
#include "login_form.h"
#include "moment.h"
#include "session.h"

#include <string.h>

struct profile_form {
	const char *name;
	const char *language;
};
FORM(profile_form, LINE(name, 1, 100), CHOICE(language, "en fr"));

struct email_form {
	const char *email;
};
FORM(email_form, EMAIL(email));

struct settings_form {
	const char *name, *email;
	bool is_en, is_fr;
};
VIEW(settings_form, name, email, is_en, is_fr);

struct session_row {
	const char *session, *user_agent, *address;
	struct moment seen_at;
	bool is_current;
};
ROW(session_row, session, user_agent, address, seen_at, is_current);

struct session_line {
	const char *session, *device, *address;
	struct moment seen_at;
	bool is_current;
};
VIEW(session_line, session, device, address, seen_at, is_current);

struct audit_row {
	const char *action;
	struct moment created_at;
};
ROW(audit_row, action, created_at);

struct activity {
	const char *label;
	struct moment created_at;
};
VIEW(activity, label, created_at);

struct settings_page {
	const struct settings_form *form;
	bool is_proved;
	const char *email_pending;
	struct list sessions;
	bool has_other_sessions;
	struct list activity;
};
VIEW(settings_page, REF(form, settings_form), is_proved, email_pending, LIST(sessions, session_line),
	has_other_sessions, LIST(activity, activity));

static struct list sessions_of(struct request *req)
{
	struct list rows = db_all(req->db, session_row,
		"SELECT public_id AS session, user_agent, address, seen_at, token_hash <=> ? AS is_current"
		" FROM session WHERE account_id = ? AND expires_at > ? ORDER BY is_current DESC, seen_at DESC LIMIT 50",
		req->member->token_hash, req->account_id, moment_now());
	struct session_line *lines = mem_array(req->mem, rows.count, sizeof *lines);
	struct list list = { lines, rows.count, &session_line_shape };
	LIST_EACH(session_row, row, rows) {
		const char *device = device_of(req->mem, row->user_agent);
		device = device ? device : word(req, "settings.device_unknown");
		*lines++ = (struct session_line){ row->session, device, row->address, row->seen_at, row->is_current };
	}
	return list;
}

static struct list activity_of(struct request *req)
{
	struct list rows = db_all(req->db, audit_row,
		"SELECT action, created_at FROM audit WHERE account_id = ? ORDER BY id DESC LIMIT 10",
		req->account_id);
	struct activity *lines = mem_array(req->mem, rows.count, sizeof *lines);
	struct list list = { lines, rows.count, &activity_shape };
	LIST_EACH(audit_row, row, rows)
		*lines++ = (struct activity){ word_of(req, "activity", row->action), row->created_at };
	return list;
}

static void show(struct request *req, int status, const char *name, const char *language, const char *email)
{
	const char *pending = db_text(req->db,
		"SELECT email FROM account_token WHERE account_id = ? AND purpose = 'email' AND used_at IS NULL"
		" AND expires_at > ?",
		req->account_id, moment_now());
	struct settings_form form = { name, email, !strcmp(language, "en"), !strcmp(language, "fr") };
	struct list sessions = sessions_of(req);
	render_status(req, status, "account/settings", settings_page, .form = &form,
		.is_proved = session_is_proved(req), .email_pending = pending ? pending : "", .sessions = sessions,
		.has_other_sessions = sessions.count > 1, .activity = activity_of(req));
}

ROUTE(GET, "/account/settings", MEMBER, settings_show)
{
	show(req, 200, req->member->name, req->member->language, "");
}

ROUTE(POST, "/account/settings", MEMBER, settings_save)
{
	const struct profile_form *form = form_read(req, profile_form);
	if (form_ok(req) && !account_name_good(form->name))
		form_error(req, "name", "error.characters");
	if (!form_ok(req)) {
		show(req, 422, form->name, form->language, "");
		return;
	}
	db_begin(req->db);
	account_update(req->db, req->account_id, form->name, form->language);
	db_commit(req->db);
	cookie_set(req, "language", form->language, (int64_t)365 * 86400);
	see_other(req, "/account/settings?notice=saved");
}

ROUTE(POST, "/account/settings/email", MEMBER, settings_email)
{
	const struct email_form *form = form_read(req, email_form);
	if (!session_is_proved(req))
		see_other(req, "/reauth?next=%%2Faccount%%2Fsettings%%23email-change");
	int64_t wait = 0;
	if (form_ok(req)) {
		switch (account_email_ask(req->db, req->account_id, form->email, req->address, &wait)) {
		case EMAIL_ASKED:
			see_other(req, "/account/settings?notice=email_sent");
		case EMAIL_SAME:
			form_error(req, "email", "error.email_same");
			break;
		case EMAIL_TOO_MANY:
			too_many(req, wait);
			break;
		}
	}
	show(req, wait ? 429 : 422, req->member->name, req->member->language, form->email);
}
