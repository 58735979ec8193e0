-- Who may do what: one database user per zone, each with the least its statements need.
--
-- A template: @shop@ and the like stand for the passwords; tests/database.sh and the installation fill them from <zone>.conf.
-- It is run again after each migration, and takes back what it no longer grants.
-- `bin/<zone>.fcgi --check` prepares every statement of a zone under its own user, and so tells what is missing here. As
-- statements count per source file, a zone may need a grant for a statement it never runs; where that would give it
-- something it must not have, the source is cut into two files.
--
-- What must stay so, whatever is added (tests/grants.sh):
--   password hashes are read and written by auth alone, and no zone but auth opens a session;
--   what is sold (products, files, prices, benefits) is changed by the operator's tool alone;
--   no zone deletes an order, a right or a licence, or changes a line of the audit; only the worker forgets what is old.

CREATE USER IF NOT EXISTS
	comptoir_shop@localhost, comptoir_auth@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost, comptoir_admin@localhost,
	comptoir_operator@localhost;
ALTER USER
	comptoir_shop@localhost IDENTIFIED BY '@shop@',
	comptoir_auth@localhost IDENTIFIED BY '@auth@',
	comptoir_account@localhost IDENTIFIED BY '@account@',
	comptoir_download@localhost IDENTIFIED BY '@download@',
	comptoir_hook@localhost IDENTIFIED BY '@hook@',
	comptoir_worker@localhost IDENTIFIED BY '@worker@',
	comptoir_admin@localhost IDENTIFIED BY '@admin@',
	comptoir_api@localhost IDENTIFIED BY '@api@',
	comptoir_operator@localhost IDENTIFIED BY '@operator@';
REVOKE ALL PRIVILEGES, GRANT OPTION FROM
	comptoir_shop@localhost, comptoir_auth@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost, comptoir_admin@localhost,
	comptoir_operator@localhost;

-- The operator's tool, and the tests: everything in this one database.
GRANT ALL ON comptoir.* TO comptoir_operator@localhost;

-- Every zone: who is logged in, and that this was seen. All of an account but its password.
GRANT SELECT (id, public_id, email, name, language, staff, seller, stripe_customer, verified_at, created_at, updated_at)
	ON comptoir.account TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost, comptoir_admin@localhost;
GRANT SELECT, UPDATE (seen_at, expires_at) ON comptoir.session
	TO comptoir_shop@localhost, comptoir_auth@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_api@localhost, comptoir_admin@localhost;
GRANT INSERT ON comptoir.audit TO comptoir_shop@localhost, comptoir_auth@localhost, comptoir_account@localhost,
	comptoir_download@localhost, comptoir_hook@localhost, comptoir_worker@localhost;

-- What is sold is read by all who show or sell it; only the operator's tool changes it.
GRANT SELECT ON comptoir.category TO comptoir_shop@localhost, comptoir_account@localhost;
GRANT SELECT ON comptoir.category_text TO comptoir_shop@localhost, comptoir_account@localhost;
GRANT SELECT ON comptoir.product TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost;
GRANT SELECT ON comptoir.product_text TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT ON comptoir.product_tag TO comptoir_shop@localhost, comptoir_account@localhost;
GRANT SELECT ON comptoir.product_version TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_download@localhost;
GRANT SELECT ON comptoir.product_version_text TO comptoir_shop@localhost, comptoir_account@localhost;
GRANT SELECT ON comptoir.product_file TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_download@localhost;
GRANT SELECT ON comptoir.price TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT ON comptoir.price_text TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT ON comptoir.benefit TO comptoir_shop@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost;

-- Orders, and the one road from money to rights: the shop (free orders, regenerate), the hook and the worker.
-- The shop alone makes orders; the others move them. The portal gives no right, and changes none.
GRANT SELECT ON comptoir.entitlement TO comptoir_account@localhost;
GRANT SELECT ON comptoir.license TO comptoir_account@localhost;
GRANT INSERT ON comptoir.orders TO comptoir_shop@localhost;
GRANT INSERT ON comptoir.order_line TO comptoir_shop@localhost;
GRANT SELECT, UPDATE ON comptoir.orders TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost;
GRANT SELECT ON comptoir.order_line TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost;
-- (Who hears of a payment notes the tax that Stripe worked out for each line.)
GRANT UPDATE (tax) ON comptoir.order_line TO comptoir_shop@localhost, comptoir_hook@localhost, comptoir_worker@localhost;
-- (INSERT … ON DUPLICATE KEY UPDATE id = id asks for UPDATE on every column that it inserts.)
GRANT SELECT, INSERT, UPDATE ON comptoir.free_claim TO comptoir_shop@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.entitlement TO comptoir_shop@localhost, comptoir_hook@localhost, comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.license TO comptoir_shop@localhost, comptoir_hook@localhost, comptoir_worker@localhost;
-- What the road brings besides keys: tokens, and access to modules. The ledger's lines are only ever added.
GRANT SELECT, INSERT, UPDATE ON comptoir.token_account TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.token_lot TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost;
GRANT SELECT, INSERT ON comptoir.token_entry TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.module_access TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost;
GRANT INSERT ON comptoir.event TO comptoir_shop@localhost, comptoir_auth@localhost, comptoir_account@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.job TO comptoir_shop@localhost, comptoir_auth@localhost,
	comptoir_account@localhost, comptoir_hook@localhost, comptoir_worker@localhost, comptoir_api@localhost;

-- What Stripe told of payments and subscriptions, and what followed: told by the hook and the worker, and by the shop when it
-- asks Stripe what became of an order. The portal reads it; a change it asks of Stripe comes back as a fact.
GRANT SELECT, INSERT, UPDATE ON comptoir.payment TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.refund TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.token_part TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT ON comptoir.refund_line TO comptoir_shop@localhost, comptoir_hook@localhost, comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.dispute TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.subscription TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.stripe_invoice TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.subscription_period TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.trial_claim TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT UPDATE (stripe_customer) ON comptoir.account TO comptoir_shop@localhost;
GRANT SELECT (action, subject_id, created_at) ON comptoir.audit TO comptoir_shop@localhost; -- how often one regenerated
GRANT SELECT, UPDATE (next_price_id, changing_at) ON comptoir.subscription TO comptoir_account@localhost;
GRANT SELECT ON comptoir.stripe_invoice TO comptoir_account@localhost;
GRANT SELECT ON comptoir.subscription_period TO comptoir_account@localhost;
-- The one thing about a price that is not the operator's: its name at Stripe, made when it is first needed.
GRANT UPDATE (stripe_price) ON comptoir.price TO comptoir_shop@localhost, comptoir_account@localhost,
	comptoir_worker@localhost;

-- auth: accounts with their passwords, sessions, mailed links, the brake on guessing, and the mails about them.
GRANT SELECT, INSERT, UPDATE ON comptoir.account TO comptoir_auth@localhost;
GRANT INSERT, UPDATE, DELETE ON comptoir.session TO comptoir_auth@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON comptoir.account_token TO comptoir_auth@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON comptoir.throttle TO comptoir_auth@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.mail TO comptoir_auth@localhost;

-- account: the portal. (Its settings page is answered by auth, which alone writes accounts and sessions.)
GRANT SELECT ON comptoir.audit TO comptoir_account@localhost, comptoir_auth@localhost;

-- download: links to files and what was fetched through them.
GRANT INSERT ON comptoir.download_link TO comptoir_account@localhost;
GRANT SELECT, UPDATE (used_at) ON comptoir.download_link TO comptoir_download@localhost;
GRANT SELECT ON comptoir.download_event TO comptoir_account@localhost;
GRANT SELECT, INSERT ON comptoir.download_event TO comptoir_download@localhost;
GRANT SELECT ON comptoir.entitlement TO comptoir_download@localhost;

-- api: programs with a key spend tokens and use access; keys and access tokens are made in the portal.
GRANT SELECT, INSERT ON comptoir.token_debit TO comptoir_api@localhost;
GRANT INSERT ON comptoir.token_spend TO comptoir_api@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.api_reply TO comptoir_api@localhost;
GRANT SELECT (id, source), UPDATE (starts_at, ends_at) ON comptoir.entitlement TO comptoir_api@localhost; -- the next moves up
GRANT SELECT, UPDATE (used_at) ON comptoir.api_key TO comptoir_api@localhost;
GRANT SELECT, UPDATE (starts_at, ends_at, uses_left) ON comptoir.module_access TO comptoir_api@localhost;
GRANT SELECT, UPDATE (uses_left) ON comptoir.access_token TO comptoir_api@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON comptoir.throttle TO comptoir_api@localhost;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON comptoir.api_key TO comptoir_account@localhost;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON comptoir.access_token TO comptoir_account@localhost;

-- admin: staff look at everything that is sold and paid, and decide, by src/staff.c and src/refund.c. Money moves by the
-- worker alone: this zone has no key of Stripe's.
GRANT INSERT ON comptoir.audit TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.audit TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.product TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.product_text TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.price TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.price_text TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.benefit TO comptoir_admin@localhost;
GRANT SELECT, UPDATE ON comptoir.orders TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.order_line TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.entitlement TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.license TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.token_account TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.token_lot TO comptoir_admin@localhost;
GRANT SELECT, INSERT ON comptoir.token_entry TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.module_access TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.payment TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.refund TO comptoir_admin@localhost;
GRANT SELECT, INSERT ON comptoir.refund_line TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.dispute TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.subscription TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.subscription_period TO comptoir_admin@localhost;
GRANT SELECT (id, type, object_id, livemode, state, note, tries, created_at, received_at, retry_at), UPDATE (retry_at, tries)
	ON comptoir.stripe_event TO comptoir_admin@localhost;
GRANT SELECT, INSERT ON comptoir.event TO comptoir_admin@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.job TO comptoir_admin@localhost;
GRANT SELECT (id, state, send_at) ON comptoir.mail TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.invariant TO comptoir_admin@localhost;
GRANT SELECT ON comptoir.reconcile TO comptoir_admin@localhost;

-- hook: what Stripe tells, and which of its customers an account is.
GRANT SELECT, INSERT, UPDATE ON comptoir.stripe_event TO comptoir_hook@localhost, comptoir_worker@localhost;
GRANT UPDATE (stripe_customer) ON comptoir.account TO comptoir_hook@localhost, comptoir_worker@localhost;

-- Invoices are written where money makes an order paid, and never changed; their counter only counts.
GRANT SELECT, INSERT ON comptoir.invoice TO comptoir_shop@localhost, comptoir_hook@localhost, comptoir_worker@localhost;
GRANT SELECT, INSERT ON comptoir.invoice_line TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.invoice_counter TO comptoir_shop@localhost, comptoir_hook@localhost,
	comptoir_worker@localhost;
GRANT SELECT ON comptoir.invoice TO comptoir_account@localhost;
GRANT SELECT ON comptoir.invoice_line TO comptoir_account@localhost;

-- worker: jobs, the outbox, and what is old (src/job/purge.c).
GRANT DELETE ON comptoir.job TO comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.reconcile TO comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE ON comptoir.invariant TO comptoir_worker@localhost;
GRANT SELECT (id, account_id) ON comptoir.audit TO comptoir_worker@localhost; -- whose right a person gave
GRANT SELECT (lot_id, amount) ON comptoir.token_spend TO comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON comptoir.mail TO comptoir_worker@localhost;
GRANT SELECT, DELETE ON comptoir.event TO comptoir_worker@localhost;
GRANT SELECT, DELETE ON comptoir.session TO comptoir_worker@localhost;
GRANT SELECT, DELETE ON comptoir.account_token TO comptoir_worker@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON comptoir.throttle TO comptoir_worker@localhost;
GRANT SELECT, DELETE ON comptoir.download_link TO comptoir_worker@localhost;
GRANT SELECT, DELETE ON comptoir.access_token TO comptoir_worker@localhost;
GRANT SELECT, DELETE ON comptoir.api_reply TO comptoir_worker@localhost;
