/* stripe_handler.h: one function per kind of event; stripe_event.c holds the table of types. Each runs inside the event's
 * transaction and must be right when its event is first, last, repeated or alone. */
#ifndef STRIPE_HANDLER_H
#define STRIPE_HANDLER_H

#include "stripe_event.h"

/* The number of the order that a Checkout Session is for: what we named it by, else what its metadata says; "": none. */
const char *session_number(struct json_object *session);

enum stripe_taken charge_event(struct db *db, struct json_object *event);
enum stripe_taken refund_event(struct db *db, struct json_object *event);
enum stripe_taken dispute_event(struct db *db, struct json_object *event);
enum stripe_taken fraud_event(struct db *db, struct json_object *event);
enum stripe_taken invoice_payment_event(struct db *db, struct json_object *event);
enum stripe_taken subscription_event(struct db *db, struct json_object *event);
enum stripe_taken subscription_trial_event(struct db *db, struct json_object *event);
enum stripe_taken invoice_event(struct db *db, struct json_object *event);
enum stripe_taken invoice_failed_event(struct db *db, struct json_object *event);
enum stripe_taken invoice_action_event(struct db *db, struct json_object *event);

#endif
