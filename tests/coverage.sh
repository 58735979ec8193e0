#!/bin/sh
# Which lines and branches of src/ the C tests reach: make coverage. Least first; files about money are marked.
# What only a browser, a killed process or a forked share (src/reconcile_far.c) reaches is not counted: it leaves no record.
cd "$(dirname "$0")/.." || exit 1
build=$1
money='money|checked|moment|quota|order|fulfil|entitlement|payment|settle|refund|dispute|token|subscription|stripe|invoice|access|license|sign|reconcile|invariant'
for data in "$build"/src/*.gcda; do
	object=${data%.gcda}.o
	gcov -b -n -o "$object" "src/$(basename "$data" .gcda).c" 2>/dev/null | awk -v file="src/$(basename "$data" .gcda).c" '
		/^File / { ours = index($0, file) }
		ours && /^Lines executed/ { split($0, a, /[:% ]+/); lines = a[3]; of = a[5] }
		ours && /^Taken at least once/ { split($0, a, /[:% ]+/); branches = a[5]; bof = a[7]; ours = 0 }
		END { if (of) printf "%s %s %s %s %s\n", file, lines, of, branches == "" ? 100 : branches, bof + 0 }'
done | sort -k4,4n | awk -v money="$money" '
	{ reached += $2 * $3 / 100; all += $3; b += $4 * $5 / 100; ball += $5; m = $1 ~ "/(" money ")[a-z_]*\\.c" }
	m { mr += $2 * $3 / 100; ma += $3; mb += $4 * $5 / 100; mba += $5 }
	{ printf "%-32s %6.1f %% of %4d lines %6.1f %% of %4d branches%s\n", $1, $2, $3, $4, $5, m ? "  money" : "" }
	END {
		printf "%-32s %6.1f %% of %4d lines %6.1f %% of %4d branches\n", "about money", 100 * mr / ma, ma, 100 * mb / mba, mba
		printf "%-32s %6.1f %% of %4d lines %6.1f %% of %4d branches\n", "all", 100 * reached / all, all, 100 * b / ball, ball
	}'
