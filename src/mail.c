/* mail.c: the outbox: mails rendered and written beside the fact they tell of. smtp.c and job/mail_send.c
 * send them. */
#include "mail.h"

#include <string.h>

#include "conf.h"
#include "event.h"
#include "fail.h"
#include "moment.h"

/* What every mail knows besides its own view. */
struct mail_frame { const char *shop_name, *shop_url; };
VIEW(mail_frame, shop_name, shop_url);

static const char subject_mark[] = "Subject: ";

static const struct tpl *template_of(struct mail_site *site, size_t language)
{
	if (!site->loaded[language])
		site->loaded[language] = tpl_load(mem_program(), catalogue_source(language, false), site->name);
	return site->loaded[language];
}

/* Header fields are lines: whoever can put a line break into one writes headers of his own (CWE-93). */
static void line_check(const char *what, const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 32 || *p == 127)
			fail("mail.line", "a control character in the %s of a mail", what);
}

struct letter {
	const char *subject;
	const char *body;
};

/* "Subject: …", an empty line, the body. */
static struct letter letter_split(struct mail_site *site, char *text)
{
	char *end = strchr(text, '\n');
	if (strncmp(text, subject_mark, sizeof subject_mark - 1) != 0 || !end || end[1] != '\n')
		fail("mail.template", "%s does not begin with a subject and an empty line", site->name);
	*end = 0;
	struct letter letter = { text + sizeof subject_mark - 1, end + 2 };
	if (!*letter.subject)
		fail("mail.template", "%s has an empty subject", site->name);
	return letter;
}

/* A value with a line break would not break the subject but end it: its lines would stand in the body's
 * place. */
static struct letter letter_render(struct db *db, struct mail_to to, struct mail_site *site, const void *view)
{
	struct mail_frame frame = { conf.shop_name, conf.base_url };
	struct scope outer = { .shape = &mail_frame_shape, .view = &frame };
	struct scope scope = { .outer = &outer, .shape = site->shape, .view = view };
	struct buffer text = buffer_new(db->mem, 2048);
	tpl_render(&text, template_of(site, language_index(to.language)), &scope);
	return letter_split(site, text.text);
}

void mail_put_(struct db *db, struct mail_to to, struct mail_site *site, const void *view)
{
	struct letter letter = letter_render(db, to, site, view);
	struct moment now = moment_now();
	line_check("subject", letter.subject);
	line_check("recipient", to.email);
	int64_t added = db_run(db,
		"INSERT INTO mail (account_id, unique_key, recipient, subject, body, secret, state, created_at,"
		" send_at)"
		" VALUES (?, ?, ?, LEFT(?, 200), ?, ?, 'ready', ?, ?) ON DUPLICATE KEY UPDATE id = id",
		to.account_id, to.unique_key, to.email, letter.subject, letter.body, to.secret, now, now);
	if (!added)
		return;
	int64_t id = db_int(db, "SELECT id FROM mail WHERE unique_key = ?", to.unique_key);
	job_put(db, "mail_send", mem_format(db->mem, "mail:%lld", (long long)id), id, 0);
}

extern struct mail_site *const __start_mails[] __attribute__((weak));
extern struct mail_site *const __stop_mails[] __attribute__((weak));

struct mail_checking {
	struct mail_site *site;
	size_t language;
	void (*report)(const char *file, int line, const char *message);
	size_t wrong;
};

static void template_fault(void *arg, const char *where, int line, const char *message)
{
	const struct mail_checking *checking = arg;
	checking->report(mem_format(mem_program(), "templates/%s", where), line, message);
}

static void site_walk(void *arg)
{
	struct mail_checking *checking = arg;
	const struct shape *shapes[] = { &mail_frame_shape, checking->site->shape };
	checking->wrong +=
		tpl_check(template_of(checking->site, checking->language), shapes, 2, template_fault, checking);
}

size_t mail_check(void (*report)(const char *file, int line, const char *message))
{
	struct mail_checking checking = { .report = report };
	struct failure failure;
	for (struct mail_site *const *at = __start_mails; at < __stop_mails; at++)
		for (checking.language = 0; checking.language < LANGUAGES; checking.language++) {
			checking.site = *at;
			if (attempt(site_walk, &checking, &failure))
				continue;
			report((*at)->file, (*at)->line, failure.message);
			checking.wrong++;
		}
	return checking.wrong;
}
