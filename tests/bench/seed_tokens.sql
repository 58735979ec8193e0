-- Ledgers: @accounts accounts with one past entry, as many with 10,000 (and 100 lots that have run out), each with tokens to
-- spend and a module that is open to it. One key of a module server.

SET NAMES utf8mb4, time_zone = '+00:00', unique_checks = 0, @now = UTC_TIMESTAMP(6), @entries = 10000;

INSERT INTO account (id, public_id, email, name, language, verified_at, created_at, updated_at)
	SELECT kind.id + n.seq, CONCAT('account', LPAD(kind.id + n.seq, 15, '0')), CONCAT('jenny-', kind.id + n.seq, '@example.com'),
	'Jenny Example', 'en', @now, @now, @now FROM (SELECT 800000 AS id UNION SELECT 900000) kind JOIN seq_1_to_1000 n WHERE n.seq <= @accounts;
INSERT INTO api_key (public_id, key_hash, account_id, name, scopes, created_at, used_at)
	VALUES (LPAD('', 22, 'k'), UNHEX(SHA2(CONCAT('cpt_', LPAD('', 43, '0')), 256)), 0, 'module server',
	' tokens:read tokens:debit access:check access:use ', @now, @now + INTERVAL 1 DAY);

-- A pack of plenty; what was spent before came out of lots that have run out since.
INSERT INTO token_lot (account_id, kind, period_start, granted, remaining, state, created_at)
	SELECT id, 'pack', @now, 1000000, 1000000, 'active', @now - INTERVAL 2 YEAR FROM account WHERE id > 800000;
INSERT INTO token_lot (account_id, kind, period_start, granted, remaining, state, expires_at, created_at)
	SELECT a.id, 'quota', @now - INTERVAL n.seq DAY, 100, 0, 'expired', @now - INTERVAL n.seq - 1 DAY, @now - INTERVAL n.seq DAY
	FROM account a JOIN seq_1_to_100 n WHERE a.id > 900000;
INSERT INTO token_account (account_id, balance) SELECT id, 1000000 FROM account WHERE id > 800000;
INSERT INTO token_entry (account_id, kind, lot_id, amount, balance, created_at)
	SELECT account_id, 'pack_purchase', id, 1000000, 1000000, created_at FROM token_lot WHERE account_id > 800000 AND kind = 'pack';
INSERT INTO token_entry (account_id, kind, amount, balance, note, created_at)
	SELECT a.id, IF(n.seq MOD 2, 'adjustment', 'debit'), IF(n.seq MOD 2, 1, -1), 1000000 + n.seq MOD 2, 'a render', @now - INTERVAL @entries - n.seq MINUTE
	FROM account a JOIN seq_1_to_9999 n WHERE a.id > 900000 ORDER BY a.id, n.seq;
INSERT INTO token_debit (account_id, idempotency_key, amount, entry_id, balance, created_at)
	SELECT account_id, CONCAT('job-', SHA2(id, 224)), 1, id, balance, created_at FROM token_entry WHERE account_id > 900000 AND kind = 'debit';
INSERT INTO module_access (account_id, public_id, entitlement_id, module, level, state, starts_at, ends_at, uses_left, created_at)
	SELECT id, CONCAT('access', LPAD(id, 16, '0')), 100000000 + id, 'studio', 'full', 'active', @now - INTERVAL 1 DAY, @now + INTERVAL 1 YEAR,
	1000000000, @now FROM account WHERE id > 800000;
INSERT INTO access_token (token_hash, public_id, account_id, access_id, uses_left, expires_at, created_at)
	SELECT UNHEX(SHA2(CONCAT('ticket-', account_id), 256)), CONCAT('ticket', LPAD(account_id, 16, '0')), account_id, id, 1000000000,
	@now + INTERVAL 1 DAY, @now FROM module_access WHERE account_id > 800000;
ANALYZE TABLE account, token_account, token_lot, token_entry, token_debit, module_access, access_token, api_key;
