#!/bin/sh
# `make install` and `make uninstall`: programs, templates of settings, units. PREFIX, CONFDIR, DESTDIR come from make.
#
#	server/install.sh zone…           puts everything in its place; settings that are there are kept
#	server/install.sh remove zone…    takes it away again; settings, data and database stay
set -eu
cd "$(dirname "$0")/.."
BIN=${BIN:-bin}
lib=$PREFIX/lib/comptoir share=$PREFIX/share/comptoir units=$PREFIX/lib/systemd/system

# A template with its names filled in: $1 file, the rest: more of sed's words.
fill() {
	file=$1
	shift
	sed -e "s|@PREFIX@|$PREFIX|g" -e "s|@LIB@|$lib|g" -e "s|@CONFDIR@|$CONFDIR|g" \
		-e '/^@SANDBOX@$/{r server/systemd/sandbox' -e 'd}' "$@" "$file"
}

# Busy zones have more programs; shop and account talk to Stripe; they and auth write below the data folder, their locks alone.
unit() {
	processes=2 families=AF_UNIX writes=""
	case $1 in shop | account | hook) processes=4 ;; esac
	case $1 in
	shop | account) families="AF_UNIX AF_INET AF_INET6 AF_NETLINK" writes=ReadWritePaths=-/var/lib/comptoir/lock-$1 ;;
	auth) writes=ReadWritePaths=/var/lib/comptoir/lock ;;
	esac
	for kind in socket service; do
		fill "server/systemd/zone.$kind" -e "s|@ZONE@|$1|g" -e "s|@PROCESSES@|$processes|" -e "s|@FAMILIES@|$families|" \
			-e "s|@WRITES@|$writes|" > "$DESTDIR$units/comptoir-$1.$kind"
	done
}

# Settings with room for secrets: not for everyone's eyes from the first moment on, never overwritten.
settings() {
	for name in comptoir "$@" worker operator; do
		to=$DESTDIR$CONFDIR/$name.conf from=server/conf/$name.conf
		[ -f "$from" ] || from=server/conf/zone.conf
		[ -e "$to" ] || { install -m 640 /dev/null "$to" && sed "s|@ZONE@|$name|g" "$from" > "$to"; }
	done
}

put() {
	install -d "$DESTDIR$PREFIX/bin" "$DESTDIR$PREFIX/sbin" "$DESTDIR$lib" "$DESTDIR$share/static" "$DESTDIR$share/sql" \
		"$DESTDIR$share/nginx" "$DESTDIR$share/apache" "$DESTDIR$units" "$DESTDIR$CONFDIR"
	for zone; do install -m 755 "$BIN/$zone.fcgi" "$DESTDIR$lib/"; unit "$zone"; done
	install -m 755 "$BIN/worker" "$DESTDIR$lib/"
	install -m 755 "$BIN/comptoir" "$DESTDIR$lib/" # beside the programs that its doctor looks over
	ln -sfn ../lib/comptoir/comptoir "$DESTDIR$PREFIX/bin/comptoir"
	fill server/setup.sh > "$DESTDIR$PREFIX/sbin/comptoir-setup"
	chmod 755 "$DESTDIR$PREFIX/sbin/comptoir-setup"
	install -m 644 templates/static/* "$DESTDIR$share/static/"
	install -m 644 sql/grants.sql "$DESTDIR$share/sql/"
	for part in http server fastcgi cache site; do install -m 644 "nginx/$part.conf.in" "$DESTDIR$share/nginx/"; done
	install -m 755 nginx/locations.sh "$DESTDIR$share/nginx/"
	install -m 644 apache/htaccess.in "$DESTDIR$share/apache/"
	install -m 755 apache/htdocs.sh "$DESTDIR$share/apache/"
	fill server/systemd/worker.service > "$DESTDIR$units/comptoir-worker.service"
	install -m 644 server/systemd/comptoir.target "$DESTDIR$units/"
	settings "$@"
}

take_away() {
	rm -rf "$DESTDIR${lib:?}" "$DESTDIR$share"
	rm -f "$DESTDIR$PREFIX/bin/comptoir" "$DESTDIR$PREFIX/sbin/comptoir-setup" "$DESTDIR$units/comptoir.target" \
		"$DESTDIR$units/comptoir-worker.service"
	for zone; do rm -f "$DESTDIR$units/comptoir-$zone.socket" "$DESTDIR$units/comptoir-$zone.service"; done
}

case ${1:-} in
remove) shift; take_away "$@" ;;
*) put "$@" ;;
esac
