/* smtp.c: libcurl as the mail client. */
#include "smtp.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "fail.h"

enum { CONNECT_SECONDS = 10, SECONDS = 30 };

struct smtp {
	struct mem *mem;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
};

struct upload {
	const char *at;
	size_t left;
};

/* Called by libcurl, which must not be unwound through: it copies, and cannot fail. */
static size_t upload_read(char *to, size_t size, size_t count, void *arg)
{
	struct upload *upload = arg;
	size_t room = size * count, length = upload->left < room ? upload->left : room;
	memcpy(to, upload->at, length);
	upload->at += length;
	upload->left -= length;
	return length;
}

static void option(CURLcode code)
{
	if (code != CURLE_OK)
		fail("smtp.option", "%s", curl_easy_strerror(code));
}

static bool server_is_here(void)
{
	const char *host = strstr(conf.mail_server, "://");
	host = host ? host + 3 : conf.mail_server;
	return !strncmp(host, "127.", 4) || !strncmp(host, "localhost", 9) || !strncmp(host, "[::1]", 5);
}

static void options_of_trust(CURL *curl)
{
	bool tls = !strncmp(conf.mail_server, "smtps:", 6), log_in = *conf.mail_user, here = server_is_here();
	bool checked = tls || (log_in && !here);
	option(curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(checked ? CURLUSESSL_ALL : CURLUSESSL_TRY)));
	option(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L));
	option(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L));
	if (!log_in)
		return;
	option(curl_easy_setopt(curl, CURLOPT_USERNAME, conf.mail_user));
	option(curl_easy_setopt(curl, CURLOPT_PASSWORD, conf.mail_password));
}

struct smtp *smtp_new(struct mem *mem)
{
	static bool started;
	if (!started && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fail("smtp.curl", "libcurl cannot start");
	started = true;
	struct smtp *smtp = mem_get(mem, sizeof *smtp);
	smtp->mem = mem;
	smtp->curl = curl_easy_init();
	if (!smtp->curl)
		fail("mem.out", "no memory for libcurl");
	mem_defer(mem, curl_easy_cleanup, smtp->curl);
	option(curl_easy_setopt(smtp->curl, CURLOPT_URL, conf.mail_server));
	option(curl_easy_setopt(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
	option(curl_easy_setopt(smtp->curl, CURLOPT_PROXY, ""));
	option(curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L));
	option(curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L));
	option(curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, upload_read));
	option(curl_easy_setopt(smtp->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS));
	option(curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, (long)SECONDS));
	option(curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->error));
	options_of_trust(smtp->curl);
	return smtp;
}

static enum smtp_end end_of(CURLcode code, long status)
{
	if (code == CURLE_OK)
		return SMTP_SENT;
	if (code == CURLE_LOGIN_DENIED)
		return SMTP_DOWN; /* ours to put right: no message is to blame */
	if (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
		code == CURLE_GOT_NOTHING) {
		if (status >= 500 && status < 600)
			return SMTP_REFUSED;
		return status >= 400 ? SMTP_LATER : SMTP_DOWN;
	}
	return SMTP_DOWN;
}

enum smtp_end smtp_send(struct smtp *smtp, const struct message *message, const char **why)
{
	struct buffer text = message_text(smtp->mem, message);
	struct upload upload = { text.text, text.length };
	struct curl_slist *recipients = curl_slist_append(
		NULL, mem_format(smtp->mem, "<%s>", message->recipient));
	if (!recipients)
		fail("mem.out", "no memory for a recipient");
	mem_defer(smtp->mem, (void (*)(void *))curl_slist_free_all, recipients);
	option(curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, mem_format(smtp->mem, "<%s>", conf.mail_from)));
	option(curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients));
	option(curl_easy_setopt(smtp->curl, CURLOPT_READDATA, &upload));
	option(curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)text.length));
	*smtp->error = 0;
	CURLcode code = curl_easy_perform(smtp->curl);
	long status = 0;
	curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &status);
	*why = mem_format(smtp->mem, "%s (%ld)", curl_easy_strerror(code), status);
	return end_of(code, status);
}
