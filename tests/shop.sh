#!/bin/sh
# A whole shop of this checkout under run/: database, zones, worker, Stripe double, mail sink, nginx.
#
#	tests/shop.sh run      in the foreground; Ctrl-C stops all of it
#	tests/shop.sh start    in the background        tests/shop.sh stop
#	tests/shop.sh where    prints the addresses again
#
# The shop takes PORT, the three ports after it are the Stripe double, the mails' page and SMTP. Without PORT= it takes 8080,
# or what is free after it, and keeps to that. RUN=folder keeps another shop beside this one; EMPTY=1 leaves the demo out.
# With stripe_key in run/conf/shop.conf (and stripe_webhook_secrets in hook.conf) the real Stripe is used, not the double.
set -eu
cd "$(dirname "$0")/.."
RUN=${RUN:-run} PATH=$PATH:/usr/sbin
export RUN PATH
ZONES="shop auth account download hook api admin"
umask 077
mkdir -p "$RUN/pid" "$RUN/log" "$RUN/conf" "$RUN/nginx/conf" "$RUN/mail"
here=$(cd "$RUN" && pwd -P)

taken() { bash -c "(: < /dev/tcp/127.0.0.1/$1) 2>/dev/null"; }
all_free() { for port in $1 $(($1 + 1)) $(($1 + 2)) $(($1 + 3)); do ! taken "$port" || return 1; done; }

ports_set() { STRIPE_PORT=$(($1 + 1)) MAIL_PORT=$(($1 + 2)) SMTP_PORT=$(($1 + 3)) PORT=$1; export PORT; }

ports_choose() {
	kept=$(cat "$RUN/port" 2>/dev/null || true)
	if [ -n "$(any_alive)" ] && [ -n "$kept" ]; then ports_set "$kept"; return; fi
	if [ -n "${PORT:-}" ]; then
		all_free "$PORT" || { echo "port $PORT or one of the three after it is taken: choose with PORT=…" >&2; return 1; }
	else
		first=${FIRST_PORT:-8080}
		for PORT in $kept $(seq "$first" 10 $((first + 90))); do ! all_free "$PORT" || break; done
	fi
	ports_set "$PORT"
	echo "$PORT" > "$RUN/port"
}

# How many processes answer a zone: the busy ones more.
processes() { case $1 in shop | account | hook) echo 4 ;; *) echo 2 ;; esac; }

# $1 file, $2 name, $3 value: said once, kept when somebody set it.
setting() { grep -q "^$2 *=" "$RUN/conf/$1.conf" || printf '%s = %s\n' "$2" "$3" >> "$RUN/conf/$1.conf"; }

# The address follows PORT even when the settings are older.
settings() {
	sh tests/database.sh conf
	sed -i "s|^base_url = http://127.0.0.1:.*|base_url = http://127.0.0.1:$PORT|; s|^file_delivery = stream|file_delivery = accel|" \
		"$RUN/conf/comptoir.conf"
	if ! grep -q '^stripe_key' "$RUN/conf/shop.conf"; then
		setting comptoir checkout_origin "http://127.0.0.1:$STRIPE_PORT"
		setting comptoir portal_origin "http://127.0.0.1:$STRIPE_PORT"
		setting comptoir stripe_api "http://127.0.0.1:$STRIPE_PORT"
		setting account stripe_key sk_test_double0000000000000000000
		setting shop stripe_key sk_test_double0000000000000000000
		setting worker stripe_key sk_test_double0000000000000000000
		setting operator stripe_key sk_test_double0000000000000000000
		setting hook stripe_webhook_secrets "whsec_$(openssl rand -hex 16)"
	fi
	for name in stripe_api checkout_origin portal_origin; do
		sed -i "s|^$name = http://127.0.0.1:.*|$name = http://127.0.0.1:$STRIPE_PORT|" "$RUN/conf/comptoir.conf"
	done
	setting comptoir stripe_patience 5 # the double answers at once, or is told not to
	setting worker mail_server "smtp://127.0.0.1:$SMTP_PORT"
	sed -i "s|^mail_server = smtp://127.0.0.1:.*|mail_server = smtp://127.0.0.1:$SMTP_PORT|" "$RUN/conf/worker.conf"
}

nginx_conf() {
	sock=$(cd "$RUN/sock" && pwd -P) user=""
	[ "$(id -u)" != 0 ] || user="user root;" # the checkout may be readable to its owner alone
	for part in http server fastcgi cache run; do
		sed -e "s|@RUN@|$here|g" -e "s|@CONF@|$here/nginx/conf|g" -e "s|@SOCK@|$sock|g" -e "s|@PORT@|$PORT|g" \
			-e "s|@CACHE@|$here/nginx/cache|g" -e "s|@DATA@|$here/data|g" -e "s|@STATIC@|$PWD/templates/static|g" \
			-e "s|@LANGUAGE@|en|g" -e "s|@USER@|$user|" -e "s|@RATE_[A-Z]*@|1000r/s|g" -e "s|@BURST@|2000|g" "nginx/$part.conf.in" \
			> "$RUN/nginx/conf/$part.conf"
	done
	CONF=$here/nginx/conf BURST=2000 nginx/locations.sh $(for z in $ZONES; do echo "bin/$z.fcgi"; done) \
		> "$RUN/nginx/conf/locations.conf"
}

# A process is known by its number and the moment it began: after a restart of the machine the number is someone else's.
begun() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() {
	[ -r "$RUN/pid/$1" ] || return 1
	read -r pid began < "$RUN/pid/$1"
	[ "$(begun "$pid")" = "$began" ]
}
any_alive() { for name in nginx $ZONES worker stripe mail; do ! alive "$name" || echo "$name"; done; }

# $1 name, then the command: in a session of its own, so that stopping it takes its children along.
background() {
	name=$1
	shift
	! alive "$name" || return 0
	setsid "$@" < /dev/null >> "$RUN/log/$name.log" 2>&1 &
	echo "$! $(begun $!)" > "$RUN/pid/$name"
}

# The leader alone is told: multiwatch starts anew what ends before it knows that all should. What is left after five
# seconds is killed with its whole session.
tell() { ! alive "$1" || kill -s TERM "$pid" 2>/dev/null || true; }
end() {
	tell "$1"
	tries=0
	while alive "$1" && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
	! alive "$1" || kill -s KILL -- "-$pid" 2>/dev/null || true
	rm -f "$RUN/pid/$1"
}

stop() {
	for name in nginx $ZONES worker stripe mail; do tell "$name"; done
	for name in nginx $ZONES worker stripe mail; do end "$name"; done
	sh tests/database.sh stop
}

zone_start() {
	socket=$(cd "$RUN/sock" && pwd -P)/$1.sock
	if alive "$1"; then
		[ "bin/$1.fcgi" -nt "$RUN/pid/$1" ] || return 0 # built since it was started: the new one takes over
		end "$1"
	fi
	rm -f "$socket"
	background "$1" spawn-fcgi -n -s "$socket" -M 0666 -b 1024 -- /usr/bin/multiwatch -f "$(processes "$1")" -r 1000000 -t 1000 -- \
		"$PWD/bin/$1.fcgi"
}

double_wanted() { grep -q '^stripe_api = http://127.0.0.1:' "$RUN/conf/comptoir.conf"; }

stylesheet() { echo "http://127.0.0.1:$PORT/static/dev/style.css"; }

start() {
	ports_choose || return 1
	settings
	sh tests/database.sh start > "$RUN/log/database.log" 2>&1 || { cat "$RUN/log/database.log" >&2; return 1; }
	COMPTOIR_CONF=$here/conf/comptoir.conf
	export COMPTOIR_CONF
	if [ -z "${EMPTY:-}" ] && [ "$(sh tests/database.sh sql -N -e 'SELECT COUNT(*) FROM product')" = 0 ]; then
		bin/comptoir demo load > "$RUN/log/demo.log" 2>&1 || { cat "$RUN/log/demo.log" >&2; return 1; }
	fi
	nginx_conf
	for zone in $ZONES; do zone_start "$zone"; done
	[ ! bin/worker -nt "$RUN/pid/worker" ] || end worker
	background worker /usr/bin/multiwatch -s TERM -f 1 -r 1000000 -t 1000 -- "$PWD/bin/worker"
	if double_wanted; then
		background stripe node tests/stripe/double.mjs --port "$STRIPE_PORT" --state "$RUN/stripe.json" \
			--webhook-url "http://127.0.0.1:$PORT/webhooks/stripe" \
			--webhook-secret "$(sed -n 's/^stripe_webhook_secrets = //p' "$RUN/conf/hook.conf" | cut -d, -f1)"
	fi
	background mail node tests/mail/sink.mjs --smtp "$SMTP_PORT" --web "$MAIL_PORT" --folder "$RUN/mail" --style "$(stylesheet)"
	mkdir -p "$RUN/nginx/body" "$RUN/nginx/fastcgi" "$RUN/nginx/proxy" "$RUN/nginx/uwsgi" "$RUN/nginx/scgi"
	! alive nginx || kill -s HUP "$pid" # reads its settings again
	background nginx nginx -p "$here" -c "$here/nginx/conf/run.conf" -e "$here/log/nginx.log"
	tries=0
	until curl -fsS -o /dev/null "http://127.0.0.1:$PORT/" 2>/dev/null &&
		{ ! double_wanted || curl -fsS -o /dev/null "http://127.0.0.1:$STRIPE_PORT/_double/" 2>/dev/null; }; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || { echo "the shop does not answer; see $RUN/log/" >&2; return 1; }
		sleep 0.1
	done
}

where() {
	cat <<-END

		The shop          http://127.0.0.1:$PORT/
		Its mails         http://127.0.0.1:$MAIL_PORT/
		Stripe, doubled   http://127.0.0.1:$STRIPE_PORT/_double/

		Log in as         buyer@demo.example, seller@demo.example, staff@demo.example
		with password     comptoir-demo
		Pay with card     4242 4242 4242 4242

	END
}

# Until a signal comes. What is waited for must not outlive us.
stand() {
	sleep infinity &
	sleeper=$!
	wait $sleeper || true
}

finish() {
	trap '' INT TERM
	trap - EXIT
	[ -z "${sleeper:-}" ] || kill "$sleeper" 2>/dev/null || true
	echo "stopping"
	stop
	exit "${1:-0}"
}

case ${1:-} in
start) start && where || { stop; exit 1; } ;;
stop) stop ;;
where) ports_choose; where ;;
run)
	trap 'echo; finish 0' INT TERM HUP
	trap 'finish 1' EXIT
	start
	where
	echo "Ctrl-C stops all of it."
	stand
	finish 0
	;;
*) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 64 ;;
esac
