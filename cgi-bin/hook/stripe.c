/* /webhooks/stripe: Stripe's signed events. 200 once an event is stored; 400 and nothing stored when it is not Stripe's. */
#include "conf.h"
#include "log.h"
#include "moment.h"
#include "sign.h"
#include "stripe_event.h"
#include "web.h"

enum { TOLERANCE_SECONDS = 300 };

static const char *const words[] = {
	[TAKEN_APPLIED] = "applied",
	[TAKEN_IGNORED] = "ignored",
	[TAKEN_REVIEW] = "held for review",
	[TAKEN_FAILED] = "stored, will be tried again",
	[TAKEN_BEFORE] = "known already",
	[TAKEN_UNREADABLE] = "no event",
};

static void take(struct request *req)
{
	enum stripe_taken taken = stripe_event_take(req->db, req->body);
	answer(req, taken == TAKEN_UNREADABLE ? 400 : 200, "text/plain", "%s\n", words[taken]);
}

ROUTE(POST, "/webhooks/stripe", SIGNED, stripe_webhook)
{
	switch (stripe_signature(req->mem, req->signature, req->body.data, req->body.length, conf.stripe_webhook_secrets,
		moment_unix(moment_now()), TOLERANCE_SECONDS)) {
	case SIGNATURE_GOOD:
		take(req);
		return;
	case SIGNATURE_NO_SECRET:
		log_line("webhook.no_secret", "setting=stripe_webhook_secrets");
		answer(req, 503, "text/plain", "not configured\n");
		return;
	case SIGNATURE_BAD:
	case SIGNATURE_OLD:
		answer(req, 400, "text/plain", "bad signature\n");
		return;
	}
}
