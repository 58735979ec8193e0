-- Of an invoice only its first lines may be told: the others are asked for.

ALTER TABLE stripe_invoice
	ADD COLUMN lines_told BIGINT NOT NULL DEFAULT 0 COMMENT '0: all that were told; 1: there are more, to be read from Stripe; 2: all were read',
	ADD KEY stripe_invoice_lines (lines_told);
