-- A table that has grown: @licenses licences of accounts with 20 each, and one account that holds 100,000.
-- Rights and orders of these licences are left out: the page that is measured reads one table.

SET NAMES utf8mb4, time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, @now = UTC_TIMESTAMP(6);
SET @accounts = (@licenses - 100000) DIV 20;

INSERT INTO account (id, public_id, email, name, language, verified_at, created_at, updated_at)
	SELECT seq, CONCAT('account', LPAD(seq, 15, '0')), CONCAT('jenny-', seq, '@example.com'), 'Jenny Example', 'en', @now, @now, @now
	FROM seq_1_to_100000 WHERE seq <= @accounts + 1;
INSERT INTO session (token_hash, public_id, account_id, user_agent, address, proved_at, created_at, seen_at, expires_at)
	SELECT UNHEX(SHA2(LPAD(id, 43, '0'), 256)), public_id, id, 'bench', '127.0.0.1', @now, @now, @now + INTERVAL 1 DAY,
	@now + INTERVAL 30 DAY FROM account ORDER BY 1;

-- Row n belongs to account n mod the number of accounts, or, from some number on, to the one that holds the most.
INSERT INTO license (account_id, public_id, entitlement_id, product_id, license_key, state, title, price_title, order_number, seats,
	seats_used, transferable, updates_until, created_at)
	SELECT IF(seq > 20 * @accounts, @accounts + 1, 1 + seq MOD @accounts) AS holder, CONCAT('license', LPAD(seq, 15, '0')), seq,
	1 + seq MOD 48, CONCAT('7KQ2-9FHM-3TWX-8RBD-5YAE-', LPAD(seq DIV 10000, 4, '0'), '-', LPAD(seq MOD 10000, 4, '0')), 'active',
	CONCAT('Night Walk & Friends, volume ', 1 + seq MOD 48), 'Basic', INSERT(INSERT(LPAD(seq, 12, 'A'), 9, 0, '-'), 5, 0, '-'), 3, 1,
	TRUE, @now + INTERVAL 365 DAY, @now
	FROM seq_1_to_1000000 WHERE seq <= @licenses ORDER BY holder, seq;
ANALYZE TABLE license, session, account;
