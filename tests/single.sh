#!/bin/sh
# One program per route links and answers too, over plain CGI. TAP. Needs tests/database.sh start.
cd "$(dirname "$0")/.." || exit 1
RUN=${RUN:-run}
count=0
told() { count=$((count + 1)); if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; echo "$3" | head -8 | sed 's/^/# /'; fi; }
said=$(make -s -j2 single 2>&1)
told $? "make single" "$said"
for program in bin/*/*.fcgi; do
	route=$("$program" --routes | awk 'NR == 1 { gsub(/\{[a-z_]*\}/, "0000000000000000000000", $3); print $3 }')
	said=$(env -i COMPTOIR_CONF="$RUN/conf/comptoir.conf" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO="$route" \
		REMOTE_ADDR=192.0.2.1 "$program" 2>&1)
	echo "$said" | head -1 | grep -qE '^Status: (200|303|401|404|405|410)'
	told $? "$program answers $route" "$said"
done
echo "1..$count"
