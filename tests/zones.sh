#!/bin/sh
# Every program looked over without data: its statements under its own database user, its templates and words, its routes.
# TAP. Needs tests/database.sh start.
cd "$(dirname "$0")/.." || exit 1
RUN=${RUN:-run} BIN=${BIN:-bin}
COMPTOIR_CONF=$RUN/conf/comptoir.conf
export COMPTOIR_CONF
count=0
told() { # verdict, name, reason
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; echo "$3" | sed 's/^/# /'; fi
}
holds_not() { # name, the lines that should not be there
	[ -z "$2" ]
	told $? "$1" "$2"
}
for program in "$BIN"/*.fcgi "$BIN/worker"; do
	said=$("$program" --check 2>&1)
	told $? "$(basename "$program") --check" "$said"
done
routes=$(for program in "$BIN"/*.fcgi; do "$program" --routes; done)
# zone method pattern guard csrf source
pick() { echo "$routes" | awk "$1"; }
holds_not "every route has a zone, a method, a pattern, a guard" "$(pick 'NF != 6 || $2 !~ /^(GET|POST)$/ || $3 !~ /^\// || $4 !~ /^(anyone|member|seller|staff|signed|key|monitor)$/')"
holds_not "no two routes are the same" "$(pick '{ p = $3; gsub(/\{[a-z_]*\}/, "{}", p); if (seen[$2 " " p]++) print }')"
# /a/{b} and /a/c match the same path: which page answers would hang on the order of linking.
holds_not "no two patterns match the same path" "$(pick '
	function meets(a, b,   n, m, x, y, i) {
		n = split(a, x, "/"); m = split(b, y, "/")
		if (n != m) return 0
		for (i = 1; i <= n; i++) if (x[i] != y[i] && x[i] !~ /^\{/ && y[i] !~ /^\{/) return 0
		return 1 }
	{ for (i = 0; i < n; i++) if (method[i] == $2 && meets(pattern[i], $3)) print method[i], pattern[i], $3
	  method[n] = $2; pattern[n++] = $3 }')"
holds_not "nothing in admin/ or seller/ is open" "$(pick '($1 == "admin" && $4 != "staff" && !($4 == "monitor" && $3 == "/metrics")) || ($1 == "seller" && $4 !~ /^(seller|staff)$/)')"
holds_not "all of api/ wants a key, and nothing else does" "$(pick '($1 == "api") != ($4 == "key")')"
holds_not "the portal and downloads are for members" "$(pick '($1 == "account" || $1 == "download") && $4 != "member"')"
holds_not "every POST carries a token, is signed in hook/, or has a key in api/" "$(pick '$2 == "POST" && $5 != "token" && !($5 == "signature" && $1 == "hook") && !($5 == "key" && $1 == "api")')"
holds_not "a source file answers in the zone of its folder" "$(pick '$6 !~ "^cgi-bin/" $1 "/"')"
said=$(CONF=/etc/nginx BURST=40 nginx/locations.sh "$BIN"/*.fcgi 2>&1 > /dev/null)
holds_not "nginx can tell the zones apart" "$said"
# As plain CGI a library that nobody uses is loaded for every page.
holds_not "hook and api load neither curl nor fonts" "$(ldd "$BIN/hook.fcgi" "$BIN/api.fcgi" | grep -E 'libcurl|libpango|libcairo')"
echo "1..$count"
