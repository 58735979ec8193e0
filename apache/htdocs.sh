#!/bin/sh
# Puts Comptoir into a document root of Apache, without root's help: .htaccess from the routes, one small starter per
# zone, the static files, a link to the covers. Run it again after an upgrade.
#
#	htdocs.sh fcgi FOLDER    for hosts with mod_fcgid
#	htdocs.sh cgi FOLDER     for all others
#
# COMPTOIR_CONF names the settings; they, the data and the programs stay outside FOLDER.
set -eu
case ${1:-}:${2:-} in fcgi:?* | cgi:?*) kind=$1 to=$2 ;; *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 64 ;; esac
here=$(cd "$(dirname "$0")" && pwd -P)
share=${here%/apache} lib=${here%/share/comptoir/apache}/lib/comptoir
: "${COMPTOIR_CONF:?names no comptoir.conf}"
case $COMPTOIR_CONF in /*) ;; *) COMPTOIR_CONF=$PWD/$COMPTOIR_CONF ;; esac
setting() { sed -n "s/^$1 *= *//p" "$COMPTOIR_CONF"; }
# Libraries that the host lacks may lie in lib/comptoir/so (INSTALL tells how they come there).
LD_LIBRARY_PATH=$lib/so
export LD_LIBRARY_PATH

# A plain path is one rule, a pattern with {…} the prefix before it, as in nginx/locations.sh; plain ones first, then long ones.
routes() {
	for program in "$lib"/*.fcgi; do "$program" --routes; done | awk -v kind="$kind" '
		{ path = substr($3, 2); at = index(path, "{")
		  rule = "^" (at ? substr(path, 1, at - 1) : path "$")
		  gsub(/\./, "\\.", rule)
		  if (!seen[rule]++) printf "%d %03d RewriteRule %s %s.%s [END]\n", !at, length(rule), rule, $1, kind }' |
		sort -r | cut -d ' ' -f 3-
}

# The way to TLS, unless the shop is meant to be without (a trial on this machine). Certificates are asked for in clear.
https() {
	case $(setting base_url) in https://*) ;; *) return 0 ;; esac
	printf '%s\n' 'RewriteRule ^\.well-known/acme-challenge/ - [END]' 'RewriteCond %{HTTPS} !=on' \
		'RewriteCond %{HTTP:X-Forwarded-Proto} !=https' 'RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,END]'
}

case $kind in fcgi) handler=fcgid-script ;; cgi) handler=cgi-script ;; esac
mkdir -p "$to/static"
cp "$share"/static/* "$to/static/"
ln -sfn "$(setting data_folder)/media" "$to/media"
rm -f "$to"/*.fcgi "$to"/*.cgi
for program in "$lib"/*.fcgi; do
	starter=$to/$(basename "$program" .fcgi).$kind
	printf "#!/bin/sh\nCOMPTOIR_CONF='%s' LD_LIBRARY_PATH='%s' exec '%s'\n" "$COMPTOIR_CONF" "$LD_LIBRARY_PATH" "$program" > "$starter"
	chmod 755 "$starter"
done
routes > "$to/.routes"
https > "$to/.https"
sed -e "s|@HANDLER@|$handler|; s|@KIND@|$kind|" -e "/^@ROUTES@$/{r $to/.routes" -e 'd}' -e "/^@HTTPS@$/{r $to/.https" -e 'd}' \
	"$here/htaccess.in" > "$to/.htaccess.new"
chmod 644 "$to/.htaccess.new"
mv "$to/.htaccess.new" "$to/.htaccess"
rm "$to/.routes" "$to/.https"
