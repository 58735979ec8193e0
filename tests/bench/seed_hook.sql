-- Pending orders for the webhook, one per event: @hooks of them, spread over the 50 accounts.

SET NAMES utf8mb4, time_zone = '+00:00', @now = UTC_TIMESTAMP(6);

INSERT INTO orders (id, number, account_id, request_key, state, language, currency, subtotal, total, livemode, stripe_session,
	stripe_url, checkout_tries, created_at, updated_at, expires_at)
	SELECT 100000 + seq, INSERT(INSERT(LPAD(seq, 12, 'B'), 9, 0, '-'), 5, 0, '-'), 1 + seq MOD 50, CONCAT('hook', LPAD(seq, 18, '0')),
	'pending', 'en', 'eur', 1900, 1900, FALSE, CONCAT('cs_test_', LPAD(seq, 58, 'b')), '', 1, @now, @now, @now + INTERVAL 1 DAY
	FROM seq_1_to_1000000 WHERE seq <= @hooks;
INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity, unit_amount, amount, currency)
	SELECT o.id, 1, 1 + o.id MOD 48, 1 + 2 * (o.id MOD 48), 0, t.title, 'Basic', 1, 1900, 1900, 'eur'
	FROM orders o JOIN product_text t ON t.product_id = 1 + o.id MOD 48 AND t.language = 'en' WHERE o.id > 100000;
ANALYZE TABLE orders, order_line;
