#!/bin/sh
# A private MariaDB and the settings that go with it, under run/ of this checkout:
#
#	tests/database.sh start    make the settings, start the server, bring the schema and the users up to date
#	tests/database.sh stop     stop it
#	tests/database.sh conf     only make the settings
#	tests/database.sh reset    throw the database away and make it anew
#	tests/database.sh sql      a shell in it, with all rights
#
# RUN=folder keeps another one beside it (make check does). Nothing of the system's own MariaDB is touched.
set -eu
cd "$(dirname "$0")/.."
RUN=${RUN:-run} PATH=$PATH:/usr/sbin
ZONES="shop auth account download hook api admin worker operator"
umask 077
mkdir -p "$RUN/conf" "$RUN/log" "$RUN/data/files" "$RUN/data/media"
here=$(cd "$RUN" && pwd -P)

# A socket's path holds 107 bytes: in a deep checkout the sockets live in a short folder that run/sock points to.
if [ ! -d "$RUN/sock" ]; then
	rm -f "$RUN/sock"
	if [ ${#here} -lt 80 ]; then mkdir "$RUN/sock"; else ln -s "$(mktemp -d /tmp/comptoir-XXXXXX)" "$RUN/sock"; fi
fi
sock=$(cd "$RUN/sock" && pwd -P)
socket=$sock/mariadb.sock
ln -sf "$socket" "$RUN/mariadb.sock"

sql() { mariadb --no-defaults --socket="$socket" --user="$(id -un)" --default-character-set=utf8mb4 "$@"; }
random() { openssl rand -hex 24; }

conf() {
	[ -f "$RUN/conf/comptoir.conf" ] || cat > "$RUN/conf/comptoir.conf" <<-END
		# Made by tests/database.sh; kept when it is there. bin/comptoir conf explains every setting.
		base_url = http://127.0.0.1:${PORT:-8080}
		database_hosts = $socket
		database_name = comptoir
		data_folder = $here/data
		csrf_secret = $(random)
		mail_from = shop@comptoir.example
		file_delivery = stream
	END
	for zone in $ZONES; do
		[ -f "$RUN/conf/$zone.conf" ] || cat > "$RUN/conf/$zone.conf" <<-END
			database_user = comptoir_$zone
			database_password = $(random)
		END
	done
}

# $1: a setting of the operator's tool or a zone.
password() { sed -n 's/^database_password = //p' "$RUN/conf/$1.conf"; }

grants() {
	for zone in $ZONES; do set -- "$@" -e "s/@$zone@/$(password "$zone")/"; done
	sed "$@" sql/grants.sql | sql comptoir
}

# Databases of the test programs: one each for as many as run at a time, so that no one waits for another's rows.
tests() {
	{
		echo "SET foreign_key_checks = 0;"
		for n in 0 1 2 3; do
			echo "CREATE OR REPLACE DATABASE comptoir_test$n CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"
			echo "USE comptoir_test$n;"
			cat sql/[0-9]*.sql
		done
		echo 'GRANT ALL ON `comptoir\_test_`.* TO comptoir_operator@localhost;'
	} | sql
}

# What the schema and the users are made from: nothing to do when it has not changed since the last time.
stamp() { { cat sql/[0-9]*.sql sql/migration.sql sql/grants.sql; grep -h ^database_ "$RUN"/conf/*.conf; } | sha256sum | cut -c1-64; }

empty() { sql -e "SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE comptoir CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"; }
migrated() { COMPTOIR_CONF=$RUN/conf/comptoir.conf bin/comptoir migrate; }

schema() {
	new=$(stamp)
	[ "$(cat "$RUN/schema.stamp" 2>/dev/null)" != "$new" ] || return 0
	sql -e "CREATE DATABASE IF NOT EXISTS comptoir CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
	sed 's/@[a-z]*@/-/' sql/grants.sql | sed -n '/^CREATE USER/,/;/p' | sql
	sql -e "GRANT ALL ON comptoir.* TO comptoir_operator@localhost IDENTIFIED BY '$(password operator)'"
	if [ ! -x bin/comptoir ]; then # before the tool is built: the schema from its files, over an empty database
		empty
		cat sql/[0-9]*.sql | sql comptoir
	elif ! migrated; then # made by the line above, or a file changed before its release: this database may be made anew
		empty
		migrated
	fi
	grants
	tests
	echo "$new" > "$RUN/schema.stamp"
}

running() { [ -S "$socket" ] && mariadb-admin --no-defaults --socket="$socket" --user="$(id -un)" ping >/dev/null 2>&1; }

server_start() {
	! running || return 0
	if [ ! -d "$RUN/mariadb/mysql" ]; then
		rm -rf "$RUN/mariadb" "$RUN/schema.stamp"
		mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$here/mariadb" --skip-test-db \
			--auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" \
			--innodb-log-file-size=32M > "$RUN/log/mariadb-install.log" 2>&1 || { cat "$RUN/log/mariadb-install.log" >&2; exit 1; }
	fi
	setsid mariadbd --no-defaults --user="$(id -un)" --datadir="$here/mariadb" --socket="$socket" --skip-networking \
		--pid-file="$here/mariadb.pid" --log-error="$here/log/mariadb.log" --skip-name-resolve --skip-log-bin \
		--innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=128M --innodb-log-file-size=32M \
		--innodb-buffer-pool-load-at-startup=0 --innodb-buffer-pool-dump-at-shutdown=0 \
		--max-connections=600 --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
		</dev/null >/dev/null 2>&1 &
	tries=0
	until running; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { echo "MariaDB does not answer; see $RUN/log/mariadb.log" >&2; exit 1; }
		sleep 0.1
	done
}

server_stop() {
	pid=$(cat "$RUN/mariadb.pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || return 0
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

case ${1:-} in
start) conf; server_start; schema ;;
stop) server_stop ;;
conf) conf ;;
reset) conf; server_start; sql -e "DROP DATABASE IF EXISTS comptoir"; rm -f "$RUN/schema.stamp"; schema ;;
sql) shift; sql comptoir "$@" ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 64 ;;
esac
