-- What is sold: products in two languages, their versions and files, the prices, and what each price gives.

CREATE TABLE category (
	id       BIGINT NOT NULL AUTO_INCREMENT,
	slug     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	position BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (id),
	UNIQUE KEY category_slug (slug)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE category_text (
	category_id BIGINT NOT NULL,
	language    CHAR(2) CHARACTER SET ascii NOT NULL,
	title       VARCHAR(100) NOT NULL,
	PRIMARY KEY (category_id, language),
	CONSTRAINT category_text_category FOREIGN KEY (category_id) REFERENCES category (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product (
	id           BIGINT NOT NULL AUTO_INCREMENT,
	public_id    CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	slug         VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	category_id  BIGINT NOT NULL,
	seller_id    BIGINT NOT NULL DEFAULT 0 COMMENT 'account; 0: the house itself',
	status       VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'draft' COMMENT 'draft, published, withdrawn',
	position     BIGINT NOT NULL DEFAULT 0 COMMENT 'catalogue order, small first',
	cover        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'public file below media/; empty: none',
	price_from   BIGINT NOT NULL DEFAULT 0 COMMENT 'lowest active price, kept by product.c so that the catalogue asks one table',
	currency     CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'eur',
	price_count  BIGINT NOT NULL DEFAULT 0 COMMENT 'active prices',
	created_at   DATETIME(6) NOT NULL,
	updated_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY product_public (public_id),
	UNIQUE KEY product_slug (slug),
	KEY product_catalogue (status, position, id),
	KEY product_category (category_id, status, position, id),
	CONSTRAINT product_category FOREIGN KEY (category_id) REFERENCES category (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product_text (
	product_id  BIGINT NOT NULL,
	language    CHAR(2) CHARACTER SET ascii NOT NULL,
	title       VARCHAR(255) NOT NULL,
	summary     VARCHAR(500) NOT NULL,
	cover_alt   VARCHAR(200) NOT NULL DEFAULT '',
	description MEDIUMTEXT NOT NULL COMMENT 'Markdown',
	PRIMARY KEY (product_id, language),
	CONSTRAINT product_text_product FOREIGN KEY (product_id) REFERENCES product (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product_tag (
	product_id BIGINT NOT NULL,
	tag        VARCHAR(50) NOT NULL,
	PRIMARY KEY (product_id, tag),
	KEY product_tag_tag (tag, product_id),
	CONSTRAINT product_tag_product FOREIGN KEY (product_id) REFERENCES product (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product_version (
	id          BIGINT NOT NULL AUTO_INCREMENT,
	product_id  BIGINT NOT NULL,
	name        VARCHAR(50) NOT NULL,
	released_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY product_version_name (product_id, name),
	KEY product_version_newest (product_id, released_at, id),
	CONSTRAINT product_version_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product_version_text (
	version_id BIGINT NOT NULL,
	language   CHAR(2) CHARACTER SET ascii NOT NULL,
	notes      TEXT NOT NULL COMMENT 'Markdown',
	PRIMARY KEY (version_id, language),
	CONSTRAINT product_version_text_version FOREIGN KEY (version_id) REFERENCES product_version (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product_file (
	id         BIGINT NOT NULL AUTO_INCREMENT,
	public_id  CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	product_id BIGINT NOT NULL,
	version_id BIGINT NOT NULL,
	part       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'a benefit may give some parts only (wav, stems …); empty: given by every download benefit',
	name       VARCHAR(200) NOT NULL COMMENT 'what the customer saves it as',
	media_type VARCHAR(100) CHARACTER SET ascii NOT NULL,
	size       BIGINT NOT NULL COMMENT 'bytes',
	sha256     BINARY(32) NOT NULL,
	storage    VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'generated name below files/',
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY product_file_public (public_id),
	UNIQUE KEY product_file_name (version_id, name),
	KEY product_file_product (product_id, version_id),
	CONSTRAINT product_file_version FOREIGN KEY (version_id) REFERENCES product_version (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE price (
	id           BIGINT NOT NULL AUTO_INCREMENT,
	public_id    CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	product_id   BIGINT NOT NULL,
	name         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'basic, premium … data, not code',
	amount       BIGINT NOT NULL COMMENT 'minor units',
	currency     CHAR(3) CHARACTER SET ascii NOT NULL,
	recurring    VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'once' COMMENT 'once, month, year',
	quantity_max BIGINT NOT NULL DEFAULT 1,
	position     BIGINT NOT NULL DEFAULT 0,
	active       BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'a price once sold is never changed: it is retired and a new one made',
	created_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY price_public (public_id),
	KEY price_product (product_id, active, position, id),
	CONSTRAINT price_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE price_text (
	price_id BIGINT NOT NULL,
	language CHAR(2) CHARACTER SET ascii NOT NULL,
	title    VARCHAR(100) NOT NULL,
	summary  VARCHAR(300) NOT NULL DEFAULT '',
	PRIMARY KEY (price_id, language),
	CONSTRAINT price_text_price FOREIGN KEY (price_id) REFERENCES price (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE benefit (
	id             BIGINT NOT NULL AUTO_INCREMENT,
	price_id       BIGINT NOT NULL,
	product_id     BIGINT NOT NULL COMMENT 'whose files, licence or module it gives; a bundle points elsewhere than its price',
	kind           VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'download, license, tokens, module',
	position       BIGINT NOT NULL DEFAULT 0,
	parts          VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'download: ",wav,stems,"; empty: every part',
	download_limit BIGINT NULL COMMENT 'download: uses per file; NULL: none',
	seats          BIGINT NULL COMMENT 'license: devices at a time; NULL: unlimited',
	transferable   BOOLEAN NOT NULL DEFAULT TRUE,
	updates_days   BIGINT NULL COMMENT 'download, license: new versions for so long; NULL: for ever',
	duration_days  BIGINT NULL COMMENT 'license, module: lasts so long; NULL: for ever',
	tokens         BIGINT NOT NULL DEFAULT 0,
	module         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	level          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	uses           BIGINT NULL COMMENT 'module: how often; NULL: unlimited',
	PRIMARY KEY (id),
	KEY benefit_price (price_id, position, id),
	CONSTRAINT benefit_price FOREIGN KEY (price_id) REFERENCES price (id),
	CONSTRAINT benefit_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
