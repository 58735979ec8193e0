-- The schema that the migrations make; written by tests/schema.sh --write, compared by tests/schema.sh.

CREATE TABLE `access_token` (
  `token_hash` binary(32) NOT NULL,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `access_id` bigint(20) NOT NULL,
  `uses_left` bigint(20) DEFAULT NULL COMMENT 'NULL: unlimited',
  `expires_at` datetime(6) NOT NULL,
  `revoked_at` datetime(6) DEFAULT NULL COMMENT 'NULL: stands',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`token_hash`),
  UNIQUE KEY `access_token_public` (`public_id`),
  KEY `access_token_access` (`account_id`,`access_id`),
  KEY `access_token_expiry` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `account` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `email` varchar(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'trimmed, lower case',
  `name` varchar(100) NOT NULL,
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `password` varchar(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'argon2id, encoded; empty: cannot log in with one',
  `staff` tinyint(1) NOT NULL DEFAULT 0,
  `seller` tinyint(1) NOT NULL DEFAULT 0,
  `stripe_customer` varchar(255) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'NULL: never went to a checkout',
  `verified_at` datetime(6) DEFAULT NULL COMMENT 'NULL: the address is not proven yet',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `account_public` (`public_id`),
  UNIQUE KEY `account_email` (`email`),
  UNIQUE KEY `account_customer` (`stripe_customer`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `account_token` (
  `token_hash` binary(32) NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `purpose` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'verify, reset, email',
  `email` varchar(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'the address the link was sent to',
  `next` varchar(200) NOT NULL DEFAULT '' COMMENT 'path to go on to; empty: the portal',
  `browser` varbinary(32) NOT NULL DEFAULT '' COMMENT 'SHA-256 of the visitor''s cookie; empty: none',
  `created_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  `used_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not used yet',
  PRIMARY KEY (`token_hash`),
  KEY `account_token_account` (`account_id`,`purpose`),
  KEY `account_token_expiry` (`expires_at`),
  CONSTRAINT `account_token_account` FOREIGN KEY (`account_id`) REFERENCES `account` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `api_key` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `key_hash` binary(32) NOT NULL COMMENT 'SHA-256; the key is shown once',
  `account_id` bigint(20) NOT NULL COMMENT 'whose tokens and access it may touch; 0: every customer''s (a module server of the shop)',
  `name` varchar(100) NOT NULL,
  `scopes` varchar(200) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT '" tokens:read tokens:debit access:check access:use "',
  `created_at` datetime(6) NOT NULL,
  `used_at` datetime(6) DEFAULT NULL COMMENT 'NULL: never',
  `revoked_at` datetime(6) DEFAULT NULL COMMENT 'NULL: stands',
  PRIMARY KEY (`id`),
  UNIQUE KEY `api_key_public` (`public_id`),
  UNIQUE KEY `api_key_hash` (`key_hash`),
  KEY `api_key_account` (`account_id`,`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `api_reply` (
  `api_key_id` bigint(20) NOT NULL,
  `idempotency_key` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `request_hash` binary(32) NOT NULL COMMENT 'SHA-256 of path and fields: the same key for something else is refused',
  `status` smallint(6) NOT NULL DEFAULT 0 COMMENT '0: only within the transaction that makes the answer',
  `body` text NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`api_key_id`,`idempotency_key`),
  KEY `api_reply_age` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `audit` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `account_id` bigint(20) NOT NULL COMMENT 'whose things were touched; 0: nobody''s',
  `actor_id` bigint(20) NOT NULL COMMENT 'who did it; 0: the program itself',
  `action` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'order.paid, entitlement.revoked …',
  `subject_id` bigint(20) NOT NULL COMMENT 'row of the noun before the dot',
  `detail` varchar(500) NOT NULL COMMENT 'why; never keys, passwords or addresses',
  `request_id` varchar(40) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_account` (`account_id`,`id`),
  KEY `audit_subject` (`action`,`subject_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `benefit` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `price_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL COMMENT 'whose files, licence or module it gives; a bundle points elsewhere than its price',
  `kind` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'download, license, tokens, module',
  `position` bigint(20) NOT NULL DEFAULT 0,
  `parts` varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'download: ",wav,stems,"; empty: every part',
  `download_limit` bigint(20) DEFAULT NULL COMMENT 'download: uses per file; NULL: none',
  `seats` bigint(20) DEFAULT NULL COMMENT 'license: devices at a time; NULL: unlimited',
  `transferable` tinyint(1) NOT NULL DEFAULT 1,
  `updates_days` bigint(20) DEFAULT NULL COMMENT 'download, license: new versions for so long; NULL: for ever',
  `duration_days` bigint(20) DEFAULT NULL COMMENT 'license, module: lasts so long; NULL: for ever',
  `tokens` bigint(20) NOT NULL DEFAULT 0,
  `module` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `level` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `uses` bigint(20) DEFAULT NULL COMMENT 'module: how often; NULL: unlimited',
  PRIMARY KEY (`id`),
  KEY `benefit_price` (`price_id`,`position`,`id`),
  KEY `benefit_product` (`product_id`),
  CONSTRAINT `benefit_price` FOREIGN KEY (`price_id`) REFERENCES `price` (`id`),
  CONSTRAINT `benefit_product` FOREIGN KEY (`product_id`) REFERENCES `product` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `category` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `slug` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `position` bigint(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `category_slug` (`slug`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `category_text` (
  `category_id` bigint(20) NOT NULL,
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `title` varchar(100) NOT NULL,
  PRIMARY KEY (`category_id`,`language`),
  CONSTRAINT `category_text_category` FOREIGN KEY (`category_id`) REFERENCES `category` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `dispute` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `stripe_dispute` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_intent` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `charge` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `status` varchar(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'as Stripe says; won, lost, warning_closed and prevented are final',
  `reason` varchar(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '',
  `amount` bigint(20) NOT NULL,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `opened_at` datetime(6) NOT NULL,
  `closed_at` datetime(6) DEFAULT NULL COMMENT 'NULL: open',
  `due_by` datetime(6) DEFAULT NULL COMMENT 'evidence wanted until; NULL: not told',
  `told_at` datetime(6) NOT NULL COMMENT 'Stripe''s time of the event the status comes from',
  `alerted` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'an inquiry: the event that tells of it is written',
  PRIMARY KEY (`id`),
  UNIQUE KEY `dispute_public` (`public_id`),
  UNIQUE KEY `dispute_stripe` (`stripe_dispute`),
  KEY `dispute_payment` (`payment_intent`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `download_event` (
  `account_id` bigint(20) NOT NULL,
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `entitlement_id` bigint(20) NOT NULL,
  `file_id` bigint(20) NOT NULL,
  `title` varchar(255) NOT NULL,
  `file_name` varchar(200) NOT NULL,
  `version_name` varchar(50) NOT NULL,
  `size` bigint(20) NOT NULL,
  `sha256` binary(32) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`id`),
  UNIQUE KEY `download_event_id` (`id`),
  KEY `download_event_right` (`entitlement_id`,`file_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `download_link` (
  `token_hash` binary(32) NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `entitlement_id` bigint(20) NOT NULL,
  `file_id` bigint(20) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  `used_at` datetime(6) DEFAULT NULL COMMENT 'first delivered byte; NULL: not yet',
  PRIMARY KEY (`token_hash`),
  KEY `download_link_expiry` (`expires_at`),
  KEY `download_link_file` (`file_id`),
  CONSTRAINT `download_link_file` FOREIGN KEY (`file_id`) REFERENCES `product_file` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `entitlement` (
  `account_id` bigint(20) NOT NULL,
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `source` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'order_line, period, manual',
  `source_id` bigint(20) NOT NULL COMMENT 'row of the source; manual: the audit row with the reason',
  `benefit_id` bigint(20) NOT NULL,
  `ordinal` bigint(20) NOT NULL DEFAULT 0 COMMENT 'quantity N gives ordinals 0 to N-1',
  `order_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: not from an order',
  `product_id` bigint(20) NOT NULL,
  `kind` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'download, license, tokens, module',
  `state` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'active, suspended, revoked, expired',
  `reason` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'why it is not active',
  `title` varchar(255) NOT NULL COMMENT 'of the product, when bought',
  `price_title` varchar(100) NOT NULL,
  `order_number` char(14) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '',
  `parts` varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `updates_until` datetime(6) DEFAULT NULL COMMENT 'versions released up to then; NULL: all',
  `starts_at` datetime(6) NOT NULL,
  `ends_at` datetime(6) DEFAULT NULL COMMENT 'NULL: for ever',
  `created_at` datetime(6) NOT NULL,
  `deleted_at` datetime(6) DEFAULT NULL COMMENT 'cleaned up: had no source; NULL: stands',
  `kept_for` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'reason of a revocation that staff took back: it does not revoke again',
  PRIMARY KEY (`account_id`,`id`),
  UNIQUE KEY `entitlement_id` (`id`),
  UNIQUE KEY `entitlement_public` (`public_id`),
  UNIQUE KEY `entitlement_source` (`source`,`source_id`,`benefit_id`,`ordinal`),
  KEY `entitlement_product` (`account_id`,`product_id`,`kind`),
  KEY `entitlement_order` (`order_id`),
  KEY `entitlement_benefit` (`benefit_id`),
  CONSTRAINT `entitlement_account` FOREIGN KEY (`account_id`) REFERENCES `account` (`id`),
  CONSTRAINT `entitlement_benefit` FOREIGN KEY (`benefit_id`) REFERENCES `benefit` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `event` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `topic` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `subject_id` bigint(20) NOT NULL,
  `payload` mediumtext NOT NULL COMMENT 'JSON, printed by the shape',
  `request_id` varchar(40) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `event_subject` (`topic`,`subject_id`),
  KEY `event_account` (`account_id`,`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `free_claim` (
  `account_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `order_id` bigint(20) NOT NULL,
  PRIMARY KEY (`account_id`,`product_id`),
  KEY `free_claim_order` (`order_id`),
  CONSTRAINT `free_claim_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='a free product goes to an account once';

CREATE TABLE `invariant` (
  `name` varchar(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the table in src/invariant.c',
  `broken` bigint(20) NOT NULL COMMENT 'rows that break it; 0: it holds',
  `checked_at` datetime(6) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `invoice` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `number` varchar(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'F2026-000001; A2026-000001 for a credit note',
  `kind` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'invoice, credit',
  `source` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'order, period, refund',
  `source_id` bigint(20) NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `order_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: of a subscription period',
  `credits_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'credit note: the invoice it corrects; 0: none',
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `net` bigint(20) NOT NULL,
  `tax` bigint(20) NOT NULL,
  `total` bigint(20) NOT NULL COMMENT 'negative on a credit note',
  `buyer` text NOT NULL COMMENT 'JSON: name, e-mail, address as they were',
  `seller` text NOT NULL COMMENT 'JSON: of the shop, as it was',
  `issued_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `invoice_number` (`number`),
  UNIQUE KEY `invoice_source` (`source`,`source_id`,`kind`),
  KEY `invoice_account` (`account_id`,`id`),
  KEY `invoice_order` (`order_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `invoice_counter` (
  `series` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'F2026, A2026',
  `last` bigint(20) NOT NULL COMMENT 'number given last; locked by the paying transaction, so that no number is lost',
  PRIMARY KEY (`series`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `invoice_line` (
  `invoice_id` bigint(20) NOT NULL,
  `position` bigint(20) NOT NULL,
  `title` varchar(255) NOT NULL,
  `quantity` bigint(20) NOT NULL,
  `net` bigint(20) NOT NULL,
  `tax` bigint(20) NOT NULL,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  PRIMARY KEY (`invoice_id`,`position`),
  CONSTRAINT `invoice_line_invoice` FOREIGN KEY (`invoice_id`) REFERENCES `invoice` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `job` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `reaction` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'the function in src/job/',
  `unique_key` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one open job of a reaction and key at a time',
  `event_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: not from an event',
  `subject_id` bigint(20) NOT NULL DEFAULT 0,
  `state` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'ready, leased, dead; done jobs are deleted',
  `tries` bigint(20) NOT NULL DEFAULT 0,
  `error` varchar(400) NOT NULL DEFAULT '',
  `run_at` datetime(6) NOT NULL,
  `lease_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `lease_until` datetime(6) DEFAULT NULL COMMENT 'NULL: nobody holds it',
  `request_id` varchar(40) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `job_unique` (`reaction`,`unique_key`),
  KEY `job_due` (`state`,`run_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `license` (
  `account_id` bigint(20) NOT NULL,
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `entitlement_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `license_key` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'as its entitlement',
  `title` varchar(255) NOT NULL,
  `price_title` varchar(100) NOT NULL,
  `order_number` char(14) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `seats` bigint(20) DEFAULT NULL COMMENT 'NULL: unlimited',
  `seats_used` bigint(20) NOT NULL DEFAULT 0,
  `transferable` tinyint(1) NOT NULL,
  `updates_until` datetime(6) DEFAULT NULL COMMENT 'NULL: for ever',
  `expires_at` datetime(6) DEFAULT NULL COMMENT 'NULL: never',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`id`),
  UNIQUE KEY `license_id` (`id`),
  UNIQUE KEY `license_public` (`public_id`),
  UNIQUE KEY `license_key` (`license_key`),
  UNIQUE KEY `license_entitlement` (`entitlement_id`),
  CONSTRAINT `license_entitlement` FOREIGN KEY (`entitlement_id`) REFERENCES `entitlement` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `mail` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `account_id` bigint(20) NOT NULL,
  `unique_key` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the fact it tells of: a receipt goes out once',
  `recipient` varchar(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `subject` varchar(200) NOT NULL,
  `body` mediumtext NOT NULL COMMENT 'plain text; emptied once sent when it held a secret link',
  `secret` tinyint(1) NOT NULL DEFAULT 0,
  `state` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'ready, sent, dead',
  `tries` bigint(20) NOT NULL DEFAULT 0,
  `error` varchar(200) NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  `send_at` datetime(6) NOT NULL,
  `sent_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not sent',
  PRIMARY KEY (`id`),
  UNIQUE KEY `mail_unique` (`unique_key`),
  KEY `mail_due` (`state`,`send_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `migration` (
  `name` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the file below sql/',
  `sha256` binary(32) NOT NULL COMMENT 'of the file when it was applied: it may not change any more',
  `state` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'started, finished',
  `statement` bigint(20) NOT NULL COMMENT 'begun last, counted from 1; DDL cannot be rolled back',
  `statements` bigint(20) NOT NULL COMMENT 'of the file',
  `started_at` datetime(6) NOT NULL,
  `finished_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not finished',
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `migration_lease` (
  `id` bigint(20) NOT NULL COMMENT 'always 1',
  `holder` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'random; empty: free',
  `until_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `module_access` (
  `account_id` bigint(20) NOT NULL,
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `entitlement_id` bigint(20) NOT NULL COMMENT 'one purchase or period; staff grants have one too (source manual)',
  `module` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `level` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'as its entitlement',
  `starts_at` datetime(6) NOT NULL COMMENT 'a second purchase begins where the first ends',
  `ends_at` datetime(6) DEFAULT NULL COMMENT 'NULL: for ever',
  `uses_left` bigint(20) DEFAULT NULL COMMENT 'NULL: unlimited',
  `suspended_at` datetime(6) DEFAULT NULL COMMENT 'since when a dispute stops its clock; NULL: it runs',
  `end_told` datetime(6) DEFAULT NULL COMMENT 'the end that module.expired told of; NULL: none yet',
  `end_to_tell` datetime(6) GENERATED ALWAYS AS (if(`state` = 'active' and coalesce(`end_told` < `ends_at`,1),`ends_at`,NULL)) VIRTUAL COMMENT 'what the job looks for: it does not grow with what was told',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`id`),
  UNIQUE KEY `module_access_id` (`id`),
  UNIQUE KEY `module_access_public` (`public_id`),
  UNIQUE KEY `module_access_right` (`entitlement_id`),
  KEY `module_access_module` (`account_id`,`module`,`level`,`ends_at`),
  KEY `module_access_end` (`end_to_tell`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `order_line` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `order_id` bigint(20) NOT NULL,
  `position` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `price_id` bigint(20) NOT NULL,
  `seller_id` bigint(20) NOT NULL COMMENT '0: the house',
  `title` varchar(255) NOT NULL,
  `price_title` varchar(100) NOT NULL,
  `quantity` bigint(20) NOT NULL,
  `unit_amount` bigint(20) NOT NULL,
  `amount` bigint(20) NOT NULL COMMENT 'quantity times unit, minor units of the order',
  `tax` bigint(20) NOT NULL DEFAULT 0 COMMENT 'as Stripe told it; counts when those of all lines are the order''s',
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `fee` bigint(20) NOT NULL DEFAULT 0 COMMENT 'marketplace fee of this line',
  PRIMARY KEY (`id`),
  UNIQUE KEY `order_line_place` (`order_id`,`position`),
  KEY `order_line_product` (`product_id`,`order_id`),
  KEY `order_line_price` (`price_id`),
  CONSTRAINT `order_line_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`),
  CONSTRAINT `order_line_price` FOREIGN KEY (`price_id`) REFERENCES `price` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `orders` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `number` char(14) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'random, grouped: 7KQ2-9FHM-3TWX',
  `account_id` bigint(20) NOT NULL,
  `request_key` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the form that made it: pressing twice is one order',
  `state` varchar(24) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'see order.h',
  `review` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'held for the operator: amount_mismatch …; empty: not held',
  `decision` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'of staff about the last doubt of its money: release, close; empty: none',
  `decided` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'the review that it was about',
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `subtotal` bigint(20) NOT NULL,
  `discount` bigint(20) NOT NULL DEFAULT 0,
  `tax` bigint(20) NOT NULL DEFAULT 0,
  `tax_behavior` varchar(9) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'exclusive, inclusive; empty: made without Stripe Tax',
  `total` bigint(20) NOT NULL,
  `refunded` bigint(20) NOT NULL DEFAULT 0 COMMENT 'greatest amount Stripe ever told',
  `livemode` tinyint(1) NOT NULL,
  `promotions` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'the shop let Stripe take promotion codes',
  `settles_later` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'the buyer is done, the money settles days later (SEPA …)',
  `checkout_tries` bigint(20) NOT NULL DEFAULT 0 COMMENT 'sessions asked for; part of the idempotency key',
  `stripe_session` varchar(255) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'NULL: none made',
  `stripe_url` varchar(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `stripe_payment` varchar(255) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'payment intent; NULL: none',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) DEFAULT NULL COMMENT 'of the open session; NULL: none open',
  `paid_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not paid',
  `closed_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not failed or expired',
  PRIMARY KEY (`id`),
  UNIQUE KEY `orders_number` (`number`),
  UNIQUE KEY `orders_request` (`account_id`,`request_key`),
  UNIQUE KEY `orders_session` (`stripe_session`),
  KEY `orders_payment` (`stripe_payment`),
  KEY `orders_account` (`account_id`,`id`),
  KEY `orders_state` (`state`,`updated_at`),
  KEY `orders_review` (`review`,`id`),
  CONSTRAINT `orders_account` FOREIGN KEY (`account_id`) REFERENCES `account` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `payment` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `payment_intent` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `charge` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'empty: not told yet',
  `stripe_invoice` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of a subscription''s payment; empty: none, or not told yet',
  `amount` bigint(20) NOT NULL DEFAULT 0 COMMENT 'of the charge; 0: not told yet',
  `refunded` bigint(20) NOT NULL DEFAULT 0 COMMENT 'greatest amount_refunded told',
  `fraud_warning` tinyint(1) NOT NULL DEFAULT 0,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `transferred` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'the charge passed money on to a seller: a refund fetches it back',
  PRIMARY KEY (`id`),
  UNIQUE KEY `payment_intent` (`payment_intent`),
  KEY `payment_invoice` (`stripe_invoice`),
  KEY `payment_charge` (`charge`),
  KEY `payment_fraud` (`fraud_warning`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `price` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `name` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'basic, premium … data, not code',
  `amount` bigint(20) NOT NULL COMMENT 'minor units',
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `recurring` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT 'once' COMMENT 'once, month, year',
  `quantity_max` bigint(20) NOT NULL DEFAULT 1,
  `position` bigint(20) NOT NULL DEFAULT 0,
  `active` tinyint(1) NOT NULL DEFAULT 1 COMMENT 'a price once sold is never changed: it is retired and a new one made',
  `created_at` datetime(6) NOT NULL,
  `stripe_price` varchar(255) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'recurring: made at Stripe when first needed; NULL: not yet',
  `trial_days` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: no trial',
  `trial_card` tinyint(1) NOT NULL DEFAULT 1 COMMENT 'a trial asks for a payment method first',
  `trial_percent` bigint(20) NOT NULL DEFAULT 10 COMMENT 'of the token quota during the trial',
  PRIMARY KEY (`id`),
  UNIQUE KEY `price_public` (`public_id`),
  KEY `price_product` (`product_id`,`active`,`position`,`id`),
  KEY `price_stripe` (`stripe_price`),
  CONSTRAINT `price_product` FOREIGN KEY (`product_id`) REFERENCES `product` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `price_text` (
  `price_id` bigint(20) NOT NULL,
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `title` varchar(100) NOT NULL,
  `summary` varchar(300) NOT NULL DEFAULT '',
  PRIMARY KEY (`price_id`,`language`),
  CONSTRAINT `price_text_price` FOREIGN KEY (`price_id`) REFERENCES `price` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `product` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `slug` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `category_id` bigint(20) NOT NULL,
  `seller_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'account; 0: the house itself',
  `status` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT 'draft' COMMENT 'draft, published, withdrawn',
  `position` bigint(20) NOT NULL DEFAULT 0 COMMENT 'catalogue order, small first',
  `cover` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'public file below media/; empty: none',
  `price_from` bigint(20) NOT NULL DEFAULT 0 COMMENT 'lowest active price, kept by product.c so that the catalogue asks one table',
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT 'eur',
  `price_count` bigint(20) NOT NULL DEFAULT 0 COMMENT 'active prices',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `product_public` (`public_id`),
  UNIQUE KEY `product_slug` (`slug`),
  KEY `product_catalogue` (`status`,`position`,`id`),
  KEY `product_category` (`category_id`,`status`,`position`,`id`),
  CONSTRAINT `product_category` FOREIGN KEY (`category_id`) REFERENCES `category` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `product_file` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `version_id` bigint(20) NOT NULL,
  `part` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'a benefit may give some parts only (wav, stems …); empty: given by every download benefit',
  `name` varchar(200) NOT NULL COMMENT 'what the customer saves it as',
  `media_type` varchar(100) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `size` bigint(20) NOT NULL COMMENT 'bytes',
  `sha256` binary(32) NOT NULL,
  `storage` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'generated name below files/',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `product_file_public` (`public_id`),
  UNIQUE KEY `product_file_name` (`version_id`,`name`),
  KEY `product_file_product` (`product_id`,`version_id`),
  CONSTRAINT `product_file_version` FOREIGN KEY (`version_id`) REFERENCES `product_version` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `product_tag` (
  `product_id` bigint(20) NOT NULL,
  `tag` varchar(50) NOT NULL,
  PRIMARY KEY (`product_id`,`tag`),
  KEY `product_tag_tag` (`tag`,`product_id`),
  CONSTRAINT `product_tag_product` FOREIGN KEY (`product_id`) REFERENCES `product` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `product_text` (
  `product_id` bigint(20) NOT NULL,
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `title` varchar(255) NOT NULL,
  `summary` varchar(500) NOT NULL,
  `cover_alt` varchar(200) NOT NULL DEFAULT '',
  `description` mediumtext NOT NULL COMMENT 'Markdown',
  PRIMARY KEY (`product_id`,`language`),
  CONSTRAINT `product_text_product` FOREIGN KEY (`product_id`) REFERENCES `product` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `product_version` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `product_id` bigint(20) NOT NULL,
  `name` varchar(50) NOT NULL,
  `released_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `product_version_name` (`product_id`,`name`),
  KEY `product_version_newest` (`product_id`,`released_at`,`id`),
  CONSTRAINT `product_version_product` FOREIGN KEY (`product_id`) REFERENCES `product` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `product_version_text` (
  `version_id` bigint(20) NOT NULL,
  `language` char(2) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `notes` text NOT NULL COMMENT 'Markdown',
  PRIMARY KEY (`version_id`,`language`),
  CONSTRAINT `product_version_text_version` FOREIGN KEY (`version_id`) REFERENCES `product_version` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `reconcile` (
  `id` bigint(20) NOT NULL COMMENT 'always 1',
  `mark_at` datetime(6) DEFAULT NULL COMMENT 'every event of Stripe up to then has been looked for; NULL: never asked',
  `ran_at` datetime(6) DEFAULT NULL COMMENT 'when the last run ended; NULL: none did',
  `listed` bigint(20) NOT NULL DEFAULT 0 COMMENT 'events Stripe named in the last run',
  `missed` bigint(20) NOT NULL DEFAULT 0 COMMENT 'of these, not heard of before',
  `failed` bigint(20) NOT NULL DEFAULT 0 COMMENT 'of those, not applied: failed, or held',
  `sessions` bigint(20) NOT NULL DEFAULT 0 COMMENT 'open payment pages asked about in the last run',
  `missed_ever` bigint(20) NOT NULL DEFAULT 0 COMMENT 'of all runs: how often the webhook was not enough',
  `error` varchar(200) NOT NULL DEFAULT '' COMMENT 'why the last run was cut short; empty: it was not',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `refund` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'our name for it; part of the idempotency key',
  `stripe_refund` varchar(255) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'NULL: asked for, not answered yet',
  `payment_intent` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: made elsewhere (dashboard), or of a subscription',
  `amount` bigint(20) NOT NULL,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `status` varchar(24) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'asked, pending, requires_action, succeeded, failed, canceled, refused',
  `reason` varchar(200) NOT NULL DEFAULT '' COMMENT 'what staff wrote',
  `actor_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'staff; 0: told by Stripe',
  `cancels` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'the subscription is to end too',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `error` varchar(100) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'why Stripe refused it, its code; empty: it did not',
  `settled_at` datetime(6) DEFAULT NULL COMMENT 'it succeeded: credit note issued, buyer told; NULL: not yet',
  `undone_at` datetime(6) DEFAULT NULL COMMENT 'it failed after all: order held, credit note taken back; NULL: it did not',
  PRIMARY KEY (`id`),
  UNIQUE KEY `refund_public` (`public_id`),
  UNIQUE KEY `refund_stripe` (`stripe_refund`),
  KEY `refund_payment` (`payment_intent`),
  KEY `refund_order` (`order_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `refund_line` (
  `refund_id` bigint(20) NOT NULL,
  `order_line_id` bigint(20) NOT NULL,
  `amount` bigint(20) NOT NULL,
  PRIMARY KEY (`refund_id`,`order_line_id`),
  KEY `refund_line_line` (`order_line_id`),
  CONSTRAINT `refund_line_line` FOREIGN KEY (`order_line_id`) REFERENCES `order_line` (`id`),
  CONSTRAINT `refund_line_refund` FOREIGN KEY (`refund_id`) REFERENCES `refund` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `session` (
  `token_hash` binary(32) NOT NULL COMMENT 'SHA-256 of the cookie; the cookie itself is nowhere kept',
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `user_agent` varchar(200) NOT NULL,
  `address` varchar(45) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `proved_at` datetime(6) NOT NULL COMMENT 'when the password was last typed in this session',
  `created_at` datetime(6) NOT NULL,
  `seen_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`token_hash`),
  UNIQUE KEY `session_public` (`public_id`),
  KEY `session_account` (`account_id`,`created_at`),
  KEY `session_expiry` (`expires_at`),
  CONSTRAINT `session_account` FOREIGN KEY (`account_id`) REFERENCES `account` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `stripe_event` (
  `id` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `type` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `object_id` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `account` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Connect; empty: our own',
  `api_version` varchar(40) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `livemode` tinyint(1) NOT NULL,
  `state` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'applied, ignored, review, failed, dead',
  `note` varchar(400) NOT NULL DEFAULT '' COMMENT 'why it was ignored, held or failed',
  `tries` bigint(20) NOT NULL DEFAULT 0,
  `payload` mediumblob NOT NULL COMMENT 'the exact body received',
  `created_at` datetime(6) NOT NULL COMMENT 'by Stripe''s clock, whole seconds',
  `received_at` datetime(6) NOT NULL,
  `retry_at` datetime(6) DEFAULT NULL COMMENT 'NULL: nothing to retry',
  PRIMARY KEY (`id`),
  KEY `stripe_event_retry` (`retry_at`),
  KEY `stripe_event_state` (`state`,`received_at`),
  KEY `stripe_event_object` (`object_id`,`type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `stripe_invoice` (
  `id` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `stripe_subscription` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'empty: of no subscription',
  `stripe_price` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the line that is no proration; of a change without one, the new price',
  `from_price` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'change of plan: the price left; empty: none',
  `status` varchar(24) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'empty: only its payment was told; paid is final',
  `billing_reason` varchar(48) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `amount_due` bigint(20) NOT NULL DEFAULT 0,
  `total` bigint(20) NOT NULL DEFAULT 0 COMMENT 'asked for, tax within; credit of the customer may have paid a part; negative: given as credit',
  `amount_paid` bigint(20) NOT NULL DEFAULT 0,
  `tax` bigint(20) NOT NULL DEFAULT 0,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `period_start` datetime(6) DEFAULT NULL COMMENT 'of the lines that are no proration; NULL: there are none',
  `period_end` datetime(6) DEFAULT NULL,
  `change_at` datetime(6) DEFAULT NULL COMMENT 'change of plan: from when its lines are prorated; NULL: none',
  `change_end` datetime(6) DEFAULT NULL,
  `attempts` bigint(20) NOT NULL DEFAULT 0 COMMENT 'payments tried',
  `next_attempt_at` datetime(6) DEFAULT NULL COMMENT 'NULL: none to come',
  `hosted_url` varchar(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  `lines_told` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: all that were told; 1: there are more, to be read from Stripe; 2: all were read',
  PRIMARY KEY (`id`),
  KEY `stripe_invoice_subscription` (`stripe_subscription`,`created_at`),
  KEY `stripe_invoice_lines` (`lines_told`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `subscription` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `public_id` char(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `stripe_subscription` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `stripe_customer` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `stripe_item` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `stripe_price` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'as mirrored; the plan in force is price_id',
  `account_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: not linked yet (its session or metadata has not been told)',
  `order_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'the order it was bought with; 0: not linked yet',
  `price_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'our plan in force: that of the newest paid period; 0: not known yet',
  `next_price_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'downgrade that begins with the next period; 0: none',
  `status` varchar(24) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'as Stripe says; empty: not told yet; unknown ones give no access; canceled and incomplete_expired are final',
  `started_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not told yet',
  `anchor_at` datetime(6) DEFAULT NULL COMMENT 'billing anchor; NULL: not told yet',
  `period_start` datetime(6) DEFAULT NULL COMMENT 'as mirrored; NULL: not told yet',
  `period_end` datetime(6) DEFAULT NULL,
  `paid_until` datetime(6) DEFAULT NULL COMMENT 'greatest end of a paid period; NULL: nothing paid yet',
  `trial_start` datetime(6) DEFAULT NULL COMMENT 'NULL: no trial',
  `trial_end` datetime(6) DEFAULT NULL COMMENT 'NULL: no trial',
  `cancel_at` datetime(6) DEFAULT NULL COMMENT 'NULL: goes on',
  `canceled_at` datetime(6) DEFAULT NULL,
  `ended_at` datetime(6) DEFAULT NULL COMMENT 'NULL: not ended',
  `past_due_at` datetime(6) DEFAULT NULL COMMENT 'since when payment is overdue, for the grace; NULL: it is not',
  `pause_behavior` varchar(24) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'of pause_collection; empty: not paused so',
  `pause_resumes_at` datetime(6) DEFAULT NULL COMMENT 'NULL: until told',
  `changing_at` datetime(6) DEFAULT NULL COMMENT 'a change was asked of Stripe then and is not mirrored yet; NULL: none',
  `told_at` datetime(6) NOT NULL COMMENT 'Stripe''s time of the event the mirror comes from',
  `told_rank` varchar(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'settles which of two events of one second is later',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `stripe_schedule` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'as mirrored: what plans its next periods; empty: nothing does',
  `scheduled_price_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'the plan our schedule there begins next; 0: none',
  PRIMARY KEY (`id`),
  UNIQUE KEY `subscription_public` (`public_id`),
  UNIQUE KEY `subscription_stripe` (`stripe_subscription`),
  KEY `subscription_account` (`account_id`,`id`),
  KEY `subscription_status` (`status`,`paid_until`),
  KEY `subscription_order` (`order_id`),
  KEY `subscription_next` (`next_price_id`,`period_end`),
  KEY `subscription_scheduled` (`scheduled_price_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `subscription_period` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `subscription_id` bigint(20) NOT NULL,
  `stripe_invoice` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `price_id` bigint(20) NOT NULL,
  `changed` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'a change of plan, prorated: it brings no quota, only the share of an upgrade',
  `from_price_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'of a change: the plan left; 0: not ours',
  `trial` tinyint(1) NOT NULL DEFAULT 0,
  `starts_at` datetime(6) NOT NULL,
  `ends_at` datetime(6) NOT NULL,
  `amount` bigint(20) NOT NULL,
  `currency` char(3) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  `state` varchar(16) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'active, suspended (dispute open), revoked (refunded, dispute lost)',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `subscription_period_invoice` (`stripe_invoice`),
  KEY `subscription_period_time` (`subscription_id`,`ends_at`),
  CONSTRAINT `subscription_period_subscription` FOREIGN KEY (`subscription_id`) REFERENCES `subscription` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `throttle` (
  `bucket` binary(32) NOT NULL COMMENT 'SHA-256 of what is counted: "login:address:…"',
  `tries` bigint(20) NOT NULL,
  `started_at` datetime(6) NOT NULL COMMENT 'when this window began',
  PRIMARY KEY (`bucket`),
  KEY `throttle_age` (`started_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `token_account` (
  `account_id` bigint(20) NOT NULL,
  `balance` bigint(20) NOT NULL DEFAULT 0 COMMENT 'equals the sum of the remainders of lots that stand; the row every change locks',
  PRIMARY KEY (`account_id`),
  CONSTRAINT `token_account_account` FOREIGN KEY (`account_id`) REFERENCES `account` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `token_debit` (
  `account_id` bigint(20) NOT NULL,
  `idempotency_key` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `api_key_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'whose idempotency key it is; 0: of before, any program''s',
  `amount` bigint(20) NOT NULL,
  `entry_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: refused for want of tokens',
  `balance` bigint(20) NOT NULL COMMENT 'in the answer given first; a replay gives the same',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`idempotency_key`,`api_key_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `token_entry` (
  `account_id` bigint(20) NOT NULL,
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `kind` varchar(24) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'subscription_initial, subscription_renewal, subscription_trial, pack_purchase, upgrade, debit, expiry, refund, dispute_freeze, dispute_unfreeze, adjustment',
  `lot_id` bigint(20) NOT NULL DEFAULT 0 COMMENT '0: a debit over several lots (its parts are token_spend rows)',
  `amount` bigint(20) NOT NULL COMMENT 'signed',
  `balance` bigint(20) NOT NULL COMMENT 'after it',
  `note` varchar(200) NOT NULL DEFAULT '' COMMENT 'the consumer''s words, or the staff''s reason',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`id`),
  UNIQUE KEY `token_entry_id` (`id`),
  KEY `token_entry_usage` (`account_id`,`kind`,`created_at`,`amount`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `token_lot` (
  `account_id` bigint(20) NOT NULL,
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `kind` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'pack, quota, trial, upgrade, staff',
  `entitlement_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'the right it comes from; 0: staff',
  `subscription_id` bigint(20) NOT NULL DEFAULT 0 COMMENT 'quota: whose; 0: none',
  `period_start` datetime(6) NOT NULL COMMENT 'quota: the month it is for; otherwise when granted',
  `granted` bigint(20) NOT NULL,
  `remaining` bigint(20) NOT NULL COMMENT 'never below 0',
  `state` varchar(8) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'active, frozen (dispute), void, expired',
  `expires_at` datetime(6) DEFAULT NULL COMMENT 'NULL: never',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`id`),
  UNIQUE KEY `token_lot_id` (`id`),
  UNIQUE KEY `token_lot_period` (`subscription_id`,`period_start`,`kind`,`entitlement_id`,`account_id`),
  KEY `token_lot_expiry` (`state`,`expires_at`),
  KEY `token_lot_right` (`entitlement_id`),
  KEY `token_lot_standing` (`account_id`,`state`,`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `token_part` (
  `refund_id` bigint(20) NOT NULL,
  `lot_id` bigint(20) NOT NULL,
  `account_id` bigint(20) NOT NULL,
  `amount` bigint(20) NOT NULL COMMENT 'taken of what remained; 0: given back',
  PRIMARY KEY (`refund_id`,`lot_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `token_spend` (
  `entry_id` bigint(20) NOT NULL,
  `lot_id` bigint(20) NOT NULL,
  `amount` bigint(20) NOT NULL,
  PRIMARY KEY (`entry_id`,`lot_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `trial_claim` (
  `account_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `subscription_id` bigint(20) NOT NULL COMMENT 'that had it',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`account_id`,`product_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='a trial is one per person and product';

