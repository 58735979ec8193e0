/* floor_hook_sql.h: the statements of a paid order, word for word as Comptoir runs them. The bench says when they differ. */
#ifndef FLOOR_HOOK_SQL_H
#define FLOOR_HOOK_SQL_H

#define SQL_EVENT_INSERT                                                                                             \
	"INSERT INTO stripe_event (id, type, object_id, account, api_version, livemode, state, payload, created_at,"       \
	" received_at, retry_at) VALUES (?, ?, ?, ?, ?, ?, 'applied', ?, ?, ?, NULL) ON DUPLICATE KEY UPDATE id = id"

#define SQL_ORDER_FIND                                                                                               \
	"SELECT id, number, account_id, state, review, language, currency, subtotal, discount, tax, total, refunded,"      \
	" livemode, promotions, settles_later, checkout_tries, stripe_session, stripe_url, stripe_payment, created_at,"    \
	" updated_at, expires_at, paid_at, closed_at FROM orders WHERE number = ? FOR UPDATE"

#define SQL_ORDER_PAY                                                                                                \
	"UPDATE orders SET state = ?, updated_at = ?, settles_later = ?, paid_at = ?, closed_at = ?, stripe_payment = ?,"  \
	" discount = ?, tax = ?, total = ? WHERE id = ?"

#define SQL_AUDIT                                                                                                    \
	"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"                     \
	" VALUES (?, ?, ?, ?, LEFT(?, 500), ?, ?)"

#define SQL_EVENT                                                                                                    \
	"INSERT INTO event (topic, account_id, subject_id, payload, request_id, created_at) VALUES (?, ?, ?, ?, ?, ?)"

#define SQL_JOB                                                                                                      \
	"INSERT INTO job (reaction, unique_key, event_id, subject_id, state, run_at, request_id, created_at)"              \
	" VALUES (?, ?, ?, ?, 'ready', ?, ?, ?)"                                                                           \
	" ON DUPLICATE KEY UPDATE run_at = CASE state WHEN 'ready' THEN LEAST(run_at, VALUES(run_at))"                     \
	"  WHEN 'leased' THEN GREATEST(VALUES(run_at), run_at + INTERVAL 1 MICROSECOND) ELSE VALUES(run_at) END,"          \
	" tries = IF(state = 'dead', 0, tries), state = IF(state = 'dead', 'ready', state)"

#define SQL_DUES                                                                                                     \
	"SELECT STRAIGHT_JOIN l.id AS line_id, l.quantity, b.id AS benefit_id, b.product_id, l.title, l.price_title, b.kind," \
	" b.parts, b.seats IS NULL AS seats_unlimited, b.transferable, b.updates_days IS NULL AS updates_ever,"            \
	" b.duration_days IS NULL AS duration_ever, COALESCE(b.seats, 0) AS seats,"                                        \
	" COALESCE(b.updates_days, 0) AS updates_days, COALESCE(b.duration_days, 0) AS duration_days,"                     \
	" EXISTS (SELECT 1 FROM entitlement e WHERE e.order_id = ?) AS held"                                               \
	" FROM order_line l JOIN benefit b ON b.price_id = l.price_id WHERE l.order_id = ? ORDER BY l.position"

#define SQL_RIGHT                                                                                                    \
	"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, ordinal, order_id, product_id,"    \
	" kind, state, title, price_title, order_number, parts, updates_until, starts_at, ends_at, created_at)"            \
	" VALUES (?, ?, 'order_line', ?, ?, ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?, ?)"

#define SQL_LICENSE                                                                                                  \
	"INSERT INTO license (account_id, public_id, entitlement_id, product_id, license_key, state, title, price_title,"  \
	" order_number, seats, transferable, updates_until, expires_at, created_at)"                                       \
	" VALUES (?, ?, ?, ?, ?, 'active', ?, ?, ?, IF(?, NULL, ?), ?, ?, ?, ?)"                                           \
	" ON DUPLICATE KEY UPDATE id = id"

#define SQL_RIGHTS_AUDIT                                                                                             \
	"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"                     \
	" SELECT account_id, 0, 'entitlement.granted', id, kind, ?, ? FROM entitlement WHERE order_id = ? AND id >= ?"

#define SQL_PAYMENT                                                                                                  \
	"INSERT INTO payment (payment_intent, charge, stripe_invoice, amount, refunded, fraud_warning, created_at,"        \
	" updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"                                             \
	" charge = IF(VALUES(charge) = '', charge, VALUES(charge)),"                                                       \
	" stripe_invoice = IF(VALUES(stripe_invoice) = '', stripe_invoice, VALUES(stripe_invoice)),"                       \
	" amount = GREATEST(amount, VALUES(amount)), refunded = GREATEST(refunded, VALUES(refunded)),"                     \
	" fraud_warning = fraud_warning OR VALUES(fraud_warning), updated_at = VALUES(updated_at)"

#endif
