-- What events are about: @orders pending orders, each of an account of its own; from @subscriptions on of a monthly plan.

SET NAMES utf8mb4, time_zone = '+00:00', @now = UTC_TIMESTAMP(6);

INSERT INTO price (id, public_id, product_id, name, amount, currency, recurring, quantity_max, position, stripe_price, created_at)
	VALUES (1001, CONCAT('price', LPAD(1001, 17, '0')), 48, 'monthly', 900, 'eur', 'month', 1, 3, 'price_bench', @now);
INSERT INTO price_text (price_id, language, title, summary) VALUES (1001, 'en', 'Monthly', ''), (1001, 'fr', 'Mensuel', '');
UPDATE product SET price_count = 3, price_from = 900 WHERE id = 48;
INSERT INTO benefit (price_id, product_id, kind, position, tokens) VALUES (1001, 48, 'tokens', 0, 3000);
INSERT INTO benefit (price_id, product_id, kind, position, module, level) VALUES (1001, 48, 'module', 1, 'studio', 'full');
INSERT INTO benefit (price_id, product_id, kind, position) VALUES (1001, 48, 'download', 2);
INSERT INTO account (id, public_id, email, name, language, verified_at, created_at, updated_at)
	SELECT 1000 + seq, CONCAT('account', LPAD(1000 + seq, 15, '0')), CONCAT('jenny-', 1000 + seq, '@example.com'), 'Jenny Example', 'en',
	@now, @now, @now FROM seq_1_to_1000000 WHERE seq <= @orders;
INSERT INTO orders (id, number, account_id, request_key, state, language, currency, subtotal, total, livemode, stripe_session,
	stripe_url, checkout_tries, created_at, updated_at, expires_at)
	SELECT 100000 + seq, INSERT(INSERT(LPAD(seq, 12, 'B'), 9, 0, '-'), 5, 0, '-'), 1000 + seq, CONCAT('hook', LPAD(seq, 18, '0')),
	'pending', 'en', 'eur', IF(seq < @subscriptions, 1900, 900), IF(seq < @subscriptions, 1900, 900), FALSE,
	CONCAT('cs_test_', LPAD(seq, 58, 'b')), '', 1, @now, @now, @now + INTERVAL 1 DAY FROM seq_1_to_1000000 WHERE seq <= @orders;
INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity, unit_amount, amount, currency)
	SELECT o.id, 1, p.product_id, p.id, 0, t.title, 'Basic', 1, p.amount, p.amount, 'eur' FROM orders o
	JOIN price p ON p.id = IF(o.id - 100000 < @subscriptions, 1 + 2 * (o.id MOD 48), 1001)
	JOIN product_text t ON t.product_id = p.product_id AND t.language = 'en' WHERE o.id > 100000;
ANALYZE TABLE account, orders, order_line, price, benefit;
