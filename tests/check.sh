#!/bin/sh
# Everything proven, in a shop of its own under run/check: make check. The last line is "N passed, N failed".
#
#	tests/check.sh          all of it
#	tests/check.sh c        only what needs no browser and no web server
set -u
cd "$(dirname "$0")/.." || exit 1
RUN=run/check BUILD=${BUILD:-build} COMPTOIR_CONF=$PWD/run/check/conf/comptoir.conf
# Other checkouts may be checked at the same time: each begins to look for ports elsewhere.
FIRST_PORT=$((9200 + $$ % 80 * 10))
export RUN COMPTOIR_CONF FIRST_PORT
failed=0
stop() { sh tests/shop.sh stop > /dev/null 2>&1; }
trap 'stop; exit 130' INT TERM HUP
stop
# A check that failed or was killed leaves a Stripe that is down, rows of crowds, half an order: nothing of it is taken over.
rm -rf "$RUN"
mkdir -p "$RUN/log/tests"

# A test program that ends without its plan, or with an error behind its back, is one more failure.
proved() { # jobs, then files
	jobs=$1
	shift
	[ $# = 0 ] || prove -q -j"$jobs" --exec 'sh tests/tap.sh' "$@" || broken=$((broken + 1))
}
broken=0

cores=$(nproc)
if ! make -s -j"$cores" all tests fuzz-short; then echo "0 passed, 1 failed"; exit 1; fi
sh tests/database.sh start > "$RUN/log/database.log" 2>&1 || { cat "$RUN/log/database.log"; echo "0 passed, 1 failed"; exit 1; }

proved "$cores" $(make -s list-tests) tests/bad.sh tests/grants.sh tests/schema.sh tests/tool.sh tests/zones.sh tests/style.sh tests/single.sh tests/fuzz.sh
if [ "${1:-}" != c ]; then
	[ -d tests/node_modules/fast-check ] || (cd tests && npm ci --silent --no-audit --no-fund)
	proved "$cores" $(ls tests/stripe/*.test.mjs tests/model/*.test.mjs 2>/dev/null)
	proved 1 tests/install.sh
	if sh tests/shop.sh start > "$RUN/log/shop.log" 2>&1; then
		PORT=$(cat "$RUN/port")
		export PORT
		proved 1 $(ls tests/nginx.sh tests/e2e/*.test.mjs 2>/dev/null)
	else
		cat "$RUN/log/shop.log"
		echo "not ok 1 - the shop starts" > "$RUN/log/tests/shop.tap"
	fi
fi
stop

passed=$(cat "$RUN"/log/tests/*.tap | grep -cE '^ok ')
failed=$(cat "$RUN"/log/tests/*.tap | grep -cE '^not ok ')
[ "$failed" -ge "$broken" ] || failed=$broken
grep -hE '^not ok ' "$RUN"/log/tests/*.tap
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
