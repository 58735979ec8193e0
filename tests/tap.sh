#!/bin/sh
# Runs one test file of any kind for prove, and keeps what it said: TAP on stdout, the rest in $RUN/log/tests/.
case $1 in
*.mjs) set -- node --test-reporter=tap "$@" ;;
*.sh) set -- sh "$@" ;;
esac
for last; do :; done
name=$(echo "$last" | sed 's|.*tests/||; s|/|_|g')
mkdir -p "$RUN/log/tests"
"$@" 2> "$RUN/log/tests/$name.err" < /dev/null | tee "$RUN/log/tests/$name.tap"
