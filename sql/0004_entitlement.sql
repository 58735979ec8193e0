-- Rights, and the things rights bring. All are clustered by account, with the printed facts of the order copied in
-- (they are an immutable snapshot anyway): a portal page reads one table in one place.

CREATE TABLE entitlement (
	account_id    BIGINT NOT NULL,
	id            BIGINT NOT NULL AUTO_INCREMENT,
	public_id     CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	source        VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'order_line, period, manual',
	source_id     BIGINT NOT NULL COMMENT 'row of the source; manual: the audit row with the reason',
	benefit_id    BIGINT NOT NULL,
	ordinal       BIGINT NOT NULL DEFAULT 0 COMMENT 'quantity N gives ordinals 0 to N-1',
	order_id      BIGINT NOT NULL DEFAULT 0 COMMENT '0: not from an order',
	product_id    BIGINT NOT NULL,
	kind          VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'download, license, tokens, module',
	state         VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'active, suspended, revoked, expired',
	reason        VARCHAR(48) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'why it is not active',
	title         VARCHAR(255) NOT NULL COMMENT 'of the product, when bought',
	price_title   VARCHAR(100) NOT NULL,
	order_number  CHAR(14) CHARACTER SET ascii NOT NULL DEFAULT '',
	parts         VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	updates_until DATETIME(6) NULL COMMENT 'versions released up to then; NULL: all',
	starts_at     DATETIME(6) NOT NULL,
	ends_at       DATETIME(6) NULL COMMENT 'NULL: for ever',
	created_at    DATETIME(6) NOT NULL,
	deleted_at    DATETIME(6) NULL COMMENT 'cleaned up: had no source; NULL: stands',
	PRIMARY KEY (account_id, id),
	UNIQUE KEY entitlement_id (id),
	UNIQUE KEY entitlement_public (public_id),
	UNIQUE KEY entitlement_source (source, source_id, benefit_id, ordinal),
	KEY entitlement_product (account_id, product_id, kind),
	KEY entitlement_order (order_id),
	CONSTRAINT entitlement_account FOREIGN KEY (account_id) REFERENCES account (id),
	CONSTRAINT entitlement_benefit FOREIGN KEY (benefit_id) REFERENCES benefit (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE license (
	account_id     BIGINT NOT NULL,
	id             BIGINT NOT NULL AUTO_INCREMENT,
	public_id      CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	entitlement_id BIGINT NOT NULL,
	product_id     BIGINT NOT NULL,
	license_key    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	state          VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'as its entitlement',
	title          VARCHAR(255) NOT NULL,
	price_title    VARCHAR(100) NOT NULL,
	order_number   CHAR(14) CHARACTER SET ascii NOT NULL,
	seats          BIGINT NULL COMMENT 'NULL: unlimited',
	seats_used     BIGINT NOT NULL DEFAULT 0,
	transferable   BOOLEAN NOT NULL,
	updates_until  DATETIME(6) NULL COMMENT 'NULL: for ever',
	expires_at     DATETIME(6) NULL COMMENT 'NULL: never',
	created_at     DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE KEY license_id (id),
	UNIQUE KEY license_public (public_id),
	UNIQUE KEY license_key (license_key),
	UNIQUE KEY license_entitlement (entitlement_id),
	CONSTRAINT license_entitlement FOREIGN KEY (entitlement_id) REFERENCES entitlement (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE download_link (
	token_hash     BINARY(32) NOT NULL,
	account_id     BIGINT NOT NULL,
	entitlement_id BIGINT NOT NULL,
	file_id        BIGINT NOT NULL,
	created_at     DATETIME(6) NOT NULL,
	expires_at     DATETIME(6) NOT NULL,
	used_at        DATETIME(6) NULL COMMENT 'first delivered byte; NULL: not yet',
	PRIMARY KEY (token_hash),
	KEY download_link_expiry (expires_at),
	CONSTRAINT download_link_file FOREIGN KEY (file_id) REFERENCES product_file (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE download_event (
	account_id     BIGINT NOT NULL,
	id             BIGINT NOT NULL AUTO_INCREMENT,
	entitlement_id BIGINT NOT NULL,
	file_id        BIGINT NOT NULL,
	title          VARCHAR(255) NOT NULL,
	file_name      VARCHAR(200) NOT NULL,
	version_name   VARCHAR(50) NOT NULL,
	size           BIGINT NOT NULL,
	sha256         BINARY(32) NOT NULL,
	created_at     DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE KEY download_event_id (id),
	KEY download_event_right (entitlement_id, file_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
