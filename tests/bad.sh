#!/bin/sh
# Files that must not compile, for the reason each of them names. TAP.
cd "$(dirname "$0")/.." || exit 1
LC_ALL=C
export LC_ALL
flags=$(make -s flags)
compilers=gcc
command -v clang >/dev/null && compilers="gcc clang"
count=0
# The frame itself must be sound: what all of them include compiles.
try() { # compiler, file
	"$1" $flags -Wno-unknown-warning-option -fsyntax-only "$2" 2>&1
}
for compiler in $compilers; do
	count=$((count + 1))
	if said=$(try "$compiler" tests/bad/good/everything.c); then echo "ok $count - $compiler: what is right compiles"
	else echo "not ok $count - $compiler: what is right compiles"; echo "$said" | sed 's/^/# /'; fi
	for file in tests/bad/*.c; do
		only=$(sed -n 's|^/\* only \([a-z]*\).*|\1|p' "$file")
		[ "${only:-$compiler}" = "$compiler" ] || continue
		count=$((count + 1))
		name="$compiler refuses $(basename "$file" .c)"
		expected=$(sed -n "1s|^/\* expect: \(.*\) \*/|\1|p" "$file")
		if said=$(try "$compiler" "$file"); then echo "not ok $count - $name"; echo "# it compiles"
		elif echo "$said" | grep -m1 'error: ' | grep -Eq "$expected"; then echo "ok $count - $name"
		else echo "not ok $count - $name"; echo "# expected: $expected"; echo "$said" | grep -m3 'error: ' | sed 's/^/# /'; fi
	done
done
echo "1..$count"
