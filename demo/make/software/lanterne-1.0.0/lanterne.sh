#!/bin/sh
# lanterne - one folder, one archive a day, old ones thinned out, and a restore that is tested.
#
#   lanterne.sh save    FOLDER STORE        write STORE/NAME-2026-03-14.tar.gz and its checksum
#   lanterne.sh check   STORE               verify every checksum
#   lanterne.sh drill   STORE               unpack the newest archive into a temporary folder and count files
#   lanterne.sh thin    STORE [DAYS]        keep DAYS days (default 14), then the first of each month
set -eu

fail() { echo "lanterne: $*" >&2; exit 1; }
newest() { ls -1 "$1"/*.tar.gz 2>/dev/null | sort | tail -n 1; }

save() {
    [ -d "$1" ] || fail "$1 is not a folder"
    mkdir -p "$2"
    name=$(basename "$1")-$(date +%Y-%m-%d).tar.gz
    tar -C "$(dirname "$1")" -czf "$2/.$name.part" "$(basename "$1")"
    mv "$2/.$name.part" "$2/$name"                     # never a half-written archive under its final name
    (cd "$2" && sha256sum "$name" > "$name.sha256")
    echo "$2/$name"
}

check() {
    cd "$1" || fail "no store $1"
    bad=0
    for sum in *.sha256; do
        [ -e "$sum" ] || fail "no archives in $1"
        sha256sum -c --quiet "$sum" || bad=1
    done
    [ $bad -eq 0 ] && echo "all archives are whole"
    return $bad
}

drill() {
    archive=$(newest "$1")
    [ -n "$archive" ] || fail "no archives in $1"
    tmp=$(mktemp -d)
    trap 'rm -rf "$tmp"' EXIT
    tar -C "$tmp" -xzf "$archive"
    echo "$archive: $(find "$tmp" -type f | wc -l) files restored, $(du -sk "$tmp" | cut -f1) KiB"
}

thin() {
    keep=${2:-14}
    for archive in "$1"/*.tar.gz; do
        [ -e "$archive" ] || continue
        case $archive in *-01.tar.gz) continue ;; esac
        if [ -n "$(find "$archive" -mtime "+$keep")" ]; then
            rm -- "$archive" "$archive.sha256"
            echo "let go: $(basename "$archive")"
        fi
    done
}

[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
command=$1; shift
case $command in
    save) [ $# -eq 2 ] || fail "save FOLDER STORE"; save "${1%/}" "${2%/}" ;;
    check|drill|thin) "$command" "$@" ;;
    *) fail "unknown command: $command" ;;
esac
