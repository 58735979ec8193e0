#!/bin/sh
# sql/schema.sql is what the migrations make of an empty database. TAP; "tests/schema.sh write" writes it anew.
set -eu
cd "$(dirname "$0")/.."
RUN=${RUN:-run}
database=comptoir_schema
sql() { mariadb --no-defaults --socket="$RUN/mariadb.sock" --user="$(id -un)" "$@"; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"; sql -e "DROP DATABASE IF EXISTS $database"' EXIT
sql -e "SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE $database CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
	GRANT ALL ON $database.* TO comptoir_admin@localhost"
sed "s/^database_name = .*/database_name = $database/" "$RUN/conf/comptoir.conf" > "$folder/comptoir.conf"
cp "$RUN/conf/admin.conf" "$folder/"
chmod 600 "$folder"/*
COMPTOIR_CONF=$folder/comptoir.conf bin/comptoir migrate > "$folder/log" 2>&1 || { echo "1..1"; echo "not ok 1 - migrate"; sed 's/^/# /' "$folder/log"; exit 1; }
{
	echo "-- What the migrations make of an empty database. Written by tests/schema.sh write; read it, do not run it."
	echo
	mariadb-dump --no-defaults --socket="$RUN/mariadb.sock" --user="$(id -un)" --no-data --compact --skip-set-charset $database |
		grep -v '^/\*' | sed 's/ AUTO_INCREMENT=[0-9]*//'
} > "$folder/schema.sql"
[ "${1:-}" != write ] || { cp "$folder/schema.sql" sql/schema.sql; exit; }
echo "1..2"
echo "ok 1 - an empty database is migrated"
if diff -u sql/schema.sql "$folder/schema.sql" > "$folder/diff" 2>&1; then echo "ok 2 - sql/schema.sql is what the migrations make"
else echo "not ok 2 - sql/schema.sql is what the migrations make"; sed 's/^/# /' "$folder/diff"; fi
