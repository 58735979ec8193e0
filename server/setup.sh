#!/bin/sh
# Makes this server ready for Comptoir: once after `make install`, and again after every upgrade. What is there is kept.
#
#	comptoir-setup shop.example    all the steps; later on the name need not be said again
#	comptoir-setup STEP            one of: users secrets data database nginx units
set -eu
PREFIX=${PREFIX:-@PREFIX@} CONFDIR=${CONFDIR:-@CONFDIR@}
# Others than Debian's own are for trying it out: tests/install.sh does.
NGINX_ETC=${NGINX_ETC:-/etc/nginx} SOCKETS=${SOCKETS:-/run/comptoir} CACHE=${CACHE:-/var/cache/comptoir} MARIADB=${MARIADB:-mariadb}
lib=$PREFIX/lib/comptoir share=$PREFIX/share/comptoir
COMPTOIR_CONF=$CONFDIR/comptoir.conf
export COMPTOIR_CONF
umask 027
root=$([ "$(id -u)" != 0 ] || echo yes)

zones() { for program in "$lib"/*.fcgi; do basename "$program" .fcgi; done; }
owned() { [ -z "$root" ] || chown "$@"; }

# setting FILE NAME prints its value; fill FILE NAME VALUE gives it one when it has none.
setting() { sed -n "s/^$2 *= *//p" "$CONFDIR/$1.conf"; }
fill() {
	[ -z "$(setting "$1" "$2")" ] || return 0
	[ -n "$3" ] || { echo "comptoir-setup: $2 in $CONFDIR/$1.conf is empty; say comptoir-setup shop.example" >&2; exit 64; }
	grep -q "^$2 *=" "$CONFDIR/$1.conf" || echo "$2 =" >> "$CONFDIR/$1.conf"
	sed -i "s|^$2 *=.*|$2 = $3|" "$CONFDIR/$1.conf"
}

# A user per zone. Group comptoir may read comptoir.conf, group comptoir-data the files and the invoices; nginx is in the
# latter only.
users() {
	for group in comptoir comptoir-data; do getent group $group > /dev/null || groupadd --system $group; done
	for zone in $(zones) worker; do
		id "comptoir-$zone" > /dev/null 2>&1 ||
			useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "comptoir-$zone"
		usermod --append --groups comptoir "comptoir-$zone"
	done
	for user in comptoir-account comptoir-download comptoir-worker www-data; do usermod --append --groups comptoir-data $user; done
}

secrets() {
	fill comptoir base_url "${host:+https://$host}"
	fill comptoir mail_from "${host:+shop@$host}"
	fill comptoir csrf_secret "$(openssl rand -hex 24)"
	owned root:comptoir "$CONFDIR/comptoir.conf"
	for zone in $(zones) worker operator; do
		fill "$zone" database_user "comptoir_$zone"
		fill "$zone" database_password "$(openssl rand -hex 24)"
		[ $zone = operator ] || owned "root:comptoir-$zone" "$CONFDIR/$zone.conf"
	done
}

data() {
	data=$(setting comptoir data_folder)
	install -d -m 755 "$data" "$CACHE"
	install -d -m 2750 "$data/files"
	install -d -m 2755 "$data/media"
	install -d -m 2770 "$data/lock"
	install -d -m 2750 "$data/invoices"
	owned comptoir-worker:comptoir-data "$data/invoices"
	owned root:comptoir-data "$data/files" "$data/media"
	owned comptoir-auth:comptoir-auth "$data/lock"
	for zone in shop account; do # which wait for Stripe
		install -d -m 2770 "$data/lock-$zone"
		owned "comptoir-$zone:comptoir-$zone" "$data/lock-$zone"
	done
	owned www-data:root "$CACHE"
}

# The operator's user first: it brings the schema up to date; then the others get what their statements need.
database() {
	printf '%s\n' "CREATE DATABASE IF NOT EXISTS comptoir CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;" \
		"CREATE USER IF NOT EXISTS comptoir_operator@localhost;" \
		"ALTER USER comptoir_operator@localhost IDENTIFIED BY '$(setting operator database_password)';" \
		"GRANT ALL ON comptoir.* TO comptoir_operator@localhost;" | $MARIADB
	"$PREFIX/bin/comptoir" migrate
	set -- # sed's words: @zone@ becomes its password
	for zone in $(zones) worker operator; do set -- "$@" -e "s/@$zone@/$(setting "$zone" database_password)/"; done
	sed "$@" "$share/sql/grants.sql" | $MARIADB comptoir
}

nginx_part() {
	sed -e "s|@CONF@|$CONFDIR/nginx|g" -e "s|@SOCK@|$SOCKETS|g" -e "s|@CACHE@|$CACHE|g" -e "s|@STATIC@|$share/static|g" \
		-e "s|@DATA@|$(setting comptoir data_folder)|g" -e "s|@LANGUAGE@|$(setting comptoir language)|g" \
		-e "s|@RATE_SHOP@|20r/s|g" -e "s|@RATE_AUTH@|5r/s|g" -e "s|@RATE_HOOK@|200r/s|g" -e "s|@BURST@|40|g" \
		-e "s|@HOST@|${host:-$(setting comptoir base_url | sed 's|.*://||; s|:.*||')}|g" "$share/nginx/$1.conf.in"
}

nginx() {
	install -d -m 755 "$CONFDIR/nginx" "$NGINX_ETC/conf.d" "$NGINX_ETC/sites-available" "$NGINX_ETC/sites-enabled"
	for part in server fastcgi cache; do nginx_part $part > "$CONFDIR/nginx/$part.conf"; done
	CONF=$CONFDIR/nginx BURST=40 "$share/nginx/locations.sh" "$lib"/*.fcgi > "$CONFDIR/nginx/locations.conf"
	nginx_part http > "$NGINX_ETC/conf.d/comptoir.conf"
	[ -e "$NGINX_ETC/sites-available/comptoir" ] || {
		nginx_part site > "$NGINX_ETC/sites-available/comptoir"
		ln -s ../sites-available/comptoir "$NGINX_ETC/sites-enabled/comptoir"
	}
}

# Services restart, sockets stay: requests wait meanwhile.
units() {
	systemctl daemon-reload
	for zone in $(zones); do systemctl enable --now "comptoir-$zone.socket"; done
	systemctl enable --now comptoir-worker.service comptoir.target
	systemctl try-restart 'comptoir-*.service'
	command nginx -t && systemctl reload nginx
}

steps="users secrets data database nginx units" host=""
case ${1:-} in
users | secrets | data | database | nginx | units) steps=$* ;;
*.* | "") host=${1:-} ;;
*) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 64 ;;
esac
[ -n "$root" ] || [ "$steps" != "users secrets data database nginx units" ] || { echo "comptoir-setup: run it as root" >&2; exit 77; }
for step in $steps; do echo "comptoir-setup: $step"; $step; done
