-- Who may do what: one database user per zone, each with the least its statements need.
--
-- A template: @shop@ and the like stand for the passwords; tests/database.sh and `make install` fill them from <zone>.conf.
-- It may be run again at any time (after each migration it must be: a new table needs its grants).
-- `bin/<zone>.fcgi --check` prepares every statement of a zone under its own user, and so tells what is missing here.

CREATE USER IF NOT EXISTS
	comptoir_shop@localhost, comptoir_auth@localhost, comptoir_account@localhost, comptoir_download@localhost,
	comptoir_hook@localhost, comptoir_worker@localhost, comptoir_admin@localhost;
ALTER USER
	comptoir_shop@localhost IDENTIFIED BY '@shop@',
	comptoir_auth@localhost IDENTIFIED BY '@auth@',
	comptoir_account@localhost IDENTIFIED BY '@account@',
	comptoir_download@localhost IDENTIFIED BY '@download@',
	comptoir_hook@localhost IDENTIFIED BY '@hook@',
	comptoir_worker@localhost IDENTIFIED BY '@worker@',
	comptoir_admin@localhost IDENTIFIED BY '@admin@';

-- The operator's tool, and the tests: everything in this one database.
GRANT ALL ON comptoir.* TO comptoir_admin@localhost;
-- For now: narrowed once the zones are there.
GRANT SELECT, INSERT, UPDATE, DELETE ON comptoir.* TO comptoir_shop@localhost, comptoir_auth@localhost,
	comptoir_account@localhost, comptoir_download@localhost, comptoir_hook@localhost, comptoir_worker@localhost;
