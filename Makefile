# drydial: make, make demo, make test. `make help` lists the rest.

# The version's one place. SOVERSION is raised by a release that breaks the library's ABI (CONTRIBUTING.md).
VERSION  := 0.2.0
SOVERSION := 0
V        ?= release
PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
DESTDIR  ?=
B        := build/$(V)
Q        := $(if $(VERBOSE),,@)

ifeq ($(filter $(V),release debug san cover),)
$(error V is one of release, debug, san, cover)
endif

# On all cores, unless somebody says -j.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

CC       ?= cc
# Linked, and opened only when a call needs them (src/base/library.h).
LINKED   := yaml-0.1 jansson expat libutf8proc libpcre2-8 sndfile soxr spandsp
OPENED   := espeak-ng portaudio-2.0 libcurl libmicrohttpd gnutls sqlite3
PKGS     := $(LINKED) $(OPENED)
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wno-format-truncation -Werror
OPT      := -O3 -g -flto=auto -ffat-lto-objects
ifeq ($(V),debug)
OPT      := -O0 -g3
else ifeq ($(V),san)
OPT      := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
else ifeq ($(V),cover)
OPT      := -O0 -g --coverage -DDRYDIAL_COVER
endif

# The libraries are asked for once; goals that need none (install-deps, clean, help) do without.
NEEDS_LIBS := $(filter-out clean help deps deps-quiet format dist,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_LIBS),)
ifneq ($(shell pkg-config --exists $(PKGS) 2>/dev/null && echo yes),yes)
ifneq ($(filter demo test,$(NEEDS_LIBS)),)
$(shell tools/install-deps >&2)
endif
ifneq ($(shell pkg-config --exists $(PKGS) 2>/dev/null && echo yes),yes)
$(error a library is missing: run tools/install-deps)
endif
endif
endif
LIB_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
LIBS       := -Wl,--as-needed $(shell pkg-config --libs $(LINKED) 2>/dev/null) -lm -ldl -lpthread
ESPEAK     := -DDRYDIAL_ESPEAK='"$(shell pkg-config --modversion espeak-ng 2>/dev/null)"' \
	-DDRYDIAL_ESPEAK_FILE='"$(shell pkg-config --variable=libdir espeak-ng 2>/dev/null)/libespeak-ng.so.1"'

CFLAGS_ALL = -std=gnu11 $(WARN) $(OPT) -fPIC -fvisibility=hidden -Iinclude -Isrc $(LIB_CFLAGS) -DDRYDIAL_VERSION='"$(VERSION)"' $(ESPEAK) -MMD -MP $(CFLAGS)

SRCS     := $(wildcard src/*/*.c)
OBJS     := $(SRCS:%.c=$(B)/%.o)
LIB_OBJS := $(filter-out $(B)/src/cli/%,$(OBJS))
CLI_OBJS := $(filter $(B)/src/cli/%,$(OBJS))
TESTS    := $(wildcard tests/unit/*/test_*.c)
TEST_BINS := $(TESTS:tests/unit/%.c=$(B)/tests/%)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo unit-bins fuzz-bins deps-quiet FORCE test unit e2e bench fuzz cover san install clean format docs headers arrows help deps valgrind sarif mermaid check-online faults abi abi-write dist deb check-deb

all: $(B)/drydial $(B)/libdrydial.so $(B)/libdrydial.a build/drydial

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(if $(VERBOSE),,@[ ! -t 2 ] || echo "  CC  $<" >&2)
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@

# Files that are part of the program (src/base/embed.h).
$(B)/src/report/tests_html.o: src/report/tests.css src/report/tests.js
$(B)/src/campaign/paper_page.o: src/campaign/paper.css src/campaign/paper.js
$(B)/src/cli/serving_run.o: src/cli/preload.js
$(B)/src/serve/side.o: src/serve/page.html src/serve/page.css src/serve/page.js
$(B)/src/check/rules.o: $(wildcard tests/rules/*/*.yaml)
$(B)/src/campaign/rules.o: $(wildcard tests/campaigns/rules/*/*.yaml)

# The archive of the inside: the program and the tests are linked with it.
$(B)/inside.a: $(LIB_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# The library that hosts have shows what include/drydial/ declares, and nothing else. In the shared one
# all else is hidden (-fvisibility); in an archive that is no help, so the static one is a single
# object whose other names were made local. Its code is that which was compiled without link-time
# optimisation: an object that waits for it would keep all its names.
$(B)/libdrydial.so: $(LIB_OBJS)
	$(Q)$(CC) $(OPT) -shared -Wl,-soname,libdrydial.so.$(SOVERSION) -Wl,-z,relro,-z,now -o $@ $^ $(LDFLAGS) $(LIBS)
	$(Q)ln -sf $(@F) $@.$(SOVERSION)

$(B)/public.names: include/drydial $(wildcard include/drydial/*.h)
	$(Q)cat include/drydial/*.h | tr '\n' ' ' | grep -oE 'DD_API [^;{]*;' | grep -oE '[a-z0-9_]+\(' | tr -d '(' \
		| grep '^dd_' | sort -u > $@

$(B)/libdrydial.a: $(LIB_OBJS) $(B)/public.names
	@rm -f $@
	$(Q)$(CC) -r -nostdlib -fno-lto -o $(B)/whole.o $(LIB_OBJS)
	$(Q)objcopy --remove-section='.gnu.lto_*' --remove-section='.gnu.debuglto_*' --strip-debug \
		--keep-global-symbols=$(B)/public.names $(B)/whole.o
	$(Q)$(AR) rcs $@ $(B)/whole.o
	@rm -f $(B)/whole.o

$(B)/drydial: $(CLI_OBJS) $(B)/inside.a
	$(Q)$(CC) $(OPT) -o $@ $^ $(LDFLAGS) $(LIBS)

# Tests have no need of link-time optimisation, neither compiled nor linked: what they test has the
# code that it has without, and the program itself is tested as people run it.
ifeq ($(V),release)
$(B)/tests/unit/%.o $(B)/tests/fuzz/%.o $(B)/tests/page/%.o: OPT := -O1 -g
TEST_LINK := -fno-lto
endif

# The program people run is the one built last, whatever the variant.
build/drydial: $(B)/drydial FORCE
	@cmp -s $< $@ 2>/dev/null || cp $< $@
FORCE:

$(B)/tests/%: $(B)/tests/unit/%.o $(B)/inside.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(TEST_LINK) -o $@ $^ $(LDFLAGS) $(LIBS) -lcmocka

# What hosts of the library use is tested as they use it: its headers alone, the shared one alone.
$(B)/tests/unit/public/%.o: tests/unit/public/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) $(OPT) -Iinclude -MMD -MP $(CFLAGS) -c $< -o $@

$(B)/tests/public/%: $(B)/tests/unit/public/%.o $(B)/libdrydial.so
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(TEST_LINK) -o $@ $^ -Wl,-rpath,'$$ORIGIN/../..' -rdynamic $(LDFLAGS) -lcmocka

## demo: call the appointment reminder (at a terminal you press the keys)
demo: deps-quiet
	$(Q)[ -e $(B)/drydial ] || echo "drydial is built: two to six minutes, once"
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tools/demo build/drydial

## test: builds and runs everything .ci/run runs; K=NAME: the tests whose name contains NAME
test: deps-quiet
	$(Q)tools/run-tests $(V) $(if $(K),-k '$(K)')

## unit: the unit tests alone
unit: $(TEST_BINS)
	$(Q)for t in $(TEST_BINS); do $$t >$$t.log 2>&1 || { cat $$t.log; exit 1; }; done; echo "unit tests: $(words $(TEST_BINS)) programs passed"

unit-bins: $(TEST_BINS) $(B)/page $(B)/faults.so $(B)/disk.so $(B)/mute.so

# The fuzz targets with a plain main that replays a folder of inputs; tools/fuzz builds them once more with libFuzzer.
FUZZ     := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BINS := $(FUZZ:tests/fuzz/%.c=$(B)/fuzz/%)
fuzz-bins: $(FUZZ_BINS)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/tests/fuzz/served.o $(B)/inside.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(TEST_LINK) -o $@ $^ $(LDFLAGS) $(LIBS)

# faults.so makes the N-th allocation of a program fail (tests/e2e/test_memory.py), disk.so its
# databases (tests/e2e/test_serve_disk.py), mute.so takes its voice away (tests/e2e/test_voice.py).
$(B)/%.so: tests/faults/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O1 -fPIC -shared $(WARN) -o $@ $< -ldl

## faults: every allocation of many commands fails in turn
faults: all $(B)/faults.so
	$(Q)DRYDIAL=$(CURDIR)/$(B)/drydial FAULTS=every python3 tests/e2e/test_memory.py

# Installs only what is missing, and says nothing when nothing is.
deps-quiet:
	@tools/install-deps --if-missing

deps:
	tools/install-deps

## bench: times and ratios, with medians
bench: all $(B)/bench
	$(Q)tools/bench $(B)

$(B)/bench: $(B)/tests/bench/bench.o $(B)/tests/bench/bench_serve.o $(B)/tests/bench/bench_app.o $(B)/inside.a
	$(Q)$(CC) $(OPT) -o $@ $^ $(LDFLAGS) $(LIBS) $(shell pkg-config --libs espeak-ng libmicrohttpd libcurl gnutls 2>/dev/null)

# Prints forecasts that nobody simulated, for the tests of their page.
$(B)/page: $(B)/tests/page/page.o $(B)/inside.a
	$(Q)$(CC) $(OPT) $(TEST_LINK) -o $@ $^ $(LDFLAGS) $(LIBS)

## san: the tests once more under address, undefined-behaviour and leak sanitizers
san:
	$(Q)$(MAKE) --no-print-directory V=san test

## valgrind: unit tests and calls under memcheck
valgrind: all unit-bins
	$(Q)for t in base/test_clock base/test_text call/test_call session/test_session; do \
		valgrind -q --error-exitcode=9 --leak-check=full $(B)/tests/$$t >/dev/null 2>$(B)/valgrind.log || { cat $(B)/valgrind.log; exit 1; }; done
	$(Q)$(B)/drydial test flows >/dev/null
	$(Q)valgrind -q --error-exitcode=9 --leak-check=full $(B)/drydial test flows --jobs 1 --mutate >/dev/null 2>$(B)/valgrind.log || { cat $(B)/valgrind.log; exit 1; }
	$(Q)for f in $(filter-out %.test.yaml,$(wildcard flows/*.yaml)) tests/flows/good/*.yaml tests/flows/bad/*.yaml; do \
		valgrind -q --error-exitcode=9 --leak-check=full $(B)/drydial call $$f --fast --keys 1,2 >/dev/null 2>$(B)/valgrind.log; \
		[ $$? = 9 ] && { echo $$f; cat $(B)/valgrind.log; exit 1; } || true; done
	$(Q)echo "valgrind: clean"

## cover: line coverage of src/ by the tests
cover:
	$(Q)find build/cover -name '*.gcda' -delete 2>/dev/null || true
	$(Q)$(MAKE) --no-print-directory V=cover test
	$(Q)gcovr -r . --object-directory build/cover --filter 'src/' --print-summary

## fuzz: libFuzzer targets under sanitizers, FUZZ_SECONDS each (60)
fuzz:
	$(Q)tools/fuzz $(or $(FUZZ_SECONDS),60)

## sarif: what drydial check writes against the official schema, which npm brings
sarif: all
	$(Q)tools/check-sarif

## check-online: the tests that want something of npm's registry, which is kept below build/
check-online:
	$(Q)DRYDIAL_ONLINE=1 tools/run-tests $(V) -k sarif_fits_the_official_schema \
		-k mermaid_itself_reads_and_draws_them -k a_call_is_placed_heard_answered_and_hung_up \
		-k the_vendors_own_middleware_accepts_our_signatures -k a_public_tool_reads_the_openapi_file \
		-k two_clients_of_npm_s_registry_run_unchanged

## abi: the shared library still is what abi/ declares; abi-write: declares it anew (CONTRIBUTING.md)
abi: $(B)/libdrydial.so
	$(Q)tools/check-abi $< abi/libdrydial.$(SOVERSION).abi
abi-write: $(B)/libdrydial.so
	$(Q)tools/check-abi --write $< abi/libdrydial.$(SOVERSION).abi

## headers: every header compiles alone
headers:
	$(Q)for h in $$(find include src -name '*.h'); do \
		$(CC) -std=gnu11 $(WARN) -Wno-unused-function -Iinclude -Isrc $(LIB_CFLAGS) -fsyntax-only -x c $$h || exit 1; done

## arrows: the rooms include only what src/README.md allows
arrows:
	$(Q)tools/check-arrows

## mermaid: Mermaid itself, installed by npm into build/npm, draws what drydial graph writes
mermaid: all
	$(Q)DRYDIAL=$(CURDIR)/$(B)/drydial tools/check-mermaid

## format: clang-format and black over the sources; what clang-format breaks anew it joins once more
format:
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h' '*.def')
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h' '*.def')
	$(Q)black -q $$(git ls-files '*.py')

## docs: manual pages and completions, from the descriptions of the commands; the picture of a call
docs: all
	$(Q)$(B)/drydial write-docs docs
	$(Q)tools/cast $(B)/drydial docs/call.svg

## dist: the sources of HEAD as build/drydial-VERSION.tar.gz, the same bytes wherever it is made
dist:
	$(Q)tools/dist drydial-$(VERSION) build

## deb: Debian packages of what is built, in build/deb; check-deb: lintian, and a call in a fresh Debian
deb: all
	$(Q)tools/make-deb $(VERSION) $(B)
check-deb: deb
	$(Q)tools/check-deb

## install: to DESTDIR/PREFIX
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include/drydial \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d \
		$(DESTDIR)$(PREFIX)/share/drydial/flows/parts $(DESTDIR)$(PREFIX)/share/drydial/docs $(DESTDIR)$(PREFIX)/share/drydial/audio $(DESTDIR)$(PREFIX)/share/drydial/campaigns/parts
	install -m 755 $(B)/drydial $(DESTDIR)$(PREFIX)/bin/drydial
	install -m 644 $(B)/libdrydial.a $(DESTDIR)$(LIBDIR)/libdrydial.a
	install -m 644 $(B)/libdrydial.so $(DESTDIR)$(LIBDIR)/libdrydial.so.$(SOVERSION).$(VERSION)
	ln -sf libdrydial.so.$(SOVERSION).$(VERSION) $(DESTDIR)$(LIBDIR)/libdrydial.so.$(SOVERSION)
	ln -sf libdrydial.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libdrydial.so
	install -m 644 include/drydial/*.h $(DESTDIR)$(PREFIX)/include/drydial/
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|' tools/drydial.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/drydial.pc
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 docs/completions/drydial.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/drydial
	install -m 644 docs/completions/drydial.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_drydial
	install -m 644 docs/completions/drydial.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/drydial.fish
	install -m 644 flows/*.yaml flows/*.schema.json flows/README.md flows/SCENARIOS.md flows/RULES.md $(DESTDIR)$(PREFIX)/share/drydial/flows/
	install -m 644 flows/parts/* $(DESTDIR)$(PREFIX)/share/drydial/flows/parts/
	install -m 644 docs/serve.md docs/apps.md $(DESTDIR)$(PREFIX)/share/drydial/docs/
	install -m 644 audio/*.wav $(DESTDIR)$(PREFIX)/share/drydial/audio/
	install -m 644 campaigns/*.yaml campaigns/*.json campaigns/README.md $(DESTDIR)$(PREFIX)/share/drydial/campaigns/
	install -m 644 campaigns/parts/* $(DESTDIR)$(PREFIX)/share/drydial/campaigns/parts/

clean:
	rm -rf build

help:
	@sed -n 's/^## /  make /p' Makefile

-include $(OBJS:.o=.d) $(TESTS:%.c=$(B)/%.d) $(B)/tests/page/page.d \
	$(FUZZ:%.c=$(B)/%.d) $(B)/tests/fuzz/replay.d $(B)/tests/fuzz/served.d $(wildcard $(B)/tests/bench/*.d)
