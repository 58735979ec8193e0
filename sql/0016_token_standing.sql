-- What is asked at each debit and each question for a balance: the lots of one account that stand, or that run out. Without
-- it they are looked for among all that the account ever had, or among all that run out of anybody's.

ALTER TABLE token_lot ADD KEY token_lot_standing (account_id, state, expires_at);
