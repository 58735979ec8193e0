-- What was bought: snapshots that no later change of a product or price touches.

CREATE TABLE orders (
	id              BIGINT NOT NULL AUTO_INCREMENT,
	number          CHAR(14) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'random, grouped: 7KQ2-9FHM-3TWX',
	account_id      BIGINT NOT NULL,
	request_key     CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the form that made it: pressing twice is one order',
	state           VARCHAR(24) CHARACTER SET ascii NOT NULL COMMENT 'see order.h',
	review          VARCHAR(48) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'held for the operator: amount_mismatch …; empty: not held',
	language        CHAR(2) CHARACTER SET ascii NOT NULL,
	currency        CHAR(3) CHARACTER SET ascii NOT NULL,
	subtotal        BIGINT NOT NULL,
	discount        BIGINT NOT NULL DEFAULT 0,
	tax             BIGINT NOT NULL DEFAULT 0,
	total           BIGINT NOT NULL,
	refunded        BIGINT NOT NULL DEFAULT 0 COMMENT 'greatest amount Stripe ever told',
	livemode        BOOLEAN NOT NULL,
	promotions      BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'the shop let Stripe take promotion codes',
	settles_later   BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'the buyer is done, the money settles days later (SEPA …)',
	checkout_tries  BIGINT NOT NULL DEFAULT 0 COMMENT 'sessions asked for; part of the idempotency key',
	stripe_session  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: none made',
	stripe_url      VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	stripe_payment  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'payment intent; NULL: none',
	created_at      DATETIME(6) NOT NULL,
	updated_at      DATETIME(6) NOT NULL,
	expires_at      DATETIME(6) NULL COMMENT 'of the open session; NULL: none open',
	paid_at         DATETIME(6) NULL COMMENT 'NULL: not paid',
	closed_at       DATETIME(6) NULL COMMENT 'NULL: not failed or expired',
	PRIMARY KEY (id),
	UNIQUE KEY orders_number (number),
	UNIQUE KEY orders_request (account_id, request_key),
	UNIQUE KEY orders_session (stripe_session),
	KEY orders_payment (stripe_payment),
	KEY orders_account (account_id, id),
	KEY orders_state (state, updated_at),
	CONSTRAINT orders_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE order_line (
	id          BIGINT NOT NULL AUTO_INCREMENT,
	order_id    BIGINT NOT NULL,
	position    BIGINT NOT NULL,
	product_id  BIGINT NOT NULL,
	price_id    BIGINT NOT NULL,
	seller_id   BIGINT NOT NULL COMMENT '0: the house',
	title       VARCHAR(255) NOT NULL,
	price_title VARCHAR(100) NOT NULL,
	quantity    BIGINT NOT NULL,
	unit_amount BIGINT NOT NULL,
	amount      BIGINT NOT NULL COMMENT 'quantity times unit, minor units of the order',
	currency    CHAR(3) CHARACTER SET ascii NOT NULL,
	fee         BIGINT NOT NULL DEFAULT 0 COMMENT 'marketplace fee of this line',
	PRIMARY KEY (id),
	UNIQUE KEY order_line_place (order_id, position),
	KEY order_line_product (product_id, order_id),
	CONSTRAINT order_line_order FOREIGN KEY (order_id) REFERENCES orders (id),
	CONSTRAINT order_line_price FOREIGN KEY (price_id) REFERENCES price (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE free_claim (
	account_id BIGINT NOT NULL,
	product_id BIGINT NOT NULL,
	order_id   BIGINT NOT NULL,
	PRIMARY KEY (account_id, product_id),
	CONSTRAINT free_claim_order FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB COMMENT='a free product goes to an account once';
