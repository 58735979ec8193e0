/* mail_month_disputed: the buyer's bank took back what a subscription was paid with: its subscriber is told which month it is and
 * what helps, once for each dispute. */
#include "conf.h"
#include "job.h"
#include "mail.h"

struct disputed_month {
	int64_t account_id;
	const char *email, *name, *language, *subscription, *title, *price_title;
	struct moment starts_at, ends_at;
};
ROW(disputed_month, account_id, email, name, language, subscription, title, price_title, starts_at, ends_at);

struct month_mail {
	const char *name, *title, *price_title, *link;
	struct moment starts_at, ends_at;
};
VIEW(month_mail, name, title, price_title, link, starts_at, ends_at);

/* The latest that is suspended: what is decided by now needs no telling. */
static const struct disputed_month *month_of(struct job *job)
{
	return db_one(job->db, disputed_month,
		"SELECT s.account_id, a.email, a.name, a.language, s.public_id AS subscription, COALESCE(dt.title, '') AS title,"
		" COALESCE(pt.title, '') AS price_title, p.starts_at, p.ends_at FROM subscription s JOIN account a ON a.id = s.account_id"
		" JOIN subscription_period p ON p.subscription_id = s.id AND p.state = 'suspended' JOIN price c ON c.id = p.price_id"
		" LEFT JOIN product_text dt ON dt.product_id = c.product_id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = c.id AND pt.language = a.language"
		" WHERE s.id = ? ORDER BY p.starts_at DESC LIMIT 1",
		job->subject_id);
}

JOB(mail_month_disputed)
{
	const struct disputed_month *month = month_of(job);
	if (!month)
		return;
	struct mail_to to = { .account_id = month->account_id, .email = month->email, .language = month->language,
		.unique_key = mem_format(job->mem, "month_disputed:%s:%lld", month->subscription, (long long)job->event_id) };
	db_begin(job->db);
	mail_put(job->db, to, "month_disputed", month_mail, .name = month->name, .title = month->title,
		.price_title = month->price_title, .starts_at = month->starts_at, .ends_at = month->ends_at,
		.link = mem_format(job->mem, "%s/account/subscriptions/%s", conf.base_url, month->subscription));
	db_commit(job->db);
}
