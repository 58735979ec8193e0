-- Payments that the card networks warned of are listed for staff: they are few among all.

ALTER TABLE payment ADD KEY payment_fraud (fraud_warning);
