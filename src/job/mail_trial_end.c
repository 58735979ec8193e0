/* mail_trial_end: a trial ends soon: when, what is charged then, and where to stop it. Once per trial. */
#include "conf.h"
#include "job.h"
#include "mail.h"

struct ending_trial {
	int64_t account_id;
	const char *email, *name, *language, *subscription, *title, *price_title;
	struct money amount;
	struct moment trial_end;
	bool stops;
};
ROW(ending_trial, account_id, email, name, language, subscription, title, price_title, amount, OPT(trial_end), stops);

struct trial_mail {
	const char *name, *title, *price_title, *link;
	struct money amount;
	struct moment trial_end;
};
VIEW(trial_mail, name, title, price_title, link, amount, trial_end);

JOB(mail_trial_end)
{
	const struct ending_trial *trial = db_one(job->db, ending_trial,
		"SELECT s.account_id, a.email, a.name, a.language, s.public_id AS subscription, COALESCE(dt.title, '') AS title,"
		" COALESCE(pt.title, '') AS price_title, p.amount, p.currency, s.trial_end, s.cancel_at IS NOT NULL AS stops"
		" FROM subscription s JOIN account a ON a.id = s.account_id JOIN price p ON p.id = s.price_id"
		" LEFT JOIN product_text dt ON dt.product_id = p.product_id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = a.language"
		" WHERE s.id = ? AND s.status = 'trialing'",
		job->subject_id);
	if (!trial || trial->stops)
		return;
	struct mail_to to = { .account_id = trial->account_id, .email = trial->email, .language = trial->language,
		.unique_key = mem_format(job->mem, "trial_end:%s", trial->subscription) };
	db_begin(job->db);
	mail_put(job->db, to, "trial_end", trial_mail, .name = trial->name, .title = trial->title,
		.price_title = trial->price_title,
		.link = mem_format(job->mem, "%s/account/subscriptions/%s", conf.base_url, trial->subscription),
		.amount = trial->amount, .trial_end = trial->trial_end);
	db_commit(job->db);
}
