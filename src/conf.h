/* conf.h: every setting, one row each: name, kind, default, what it is.
 *
 * Read once at start from the file named by COMPTOIR_CONF (default: comptoir.conf in the folder the build was told), then
 * from <zone>.conf beside it, which holds what that zone alone may know. Lines are `name = value`; # starts a comment. An
 * unknown name, a bad value, or a file with secrets that others may read refuses to start. */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CONF_TABLE(CONF)                                                                                             \
	CONF(shop_name, TEXT, "Comptoir", "name of the shop, on every page and mail")                                     \
	CONF(base_url, TEXT, "http://127.0.0.1:8080", "where browsers see the shop; no slash at the end")                  \
	CONF(language, TEXT, "en", "language of visitors whose browser asks for neither en nor fr")                       \
	CONF(database_hosts, TEXT, "/run/mysqld/mysqld.sock", "sockets or host:port, tried in turn, commas between")       \
	CONF(database_name, TEXT, "comptoir", "the database")                                                             \
	CONF(database_user, TEXT, "comptoir", "its user; each zone has its own, in <zone>.conf")                           \
	CONF(database_password, SECRET, "", "and the password")                                                           \
	CONF(data_folder, TEXT, "/var/lib/comptoir", "files/ (sold, never served directly) and media/ (covers, public)")   \
	CONF(template_folder, TEXT, "", "templates of yours that replace the built-in ones; empty: none")                  \
	CONF(csrf_secret, SECRET, "", "32 or more random characters; signs form tokens")                                  \
	CONF(file_delivery, TEXT, "stream", "accel (nginx), sendfile (Apache mod_xsendfile) or stream")                    \
	CONF(trusted_proxies, TEXT, "", "addresses whose X-Forwarded-For is believed; empty: none")                        \
	CONF(stripe_key, SECRET, "", "secret key (sk_test_… or sk_live_…); empty: checkout says it is closed")             \
	CONF(stripe_api, TEXT, "https://api.stripe.com", "where Stripe's API is")                                          \
	CONF(checkout_origin, TEXT, "https://checkout.stripe.com", "where the payment page is; forms may lead there")      \
	CONF(stripe_version, TEXT, "2026-04-22.dahlia", "Stripe-Version sent with every request")                          \
	CONF(stripe_patience, NUMBER, "10", "seconds that a page waits for Stripe, over all it asks there")                \
	CONF(stripe_timeout, NUMBER, "20", "seconds that the worker and the operator's tool wait for one answer of Stripe") \
	CONF(stripe_slots, NUMBER, "2", "pages of a zone that may wait for Stripe at a time; fewer than its processes")    \
	CONF(stripe_livemode, FLAG, "no", "whether this shop takes real money; events of the other mode are refused")      \
	CONF(stripe_webhook_secrets, SECRET, "", "whsec_…, commas between: own endpoint, Connect endpoint, old and new")   \
	CONF(stripe_promotions, FLAG, "no", "let buyers enter Stripe promotion codes")                                    \
	CONF(stripe_tax, FLAG, "no", "let Stripe Tax work out the VAT of what is bought; register there first")              \
	CONF(stripe_tax_included, FLAG, "no", "with stripe_tax: prices hold the VAT already; no: it comes on top of them")    \
	CONF(portal_origin, TEXT, "https://billing.stripe.com", "where Stripe's billing portal is; forms may lead there")     \
	CONF(grace_days, NUMBER, "7", "a subscription whose payment is overdue gives access for so many days more")         \
	CONF(tokens_low, NUMBER, "100", "tokens.low is told when a debit leaves fewer tokens than these; 0: never")           \
	CONF(mail_server, TEXT, "smtp://127.0.0.1:25", "smtp://host:port or smtps://host:port")                           \
	CONF(mail_user, TEXT, "", "log-in at the mail server; empty: none")                                               \
	CONF(mail_password, SECRET, "", "and its password")                                                               \
	CONF(mail_from, TEXT, "shop@localhost", "sender of every mail")                                                   \
	CONF(hash_slots, NUMBER, "2", "password hashes computed at a time on this host")                                  \
	CONF(session_days, NUMBER, "30", "a session ends when unused for so many days")                                   \
	CONF(shop_legal_name, TEXT, "", "who sells, on invoices; empty: shop_name")                                        \
	CONF(shop_address, TEXT, "", "address on invoices; a bar | begins a new line")                                     \
	CONF(shop_tax_id, TEXT, "", "tax and register numbers on invoices: VAT FR…, SIRET …")                              \
	CONF(shop_invoice_note, TEXT, "", "at the foot of invoices: why there is no tax, terms; | begins a new line")      \
	CONF(metrics_token, SECRET, "", "who bears it may read /metrics; empty: staff alone")                              \
	CONF(access_token_hours, NUMBER, "12", "a module's access token serves for so many hours")                         \
	CONF(fee_basis_points, NUMBER, "1500", "marketplace fee of sellers' sales, in 1/100 percent")                     \
	CONF(test_clock, TEXT, "", "file with seconds to add to the clock; for tests only, refused in live mode")

struct conf {
#define CONF_TEXT(name) const char *name;
#define CONF_SECRET(name) const char *name;
#define CONF_NUMBER(name) int64_t name;
#define CONF_FLAG(name) bool name;
#define CONF_MEMBER(name, kind, value, about) CONF_##kind(name)
	CONF_TABLE(CONF_MEMBER)
#undef CONF_MEMBER
#undef CONF_TEXT
#undef CONF_SECRET
#undef CONF_NUMBER
#undef CONF_FLAG
};

/* Set by conf_load, never changed afterwards (tests may). Texts live as long as the program. */
extern struct conf conf;

/* Loads the defaults, the file and the zone's file. Says on stderr what is wrong and exits 78 if anything is. */
void conf_load(const char *zone);

/* The zone that conf_load() was called with, as long as the program; "" before. */
const char *conf_zone(void);

/* One setting from text. False with a sentence in why when there is no such name or the value is bad. */
bool conf_set(const char *name, const char *value, const char **why);

/* Prints the effective file with every default and its sentence; secrets print as "(set)" or empty. */
void conf_print(FILE *out);

/* What Stripe is told of every price: "exclusive" (VAT comes on top), "inclusive" (it is in the price), "": no stripe_tax. */
const char *conf_tax_behavior(void);

/* The absolute address of a path of this shop is base_url followed by the path. True when it is https. */
bool conf_is_https(void);

#endif
