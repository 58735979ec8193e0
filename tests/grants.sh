#!/bin/sh
# What no zone may do in the database, whatever sql/grants.sql grows into. TAP. Needs tests/database.sh start.
cd "$(dirname "$0")/.." || exit 1
RUN=${RUN:-run}
count=0
# Prepared only: a right is asked for before anything is done.
denied() { # zone, what, statement
	count=$((count + 1))
	password=$(sed -n 's/^database_password = //p' "$RUN/conf/$1.conf")
	said=$(printf 'PREPARE s FROM "%s";\n' "$3" | MYSQL_PWD=$password mariadb --no-defaults --socket="$RUN/mariadb.sock" \
		--user="comptoir_$1" comptoir 2>&1)
	case $said in
	*"command denied"* | *"Access denied"*) echo "ok $count - $1 may not $2" ;;
	*) echo "not ok $count - $1 may not $2"; echo "# $said" ;;
	esac
}
for zone in shop account download hook api admin worker; do
	denied "$zone" "read a password hash" "SELECT password FROM account"
	denied "$zone" "read all of an account" "SELECT * FROM account"
	denied "$zone" "set a password" "UPDATE account SET password = 1"
	denied "$zone" "make an account" "INSERT INTO account (email) VALUES (1)"
	denied "$zone" "make somebody staff" "UPDATE account SET staff = TRUE"
	denied "$zone" "open a session" "INSERT INTO session (account_id) VALUES (1)"
	denied "$zone" "take over a session" "UPDATE session SET account_id = 1"
	denied "$zone" "make a link that resets a password" "INSERT INTO account_token (account_id) VALUES (1)"
done
for zone in shop auth account download hook api admin worker; do
	for table in orders order_line entitlement license audit account product price benefit; do
		denied "$zone" "delete from $table" "DELETE FROM $table"
	done
	for table in product product_file price benefit audit; do
		denied "$zone" "change $table" "UPDATE $table SET id = 1"
	done
	denied "$zone" "make a price" "INSERT INTO price (amount) VALUES (0)"
	denied "$zone" "change the schema" "CREATE TABLE t (a INT)"
	denied "$zone" "write the server's files" "SELECT 1 INTO OUTFILE '/tmp/comptoir'"
	denied "$zone" "see other users" "SELECT * FROM mysql.user"
done
for zone in shop auth account download hook admin; do
	denied "$zone" "forget an event of Stripe" "DELETE FROM stripe_event"
	denied "$zone" "forget an event" "DELETE FROM event"
	denied "$zone" "forget a mail" "DELETE FROM mail"
done
for zone in shop auth account download hook api worker; do
	denied "$zone" "change the ledger of tokens" "UPDATE token_entry SET amount = 1"
	for table in token_lot token_entry token_debit module_access; do
		denied "$zone" "delete from $table" "DELETE FROM $table"
	done
done
for zone in shop auth download hook api worker; do denied "$zone" "make an API key" "INSERT INTO api_key (name) VALUES (1)"; done
for zone in shop auth download hook worker; do denied "$zone" "read API keys" "SELECT key_hash FROM api_key"; done
denied api "change an account's key" "UPDATE api_key SET account_id = 1"
for zone in auth account download hook api admin worker; do
	denied "$zone" "make an order" "INSERT INTO orders (number) VALUES (1)"
	denied "$zone" "add to an order" "INSERT INTO order_line (order_id) VALUES (1)"
done
for zone in shop auth account hook api admin worker; do
	denied "$zone" "tell of a download that was none" "INSERT INTO download_event (account_id) VALUES (1)"
done
denied download "make a link" "INSERT INTO download_link (account_id) VALUES (1)"
denied account "prolong a link" "UPDATE download_link SET expires_at = 1"
for zone in auth download api; do
	denied "$zone" "make an order paid" "UPDATE orders SET state = 1"
	denied "$zone" "give a right" "INSERT INTO entitlement (account_id) VALUES (1)"
done
denied account "give a right" "INSERT INTO entitlement (account_id) VALUES (1)"
denied account "bring a right back" "UPDATE entitlement SET state = 1"
denied account "bring a licence back" "UPDATE license SET state = 1"
for zone in shop account download; do denied "$zone" "make up an event of Stripe" "INSERT INTO stripe_event (id) VALUES (1)"; done
for zone in shop account hook admin worker; do
	denied "$zone" "change an invoice" "UPDATE invoice SET total = 1"
	denied "$zone" "delete an invoice" "DELETE FROM invoice"
done
denied admin "read what Stripe sent" "SELECT payload FROM stripe_event"
denied admin "read mails" "SELECT body FROM mail"
denied account "give a refund" "INSERT INTO refund (amount) VALUES (1)"
echo "1..$count"
