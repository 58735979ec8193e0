#!/bin/sh
# Runs one test file of any kind for prove, and keeps what it said: TAP on stdout, the rest in $RUN/log/tests/.
case $1 in
*.mjs) set -- node --test-reporter=tap "$@" ;;
*.sh) set -- sh "$@" ;;
esac
for last; do :; done
name=$(echo "$last" | sed 's|.*tests/||; s|/|_|g')
mkdir -p "$RUN/log/tests"
# Its end counts, too: a leak is told after the last "ok".
{ "$@" 2> "$RUN/log/tests/$name.err" < /dev/null; echo $? > "$RUN/log/tests/$name.end"; } | tee "$RUN/log/tests/$name.tap"
exit "$(cat "$RUN/log/tests/$name.end")"
