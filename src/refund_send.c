/* refund_send.c: refunds sent to Stripe, and what follows from each of them once. */
#include <string.h>

#include "audit.h"
#include "event.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "payment.h"
#include "refund.h"
#include "settle.h"
#include "stripe_api.h"

/* KEY_SECONDS: for how long Stripe remembers an idempotency key; afterwards the same key would be another refund. */
enum { KEY_SECONDS = 23 * 3600, AGAIN_SECONDS = 600, AGAIN_MOST = 100 };

struct asked {
	int64_t id, order_id, account_id, amount;
	const char *public_id, *payment_intent, *number;
	bool reverses;
	struct moment created_at;
};
ROW(asked, id, order_id, account_id, amount, public_id, payment_intent, number, reverses, created_at);

/* reverses: the seller's part and our fee go back too. Only when the charge passed any on: Stripe refuses it otherwise. */
static const struct asked *asked_of(struct db *db, int64_t refund_id)
{
	return db_one(db, asked,
		"SELECT r.id, r.order_id, o.account_id, r.amount, r.public_id, r.payment_intent, o.number, r.created_at,"
		" COALESCE(p.transferred AND EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.seller_id > 0), FALSE)"
		" AS reverses FROM refund r JOIN orders o ON o.id = r.order_id"
		" LEFT JOIN payment p ON p.payment_intent = r.payment_intent WHERE r.id = ? AND r.status = 'asked'",
		refund_id);
}

/* As the event about it would. */
static void told(struct db *db, const struct asked *asked, struct json_object *refund)
{
	db_begin(db);
	payment_told(db, (struct payment_fact){ .payment_intent = asked->payment_intent, .charge = json_id(refund, "charge"),
		.stripe_invoice = "" });
	refund_told(db, (struct refund_fact){ .stripe_refund = json_text(refund, "id"),
		.payment_intent = asked->payment_intent, .currency = json_text(refund, "currency"),
		.status = json_text(refund, "status"), .public_id = asked->public_id, .amount = json_int(refund, "amount", 0) });
	audit_put(db, asked->account_id, 0, "refund.sent", asked->id, json_text(refund, "status"));
	payment_settle(db, asked->payment_intent);
	db_commit(db);
}

/* Stripe's codes are words of small letters; anything else would not fit the column. */
static const char *code_of(struct json_object *error)
{
	const char *code = json_text(error, "error.code"), *type = json_text(error, "error.type");
	const char *word = *code ? code : type;
	return *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_")] ? word : "refused";
}

static void refused_note(struct db *db, const struct asked *asked, const char *code)
{
	db_begin(db);
	if (db_run(db, "UPDATE refund SET status = 'refused', error = LEFT(?, 100), updated_at = ? WHERE id = ? AND status = 'asked'",
		    code, moment_now(), asked->id))
		audit_put(db, asked->account_id, 0, "refund.refused", asked->id, code);
	db_commit(db);
}

static struct stripe_answer post(struct mem *mem, const struct asked *asked)
{
	struct buffer form = stripe_form(mem);
	stripe_field(&form, "payment_intent", asked->payment_intent);
	stripe_number(&form, "amount", asked->amount);
	stripe_field(&form, "metadata[refund_id]", asked->public_id);
	stripe_field(&form, "metadata[order_id]", asked->number);
	if (asked->reverses) {
		stripe_field(&form, "reverse_transfer", "true");
		stripe_field(&form, "refund_application_fee", "true");
	}
	return stripe_post(mem, "/v1/refunds", form, mem_format(mem, "refund-%s", asked->public_id));
}

/* Did it arrive? NULL: it did not, or *unsure. */
static struct json_object *found(struct mem *mem, const struct asked *asked, bool *unsure)
{
	struct stripe_answer answer = stripe_get(mem, mem_format(mem, "/v1/refunds?limit=100&payment_intent=%s",
		asked->payment_intent));
	struct json_object *list = json_at(answer.value, "data");
	*unsure = answer.end != STRIPE_GOOD || !json_object_is_type(list, json_type_array);
	for (size_t i = 0; !*unsure && i < json_object_array_length(list); i++) {
		struct json_object *refund = json_object_array_get_idx(list, i);
		if (!strcmp(json_text(refund, "metadata.refund_id"), asked->public_id))
			return refund;
	}
	return NULL;
}

enum looked { LOOKED_TOLD, LOOKED_ABSENT, LOOKED_UNSURE };

static enum looked look(struct db *db, const struct asked *asked)
{
	bool unsure;
	struct json_object *refund = found(db->mem, asked, &unsure);
	if (unsure)
		return LOOKED_UNSURE;
	if (!refund)
		return LOOKED_ABSENT;
	told(db, asked, refund);
	return LOOKED_TOLD;
}

/* A key that is spent gets no successor, unlike that of a payment page: the work under it may be under way, and another key
 * would be another refund. If Stripe's list has it, it is told; if not, it is asked for again when the key is forgotten. */
static bool answered(struct db *db, const struct asked *asked, const struct stripe_answer *answer)
{
	if (answer->spent)
		return look(db, asked) == LOOKED_TOLD;
	switch (answer->end) {
	case STRIPE_GOOD:
		told(db, asked, answer->value);
		return true;
	case STRIPE_REFUSED:
		refused_note(db, asked, code_of(answer->value));
		return true;
	case STRIPE_UNSURE:
	case STRIPE_NO_KEY:
		return false;
	}
	return false;
}

bool refund_send(struct db *db, int64_t refund_id)
{
	const struct asked *asked = asked_of(db, refund_id);
	if (!asked)
		return true;
	if (moment_unix(moment_now()) - moment_unix(asked->created_at) > KEY_SECONDS) {
		enum looked looked = look(db, asked);
		if (looked != LOOKED_ABSENT)
			return looked == LOOKED_TOLD;
	}
	struct stripe_answer answer = post(db->mem, asked);
	return answered(db, asked, &answer);
}

struct asked_ref {
	int64_t id;
	const char *public_id;
};
ROW(asked_ref, id, public_id);

int64_t refunds_send_again(struct db *db)
{
	struct list old = db_all(db, asked_ref,
		"SELECT id, public_id FROM refund WHERE status = 'asked' AND created_at < ? ORDER BY id LIMIT ?",
		moment_add_seconds(moment_now(), -AGAIN_SECONDS), (int)AGAIN_MOST);
	LIST_EACH(asked_ref, refund, old)
		job_put(db, "refund_now", refund->public_id, refund->id, 0);
	return (int64_t)old.count;
}
