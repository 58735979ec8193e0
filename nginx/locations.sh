#!/bin/sh
# nginx's locations from the routes of the zones: nginx/locations.sh bin/shop.fcgi bin/auth.fcgi … > locations.conf
# A plain path is an exact location, a pattern with {…} the prefix before it. CONF, BURST come from the caller.
set -eu
for program; do "$program" --routes; done | awk -v conf="${CONF:?}" -v burst="${BURST:-40}" '
	{ zone = $1; method = $2; path = $3; at = index(path, "{")
	  where = at ? "^~ " substr(path, 1, at - 1) : "= " path
	  if (!(where in seen)) { seen[where] = zone; order[++count] = where }
	  else if (seen[where] != zone) { print "two zones at " where > "/dev/stderr"; exit 1 }
	  if (method == "POST") posts[where] = 1 }
	END { for (i = 1; i <= count; i++) { where = order[i]; zone = seen[where]
		printf "location %s {\n", where
		printf "\tlimit_req zone=comptoir_%s burst=%d nodelay;\n", zone, zone == "hook" || zone == "api" ? burst * 10 : burst
		if (zone == "shop" && !posts[where] && where !~ /checkout/) printf "\tinclude %s/cache.conf;\n", conf
		printf "\tfastcgi_pass comptoir_%s;\n\tinclude %s/fastcgi.conf;\n}\n", zone, conf } }'
