/* db_library.c: what libmariadb does once before the first connection, for a database far away and encrypted.
 * A socket of this machine needs none of it, and as plain CGI it would be done again for every page: a fifth of the
 * page's time. */
#include <netdb.h>
#include <openssl/ssl.h>
#include <string.h>

#include "db_private.h"
#include "file_store.h"
#include "sign.h"
#include "smtp.h"
#include "stripe_api.h"

/* Weak: to name them here must not bring them into programs that do without. */
#pragma weak stripe_get
#pragma weak stripe_post
#pragma weak stripe_signature
#pragma weak smtp_new
#pragma weak file_measure

/* libmariadb asks for the port of "mysql", which we always name ourselves: libc would read /etc/nsswitch.conf and
 * /etc/services, and look for a library in some fifty places. Nobody else asks: of what curl brings only Kerberos and
 * LDAP would, which we do not speak. */
struct servent *getservbyname(const char *name, const char *protocol)
{
	(void)name;
	(void)protocol;
	return NULL;
}

static bool all_are_sockets(const char *hosts)
{
	for (const char *at = hosts; *at; at += strcspn(at, ", ")) {
		at += strspn(at, ", ");
		if (*at && *at != '/')
			return false;
	}
	return true;
}

/* libmariadb starts OpenSSL whether anything will be encrypted or not. A program that uses it for something (curl,
 * digests of files and events) gets it whole; for others, started here first, it reads no settings and loads no texts. */
void db_library_start(const char *hosts)
{
	static bool started;
	bool used = stripe_get || stripe_post || stripe_signature || smtp_new || file_measure;
	if (!started && !used && all_are_sockets(hosts))
		OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
			OPENSSL_INIT_NO_LOAD_SSL_STRINGS | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
			OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT, NULL);
	started = true;
}
