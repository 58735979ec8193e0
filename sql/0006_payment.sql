-- What Stripe said about money, kept as facts: greatest amounts, last words, terminal states. Rights follow from the facts
-- (settle.h), so that any order of telling ends the same.

CREATE TABLE payment (
	id             BIGINT NOT NULL AUTO_INCREMENT,
	payment_intent VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	charge         VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'empty: not told yet',
	stripe_invoice VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of a subscription''s payment; empty: none, or not told yet',
	amount         BIGINT NOT NULL DEFAULT 0 COMMENT 'of the charge; 0: not told yet',
	refunded       BIGINT NOT NULL DEFAULT 0 COMMENT 'greatest amount_refunded told',
	fraud_warning  BOOLEAN NOT NULL DEFAULT FALSE,
	created_at     DATETIME(6) NOT NULL,
	updated_at     DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY payment_intent (payment_intent),
	KEY payment_invoice (stripe_invoice)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE refund (
	id             BIGINT NOT NULL AUTO_INCREMENT,
	public_id      CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'our name for it; part of the idempotency key',
	stripe_refund  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: asked for, not answered yet',
	payment_intent VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	order_id       BIGINT NOT NULL DEFAULT 0 COMMENT '0: made elsewhere (dashboard), or of a subscription',
	amount         BIGINT NOT NULL,
	currency       CHAR(3) CHARACTER SET ascii NOT NULL,
	status         VARCHAR(24) CHARACTER SET ascii NOT NULL COMMENT 'asked, pending, requires_action, succeeded, failed, canceled, refused',
	reason         VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'what staff wrote',
	actor_id       BIGINT NOT NULL DEFAULT 0 COMMENT 'staff; 0: told by Stripe',
	cancels        BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'the subscription is to end too',
	created_at     DATETIME(6) NOT NULL,
	updated_at     DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY refund_public (public_id),
	UNIQUE KEY refund_stripe (stripe_refund),
	KEY refund_payment (payment_intent),
	KEY refund_order (order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE refund_line (
	refund_id     BIGINT NOT NULL,
	order_line_id BIGINT NOT NULL,
	amount        BIGINT NOT NULL,
	PRIMARY KEY (refund_id, order_line_id),
	CONSTRAINT refund_line_refund FOREIGN KEY (refund_id) REFERENCES refund (id),
	CONSTRAINT refund_line_line FOREIGN KEY (order_line_id) REFERENCES order_line (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE dispute (
	id             BIGINT NOT NULL AUTO_INCREMENT,
	public_id      CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	stripe_dispute VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	payment_intent VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	charge         VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	status         VARCHAR(32) CHARACTER SET ascii NOT NULL COMMENT 'as Stripe says; won, lost, warning_closed and prevented are final',
	reason         VARCHAR(64) CHARACTER SET ascii NOT NULL DEFAULT '',
	amount         BIGINT NOT NULL,
	currency       CHAR(3) CHARACTER SET ascii NOT NULL,
	opened_at      DATETIME(6) NOT NULL,
	closed_at      DATETIME(6) NULL COMMENT 'NULL: open',
	due_by         DATETIME(6) NULL COMMENT 'evidence wanted until; NULL: not told',
	told_at        DATETIME(6) NOT NULL COMMENT 'Stripe''s time of the event the status comes from',
	PRIMARY KEY (id),
	UNIQUE KEY dispute_public (public_id),
	UNIQUE KEY dispute_stripe (stripe_dispute),
	KEY dispute_payment (payment_intent)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE invoice_counter (
	series VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'F2026, A2026',
	last   BIGINT NOT NULL COMMENT 'number given last; locked by the paying transaction, so that no number is lost',
	PRIMARY KEY (series)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE invoice (
	id          BIGINT NOT NULL AUTO_INCREMENT,
	number      VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'F2026-000001; A2026-000001 for a credit note',
	kind        VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'invoice, credit',
	source      VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'order, period, refund',
	source_id   BIGINT NOT NULL,
	account_id  BIGINT NOT NULL,
	order_id    BIGINT NOT NULL DEFAULT 0 COMMENT '0: of a subscription period',
	credits_id  BIGINT NOT NULL DEFAULT 0 COMMENT 'credit note: the invoice it corrects; 0: none',
	language    CHAR(2) CHARACTER SET ascii NOT NULL,
	currency    CHAR(3) CHARACTER SET ascii NOT NULL,
	net         BIGINT NOT NULL,
	tax         BIGINT NOT NULL,
	total       BIGINT NOT NULL COMMENT 'negative on a credit note',
	buyer       TEXT NOT NULL COMMENT 'JSON: name, e-mail, address as they were',
	seller      TEXT NOT NULL COMMENT 'JSON: of the shop, as it was',
	issued_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY invoice_number (number),
	UNIQUE KEY invoice_source (source, source_id, kind),
	KEY invoice_account (account_id, id),
	KEY invoice_order (order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE invoice_line (
	invoice_id BIGINT NOT NULL,
	position   BIGINT NOT NULL,
	title      VARCHAR(255) NOT NULL,
	quantity   BIGINT NOT NULL,
	net        BIGINT NOT NULL,
	tax        BIGINT NOT NULL,
	currency   CHAR(3) CHARACTER SET ascii NOT NULL,
	PRIMARY KEY (invoice_id, position),
	CONSTRAINT invoice_line_invoice FOREIGN KEY (invoice_id) REFERENCES invoice (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
