-- What the bench runs on: 48 products, 50 accounts with 20 licences each, one order per licence, a session per account.
-- Keys and ids count up instead of being random: seeding stays quick, and nothing measured here reads them in order.

SET NAMES utf8mb4, time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, @now = UTC_TIMESTAMP(6);

INSERT INTO category (id, slug, position) SELECT seq, CONCAT('category-', seq), seq FROM seq_1_to_6;
INSERT INTO category_text (category_id, language, title)
	SELECT seq, 'en', CONCAT('Category ', seq) FROM seq_1_to_6 UNION ALL SELECT seq, 'fr', CONCAT('Catégorie ', seq) FROM seq_1_to_6;
INSERT INTO product (id, public_id, slug, category_id, status, position, cover, price_from, currency, price_count, created_at, updated_at)
	SELECT seq, CONCAT('product', LPAD(seq, 15, '0')), CONCAT('product-', seq), 1 + seq MOD 6, 'published', seq,
	CONCAT('cover-', seq, '.jpg'), 1900, 'eur', 2, @now, @now FROM seq_1_to_48;
INSERT INTO product_text (product_id, language, title, summary, cover_alt, description)
	SELECT seq, 'en', CONCAT('Night Walk & Friends, volume ', seq), 'Steps at night, wet streets, doors that close: 64 loops in 24 bits.',
	'A street at night, one window lit', REPEAT('Recorded **on foot** between midnight and five, with two microphones and no hurry.\n\n- 64 loops\n- 24 bits, 48 kHz\n\n', 5)
	FROM seq_1_to_48
	UNION ALL SELECT seq, 'fr', CONCAT('Marche de nuit, volume ', seq), 'Des pas la nuit, des rues mouillées : 64 boucles en 24 bits.',
	'Une rue la nuit', REPEAT('Enregistré **à pied** entre minuit et cinq heures.\n\n- 64 boucles\n- 24 bits\n\n', 5) FROM seq_1_to_48;
INSERT INTO product_tag (product_id, tag) SELECT p.seq, CONCAT('tag-', t.seq) FROM seq_1_to_48 p JOIN seq_1_to_4 t;
INSERT INTO product_version (id, product_id, name, released_at)
	SELECT (p.seq - 1) * 3 + v.seq, p.seq, CONCAT('1.', v.seq), @now - INTERVAL 100 - v.seq DAY FROM seq_1_to_48 p JOIN seq_1_to_3 v;
INSERT INTO product_version_text (version_id, language, notes)
	SELECT id, 'en', 'Louder doors, quieter streets.' FROM product_version UNION ALL SELECT id, 'fr', 'Des portes plus fortes.' FROM product_version;
INSERT INTO product_file (public_id, product_id, version_id, name, media_type, size, sha256, storage, created_at)
	SELECT CONCAT('file', LPAD(id * 2 + f.seq, 18, '0')), product_id, id, CONCAT('night-walk-', name, '-', f.seq, '.zip'), 'application/zip',
	12345678, UNHEX(SHA2(id, 256)), CONCAT('file-', id, '-', f.seq), @now FROM product_version JOIN seq_1_to_2 f;
INSERT INTO price (id, public_id, product_id, name, amount, currency, quantity_max, position, created_at)
	SELECT (p.seq - 1) * 2 + n.seq, CONCAT('price', LPAD((p.seq - 1) * 2 + n.seq, 17, '0')), p.seq, IF(n.seq = 1, 'basic', 'premium'),
	1900 * n.seq, 'eur', 10, n.seq, @now FROM seq_1_to_48 p JOIN seq_1_to_2 n;
INSERT INTO price_text (price_id, language, title, summary)
	SELECT id, 'en', IF(position = 1, 'Basic', 'Premium'), 'For you and your band' FROM price
	UNION ALL SELECT id, 'fr', IF(position = 1, 'Base', 'Premium'), 'Pour vous et votre groupe' FROM price;
INSERT INTO benefit (price_id, product_id, kind, position) SELECT id, product_id, 'download', 0 FROM price;
INSERT INTO benefit (price_id, product_id, kind, position, seats, updates_days) SELECT id, product_id, 'license', 1, 3, 365 FROM price;

INSERT INTO account (id, public_id, email, name, language, verified_at, created_at, updated_at)
	SELECT seq, CONCAT('account', LPAD(seq, 15, '0')), CONCAT('jenny-', seq, '@example.com'), 'Jenny Example', 'en', @now, @now, @now
	FROM seq_1_to_50;
-- The cookie of account 7 is forty-three digits: 0…07.
INSERT INTO session (token_hash, public_id, account_id, user_agent, address, proved_at, created_at, seen_at, expires_at)
	SELECT UNHEX(SHA2(LPAD(id, 43, '0'), 256)), public_id, id, 'bench', '127.0.0.1', @now, @now, @now + INTERVAL 1 DAY,
	@now + INTERVAL 30 DAY FROM account;

-- Licences and orders lie mixed in time, as they would in a shop: row n belongs to account n mod 50.
INSERT INTO orders (id, number, account_id, request_key, state, language, currency, subtotal, total, livemode, created_at, updated_at, paid_at)
	SELECT seq, INSERT(INSERT(LPAD(seq, 12, 'A'), 9, 0, '-'), 5, 0, '-'), 1 + seq MOD 50, CONCAT('key', LPAD(seq, 19, '0')), 'paid', 'en', 'eur', 1900, 1900,
	FALSE, @now, @now, @now FROM seq_1_to_1000;
INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity, unit_amount, amount, currency)
	SELECT o.id, 1, 1 + o.id MOD 48, 1 + 2 * (o.id MOD 48), 0, t.title, 'Basic', 1, 1900, 1900, 'eur'
	FROM orders o JOIN product_text t ON t.product_id = 1 + o.id MOD 48 AND t.language = 'en';
INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, order_id, product_id, kind, state, title, price_title,
	order_number, updates_until, starts_at, created_at)
	SELECT o.account_id, CONCAT('right', LPAD(l.id, 17, '0')), 'order_line', l.id, b.id, o.id, l.product_id, 'license', 'active', l.title,
	l.price_title, o.number, @now + INTERVAL 365 DAY, @now, @now
	FROM orders o JOIN order_line l ON l.order_id = o.id JOIN benefit b ON b.price_id = l.price_id AND b.kind = 'license' ORDER BY o.id;
INSERT INTO license (account_id, public_id, entitlement_id, product_id, license_key, state, title, price_title, order_number, seats,
	seats_used, transferable, updates_until, created_at)
	SELECT account_id, CONCAT('license', LPAD(id, 15, '0')), id, product_id, CONCAT('7KQ2-9FHM-3TWX-8RBD-5YAE-', LPAD(id DIV 10000, 4, '0'), '-',
	LPAD(id MOD 10000, 4, '0')), state, title, price_title, order_number, 3, 1, TRUE, updates_until, created_at FROM entitlement;

-- The same facts as an author would lay them out who keeps every fact once: the page joins three tables.
CREATE TABLE floor_license (
	id            BIGINT NOT NULL AUTO_INCREMENT,
	account_id    BIGINT NOT NULL,
	order_id      BIGINT NOT NULL,
	product_id    BIGINT NOT NULL,
	price_title   VARCHAR(100) NOT NULL,
	license_key   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	state         VARCHAR(16) CHARACTER SET ascii NOT NULL,
	seats         BIGINT NOT NULL,
	seats_used    BIGINT NOT NULL,
	updates_until DATETIME(6) NULL,
	expires_at    DATETIME(6) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY floor_license_key (license_key),
	KEY floor_license_account (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
	SELECT l.id, l.account_id, e.order_id, l.product_id, l.price_title, l.license_key, l.state, l.seats, l.seats_used,
	l.updates_until, l.expires_at FROM license l JOIN entitlement e ON e.id = l.entitlement_id ORDER BY l.id;
ANALYZE TABLE floor_license, license, entitlement, orders, order_line, product, product_text, price, benefit, session, account;
