#!/bin/sh
# The operator's tool and the worker, from the command line (TAP). A database and a data folder of their own, beside the
# private database server: tests/database.sh start comes first.
set -u
cd "$(dirname "$0")/.."
RUN=${RUN:-run}
work=$(mktemp -d)
umask 077
mkdir "$work/data" "$work/data/files" "$work/data/media" "$work/bare"
for zone in "$RUN"/conf/*.conf; do
	sed -e 's/^database_name .*/database_name = comptoir_testt/' -e "s|^data_folder .*|data_folder = $work/data|" \
		-e 's|^base_url .*|base_url = http://127.0.0.1:9|' -e '/^stripe_/d' "$zone" > "$work/$(basename "$zone")"
done
# The worker of this test connects as the tool does: the zones' users have no rights in test databases.
for zone in shop auth account download hook api admin worker; do cp "$work/operator.conf" "$work/$zone.conf"; done
user=$(sed -n 's/^database_user = //p' "$work/operator.conf")
password=$(sed -n 's/^database_password = //p' "$work/operator.conf")
printf '[client]\nuser=%s\npassword=%s\nsocket=%s\n' "$user" "$password" "$RUN/mariadb.sock" > "$work/client.cnf"
export COMPTOIR_CONF="$work/comptoir.conf"
sql() { mariadb --defaults-file="$work/client.cnf" -N "$@"; }
in_shop() { sql comptoir_testt -e "$1"; }
end() { sql -e 'SET foreign_key_checks = 0; DROP DATABASE IF EXISTS comptoir_testt'; rm -rf "$work"; }
trap end EXIT
sql -e 'SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE comptoir_testt CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'

n=0
bad=0
# $1: what should be true; the rest: a command whose exit code says so. Its output is in $work/out.
ok() {
	n=$((n + 1))
	name=$1
	shift
	if "$@" > "$work/out" 2>&1; then echo "ok $n - $name"; else
		echo "not ok $n - $name"
		sed 's/^/# /' "$work/out"
		bad=1
	fi
}
# $1: exit code, then the command.
ends() { want=$1; shift; "$@"; got=$?; [ $got = "$want" ] || { echo "exit code $got instead of $want"; return 1; }; }
# $1: exit code, $2: pattern in what is said, then the command.
says() { want=$1 pattern=$2; shift 2; "$@" > "$work/said" 2>&1; got=$?; cat "$work/said"
	[ $got = "$want" ] && grep -q -e "$pattern" "$work/said"; }
is() { [ "$1" = "$2" ] || { echo "$1 instead of $2"; return 1; }; }
tool=bin/comptoir
demo=demo

ok "help lists the commands" says 0 "product import" $tool help
ok "an unknown command is refused" says 64 "no such command" $tool frobnicate
ok "an unknown option is refused" says 64 "is no option" $tool migrate --fast
ok "a missing operand is refused" says 64 "usage: comptoir stripe replay EVENT" $tool stripe replay
ok "settings are printed without secrets" says 0 "^csrf_secret = (set)" $tool conf
ok "settings refused are told" env COMPTOIR_CONF="$work/none.conf" sh -c '! bin/comptoir migrate'

ok "a new database has migrations to come" says 1 "to be applied" $tool migrate --check
ok "migrate applies them" says 0 "applied 0001_account.sql" $tool migrate
ok "and has nothing to do then" says 0 "^0 applied" $tool migrate
ok "two at once: one works, the other has nothing left or waits its turn" sh -c "
	mariadb --defaults-file='$work/client.cnf' -e 'SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE comptoir_testt
		CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'
	$tool migrate > '$work/a' 2>&1 & $tool migrate > '$work/b' 2>&1; b=\$?; wait \$!; a=\$?
	cat '$work/a' '$work/b'; [ \$a = 0 ] || [ \$b = 0 ]"
ok "the database is whole afterwards" says 0 "up to date" $tool migrate --check

ok "an account is made with a password from stdin" sh -c "echo 'a long enough one' | $tool account add Ana@Example.com --name Ana --staff"
ok "its address is in lower case" is "$(in_shop "SELECT CONCAT(email, staff, verified_at IS NOT NULL) FROM account")" "ana@example.com11"
ok "the same address again is refused" sh -c "echo 'a long enough one' | $tool account add ana@example.com --name Ana && exit 1 || exit 0"
ok "a short password is refused" sh -c "echo short | $tool account add b@example.com --name Bo && exit 1 || exit 0"
ok "without one it is made up and printed" says 0 "^password: " sh -c "$tool account add c@example.com --name Cy < /dev/null"
ok "accounts are listed" says 0 "ana@example.com .* staff" $tool account list

ok "tokens are given for a reason" says 0 "^balance: 500" $tool tokens adjust ana@example.com 500 --reason "sorry"
ok "and taken away" says 0 "^balance: 300" $tool tokens adjust ana@example.com -200 --reason "too many"
ok "but never below zero" says 1 "the balance is 300" $tool tokens adjust ana@example.com -301 --reason "too many"
ok "nor without a reason" says 1 "reason" $tool tokens adjust ana@example.com 5
ok "a key of the shop is made, printed once" says 0 "^cpt_[A-Za-z0-9_-]\{43\}$" $tool key make server --may tokens:debit,access:use
ok "a key may do something" says 1 "may needs" $tool key make server --may tokens
ok "keys are listed" says 0 "server .* the shop .* tokens:debit access:use" $tool key list
ok "a key is revoked" says 0 "revoked" $tool key revoke "$(in_shop 'SELECT public_id FROM api_key')"
ok "once" says 1 "already" $tool key revoke "$(in_shop 'SELECT public_id FROM api_key')"

in_shop "UPDATE account SET seller = TRUE WHERE email = 'c@example.com'"
ok "a product without its category is refused" says 1 "there is no category" \
	$tool product import $demo/rangement --seller demo-seller=c@example.com
ok "a seller nobody knows is refused" says 1 "who is \"demo-seller\"" $tool product import $demo/rangement
ok "categories come from a file" says 0 "6 changed" $tool category import $demo/categories.json
ok "a product is imported" says 0 "^rangement: new, 2 files, 3 prices made" \
	$tool product import $demo/rangement --seller demo-seller=c@example.com
ok "importing it again changes nothing" says 0 "^rangement: unchanged" \
	$tool product import $demo/rangement/product.json --seller demo-seller=c@example.com
ok "its files are stored whole" sh -c "find '$work/data/files' -type f -exec sha256sum {} + | cut -c1-64 | sort > '$work/1'
	sha256sum $demo/rangement/files/* | cut -c1-64 | sort | diff - '$work/1'"
ok "products are listed" says 0 "^rangement  *published  *2400 eur" $tool product list

# A disk that is full: 64 KiB of it, in a mount namespace of our own. Needs root.
full() {
	unshare --mount sh -c "mount -t tmpfs -o size=64k tmpfs '$work/data/files' &&
		$tool product import $demo/nuit-bleue --seller demo-seller=c@example.com; code=\$?
		find '$work/data/files' -type f | grep -q . && echo 'something was left behind' && exit 1
		exit \$code" > "$work/full" 2>&1
	code=$?
	cat "$work/full"
	[ $code = 1 ] && grep -q "the disk of data_folder is full" "$work/full" &&
		[ "$(in_shop "SELECT COUNT(*) FROM product WHERE slug = 'nuit-bleue'")" = 0 ]
}
if unshare --mount sh -c "mount -t tmpfs -o size=64k tmpfs '$work/bare'" 2>/dev/null; then
	ok "a full disk leaves no file and no row" full
else
	n=$((n + 1))
	echo "ok $n - a full disk leaves no file and no row # SKIP no right to mount"
fi

ok "the demo is loaded" says 0 "demo: 20 products, 4 new accounts, 12 new orders" $tool demo load $demo
ok "a second time changes nothing" says 0 "demo: 20 products, 0 new accounts, 0 new orders" $tool demo load $demo
ok "access is given for a reason" says 0 "given" $tool access give buyer@demo.example studio-pro month --reason "press"
ok "and stands behind what was bought" is "$(in_shop "SELECT COUNT(*) FROM module_access a JOIN module_access b
	ON b.account_id = a.account_id AND b.module = a.module AND b.starts_at = a.ends_at")" 1
ok "only what opens a module" says 1 "has no price" $tool access give buyer@demo.example rangement basic --reason "press"
ok "its orders lie in the past" is "$(in_shop "SELECT COUNT(*) FROM orders WHERE paid_at < NOW() - INTERVAL 300 DAY")" 1
ok "its orders have their rights" is "$(in_shop "SELECT COUNT(*) > 12 FROM entitlement")" 1
ok "its orders send no receipts" is "$(in_shop "SELECT COUNT(*) FROM job WHERE reaction LIKE 'mail%'")" 0

ok "the worker finds its tables and mails" says 0 "^0 faults" bin/worker --check
ok "the worker lists its jobs" says 0 "^reconcile  *every" bin/worker --list
ok "the worker runs once, from cron" ends 0 bin/worker --once --seconds 5
ok "the worker refuses what it does not know" ends 64 bin/worker --twice
ok "reactions are printed, and all are there" sh -c "$tool jobs | tee /dev/stderr | grep -q 'NOT THERE' && exit 1 || exit 0"
in_shop "INSERT INTO job (reaction, unique_key, state, tries, error, run_at, created_at)
	VALUES ('mail_receipt', 'x', 'dead', 12, 'no such order', NOW(), NOW())"
ok "dead jobs are shown with their error" says 0 "no such order" $tool jobs
ok "the doctor fails for them" says 2 "^FAIL  jobs  *1 dead" $tool doctor
ok "and they run again when told so" says 0 "^1 jobs" $tool jobs retry
ok "the worker runs it" ends 0 bin/worker --once --seconds 5
# Its connections are cut: what is put then is run all the same. SIGTERM ends it.
survives() {
	bin/worker 2> "$work/worker.log" &
	worker=$!
	timeout 20 sh -c 'until grep -q worker.start "$0"; do :; done' "$work/worker.log"
	for turn in 1 2; do
		in_shop "INSERT INTO job (reaction, unique_key, state, run_at, created_at)
			VALUES ('mail_receipt', 'turn $turn', 'ready', UTC_TIMESTAMP(6), NOW())"
		end=$(($(date +%s) + 30)) # a worker that lost its connection waits some seconds before it asks for another
		until [ "$(in_shop "SELECT COUNT(*) FROM job WHERE unique_key = 'turn $turn'")" = 0 ]; do
			[ "$(date +%s)" -lt "$end" ] || { echo "turn $turn was not run"; cat "$work/worker.log"; kill $worker; return 1; }
		done
		[ $turn = 2 ] || in_shop "SELECT CONCAT('KILL ', id) FROM information_schema.PROCESSLIST
			WHERE db = 'comptoir_testt' AND id <> CONNECTION_ID()" | sql
	done
	kill $worker
	wait $worker && grep -q worker.end "$work/worker.log" && grep -q worker.back "$work/worker.log"
}
ok "a worker whose connection is cut goes on, and ends at SIGTERM" survives

ok "the doctor finds nothing to fail" sh -c "$tool doctor; [ \$? -le 1 ]"
ok "the doctor reads every byte" says 1 "every digest is right" $tool doctor --deep
in_shop "DELETE l FROM license l JOIN entitlement e ON e.id = l.entitlement_id; DELETE FROM entitlement WHERE kind = 'license'"
ok "a lost right is a failure" says 2 "^FAIL  rights  *. paid orders lack rights" $tool doctor
ok "and is repaired" says 1 "^repaired: orders=[1-9] created=[1-9]" $tool doctor --repair
ok "with its licences" is "$(in_shop "SELECT COUNT(*) FROM license")" "$(in_shop "SELECT COUNT(*) FROM entitlement WHERE kind = 'license'")"
in_shop "UPDATE token_account SET balance = balance + 77; DELETE FROM module_access LIMIT 1"
ok "a balance that nothing explains is a failure" says 2 "^FAIL  tokens  *[1-9]" $tool doctor
ok "and so is a right to a module without its access" says 2 "^FAIL  promises  *broken: .*rights_unfilled=1" $tool doctor
ok "both are repaired" says 1 "rights_filled=1 balances=[1-9]" $tool doctor --repair
ok "and well afterwards" sh -c "$tool doctor; [ \$? -le 1 ]"
# What recurs, and was paid: one month of the demo's plan. The database is put back afterwards.
mariadb-dump --defaults-file="$work/client.cnf" comptoir_testt > "$work/before.sql"
in_shop "SET @account = (SELECT id FROM account WHERE email = 'c@example.com');
	SET @price = (SELECT p.id FROM price p JOIN product d ON d.id = p.product_id WHERE d.slug = 'studio-pro' AND p.recurring = 'month');
	INSERT INTO subscription (public_id, stripe_subscription, stripe_price, account_id, price_id, status, started_at, told_at,
	created_at, updated_at) VALUES ('subscription-of-a-test', 'sub_1', 'price_1', @account, @price, 'active', NOW(), NOW(), NOW(), NOW());
	UPDATE price SET stripe_price = 'price_1' WHERE id = @price;
	INSERT INTO stripe_invoice (id, stripe_subscription, stripe_price, status, billing_reason, amount_due, amount_paid, currency,
	period_start, period_end, created_at) SELECT 'in_1', 'sub_1', 'price_1', 'paid', 'subscription_create', amount, amount, currency,
	UTC_TIMESTAMP() - INTERVAL 1 DAY, UTC_TIMESTAMP() + INTERVAL 29 DAY, UTC_TIMESTAMP() FROM price WHERE id = @price"
recurring="SELECT GROUP_CONCAT(CONCAT_WS(' ', source, source_id, kind, state) ORDER BY source, kind) FROM entitlement
	WHERE source IN ('subscription', 'period')"
ok "a paid month without its period is a failure" says 2 "^FAIL  promises  *broken: .*periods_missing=1" $tool doctor
ok "and is made up" says 1 "^repaired: orders=0 created=[1-9].* subscriptions=1" $tool doctor --repair
had=$(in_shop "$recurring; SELECT SUM(balance) FROM token_account; SELECT COUNT(*) FROM invoice")
in_shop "DELETE l FROM license l JOIN entitlement e ON e.id = l.entitlement_id WHERE e.source IN ('subscription', 'period');
	DELETE m FROM module_access m JOIN entitlement e ON e.id = m.entitlement_id WHERE e.source IN ('subscription', 'period');
	DELETE FROM entitlement WHERE source IN ('subscription', 'period')"
ok "the lost rights of a subscription are a failure" says 2 "^FAIL  rights  *1 paid subscriptions lack rights" $tool doctor
ok "and a broken promise" says 2 "^FAIL  promises  *broken: .*subscriptions_lacking_rights=1" $tool doctor
ok "they are put back" says 1 "^repaired: orders=0 created=[1-9].* subscriptions=1" $tool doctor --repair
ok "as they were" is "$(in_shop "$recurring; SELECT SUM(balance) FROM token_account; SELECT COUNT(*) FROM invoice")" "$had"
in_shop "DELETE FROM subscription_period"
ok "nothing is cleaned while a period is missing" says 2 "^not cleaned: 1 paid invoices" $tool doctor --clean --yes
ok "nor is cleaning advised" sh -c "! $tool doctor | grep -e '--clean'"
ok "the period is put back" says 1 "^repaired: orders=0 created=0 .*subscriptions=1" $tool doctor --repair
ok "and all of it is as it was" is "$(in_shop "$recurring; SELECT SUM(balance) FROM token_account; SELECT COUNT(*) FROM invoice")" "$had"
ok "and well afterwards, in all" sh -c "$tool doctor; [ \$? -le 1 ]"
sql comptoir_testt < "$work/before.sql"
some=$(find "$work/data/files" -type f | head -1)
echo x >> "$some"
ok "a file of another size is a failure" says 2 "^FAIL  files  *1 are missing or of another size" $tool doctor
truncate -s -2 "$some"; printf '\001' >> "$some"
ok "a changed byte shows only in depth" says 2 "^FAIL  files  *1 are missing or other than" $tool doctor --deep
mkdir -p "$work/data/files/ab"; touch -d '2 hours ago' "$work/data/files/ab/stray"; find "$work/data/files" -type f -exec touch -d '2 hours ago' {} +
ok "a stray file is shown" says 1 "without a row=1" sh -c "$tool doctor --clean | grep 'to be cleaned'; exit 1"
ok "and still there" test -e "$work/data/files/ab/stray"
ok "until told so" sh -c "$tool doctor --clean --yes; ! test -e '$work/data/files/ab/stray'"

# A web server that serves everything, data folder and all.
node -e '
	const [root, port] = process.argv.slice(1), fs = require("fs");
	const server = require("http").createServer((request, response) => {
		try { response.end(fs.readFileSync(root + request.url)); } catch { response.writeHead(404).end(); }
	}).listen(0, "127.0.0.1", () => fs.writeFileSync(port, server.address().port + "\n"));
' "$work/data" "$work/port" &
server=$!
until [ -s "$work/port" ]; do :; done
sed -i "s|^base_url .*|base_url = http://127.0.0.1:$(cat "$work/port")|" "$work/comptoir.conf"
ok "a data folder that the web server gives away is a failure" says 2 "^FAIL  not served" $tool doctor
kill $server
ok "no canary is left" sh -c "! ls '$work/data/files' | grep canary"

ok "an unknown event cannot be replayed" says 1 "no event evt_x" $tool stripe replay evt_x
in_shop "INSERT INTO stripe_event (id, type, object_id, api_version, livemode, state, payload, created_at, received_at)
	SELECT CONCAT('evt_', v), 'x', 'x', 'x', FALSE, IF(v = 3, 'failed', 'applied'), '{}', NOW() - INTERVAL d DAY,
	NOW() - INTERVAL d DAY FROM (SELECT 1 AS v, 401 AS d UNION SELECT 2, 399 UNION SELECT 3, 900) old"
ok "events that failed are listed" says 0 "^evt_3 .*failed" $tool stripe events
ok "old events are counted" says 0 "^1 applied or ignored" $tool stripe purge
ok "and deleted when told so" says 0 "^1 events deleted" $tool stripe purge --yes
ok "what failed or is young stays" is "$(in_shop "SELECT COUNT(*) FROM stripe_event")" 2
ok "nothing young goes" says 1 "from 90 on" $tool stripe purge --days 30
ok "wiping the demo asks first" says 1 "say --yes" $tool demo wipe
buyer=$(in_shop "SELECT id FROM account WHERE email = 'ana@example.com'")
in_shop "UPDATE orders SET account_id = $buyer WHERE id = (SELECT MIN(order_id) FROM order_line); UPDATE entitlement SET account_id = $buyer
	WHERE order_id = (SELECT MIN(order_id) FROM order_line); UPDATE free_claim SET account_id = $buyer"
ok "wiping keeps what others bought" says 0 "1 products that others bought are withdrawn" $tool demo wipe --yes
ok "and other people" is "$(in_shop "SELECT COUNT(*) FROM account WHERE email LIKE '%@example.com'")" 2
ok "and their products" is "$(in_shop "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM product")" "poudre-et-craie"
sed -i 's/^stripe_livemode.*//' "$work/comptoir.conf"; echo "stripe_livemode = yes" >> "$work/comptoir.conf"
ok "a live shop takes no demo" says 1 "real money" $tool demo load $demo
ok "and wipes nothing" says 1 "real money" $tool demo wipe --yes
echo "1..$n"
exit $bad
