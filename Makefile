# Comptoir: make run (a shop to look at), make check (everything proven), make install.
PREFIX ?= /usr/local
CONFDIR ?= /etc/comptoir
BUILD ?= build
BIN ?= bin
ifeq ($(origin CC),default)
CC = gcc
endif
# Answers of pkg-config are asked for when something is compiled, so that `make help` works on a bare machine.
PACKAGES = libmariadb json-c libcurl libssl libcrypto libsodium libcmark-gfm
# PDFs of invoices, if this machine can: packages.txt, pango.
PANGO := $(shell pkg-config --exists pangocairo 2>/dev/null && echo pangocairo)
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wswitch -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
OPTIMIZE ?= -O2 -g
ASSETS_HASH = $(shell cat templates/static/* 2>/dev/null | sha256sum | cut -c1-12)
CFLAGS_ALL = -std=gnu17 $(OPTIMIZE) $(WARNINGS) $(HARDEN) $(SANITIZE) -D_GNU_SOURCE -Isrc -Itests -ffunction-sections \
	$(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
$(BUILD)/src/invoice_pdf.o $(BUILD)/tests/src/invoice_pdf_test.o: CFLAGS += $(if $(PANGO),-DHAVE_PANGO $(shell pkg-config --cflags $(PANGO) 2>/dev/null))
LIBS = -Wl,--as-needed $(if $(PANGO),$(shell pkg-config --libs $(PANGO))) $(shell pkg-config --libs $(PACKAGES)) -lcmark-gfm-extensions -lfcgi -lm
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now -Wl,--gc-sections $(SANITIZE) $(LDFLAGS)

ZONES = $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard cgi-bin/*/*.c)))))
TEMPLATES = $(sort $(shell find templates -name '*.html' -o -name '*.txt' -o -name '*.po' 2>/dev/null))
SOURCES = $(wildcard src/*.c)
JOBS = $(wildcard src/job/*.c)
MIGRATIONS = $(sort $(wildcard sql/[0-9]*.sql)) sql/migration.sql
TOOLS = $(wildcard src/tool/*.c)
PROGRAMS = $(patsubst src/bin/%.c,$(BIN)/%,$(wildcard src/bin/*.c))
PAGES = $(wildcard cgi-bin/*/*.c)
TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/src/*_test.c tests/cgi-bin/*/*_test.c tests/job/*_test.c tests/cut/*_test.c tests/every/*_test.c))
SINGLE = $(patsubst cgi-bin/%.c,$(BIN)/%.fcgi,$(PAGES))

# A file that is gone must go from the programs too: what is linked depends on the list of files.
LIST := $(BUILD)/files
$(shell mkdir -p $(BUILD); echo $(SOURCES) $(JOBS) $(TOOLS) $(PAGES) $(TEMPLATES) $(MIGRATIONS) > $(LIST).new; \
	cmp -s $(LIST).new $(LIST) || cp $(LIST).new $(LIST))

all: $(ZONES:%=$(BIN)/%.fcgi) $(PROGRAMS)

# The library: each program takes from it what it calls and nothing else, so that --check sees its own statements only.
$(BUILD)/libcomptoir.a: $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/assets.o $(LIST)
	rm -f $@ && ar rcs $@ $(filter %.o,$^)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"; $(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/src/page.o: CFLAGS += -DASSETS_HASH='"$(ASSETS_HASH)"'
$(BUILD)/src/page.o: $(wildcard templates/static/*)
$(BUILD)/src/conf.o: CFLAGS += -DCONF_FOLDER='"$(CONFDIR)"'
$(BUILD)/src/conf.o: $(BUILD)/confdir
$(BUILD)/confdir: FORCE
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = "$(CONFDIR)" ] || echo "$(CONFDIR)" > $@

# Templates, words and migrations go into the program as they are: a table of name, begin, end.
$(BUILD)/assets.s: $(TEMPLATES) $(MIGRATIONS) $(LIST) Makefile
	@mkdir -p $(@D)
	@{ echo '.section .rodata'; n=0; \
	for f in $(TEMPLATES) $(MIGRATIONS); do n=$$((n+1)); \
		printf 'n%d: .asciz "%s"\nb%d: .incbin "%s"\ne%d: .byte 0\n' $$n "$${f#templates/}" $$n "$$f" $$n; done; \
	echo '.section .data.rel.ro,"aw"'; echo '.balign 8'; echo '.global assets, assets_end'; echo 'assets:'; \
	i=0; while [ $$i -lt $$n ]; do i=$$((i+1)); printf '.quad n%d, b%d, e%d\n' $$i $$i $$i; done; \
	echo 'assets_end:'; echo '.section .note.GNU-stack,"",@progbits'; } > $@
$(BUILD)/assets.o: $(BUILD)/assets.s
	$(CC) -c $< -o $@

define ZONE
$(BUILD)/zone/$(1).c:
	@mkdir -p $$(@D)
	@printf '#include "serve.h"\nint main(int argc, char **argv)\n{\n\treturn zone_main("$(1)", argc, argv);\n}\n' > $$@
$(BUILD)/zone/$(1).o: $(BUILD)/zone/$(1).c
	$$(CC) $$(CFLAGS_ALL) -MMD -MP -c $$< -o $$@
$(BIN)/$(1).fcgi: $(BUILD)/zone/$(1).o $$(patsubst %.c,$(BUILD)/%.o,$$(wildcard cgi-bin/$(1)/*.c)) $(BUILD)/libcomptoir.a
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) $$^ $$(LIBS) -o $$@
$(BIN)/$(1)/%.fcgi: $(BUILD)/zone/$(1).o $(BUILD)/cgi-bin/$(1)/%.o $(BUILD)/libcomptoir.a
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) $$^ $$(LIBS) -o $$@
endef
$(foreach zone,$(ZONES),$(eval $(call ZONE,$(zone))))

# Programs beside the responders: both take every job, the admin tool its commands too.
$(BIN)/%: $(BUILD)/src/bin/%.o $(JOBS:%.c=$(BUILD)/%.o) $(BUILD)/libcomptoir.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -o $@
$(BIN)/comptoir: $(TOOLS:%.c=$(BUILD)/%.o)

# A test of a page links that page; every test links the library.
$(BUILD)/tests/src/%: $(BUILD)/tests/src/%.o $(BUILD)/tests/fixture.o $(BUILD)/libcomptoir.a
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@
$(BUILD)/tests/job/%_test: $(BUILD)/tests/job/%_test.o $(JOBS:%.c=$(BUILD)/%.o) $(BUILD)/tests/fixture.o $(BUILD)/libcomptoir.a
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@
# The whole program in one process: every page, every job.
WHOLE = $(PAGES:%.c=$(BUILD)/%.o) $(JOBS:%.c=$(BUILD)/%.o) $(BUILD)/tests/fixture.o $(BUILD)/libcomptoir.a
$(BUILD)/tests/cut/%_test: $(BUILD)/tests/cut/%_test.o $(WHOLE)
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@
$(BUILD)/tests/every/%_test: $(BUILD)/tests/every/%_test.o $(WHOLE)
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@
.SECONDEXPANSION:
$(BUILD)/tests/cgi-bin/%_test: $(BUILD)/tests/cgi-bin/%_test.o $$(addprefix $(BUILD)/,$$(addsuffix .o,$$(basename $$(wildcard cgi-bin/$$(dir $$*)*.c)))) $(JOBS:%.c=$(BUILD)/%.o) $(BUILD)/tests/fixture.o $(BUILD)/libcomptoir.a
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@

# The real side of the model test (tests/model/): no test itself.
$(BUILD)/tests/model/driver: $(BUILD)/tests/model/driver.o $(JOBS:%.c=$(BUILD)/%.o) $(BUILD)/tests/fixture.o $(BUILD)/libcomptoir.a
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@

tests: $(TESTS) $(BUILD)/tests/model/driver
single: $(SINGLE)
$(BUILD)/tests/src/web_test.o $(BUILD)/tests/src/web_answer_test.o $(BUILD)/tests/src/form_test.o: $(wildcard tests/src/web/* tests/src/web/lang/*)

# A shop to look at: Ctrl-C stops all of it. start and stop: the same in the background. PORT=8080 RUN=run
run:
	@sh tests/packages.sh run && $(MAKE) -s -j$$(nproc) all && exec sh tests/shop.sh run
start:
	@sh tests/packages.sh run && $(MAKE) -s -j$$(nproc) all && sh tests/shop.sh start
stop:
	@sh tests/shop.sh stop

# Everything proven, in a shop of its own. check-c: what needs no web server. check-san: the C tests under the sanitizers.
check:
	@sh tests/packages.sh run test && sh tests/check.sh
check-c:
	@sh tests/check.sh c
SAN = BUILD=build-san BIN=bin-san OPTIMIZE="-O1 -g -fno-omit-frame-pointer" \
	SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all"
check-san:
	@$(MAKE) -s -j$$(nproc) $(SAN) tests
	@$(MAKE) -s all && RUN=run/check sh tests/database.sh start
	@RUN=run/check COMPTOIR_CONF=run/check/conf/comptoir.conf ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 \
		LSAN_OPTIONS=suppressions=tests/leaks.supp:print_suppressions=0 \
		prove -q -j$$(nproc) --exec 'sh tests/tap.sh' $(TESTS:$(BUILD)/%=build-san/%); \
	code=$$?; RUN=run/check sh tests/database.sh stop; exit $$code

# Lines and branches that the C tests reach, file by file.
COVERAGE = BUILD=build-cov BIN=bin-cov OPTIMIZE="-O0 -g" HARDEN=-fPIE SANITIZE=--coverage
coverage:
	@$(MAKE) -s -j$$(nproc) $(COVERAGE) tests && $(MAKE) -s all && RUN=run/check sh tests/database.sh start
	@find build-cov -name '*.gcda' -delete; RUN=run/check COMPTOIR_CONF=run/check/conf/comptoir.conf \
		prove -q -j$$(nproc) --exec 'sh tests/tap.sh' $(TESTS:$(BUILD)/%=build-cov/%); \
	code=$$?; RUN=run/check sh tests/database.sh stop; sh tests/coverage.sh build-cov; exit $$code

# Parsers against bent input: FUZZ_SECONDS each, from their corpus. What is found is left in run/fuzz/.
FUZZERS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SECONDS ?= 60
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/libcomptoir.a
	$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer $^ $(LIBS) -o $@
fuzzers: $(FUZZERS)
# The same targets without a fuzzer, for make check.
FUZZ_SHORT = $(FUZZERS:_fuzz=_short)
$(BUILD)/tests/fuzz/%_short: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/tests/fuzz/short.o $(BUILD)/libcomptoir.a
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@
fuzz-short: $(FUZZ_SHORT)
fuzz:
	@sh tests/packages.sh run clang
	@$(MAKE) -s -j$$(nproc) CC=clang BUILD=build-fuzz BIN=bin-fuzz OPTIMIZE="-O1 -g" \
		SANITIZE="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" fuzzers
	@for f in $(FUZZERS:$(BUILD)/%=build-fuzz/%); do name=$$(basename $$f _fuzz); mkdir -p run/fuzz/$$name; echo "$$name"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0 \
			-artifact_prefix=run/fuzz/$$name- run/fuzz/$$name tests/fuzz/$${name}_corpus || exit 1; done

# How fast: ratios within one run, against responders written by hand. QUICK=1: a minute; VERBOSE=1: microseconds, too;
# PART=pages, hook, tokens, year or program: that alone.
BENCH = $(addprefix $(BUILD)/tests/bench/,load floor_page floor_replay record.so)
$(BUILD)/tests/bench/floor_%: $(BUILD)/tests/bench/floor_%.o $(BUILD)/tests/bench/floor_db.o $(BUILD)/tests/bench/floor_signed.o
	$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@
$(BUILD)/tests/bench/load: $(BUILD)/tests/bench/load.o
	$(CC) $(LDFLAGS_ALL) $^ -lpthread -o $@
$(BUILD)/tests/bench/record.so: tests/bench/record.c tests/bench/record.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fPIC -shared $< -ldl -o $@
bench:
	@sh tests/packages.sh run test && $(MAKE) -s -j$$(nproc) all $(BENCH) $(BIN)/account/licenses.fcgi $(BIN)/shop/catalogue.fcgi
	@BIN=$(BIN) BUILD=$(BUILD) node tests/bench/bench.mjs $(if $(QUICK),--quick) $(if $(VERBOSE),--verbose) $(if $(PART),--part=$(PART))

# The heavy proofs whole: every permutation, 2,000 shuffles, 2,000 histories of the model, every packet cut, the storm with
# 200 kills, ten minutes of fuzzing a parser.
proof:
	@PROOF=1 $(MAKE) -s check && $(MAKE) -s fuzz FUZZ_SECONDS=600

# For scripts that ask: the flags of the compiler, the test programs.
flags:
	@echo $(CFLAGS_ALL)
list-tests:
	@echo $(TESTS)

# What goes where: INSTALL. DESTDIR= is for packagers: everything below another root.
install: all
	PREFIX=$(PREFIX) CONFDIR=$(CONFDIR) DESTDIR=$(DESTDIR) BIN=$(BIN) sh server/install.sh $(ZONES)
uninstall:
	PREFIX=$(PREFIX) CONFDIR=$(CONFDIR) DESTDIR=$(DESTDIR) sh server/install.sh remove $(ZONES)

clean:
	rm -rf $(BUILD) $(BIN) build-san bin-san build-fuzz bin-fuzz build-cov bin-cov

.PHONY: all tests single run start stop check check-c check-san coverage fuzz fuzzers fuzz-short bench proof flags list-tests clean install uninstall FORCE
.PRECIOUS: $(BUILD)/%.o
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
