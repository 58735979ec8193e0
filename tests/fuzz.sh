#!/bin/sh
# Every fuzz target over its corpus and bent copies of it, two seconds each. TAP. The whole of it: make fuzz.
cd "$(dirname "$0")/.." || exit 1
count=0
for program in "${BUILD:-build}"/tests/fuzz/*_short; do
	name=$(basename "$program" _short)
	count=$((count + 1))
	if said=$("$program" "${FUZZ_SHORT:-2}" tests/fuzz/"$name"_corpus/* 2>&1 > /dev/null); then echo "ok $count - $name: nothing found"; else
		echo "not ok $count - $name"
		echo "$said" | tail -20 | sed 's/^/# /'
	fi
done
echo "1..$count"
