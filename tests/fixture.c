/* fixture.c: a held transaction, requests that go through serve(), people and products to buy. */
#include "fixture.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "log.h"
#include "moment.h"
#include "serve.h"
#include "session.h"
#include "sign.h"

enum { DATABASES = 4, MEM_CAP = 64 << 20, WITH_MAX = sizeof ((struct fixture *)NULL)->with / sizeof(struct variable) };

/* One connection per test program: its prepared statements serve every test. */
static struct db connection;

/* A database that no other test program uses now: comptoir_test0 … 3, by a lock that ends with this process. */
static void database_take(void)
{
	const char *path = getenv("COMPTOIR_CONF"), *why;
	for (int turn = 0;; turn++) {
		char lock[1000], name[32];
		snprintf(lock, sizeof lock, "%s.test%d", path, turn % DATABASES);
		snprintf(name, sizeof name, "comptoir_test%d", turn % DATABASES);
		int fd = open(lock, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0 || (flock(fd, LOCK_EX | (turn < DATABASES ? LOCK_NB : 0)) && turn >= DATABASES)) {
			perror(lock);
			exit(78);
		}
		if (!flock(fd, LOCK_EX | LOCK_NB)) {
			conf_set("database_name", name, &why);
			return;
		}
		close(fd);
	}
}

static void begin(void)
{
	static bool done;
	if (done)
		return;
	done = true;
	setenv("COMPTOIR_CONF", "run/conf/comptoir.conf", 0);
	conf_load("operator");
	database_take();
	if (sodium_init() < 0)
		exit(70);
}

struct fixture *fixture_new(void)
{
	begin();
	struct mem *mem = mem_new(MEM_CAP);
	struct fixture *f = mem_get(mem, sizeof *f);
	f->mem = mem;
	f->request = mem_new(MEM_CAP);
	f->language = "en";
	f->db = connection;
	f->db.mem = mem;
	f->db.held = false;
	db_script(&f->db, "START TRANSACTION");
	f->db.held = true;
	return f;
}

void fixture_end(struct fixture *f)
{
	if (f->db.streaming)
		db_close(&f->db);
	f->db.held = false;
	f->db.open = true;
	db_rollback(&f->db);
	connection = f->db;
	connection.mem = NULL;
	moment_clock_set((struct moment){ 0 });
	moment_clock_offset(0);
	log_request(NULL);
	struct mem *mem = f->mem; /* the fixture itself lives in it */
	mem_free(f->request);
	mem_free(mem);
}

void with(struct fixture *f, const char *name, const char *value)
{
	assert_true(f->with_count < WITH_MAX);
	f->with[f->with_count++] = (struct variable){ mem_text(f->mem, name), value ? mem_text(f->mem, value) : NULL };
}

static const char *variable_get(const char *name, void *arg)
{
	const struct fixture *f = arg;
	for (size_t i = f->with_count; i--;)
		if (!strcmp(f->with[i].name, name))
			return f->with[i].value;
	return NULL;
}

/* Forgets a cookie; its place is taken by the others. */
static void cookie_forget(struct fixture *f, const char *name, size_t length)
{
	char kept[sizeof f->cookies] = "";
	for (const char *at = f->cookies; *at;) {
		at += strspn(at, "; ");
		size_t whole = strcspn(at, ";");
		if (whole && (strncmp(at, name, length) || at[length] != '='))
			snprintf(kept + strlen(kept), sizeof kept - strlen(kept), "%s%.*s", *kept ? "; " : "", (int)whole, at);
		at += whole;
	}
	memcpy(f->cookies, kept, sizeof kept);
}

static void cookie_keep(struct fixture *f, const char *line)
{
	size_t name = strcspn(line, "="), whole = strcspn(line, ";\r");
	cookie_forget(f, line, name);
	if (strstr(line, "Max-Age=0;") && strstr(line, "Max-Age=0;") < line + strcspn(line, "\r"))
		return;
	size_t used = strlen(f->cookies);
	snprintf(f->cookies + used, sizeof f->cookies - used, "%s%.*s", used ? "; " : "", (int)whole, line);
}

static void cookies_keep(struct fixture *f, const char *headers)
{
	for (const char *at = headers; (at = strstr(at, "Set-Cookie: ")) != NULL;) {
		at += strlen("Set-Cookie: ");
		cookie_keep(f, at);
	}
}

const char *header_of(struct fixture *f, struct page page, const char *name)
{
	const char *at = strstr(page.headers, mem_format(f->mem, "\n%s: ", name));
	if (!at)
		return NULL;
	at += strlen(name) + 3;
	return mem_textn(f->mem, at, strcspn(at, "\r\n"));
}

static struct request request_of(struct fixture *f)
{
	return (struct request){ .mem = f->request, .db = &f->db, .response = { .file = -1 } };
}

/* The usual variables first: what with() said since then is found before them. */
static void variables_usual(struct fixture *f, const char *method, const char *path)
{
	const char *query = strchr(path, '?');
	struct variable usual[] = {
		{ "REQUEST_METHOD", method },
		{ "REQUEST_URI", path },
		{ "QUERY_STRING", query ? query + 1 : "" },
		{ "HTTP_COOKIE", mem_text(f->mem, f->cookies) },
		{ "HTTP_ACCEPT_LANGUAGE", f->language },
		{ "HTTP_USER_AGENT", "Comptoir tests" },
		{ "REMOTE_ADDR", "192.0.2.7" },
	};
	size_t count = sizeof usual / sizeof usual[0];
	assert_true(f->with_count + count <= WITH_MAX);
	memmove(f->with + count, f->with, f->with_count * sizeof f->with[0]);
	memcpy(f->with, usual, sizeof usual);
	f->with_count += count;
}

/* What the gateway would stream of an open file. */
static const char *file_body(struct fixture *f, const struct response *response)
{
	char *body = mem_get(f->mem, (size_t)response->file_length + 1);
	assert_int_equal(pread(response->file, body, (size_t)response->file_length, response->file_from),
		response->file_length);
	return body;
}

static struct page page_of(struct fixture *f, struct request *req)
{
	struct buffer head = response_head(req);
	struct page page = { .status = req->response.status, .headers = mem_text(f->mem, head.text),
		.body = mem_textn(f->mem, req->response.body.text, req->response.body.length) };
	if (req->response.file >= 0)
		page.body = req->head ? "" : file_body(f, &req->response);
	cookies_keep(f, page.headers);
	page.location = header_of(f, page, "Location");
	size_t base = strlen(conf.base_url);
	if (page.location && !strncmp(page.location, conf.base_url, base))
		page.location += base;
	return page;
}

static struct page answer_of(struct fixture *f, const char *body)
{
	struct request req = request_of(f);
	if (request_read(&req, variable_get, f) && request_length(&req, variable_get, f) > 0)
		req.body = (struct bytes){ (const unsigned char *)mem_text(f->request, body), strlen(body) };
	serve(&req);
	struct page page = page_of(f, &req);
	mem_reset(f->request);
	f->db.mem = f->mem;
	f->with_count = 0;
	return page;
}

struct page get(struct fixture *f, const char *path_and_query)
{
	variables_usual(f, "GET", path_and_query);
	return answer_of(f, "");
}

struct page post_raw(struct fixture *f, const char *path, const char *content_type, const char *body, const char *origin)
{
	with(f, "CONTENT_TYPE", content_type);
	with(f, "CONTENT_LENGTH", mem_format(f->mem, "%zu", strlen(body)));
	if (origin)
		with(f, "HTTP_ORIGIN", origin);
	variables_usual(f, "POST", path);
	return answer_of(f, body);
}

/* The token that a form of any page would carry now, and the cookie it hangs on. */
static const char *token_of(struct fixture *f)
{
	struct request req = request_of(f);
	req.cookies = mem_text(f->mem, f->cookies);
	req.user_agent = req.address = "";
	req.response.headers = buffer_new(f->request, 256);
	f->db.mem = f->request;
	if (cookie_text(&req, session_cookie()))
		req.member = session_member(&req);
	const char *token = mem_text(f->mem, csrf_token(&req));
	cookies_keep(f, req.response.headers.text);
	mem_reset(f->request);
	f->db.mem = f->mem;
	return token;
}

struct page post(struct fixture *f, const char *path, const char *form)
{
	const char *body = mem_format(f->mem, "%s%scsrf=%s", form, *form ? "&" : "", token_of(f));
	return post_raw(f, path, "application/x-www-form-urlencoded", body, conf.base_url);
}

const char *without_tokens(struct fixture *f, struct page page)
{
	static const char mark[] = "name=\"csrf\" value=\"";
	struct buffer out = buffer_new(f->mem, strlen(page.body));
	const char *at = page.body;
	for (const char *token; (token = strstr(at, mark)) != NULL; at = token + strcspn(token, "\"")) {
		token += strlen(mark);
		buffer_put(&out, at, (size_t)(token - at));
	}
	buffer_text(&out, at);
	return out.text;
}

/* Made once with the least work argon2 allows: what a slow hash protects is not under test. */
static const char *correct_horse(void)
{
	static char hash[crypto_pwhash_STRBYTES];
	if (!*hash && crypto_pwhash_str(hash, "correct horse", strlen("correct horse"), crypto_pwhash_OPSLIMIT_MIN,
			crypto_pwhash_MEMLIMIT_MIN))
		exit(70);
	return hash;
}

int64_t a_member(struct fixture *f, const char *email)
{
	struct moment now = moment_now();
	return db_insert(&f->db,
		"INSERT INTO account (public_id, email, name, language, password, verified_at, created_at, updated_at)"
		" VALUES (?, ?, 'Jenny Example', 'en', ?, ?, ?, ?)",
		random_id(f->mem), email, correct_horse(), now, now, now);
}

void log_in(struct fixture *f, int64_t account_id)
{
	struct request req = request_of(f);
	req.cookies = req.address = "";
	req.user_agent = "Comptoir tests";
	req.response.headers = buffer_new(f->request, 256);
	f->db.mem = f->request;
	session_start(&req, account_id);
	cookies_keep(f, req.response.headers.text);
	mem_reset(f->request);
	f->db.mem = f->mem;
}

void log_out(struct fixture *f)
{
	*f->cookies = 0;
}

static const char file_content[] = "walk, night, walk\n";

/* The file itself, so that it can be downloaded. */
static const char *file_stored(struct fixture *f, const char *slug)
{
	const char *name = mem_format(f->mem, "test-%s-%s", conf.database_name, slug);
	FILE *file = fopen(mem_format(f->mem, "%s/files/%s", conf.data_folder, name), "we");
	assert_non_null(file);
	fputs(file_content, file);
	fclose(file);
	return name;
}

static int64_t category_id(struct fixture *f)
{
	db_run(&f->db, "INSERT INTO category (slug) VALUES ('sounds') ON DUPLICATE KEY UPDATE id = id");
	int64_t id = db_int(&f->db, "SELECT id FROM category WHERE slug = 'sounds'");
	db_run(&f->db,
		"INSERT INTO category_text (category_id, language, title) VALUES (?, 'en', 'Sounds'), (?, 'fr', 'Sons')"
		" ON DUPLICATE KEY UPDATE title = title",
		id, id);
	return id;
}

static int64_t product_put(struct fixture *f, const char *slug, const char *title, int64_t amount)
{
	struct moment now = moment_now();
	int64_t id = db_insert(&f->db,
		"INSERT INTO product (public_id, slug, category_id, status, price_from, currency, price_count, created_at,"
		" updated_at) VALUES (?, ?, ?, 'published', ?, 'eur', 1, ?, ?)",
		random_id(f->mem), slug, category_id(f), amount, now, now);
	db_run(&f->db,
		"INSERT INTO product_text (product_id, language, title, summary, description)"
		" VALUES (?, 'en', ?, 'Steps at night', 'Steps, **at night**.'), (?, 'fr', ?, 'Des pas', 'Des pas, **la nuit**.')",
		id, title, id, title);
	return id;
}

static void version_put(struct fixture *f, int64_t product_id, const char *slug)
{
	struct moment now = moment_now();
	size_t size = strlen(file_content);
	int64_t version = db_insert(&f->db,
		"INSERT INTO product_version (product_id, name, released_at) VALUES (?, '1.0', ?)", product_id, now);
	db_run(&f->db,
		"INSERT INTO product_version_text (version_id, language, notes) VALUES (?, 'en', 'First.'), (?, 'fr', 'Première.')",
		version, version);
	db_run(&f->db,
		"INSERT INTO product_file (public_id, product_id, version_id, name, media_type, size, sha256, storage, created_at)"
		" VALUES (?, ?, ?, ?, 'text/plain', ?, ?, ?, ?)",
		random_id(f->mem), product_id, version, mem_format(f->mem, "%s.txt", slug), (int64_t)size,
		sha256_of(f->mem, file_content, size), file_stored(f, slug), now);
}

const char *a_price(struct fixture *f, const char *slug, int64_t amount)
{
	bool usual = !slug || !strcmp(slug, "night-walk");
	slug = slug ? slug : "night-walk";
	int64_t product = product_put(f, slug, usual ? "Night Walk" : slug, amount);
	version_put(f, product, slug);
	const char *public_id = random_id(f->mem);
	int64_t price = db_insert(&f->db,
		"INSERT INTO price (public_id, product_id, name, amount, currency, created_at) VALUES (?, ?, 'basic', ?, 'eur', ?)",
		public_id, product, amount, moment_now());
	db_run(&f->db,
		"INSERT INTO price_text (price_id, language, title, summary)"
		" VALUES (?, 'en', 'Basic', 'For you'), (?, 'fr', 'Base', 'Pour vous')",
		price, price);
	db_run(&f->db, "INSERT INTO benefit (price_id, product_id, kind, position) VALUES (?, ?, 'download', 0)", price,
		product);
	db_run(&f->db, "INSERT INTO benefit (price_id, product_id, kind, position, seats) VALUES (?, ?, 'license', 1, 3)",
		price, product);
	return public_id;
}

int64_t product_id_of(struct fixture *f, const char *slug)
{
	return db_int(&f->db, "SELECT id FROM product WHERE slug = ?", slug);
}

struct failure failing(void (*fn)(void *), void *arg)
{
	struct failure failure;
	attempt(fn, arg, &failure);
	return failure;
}
