-- Module access, the tokens that module servers check, and the keys of programs that call our API.

CREATE TABLE module_access (
	account_id     BIGINT NOT NULL,
	id             BIGINT NOT NULL AUTO_INCREMENT,
	public_id      CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	entitlement_id BIGINT NOT NULL COMMENT 'one purchase or period; staff grants have one too (source manual)',
	module         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	level          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	state          VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'as its entitlement',
	starts_at      DATETIME(6) NOT NULL COMMENT 'a second purchase begins where the first ends',
	ends_at        DATETIME(6) NULL COMMENT 'NULL: for ever',
	uses_left      BIGINT NULL COMMENT 'NULL: unlimited',
	suspended_at   DATETIME(6) NULL COMMENT 'since when a dispute stops its clock; NULL: it runs',
	created_at     DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE KEY module_access_id (id),
	UNIQUE KEY module_access_public (public_id),
	UNIQUE KEY module_access_right (entitlement_id),
	KEY module_access_module (account_id, module, level, ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE access_token (
	token_hash BINARY(32) NOT NULL,
	public_id  CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	account_id BIGINT NOT NULL,
	access_id  BIGINT NOT NULL,
	uses_left  BIGINT NULL COMMENT 'NULL: unlimited',
	expires_at DATETIME(6) NOT NULL,
	revoked_at DATETIME(6) NULL COMMENT 'NULL: stands',
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (token_hash),
	UNIQUE KEY access_token_public (public_id),
	KEY access_token_access (account_id, access_id),
	KEY access_token_expiry (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE api_key (
	id         BIGINT NOT NULL AUTO_INCREMENT,
	public_id  CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	key_hash   BINARY(32) NOT NULL COMMENT 'SHA-256; the key is shown once',
	account_id BIGINT NOT NULL COMMENT 'whose tokens and access it may touch; 0: every customer''s (a module server of the shop)',
	name       VARCHAR(100) NOT NULL,
	scopes     VARCHAR(200) CHARACTER SET ascii NOT NULL COMMENT '" tokens:read tokens:debit access:check access:use "',
	created_at DATETIME(6) NOT NULL,
	used_at    DATETIME(6) NULL COMMENT 'NULL: never',
	revoked_at DATETIME(6) NULL COMMENT 'NULL: stands',
	PRIMARY KEY (id),
	UNIQUE KEY api_key_public (public_id),
	UNIQUE KEY api_key_hash (key_hash),
	KEY api_key_account (account_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
