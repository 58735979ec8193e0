#!/bin/sh
# What `make install` makes, run as an owner would run it: behind nginx with a user per zone of the database, and under
# Apache from a folder without anybody's help, by mod_fcgid and as plain CGI. TAP; everything under one folder in /tmp, on
# loopback ports, with a MariaDB of its own; all of it is stopped at the end.
set -eu

count=0
ok() { count=$((count + 1)) && echo "ok $count - $1"; }
not_ok() { count=$((count + 1)) && failed=1 && echo "not ok $count - $1"; }
# $1 what is shown; $2 what is there; $3 what it must be
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" && printf '#   is %s\n#   must be %s\n' "$2" "$3"; fi; }
# $1 what is shown, the rest: a command that must succeed
holds() { what=$1 && shift && if "$@" > /dev/null; then ok "$what"; else not_ok "$what"; fi; }
failed=0

# ---- First half, as whoever builds: install into a folder, then go on as an ordinary user. ----

installed() {
	cd "$(dirname "$0")/.."
	T=$(mktemp -d /tmp/comptoir-XXXXXX)
	trap 'rm -rf "$T"' EXIT
	trap 'exit 130' INT TERM
	make -s install DESTDIR="$T/root" PREFIX=/usr CONFDIR=/etc/comptoir > "$T/make.log" 2>&1 ||
		{ cat "$T/make.log"; echo "Bail out! make install"; exit 1; }
	holds "a setting changed by the owner" sed -i 's/^shop_name = .*/shop_name = Chez Nous/' "$T/root/etc/comptoir/comptoir.conf"
	make -s install DESTDIR="$T/root" PREFIX=/usr CONFDIR=/etc/comptoir > /dev/null
	holds "is kept by the next make install" grep -q '^shop_name = Chez Nous' "$T/root/etc/comptoir/comptoir.conf"
	is "files with secrets are not for everyone" "$(find "$T/root/etc/comptoir" -name '*.conf' -perm /007)" ""
	is "every zone has its program, socket and service" \
		"$(ls "$T/root/usr/lib/comptoir"/*.fcgi | wc -l | tr -d ' ')x3" \
		"$(ls "$T/root/usr/lib/systemd/system"/comptoir-*.socket | wc -l | tr -d ' ')x3"
	is "INSTALL names the events that the program takes" "$(sed -n 's/^    \(\(checkout\|payment_intent\|charge\|refund\|radar\|invoice\|invoice_payment\|customer\)\.[a-z_.]*\)$/\1/p' INSTALL | sort)" \
		"$(sed -n '/^} handlers\|handlers\[\]/,/^};/s/^\t{ "\([a-z_.]*\)", .*/\1/p' src/stripe_event.c | sort)"
	is "INSTALL fetches every library and what setting up calls" \
		"$(sed -n '/^    apt install/,/[^\\]$/p' INSTALL | tr -s ' \\' '\n' | grep -Ex '(lib.*-dev|gcc|make|pkg-config|nginx|multiwatch|curl|openssl|ca-certificates)' | sort)" \
		"$(sed -n 's/^run \(lib[^ ]*-dev\|gcc\|make\|pkg-config\|nginx\|multiwatch\|curl\|openssl\|ca-certificates\)\( .*\)\{0,1\}$/\1/p' packages.txt | sort)"
	sed -n '/^    mkdir first-book/,/^    comptoir product import/s/^    //p' INSTALL > "$T/first.sh"
	cp -r "$T/root" "$T/gone"
	make -s uninstall DESTDIR="$T/gone" PREFIX=/usr CONFDIR=/etc/comptoir
	is "make uninstall leaves the settings only" "$(find "$T/gone" -type f ! -path '*/etc/comptoir/*')" ""
	cp -r demo INSTALL "$T/"
	cp "$0" "$T/test.sh"
	echo "count=$count failed=$failed T=$T" > "$T/state"
	[ "$(id -u)" != 0 ] || chown -R nobody:nogroup "$T"
	if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all"; else as=""; fi
	HOME=$T $as sh "$T/test.sh" served "$T"
}

# ---- Second half: the installed files only, as an ordinary user. ----

background() { setsid "$@" < /dev/null >> "$T/log" 2>&1 & started="$started $!"; }

alive() { for pid in $started; do grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null && return 0; done; return 1; }

# The leader is told and tells its own; what is left after ten seconds is ended whole.
stop_all() {
	for pid in $started; do kill -s TERM "$pid" 2>/dev/null || true; done
	n=0
	while alive && [ $n -lt 100 ]; do n=$((n + 1)) && sleep 0.1; done
	for pid in $started; do kill -s KILL -- "-$pid" 2>/dev/null || true; done
}

free_port() {
	port=$((20000 + $$ % 20000))
	while curl -s -o /dev/null "http://127.0.0.1:$port/" || [ $? != 7 ]; do port=$((port + 1)); done
	echo $port
}

until_true() { n=0; until "$@" > /dev/null 2>&1; do n=$((n + 1)); [ $n -lt 200 ] || { tail -n 30 "$T"/*log; echo "Bail out! $*"; exit 1; }; sleep 0.1; done; }

mariadb_start() {
	mariadb-install-db --no-defaults --datadir="$T/mariadb" --skip-test-db --auth-root-authentication-method=socket \
		--auth-root-socket-user="$(id -un)" --innodb-log-file-size=8M > "$T/mariadb.log" 2>&1
	background mariadbd --no-defaults --datadir="$T/mariadb" --socket="$T/mariadb.sock" --skip-networking --skip-log-bin \
		--pid-file="$T/mariadb.pid" --innodb-flush-log-at-trx-commit=0 --innodb-log-file-size=8M --innodb-buffer-pool-size=32M
	MARIADB="mariadb --no-defaults --socket=$T/mariadb.sock --user=$(id -un)"
	export MARIADB
	until_true $MARIADB -e 'SELECT 1'
}

# ---- What must hold of a shop, whatever stands in front of it. ----

ask() { curl -s --max-time 20 -b "$T/jar" -c "$T/jar" -H 'Accept-Language: en' "$@"; }
status() { ask -o "$T/body" -w '%{http_code}' "$@"; }
token() { sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$T/body" | head -1; }
header() { tr -d '\r' < "$T/head" | sed -n "s/^$1: //Ip"; }

signed() { # $1 secret $2 body
	now=$(date +%s)
	mac=$(printf '%s.%s' "$now" "$2" | openssl dgst -sha256 -hmac "$1" | sed 's/.* //')
	status -H "Stripe-Signature: t=$now,v1=$mac" -H 'Content-Type: application/json' --data-binary "$2" "$shop/webhooks/stripe"
}

shop_holds() { # $1 front end $2 one word of it
	rm -f "$T/jar"
	is "$1: / answers" "$(status "$shop/")" 200
	holds "$1: with the catalogue" grep -q 'href="/product/nuit-bleue"' "$T/body"
	is "$1: a page that is not there" "$(status "$shop/nothing/here?x=1")" 404
	holds "$1: is the shop's own page" grep -q 'Chez Nous' "$T/body"
	status "$shop/" > /dev/null
	style=$(grep -o '/static/[0-9a-z]*/style.css' "$T/body" | head -1) cover=$(grep -o '/media/[0-9a-f]*\.webp' "$T/body" | head -1)
	is "$1: style sheet" "$(status -D "$T/head" "$shop$style")" 200
	is "$1: is kept for ever" "$(header Cache-Control)" "public, max-age=31536000, immutable"
	is "$1: and is CSS" "$(header Content-Type | cut -d';' -f1)" text/css
	is "$1: cover" "$(status -D "$T/head" "$shop$cover") $(header X-Content-Type-Options) $(header Content-Type)" "200 nosniff image/webp"

	is "$1: log-in page" "$(status "$shop/login?next=%2Faccount")" 200
	csrf=$(token)
	is "$1: log-in without its token" "$(status -d 'email=buyer@demo.example&password=comptoir-demo' "$shop/login")" 403
	is "$1: log-in of another origin" "$(status -H 'Origin: https://evil.example' --data-urlencode "csrf=$csrf" \
		-d 'email=buyer@demo.example&password=comptoir-demo' "$shop/login")" 403
	is "$1: log-in" "$(status -D "$T/head" -H "Origin: $shop" --data-urlencode "csrf=$csrf" \
		-d 'email=buyer@demo.example&password=comptoir-demo' "$shop/login")" 303
	is "$1: leads on" "$(header Location | sed "s|^$shop||")" /account
	is "$1: downloads of a member" "$(status "$shop/account/downloads")" 200

	form=$(tr '\n' ' ' < "$T/body" | grep -o '<form[^>]*action="/account/downloads".*' | sed 's|</form>.*||')
	field() { echo "$form" | grep -o "name=\"$1\" value=\"[^\"]*\"" | head -1 | sed 's/.*value="//; s/"$//'; }
	data=""
	for name in $(echo "$form" | grep -o 'name="[a-z_]*"' | cut -d'"' -f2); do data="$data&$name=$(field "$name")"; done
	is "$1: a link is made" "$(status -D "$T/head" -d "${data#&}" "$shop/account/downloads")" 303
	link=$(header Location)
	is "$1: the file" "$(status -D "$T/head" "$link")" 200
	cp "$T/body" "$T/whole"
	digest=$(sha256sum < "$T/whole" | cut -d' ' -f1)
	is "$1: is one that is sold" "$($MARIADB -N -e "SELECT COUNT(*) > 0 FROM comptoir.product_file WHERE sha256 = UNHEX('$digest')")" 1
	is "$1: a stretch of it" "$(status -D "$T/head" -r 100-1123 "$link")" 206
	size=$(wc -c < "$T/whole" | tr -d ' ')
	is "$1: says which" "$(header Content-Range)" "bytes 100-1123/$size"
	holds "$1: and is it" sh -c "tail -c +101 '$T/whole' | head -c 1024 | cmp - '$T/body'"
	is "$1: a stretch past its end" "$(status -r "$size-" "$link")" 416

	event="{\"id\":\"evt_$2\",\"object\":\"event\",\"type\":\"customer.updated\",\"created\":1700000000,\"livemode\":false,\"data\":{\"object\":{\"id\":\"cus_$2\"}}}"
	is "$1: an event that Stripe signed" "$(signed whsec_right "$event")" 200
	is "$1: an event that someone else signed" "$(signed whsec_wrong "$event")" 400
	is "$1: is stored once" "$($MARIADB -N -e "SELECT COUNT(*) FROM comptoir.stripe_event WHERE id = 'evt_$2'")" 1

	storage=$($MARIADB -N -e 'SELECT storage FROM comptoir.product_file LIMIT 1')
	for path in "/files/$storage" /comptoir.conf /conf/comptoir.conf /etc/comptoir.conf /.htaccess /data/ /shop.fcgi /auth.cgi \
		/static/ /media/ /static/abc/..%2fauth.fcgi '/media/../../etc/comptoir.conf' '/media/%2e%2e/files/' ; do
		case $(status --path-as-is "$shop$path") in
		400 | 403 | 404) ! grep -q 'csrf_secret\|database_\|RewriteRule\|COMPTOIR_CONF' "$T/body" && ok "$1: $path is not served" || not_ok "$1: $path shows" ;;
		*) not_ok "$1: $path is answered with $(status --path-as-is "$shop$path")" ;;
		esac
	done
}

# From cron; then the operator's look at all of it. Warnings are as it should be: there is no key of Stripe's here.
worker_holds() { # $1 front end $2 PREFIX
	holds "$1: the worker runs once, as from cron" "$2/lib/comptoir/worker" --once --seconds 5 2> "$T/worker.log"
	is "$1: no job failed" "$(grep '^job.failed' "$T/worker.log")" ""
	"$2/bin/comptoir" doctor > "$T/doctor" 2>&1 || true
	is "$1: comptoir doctor finds no failure" "$(grep '^FAIL' "$T/doctor")" ""
	is "$1: looks over every program" "$(sed -n 's/^ok *programs *//p' "$T/doctor" | cut -d' ' -f1)" \
		"$(ls "$2/lib/comptoir" | grep -c 'fcgi$\|worker')"
}

# ---- nginx, with what comptoir-setup makes ----

behind_nginx() {
	export PREFIX="$T/root/usr" CONFDIR="$T/root/etc/comptoir" NGINX_ETC="$T/nginx" SOCKETS="$T/sock" CACHE="$T/cache"
	export COMPTOIR_CONF="$CONFDIR/comptoir.conf"
	sed -i "s|^base_url =.*|base_url = $shop|; s|^database_hosts =.*|database_hosts = $T/mariadb.sock|
		s|^data_folder =.*|data_folder = $T/data|; s|^mail_from =.*|mail_from = shop@example.com|" "$COMPTOIR_CONF"
	sed -i 's|^stripe_webhook_secrets =.*|stripe_webhook_secrets = whsec_right|' "$CONFDIR/hook.conf"
	setup() { "$PREFIX/sbin/comptoir-setup" secrets data database nginx >> "$T/log" 2>&1; }
	setup || { cat "$T/log"; echo "Bail out! comptoir-setup"; exit 1; }
	sum() { cat "$CONFDIR"/*.conf "$CONFDIR"/nginx/* "$NGINX_ETC"/sites-available/* | sha256sum; }
	before=$(sum)
	setup
	is "comptoir-setup, run again, changes nothing" "$(sum)" "$before"
	"$PREFIX/bin/comptoir" demo load "$T/demo" >> "$T/log" 2>&1 || { cat "$T/log"; echo "Bail out! demo load"; exit 1; }
	(PATH=$PREFIX/bin:$PATH && mkdir "$T/first" && cd "$T/first" && sh "$T/first.sh") > "$T/first.log" 2>&1 || true
	is "the product of INSTALL is imported" "$(tail -n 1 "$T/first.log")" "first-book: new, 1 files, 1 prices made"
	mkdir -p "$SOCKETS"
	for program in "$PREFIX"/lib/comptoir/*.fcgi; do
		zone=$(basename "$program" .fcgi)
		holds "--check of $zone, as its own user of the database" "$program" --check
		background spawn-fcgi -n -s "$SOCKETS/$zone.sock" -b 1024 -- /usr/bin/multiwatch -f 2 -r 1000000 -t 1000 -- "$program"
	done
	sed -i "s|listen 80;|listen 127.0.0.1:$port;|; /listen \[::\]/d; s|/var/log/nginx|$T|" "$NGINX_ETC/sites-available/comptoir"
	cat > "$T/nginx.conf" <<-END
		daemon off; pid $T/nginx.pid; error_log $T/nginx.log warn;
		events { }
		http {
			include /etc/nginx/mime.types;
			client_body_temp_path $T/body_temp; fastcgi_temp_path $T/fastcgi_temp; proxy_temp_path $T/proxy_temp;
			uwsgi_temp_path $T/uwsgi_temp; scgi_temp_path $T/scgi_temp;
			include $NGINX_ETC/conf.d/*.conf;
			include $NGINX_ETC/sites-enabled/*;
		}
	END
	background nginx -c "$T/nginx.conf" -e "$T/nginx.log"
	until_true curl -fsS "$shop/"
	shop_holds nginx nginx
	worker_holds nginx "$PREFIX"
	shell_holds
	restore_holds
}

# As INSTALL says: dump, lose everything, make anew, read back, set up.
restore_holds() {
	rows() { $MARIADB -N -e 'CHECKSUM TABLE comptoir.orders, comptoir.entitlement, comptoir.license, comptoir.product_file' | sort; }
	had=$(rows)
	mariadb-dump ${MARIADB#mariadb} --single-transaction comptoir > "$T/comptoir.sql"
	$MARIADB -e 'DROP DATABASE comptoir; DROP USER comptoir_shop@localhost; CREATE DATABASE comptoir CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'
	$MARIADB comptoir < "$T/comptoir.sql"
	setup
	is "a restored database holds what it held" "$(rows)" "$had"
	"$PREFIX/bin/comptoir" doctor --deep > "$T/doctor" 2>&1 || true
	is "and doctor --deep finds no failure" "$(grep '^FAIL' "$T/doctor")" ""
}

# ---- From a shell ----

shell_holds() {
	login=$T/root/usr/lib/comptoir/auth.fcgi
	PATH_INFO=/login REQUEST_METHOD=GET "$login" < /dev/null > "$T/page" 2>> "$T/log"
	is "from a shell: a page" "$(head -1 "$T/page" | tr -d '\r') $(grep -c '</html>' "$T/page")" "Status: 200 1"
	holds "from a shell: --routes lists" sh -c "'$login' --routes | grep -q /login"
	for word in --routes --check; do
		GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET REQUEST_URI=/login "$login" $word < /dev/null > "$T/page" 2>> "$T/log"
		is "under a web server $word is no option" "$(head -1 "$T/page" | tr -d '\r') $(grep -c 'cgi-bin/' "$T/page")" "Status: 200 0"
	done
}

# ---- Apache, with what a customer of a shared host has: a folder, .htaccess, one user of the database ----

apache_conf() {
	modules=/usr/lib/apache2/modules
	for module in mpm_event authz_core mime dir autoindex negotiation alias env setenvif headers rewrite deflate filter cgid \
		fcgid unixd; do
		[ ! -e "$modules/mod_$module.so" ] || echo "LoadModule ${module}_module $modules/mod_$module.so"
	done
	cat <<-END
		ServerName 127.0.0.1
		Listen 127.0.0.1:$port
		PidFile $T/apache.pid
		ErrorLog $T/apache.log
		TypesConfig /etc/mime.types
		ScriptSock $T/cgid.sock
		FcgidIPCDir $T/fcgid
		FcgidProcessTableFile $T/fcgid/table
		FcgidMaxProcessesPerClass 2
		StartServers 1
		ThreadsPerChild 10
		MaxRequestWorkers 20
		ServerLimit 2
		DocumentRoot $home/www
		<Directory />
			AllowOverride None
			Require all denied
		</Directory>
		<Directory $home/www>
			AllowOverride All
			Require all granted
		</Directory>
	END
}

under_apache() {
	home=$T/home
	mkdir -p "$home/comptoir/data/files" "$home/comptoir/data/media" "$home/www" "$T/fcgid"
	cp -r "$T/root/usr/." "$home/comptoir/"
	cp -r "$T/data/." "$home/comptoir/data/"
	$MARIADB -e "CREATE USER owner@localhost IDENTIFIED BY 'sesame'; GRANT ALL ON comptoir.* TO owner@localhost"
	export COMPTOIR_CONF="$home/comptoir/comptoir.conf"
	(umask 077 && cat > "$COMPTOIR_CONF" <<-END
		shop_name = Chez Nous
		base_url = $shop
		database_hosts = $T/mariadb.sock
		database_name = comptoir
		database_user = owner
		database_password = sesame
		data_folder = $home/comptoir/data
		csrf_secret = 0123456789abcdef0123456789abcdef0123
		stripe_webhook_secrets = whsec_right
		file_delivery = stream
		mail_from = shop@example.com
	END
	)
	cp "$COMPTOIR_CONF" "$home/www/comptoir.conf" # as somebody will, one day
	apache_conf > "$T/apache.conf"
	(cd "$T" && HOME=$home && export HOME && eval "$(sed -n '/^    mkdir -p ~.comptoir.lib.comptoir.so/,/xargs/p' "$T/INSTALL")")
	holds "libraries are brought along as INSTALL says" test -e "$home/comptoir/lib/comptoir/so/libsodium.so.23"
	sh "$home/comptoir/share/comptoir/apache/htdocs.sh" fcgi "$home/www"
	background apache2 -f "$T/apache.conf" -D FOREGROUND
	until_true curl -fsS "$shop/"
	shop_holds mod_fcgid fcgid
	sh "$home/comptoir/share/comptoir/apache/htdocs.sh" cgi "$home/www"
	shop_holds "plain CGI" cgi
	worker_holds Apache "$home/comptoir"
	sed -i 's|^base_url = .*|base_url = https://shop.example|' "$COMPTOIR_CONF"
	sh "$home/comptoir/share/comptoir/apache/htdocs.sh" cgi "$home/www"
	is "Apache: http leads to https" "$(status -D "$T/head" -H 'Host: shop.example' "$shop/login?next=%2F") $(header Location)" \
		"301 https://shop.example/login?next=%2F"
}

served() {
	cd "$T"
	umask 022
	. "$T/state"
	started=""
	trap stop_all EXIT
	trap 'exit 130' INT TERM
	mariadb_start
	port=$(free_port) shop="" && shop=http://127.0.0.1:$port
	behind_nginx
	port=$((port + 1)) && while ! { curl -s -o /dev/null "http://127.0.0.1:$port/"; [ $? = 7 ]; }; do port=$((port + 1)); done
	shop=http://127.0.0.1:$port
	if command -v apache2 > /dev/null; then under_apache; else echo "# no apache2: apt install apache2-bin libapache2-mod-fcgid"; fi
	echo "1..$count"
	[ $failed = 0 ] || { tail -n 20 "$T/apache.log" "$T/nginx.log" "$T/log" 2>/dev/null | sed 's/^/# /'; exit 1; }
}

case ${1:-} in
served) T=$2; served ;;
*) installed ;;
esac
