/* mail.h: the outbox. A mail is written in the transaction of the fact it tells of, and sent by the worker. */
#ifndef MAIL_H
#define MAIL_H

#include "db.h"
#include "catalogue.h"

/* Renders templates/mail/<template>.txt (first line "Subject: …", then a blank line) for one person and puts it into the
 * outbox. unique_key: the fact; the same key twice is one mail. secret: the body is emptied once it is sent. Every mail finds
 * `shop_name` and `shop_url` beside the fields of its view. Leaves a record that --check walks. */
#define mail_put(db, to, template, type, ...)                                                                        \
	do {                                                                                                             \
		static struct mail_site site_ = { "mail/" template, &type##_shape, __FILE__, __LINE__, { 0 } };              \
		static struct mail_site *const site_at_ __attribute__((used, section("mails"))) = &site_;                    \
		mail_put_(db, to, site_at_, &(const struct type){ __VA_ARGS__ });                                            \
	} while (0)

struct mail_to {
	int64_t account_id;
	const char *email;
	const char *language;
	const char *unique_key;
	bool secret;
};

struct mail_site {
	const char *name;
	const struct shape *shape;
	const char *file;
	int line;
	const struct tpl *loaded[LANGUAGES];
};

void mail_put_(struct db *db, struct mail_to to, struct mail_site *site, const void *view);

/* As render_check(), for mails. */
size_t mail_check(void (*report)(const char *file, int line, const char *message));

#endif
