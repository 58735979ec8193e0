/* stripe_payment.c: events about charges, refunds and disputes: each leaves its fact, then rights follow. */
#include <string.h>

#include "fail.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "payment.h"
#include "settle.h"
#include "stripe_handler.h"

enum { REFUND_STATUS = 24, DISPUTE_STATUS = 32, DISPUTE_REASON = 64 }; /* what their columns hold */

/* A payment is known by its payment intent; without one (charges of old integrations) it is none of ours. */
static enum stripe_taken settled(struct db *db, const char *payment_intent)
{
	payment_settle(db, payment_intent);
	return TAKEN_APPLIED;
}

enum stripe_taken charge_event(struct db *db, struct json_object *event)
{
	struct json_object *charge = json_at(event, "data.object");
	const char *intent = json_id(charge, "payment_intent");
	if (!*intent)
		return TAKEN_IGNORED;
	payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = json_text(charge, "id"),
		.stripe_invoice = json_id(charge, "invoice"), .amount = json_int(charge, "amount", 0),
		.refunded = json_int(charge, "amount_refunded", 0),
		.transferred = *json_id(charge, "transfer_data.destination") != 0 });
	return settled(db, intent);
}

/* Of a refund or a dispute, which may name its charge alone (stripe.md §6); "": none. Which payment a charge is of, its own
 * events tell: until they do, this one fails, and is tried again. */
static const char *intent_of(struct db *db, struct json_object *object)
{
	const char *charge = json_id(object, "charge");
	bool whole = json_object_is_type(json_at(object, "charge"), json_type_object);
	if (*json_id(object, "payment_intent") || whole || !*charge)
		return json_id(object, *json_id(object, "payment_intent") ? "payment_intent" : "charge.payment_intent");
	const char *intent = db_text(db, "SELECT payment_intent FROM payment WHERE charge = ? LIMIT 1", charge);
	if (!intent)
		fail("payment.charge", "charge %s is not known yet", charge);
	return intent;
}

enum stripe_taken refund_event(struct db *db, struct json_object *event)
{
	struct json_object *refund = json_at(event, "data.object");
	const char *intent = intent_of(db, refund);
	if (!*intent)
		return TAKEN_IGNORED;
	payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = json_id(refund, "charge"),
		.stripe_invoice = "" });
	refund_told(db, (struct refund_fact){ .stripe_refund = json_text(refund, "id"), .payment_intent = intent,
		.currency = json_text(refund, "currency"), .status = json_word(db->mem, refund, "status", REFUND_STATUS),
		.public_id = json_text(refund, "metadata.refund_id"), .amount = json_int(refund, "amount", 0) });
	return settled(db, intent);
}

enum stripe_taken dispute_event(struct db *db, struct json_object *event)
{
	struct json_object *dispute = json_at(event, "data.object");
	const char *intent = intent_of(db, dispute);
	int64_t due = json_int(dispute, "evidence_details.due_by", 0);
	if (!*intent)
		return TAKEN_IGNORED;
	payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = json_id(dispute, "charge"),
		.stripe_invoice = "" });
	dispute_told(db, (struct dispute_fact){ .stripe_dispute = json_text(dispute, "id"), .payment_intent = intent,
		.charge = json_id(dispute, "charge"), .status = json_word(db->mem, dispute, "status", DISPUTE_STATUS),
		.reason = json_word(db->mem, dispute, "reason", DISPUTE_REASON), .currency = json_text(dispute, "currency"),
		.amount = json_int(dispute, "amount", 0), .opened_at = moment_from_unix(json_int(dispute, "created", 1)),
		.due_by = due ? moment_from_unix(due) : (struct moment){ 0 },
		.told_at = moment_from_unix(json_int(event, "created", 1)) });
	return settled(db, intent);
}

enum stripe_taken fraud_event(struct db *db, struct json_object *event)
{
	const char *intent = intent_of(db, json_at(event, "data.object"));
	if (!*intent)
		return TAKEN_IGNORED;
	payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = json_id(event, "data.object.charge"),
		.stripe_invoice = "", .fraud_warning = true });
	log_line("payment.fraud_warning", "payment=%s", intent);
	return TAKEN_APPLIED;
}

enum stripe_taken invoice_payment_event(struct db *db, struct json_object *event)
{
	struct json_object *link = json_at(event, "data.object");
	const char *intent = json_id(link, "payment.payment_intent");
	if (!*intent)
		return TAKEN_IGNORED;
	payment_told(db, (struct payment_fact){ .payment_intent = intent, .charge = "",
		.stripe_invoice = json_id(link, "invoice") });
	return settled(db, intent);
}
