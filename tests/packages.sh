#!/bin/sh
# Installs what packages.txt names for the purposes given and this machine lacks: tests/packages.sh run test
set -eu
cd "$(dirname "$0")/.."
lacking() {
	for purpose; do
		while read -r group package program; do
			[ "$group" = "$purpose" ] || continue
			[ -n "$program" ] && PATH=$PATH:/usr/sbin command -v "$program" > /dev/null && continue
			echo "$package"
		done < packages.txt
	done
}
wanted=$(lacking "$@")
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2> /dev/null | sed -n 's/^installed //p')
lacks=$(for package in $wanted; do echo "$have" | grep -qx "$package" || echo "$package"; done)
[ -n "$lacks" ] || exit 0
echo "installing:" $lacks
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -qq update
$sudo apt-get -qq install -y --no-install-recommends $lacks > /dev/null
