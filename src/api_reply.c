/* api_reply.c: one answer per Idempotency-Key (api.h). The row is inserted before the work: a second request of the same key
 * waits there for the first, and then reads its answer. */
#include <string.h>

#include "api.h"
#include "moment.h"
#include "sign.h"

struct reply {
	struct bytes request_hash;
	int64_t status;
	const char *body;
};
ROW(reply, request_hash, status, body);

static struct bytes request_hash(struct request *req)
{
	struct buffer text = buffer_new(req->mem, req->body.length + 100);
	buffer_format(&text, "%s\n", req->path);
	buffer_put(&text, (const char *)req->body.data, req->body.length);
	return sha256_of(req->mem, text.text, text.length);
}

bool api_replayed(struct request *req, const char *key)
{
	struct bytes hash = request_hash(req);
	if (db_run(req->db,
		"INSERT INTO api_reply (api_key_id, idempotency_key, request_hash, created_at) VALUES (?, ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE status = status",
		req->key->id, key, hash, moment_now()) == 1)
		return false;
	const struct reply *first = db_one(req->db, reply,
		"SELECT request_hash, status, body FROM api_reply WHERE api_key_id = ? AND idempotency_key = ?"
		" LOCK IN SHARE MODE",
		req->key->id, key);
	db_rollback(req->db);
	if (memcmp(first->request_hash.data, hash.data, hash.length))
		problem(req, 409, "idempotency_key_reused");
	req->response.status = (int)first->status;
	req->response.body.length = 0;
	buffer_text(&req->response.body, first->body);
	header(req, "Content-Type", "application/json");
	header(req, "Idempotent-Replayed", "true");
	return true;
}

void api_reply_keep(struct request *req, const char *key)
{
	db_run(req->db, "UPDATE api_reply SET status = ?, body = ? WHERE api_key_id = ? AND idempotency_key = ?",
		(int64_t)req->response.status, req->response.body.text, req->key->id, key);
}
