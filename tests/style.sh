#!/bin/sh
# Habits that a machine can check. TAP.
cd "$(dirname "$0")/.." || exit 1
count=0
none() { # name, lines found
	count=$((count + 1))
	if [ -z "$2" ]; then echo "ok $count - $1"; else echo "not ok $count - $1"; echo "$2" | head -20 | sed 's/^/# /'; fi
}
c_files=$(find src cgi-bin -name '*.c' -o -name '*.h')
tests_c_files=$(find tests -name node_modules -prune -o \( -name '*.c' -o -name '*.h' \) -print)
in_c_of() { pattern=$1; shift; grep -nE "$pattern" "$@" /dev/null | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)'; }
in_c() { in_c_of "$1" $c_files; }
unsafe='\b(sprintf|vsprintf|strcpy|strcat|gets|strtok|atoi|atol|atoll|atof|rand|srand|tmpnam|mktemp|alloca|system|popen)\('
none "pages only read: what writes lives in src/" "$(grep -rnE '"(INSERT|UPDATE|DELETE|REPLACE) ' cgi-bin)"
none "no unbounded or unsafe call" "$(in_c_of "$unsafe" $c_files $tests_c_files)"
none "no goto in pages and domain code" "$(in_c '\bgoto\b' | grep -E '^(cgi-bin|src/job)/')"
none "no free() outside src/mem.c, src/conf.c and what wraps a library" "$(grep -nE '\bfree\(' -r cgi-bin src/job src/bin)"
none "no setjmp outside src/fail.c" "$(in_c '\b(setjmp|longjmp|sigsetjmp)\(' | grep -v '^src/fail.c')"
none "no lock that only one node of a cluster knows" "$(in_c 'GET_LOCK|LOCK TABLES')"
none "no double for money or anything else that is counted" "$(in_c '\b(double|float)\b' | grep -vE '^src/(size|log)\.c')"
none "templates escape: no {{{ and no {{&" "$(grep -rnE '\{\{\{|\{\{&' templates --include='*.html' --include='*.txt')"
none "no script or style inside a page" "$(grep -rnEi '<style|[[:space:]]style="|[[:space:]]on[a-z]+="|<script[^>]*>[^<]' templates --include='*.html' | grep -v '^templates/static/')"
none "tabs indent, no line ends in spaces" "$(grep -rnE '^ +[^ *]|[ 	]+$' src cgi-bin sql tests --include='*.c' --include='*.h' --include='*.sh' --exclude-dir=node_modules | grep -v '^tests/spec\|^tests/.*_corpus' | head)"
none "lines of C fit 130 columns" "$(awk 'length($0) > 130 { print FILENAME ":" FNR ": " length($0) }' $c_files)"
none "files of C hold 500 lines at most" "$(wc -l $c_files $tests_c_files | awk '$2 != "total" && $1 > 500')"
none "the word lists of both languages hold the same keys" "$(for l in en fr; do grep '^msgid "' templates/lang/$l.po | sort > "/tmp/comptoir-$$.$l"; done
	diff "/tmp/comptoir-$$.en" "/tmp/comptoir-$$.fr"; rm -f "/tmp/comptoir-$$".*)"
none "French keeps its colons, question marks and quotation marks on the line: a space there is no plain one" \
	"$(grep -nE '^(msgstr )?".*( [:;!?]| »|« )' templates/lang/fr.po; grep -nE 'lang="fr".*( [:;!?]| »|« )' templates/static/*.html)"
none "no secrets or addresses of a developer's machine" "$(git grep -nE 'sk_live_[0-9A-Za-z]{16}|BEGIN (RSA |EC )?PRIVATE KEY|/home/[a-z]+/' -- . ':!tests/stripe' ':!tests/spec' ':!tests/style.sh' ':!tests/package-lock.json' 2>/dev/null)"
echo "1..$count"
