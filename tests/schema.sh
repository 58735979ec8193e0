#!/bin/sh
# sql/schema.sql is what all migrations make of an empty database. As a test it compares; --write makes it anew.
# Needs the private database (tests/database.sh start) and bin/comptoir.
set -eu
cd "$(dirname "$0")/.."
RUN=${RUN:-run}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
sed 's/^database_name .*/database_name = comptoir_tests/' "$RUN/conf/comptoir.conf" > "$work/comptoir.conf"
cp "$RUN/conf/operator.conf" "$work/"
user=$(sed -n 's/^database_user = //p' "$RUN/conf/operator.conf")
cat > "$work/client.cnf" <<END
[client]
user=$user
password=$(sed -n 's/^database_password = //p' "$RUN/conf/operator.conf")
socket=$RUN/mariadb.sock
default-character-set=utf8mb4
END

mariadb --defaults-file="$work/client.cnf" -e 'SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE comptoir_tests
	CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'
COMPTOIR_CONF=$work/comptoir.conf bin/comptoir migrate > "$work/out"
{
	echo "-- The schema that the migrations make; written by tests/schema.sh --write, compared by tests/schema.sh."
	echo
	# Without what differs between servers and days: versions, counters, session settings.
	mariadb-dump --defaults-file="$work/client.cnf" --no-data --skip-comments --skip-add-drop-table --skip-set-charset \
		--skip-tz-utc --skip-add-locks comptoir_tests |
		sed -e 's/ AUTO_INCREMENT=[0-9]*//' -e '/^\/\*M*!/d' -e '/^$/d' -e 's/^) ENGINE.*/&\n/'
} > "$work/schema.sql"
mariadb --defaults-file="$work/client.cnf" -e 'DROP DATABASE comptoir_tests'

if [ "${1:-}" = --write ]; then
	cp "$work/schema.sql" sql/schema.sql
	chmod 644 sql/schema.sql
	exit
fi
echo 1..1
if diff -u sql/schema.sql "$work/schema.sql" > "$work/diff"; then
	echo "ok 1 - sql/schema.sql is what the migrations make"
else
	sed 's/^/# /' "$work/diff"
	echo "not ok 1 - sql/schema.sql is not what the migrations make: tests/schema.sh --write"
	exit 1
fi
