/* gateway.c: the two doors of a program, FastCGI and plain CGI, behind one request type. */
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checked.h"
#include "conf.h"
#include "fail.h"
#include "gateway.h"
#include "kept.h"
#include "log.h"
#include "serve.h"
#include "sign.h"

enum { REQUEST_CAP = 8 << 20, BODY_MAX = 64 * 1024, SIGNED_BODY_MAX = 1 << 20 };

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* The path, decoded once: valid UTF-8, no control characters, no "..", no "//"; NULL when it is not so. */
static const char *path_clean(struct mem *mem, const char *raw)
{
	size_t length = strcspn(raw, "?");
	char *path = url_decode(mem, raw, length, false);
	if (!path || *path != '/' || length > 1000)
		return NULL;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 32 || *p == 127 || *p == '\\' || *p == '%')
			return NULL;
	if (strstr(path, "/../") || strstr(path, "//") || (strlen(path) >= 3 && !strcmp(path + strlen(path) - 3, "/..")))
		return NULL;
	return path;
}

/* Whole addresses are compared: 10.0.0.1 is no part of 10.0.0.12. */
static bool proxy_is_trusted(const char *peer)
{
	size_t length = strlen(peer);
	for (const char *at = conf.trusted_proxies; *at; at += strcspn(at, ", ")) {
		at += strspn(at, ", ");
		if (length && strcspn(at, ", ") == length && !strncmp(at, peer, length))
			return true;
	}
	return false;
}

/* As addresses are spelt: it goes into the database and the log. */
static const char *address_plain(const char *text)
{
	size_t length = strspn(text, "0123456789abcdefABCDEF.:");
	return text[length] || length > 45 ? "" : text;
}

/* Behind a proxy that the settings name, the last address it did not add itself; otherwise the peer. */
static const char *address_of(struct request *req, variable get, void *arg)
{
	const char *peer = or_empty(get("REMOTE_ADDR", arg)), *forwarded = get("HTTP_X_FORWARDED_FOR", arg);
	if (!forwarded || !proxy_is_trusted(peer))
		return address_plain(peer);
	const char *last = strrchr(forwarded, ',');
	last = last ? last + 1 : forwarded;
	return mem_text(req->mem, address_plain(last + strspn(last, " ")));
}

/* Ours to take only when it is plain: it goes into the log. */
static const char *id_of(struct request *req, const char *id)
{
	size_t plain = id ? strspn(id, "0123456789abcdefABCDEF-") : 0;
	return plain && !id[plain] && plain <= 40 ? mem_text(req->mem, id) : random_id(req->mem);
}

static bool method_read(struct request *req, const char *method)
{
	req->head = !strcmp(method, "HEAD");
	req->method = !strcmp(method, "POST") ? POST : GET;
	req->response.status = 405;
	return req->head || !strcmp(method, "GET") || req->method == POST;
}

bool request_read(struct request *req, variable get, void *arg)
{
	const char *method = or_empty(get("REQUEST_METHOD", arg)), *uri = get("REQUEST_URI", arg);
	req->id = id_of(req, get("HTTP_X_REQUEST_ID", arg));
	req->query = or_empty(get("QUERY_STRING", arg));
	req->cookies = or_empty(get("HTTP_COOKIE", arg));
	req->user_agent = or_empty(get("HTTP_USER_AGENT", arg));
	req->origin = or_empty(get("HTTP_ORIGIN", arg));
	req->range = or_empty(get("HTTP_RANGE", arg));
	req->if_range = or_empty(get("HTTP_IF_RANGE", arg));
	req->signature = or_empty(get("HTTP_STRIPE_SIGNATURE", arg));
	req->authorization = or_empty(get("HTTP_AUTHORIZATION", arg));
	req->idempotency_key = or_empty(get("HTTP_IDEMPOTENCY_KEY", arg));
	req->accept_language = or_empty(get("HTTP_ACCEPT_LANGUAGE", arg));
	req->content_type = or_empty(get("CONTENT_TYPE", arg));
	req->address = address_of(req, get, arg);
	if (!utf8_valid(req->user_agent, strlen(req->user_agent)))
		req->user_agent = "";
	if (!method_read(req, method))
		return false;
	req->response.status = 400;
	/* A shell has no REQUEST_URI: PATH_INFO is decoded already, but a second decoding refuses what is not plain. */
	req->path = path_clean(req->mem, uri ? uri : or_empty(get("PATH_INFO", arg)));
	req->programmatic = req->path && !strncmp(req->path, "/api/", 5);
	return req->path != NULL;
}

int64_t request_length(struct request *req, variable get, void *arg)
{
	const char *text = get("CONTENT_LENGTH", arg);
	int64_t length = 0, most = req->path && !strncmp(req->path, "/webhooks/", 10) ? SIGNED_BODY_MAX : BODY_MAX;
	if (req->method == GET)
		return 0;
	bool number = parse_int(text ? text : "", 0, INT64_MAX, &length);
	if (number && length <= most)
		return length;
	req->path = NULL;
	req->response.status = number ? 413 : 400;
	return -1;
}

/* Sends a stretch of an open file, for hosts whose front end cannot. */
static void file_send(struct request *req, bool (*put)(const char *, size_t, void *), void *arg)
{
	char block[65536];
	int64_t at = req->response.file_from, left = req->response.file_length;
	while (left > 0) {
		size_t want = left < (int64_t)sizeof block ? (size_t)left : sizeof block;
		ssize_t n = pread(req->response.file, block, want, at);
		if (n <= 0 || !put(block, (size_t)n, arg))
			return;
		at += n;
		left -= n;
	}
}

static void response_send(struct request *req, bool (*put)(const char *, size_t, void *), void *arg)
{
	struct buffer head = response_head(req);
	if (!req->head && req->response.file < 0)
		buffer_put(&head, req->response.body.text, req->response.body.length);
	if (put(head.text, head.length, arg) && !req->head && req->response.file >= 0)
		file_send(req, put, arg);
}

struct door {
	variable get;
	size_t (*read)(char *to, size_t length, void *arg);
	bool (*put)(const char *bytes, size_t length, void *arg);
	void *arg;
};

static void body_read(struct request *req, const struct door *door, int64_t length)
{
	char *body = mem_get(req->mem, (size_t)length + 1);
	size_t have = 0;
	for (size_t n; have < (size_t)length; have += n)
		if (!(n = door->read(body + have, (size_t)length - have, door->arg)))
			break;
	req->body = (struct bytes){ (unsigned char *)body, have };
	if (have == (size_t)length)
		return;
	req->path = NULL; /* the visitor went away in the middle */
	req->response.status = 400;
}

struct turn {
	struct request *req;
	const struct door *door;
};

static void turn_run(void *arg)
{
	struct turn *turn = arg;
	struct request *req = turn->req;
	const struct door *door = turn->door;
	if (request_read(req, door->get, door->arg)) {
		int64_t length = request_length(req, door->get, door->arg);
		if (length > 0)
			body_read(req, door, length);
	}
	if (!kept_give(req)) {
		serve(req);
		kept_take(req);
	}
	response_send(req, door->put, door->arg);
}

/* One request, whole; whatever happened, the arena is empty afterwards. Returns how much of the body was read. */
static size_t turn(struct mem *mem, struct db *db, const struct door *door)
{
	struct request req = { .mem = mem, .db = db, .response = { .file = -1 } };
	struct turn this = { &req, door };
	struct failure failure;
	db->mem = mem;
	if (!attempt(turn_run, &this, &failure)) {
		log_line(failure.event, "why=%s", log_word(failure.message));
		static const char sorry[] = "Status: 500\r\nContent-Type: text/plain\r\n\r\nSomething went wrong.\n";
		door->put(sorry, sizeof sorry - 1, door->arg);
	}
	log_request(NULL);
	mem_reset(mem);
	return req.body.length;
}

static const char *fcgi_get(const char *name, void *arg)
{
	return FCGX_GetParam(name, ((FCGX_Request *)arg)->envp);
}

static size_t fcgi_read(char *to, size_t length, void *arg)
{
	int n = FCGX_GetStr(to, (int)length, ((FCGX_Request *)arg)->in);
	return n > 0 ? (size_t)n : 0;
}

static bool fcgi_put(const char *bytes, size_t length, void *arg)
{
	return FCGX_PutStr(bytes, (int)length, ((FCGX_Request *)arg)->out) == (int)length;
}

static const char *cgi_get(const char *name, void *arg)
{
	(void)arg;
	return getenv(name);
}

static size_t cgi_read(char *to, size_t length, void *arg)
{
	(void)arg;
	return fread(to, 1, length, stdin);
}

static bool cgi_put(const char *bytes, size_t length, void *arg)
{
	(void)arg;
	return fwrite(bytes, 1, length, stdout) == length;
}

static volatile sig_atomic_t ending;

static void on_term(int signal)
{
	(void)signal;
	ending = 1;
	FCGX_ShutdownPending();
}

/* libfcgi waits after each request until the front end has closed, so that nothing of the answer is lost. Between processes
 * of one machine nothing is, unless the front end is still sending. */
static bool socket_is_local(void)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	return !getsockname(FCGI_LISTENSOCK_FILENO, (struct sockaddr *)&address, &length) && address.ss_family == AF_UNIX;
}

static size_t content_length(const FCGX_Request *request)
{
	int64_t length = 0;
	parse_int(FCGX_GetParam("CONTENT_LENGTH", request->envp), 0, INT64_MAX, &length);
	return (size_t)length;
}

static void fcgi_run(struct mem *mem, struct db *db)
{
	bool local = socket_is_local();
	FCGX_Request request;
	struct sigaction action = { .sa_handler = on_term };
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL); /* Apache's graceful stop */
	signal(SIGPIPE, SIG_IGN);
	FCGX_Init();
	FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR);
	struct door door = { fcgi_get, fcgi_read, fcgi_put, &request };
	while (!ending && FCGX_Accept_r(&request) == 0) {
		size_t have = turn(mem, db, &door);
		if (local && have == content_length(&request))
			FCGX_Detach(&request); /* which is: close without waiting */
		FCGX_Finish_r(&request);
	}
}

void gateway_run(struct db *db)
{
	struct mem *mem = mem_new(REQUEST_CAP);
	if (!FCGX_IsCGI()) {
		fcgi_run(mem, db);
	} else {
		struct door door = { cgi_get, cgi_read, cgi_put, NULL };
		turn(mem, db, &door);
		fflush(stdout);
	}
	db_close(db);
	mem_free(mem);
}
