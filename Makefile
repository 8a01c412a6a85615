# offhook: one door. `make help` lists what can be asked of it.
#
# One make without recursion; objects go to $(B). Room by room the sources
# are found by folder, so a new file needs no line here. A module whose
# library is missing is left out with one line.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
V       ?=

SAN     ?=
STATIC  ?=
WERROR  ?=

# Sanitized and static builds live beside the plain one
comma   := ,
B       ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(STATIC),-static)

CC      ?= cc
PKG     := pkg-config
Q       := $(if $(V),,@)
say      = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@:,@echo "  $(1)")

LIBRE_CPPFLAGS := -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 \
	-DUSE_OPENSSL
CPPFLAGS += -D_GNU_SOURCE -DOFFHOOK_VERSION='"$(VERSION)"' \
	-DOFFHOOK_LIBDIR='"$(PREFIX)/lib/offhook"' \
	-DOFFHOOK_DATADIR='"$(PREFIX)/share/offhook"' \
	-DOFFHOOK_LOCALEDIR='"$(PREFIX)/share/locale"' -Isrc
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wundef \
	$(if $(WERROR),-Werror)
OPT     ?= -O2
OPT_SOUND = $(if $(SAN),$(OPT),$(OPT:-O2=-O3))
HARDEN  := $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIC
CFLAGS  += -std=c11 -g $(OPT) $(HARDEN) $(WARN) -fvisibility=hidden \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined)
LDFLAGS += -Wl,-z,relro,-z,now,-z,noexecstack $(if $(SAN),-fsanitize=$(SAN))

# ---- rooms ---------------------------------------------------------------
COMMON_SRC  := $(wildcard src/common/*.c)
PHONE_SRC   := $(wildcard src/phone/*.c src/phone/*/*.c)
CONSOLE_SRC := $(wildcard src/console/*.c src/console/*/*.c)
HEADERS     := $(wildcard src/*/*.h src/*/*/*.h modules/*/*.h)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
COMMON_OBJ  := $(call obj,$(COMMON_SRC))
PHONE_OBJ   := $(call obj,$(filter-out src/phone/main.c,$(PHONE_SRC)))
CONSOLE_OBJ := $(call obj,$(filter-out src/console/main.c,$(CONSOLE_SRC)))

LIBCOMMON   := $(B)/obj/libcommon.a
LIBPHONE    := $(B)/obj/libphone.a
LIBCONSOLE  := $(B)/obj/libconsole.a

# ---- libraries -----------------------------------------------------------
# pkg-config is asked once for each, and only when something is compiled:
# `make help` and `make deps` work where there is none
pkg = $(shell { $(PKG) $(1); } 2>/dev/null)

# From 2.0 on librem is a part of libre
LIBREM         := $(if $(call pkg,--atleast-version=2 libre && echo y),,librem)
PHONE_PKG      := libre $(LIBREM) openssl jansson sqlite3 libutf8proc \
	zlib
CONSOLE_PKG    := ncursesw panelw jansson libutf8proc

PHONE_CFLAGS    = $(eval PHONE_CFLAGS := $(LIBRE_CPPFLAGS) $(call \
	pkg,--cflags $(PHONE_PKG)))$(PHONE_CFLAGS)
PHONE_LIBS      = $(eval PHONE_LIBS := $(call pkg,--libs $(PHONE_PKG)) \
	-lpthread -ldl -lm)$(PHONE_LIBS)
CONSOLE_CFLAGS  = $(eval CONSOLE_CFLAGS := $(call pkg,--cflags \
	$(CONSOLE_PKG)))$(CONSOLE_CFLAGS)
CONSOLE_LIBS    = $(eval CONSOLE_LIBS := $(call pkg,--libs \
	$(CONSOLE_PKG)))$(CONSOLE_LIBS)

have = $(if $(strip $(1)),$(call pkg,--exists $(1) && echo y),y)

# What compiles nothing by itself needs no library
IDLE := help deps deps-run deps-test demo check check-unit check-e2e \
	check-threads matrix bench po-update po-template lint format clean dist uninstall
ifneq ($(filter-out $(IDLE),$(or $(MAKECMDGOALS),all)),)
ifeq ($(call have,$(PHONE_PKG) $(CONSOLE_PKG)),)
MISSING := $(foreach p,$(PHONE_PKG) $(CONSOLE_PKG),$(if $(call \
	have,$(p)),,$(p)))
$(error not found by pkg-config: $(sort $(MISSING)); `make deps` installs \
	what building needs)
endif
endif

# ---- modules -------------------------------------------------------------
# modules/NAME/NAME.c; what it links with stands in modules/NAME/module.mk:
#   NAME_PKG      pkg-config packages      NAME_LIBS  further libraries
#   NAME_HEADERS  headers of libraries that pkg-config does not know
MODULES     := $(notdir $(patsubst %/,%,$(wildcard modules/*/)))
-include $(wildcard modules/*/module.mk)
headers = $(if $(strip $(1)),$(shell printf '\043include <%s>\n' $(1) | \
	$(CC) -E -x c -o /dev/null - 2>/dev/null && echo y),y)
MODULES_ON  := $(foreach m,$(MODULES),$(if $(call have,$($(m)_PKG)),$(if \
	$(call headers,$($(m)_HEADERS)),$(m))))
MODULES_OFF := $(filter-out $(MODULES_ON),$(MODULES))
MODULE_SO   := $(if $(STATIC),,$(MODULES_ON:%=$(B)/modules/%.so))

# ---- what one asks for ---------------------------------------------------
.PHONY: all modules-note help deps deps-run deps-test demo check check-unit \
	check-e2e check-threads matrix bench lint format check-headers check-tidy \
	unit-tests clean dist

all: $(B)/offhook $(B)/offhookd $(MODULE_SO) modules-note ## programs and modules, run from build/

modules-note:
	@$(foreach m,$(MODULES_OFF),echo "module $(m) left out:" \
		"$($(m)_PKG) $($(m)_HEADERS) not found";):

help: ## this list
	@echo "offhook $(VERSION)"
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { \
		printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PREFIX=/usr/local DESTDIR=  where install puts it"
	@echo "  SAN=address,undefined       with sanitizers (or thread)"
	@echo "  STATIC=1                    modules inside offhookd"
	@echo "  CC=clang WERROR=1 V=1       compiler, strict, show commands"

deps: ## install what building and running need (apt)
	@contrib/install-dependencies.sh build

deps-run: ## install what the installed programs need (apt)
	@contrib/install-dependencies.sh run

deps-test: ## install what the tests need as well (apt)
	@contrib/install-dependencies.sh test

# demo and check build as wide as the machine is, unless told otherwise
WIDE = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

demo: deps ## install, build, then talk to a local test partner
	@$(MAKE) --no-print-directory $(WIDE) all
	@$(B)/offhook demo

check: deps-test ## install, build, run every test
	@$(MAKE) --no-print-directory $(WIDE) all
	@tests/run.sh

check-unit: ## unit tests only
	@tests/run.sh unit

check-e2e: ## end-to-end tests only
	@tests/run.sh e2e

matrix: ## every call that encryption can make, with every peer
	@tests/run.sh matrix

check-threads: ## the sound of a call in a build that finds races
	@tests/run.sh threads

bench: all ## measure, side by side with the peers installed here
	@tests/bench/run.sh

lint: ## layout, banned calls, headers alone, cppcheck, clang-tidy
	@tests/tools/lint.sh

format: ## lay out the C code as the style wants it
	@tests/tools/format.py

clean: ## remove what was built
	rm -rf build build-*

dist: ## a source archive of HEAD
	git archive --prefix=offhook-$(VERSION)/ \
		-o offhook-$(VERSION).tar.gz HEAD

# ---- compile -------------------------------------------------------------
# Another compiler or another PREFIX makes everything anew
SETTINGS := $(CC) $(OPT) $(OPT_SOUND) $(PREFIX) $(VERSION)
$(B)/settings: FORCE
	@mkdir -p $(@D)
	@echo '$(SETTINGS)' | cmp -s - $@ || echo '$(SETTINGS)' > $@
FORCE:

COMPILE = $(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS)

# Where sound passes, loops over samples are made into vectors
$(B)/obj/src/phone/media/%.o $(B)/obj/modules/%.o: CFLAGS += $(OPT_SOUND)

$(B)/obj/src/common/%.o: src/common/%.c $(B)/settings
	$(call say,CC   $<)
	$(COMPILE) $(PHONE_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/src/phone/%.o: src/phone/%.c $(B)/settings
	$(call say,CC   $<)
	$(COMPILE) $(PHONE_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/src/console/%.o: src/console/%.c $(B)/settings
	$(call say,CC   $<)
	$(COMPILE) $(CONSOLE_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBCOMMON): $(COMMON_OBJ)
$(LIBPHONE): $(PHONE_OBJ)
$(LIBCONSOLE): $(CONSOLE_OBJ)
$(LIBCOMMON) $(LIBPHONE) $(LIBCONSOLE):
	@rm -f $@
	$(Q)ar rcs $@ $^

# Whole: modules call what nothing in offhookd itself calls
whole = -Wl,--whole-archive $(1) -Wl,--no-whole-archive

$(B)/offhookd: $(B)/obj/src/phone/main.o $(LIBPHONE) $(LIBCOMMON) \
		$(if $(STATIC),$(B)/obj/modules.a)
	$(call say,LD   $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pie -rdynamic -o $@ $< \
		$(call whole,$(LIBPHONE)) \
		$(if $(STATIC),$(call whole,$(B)/obj/modules.a)) \
		$(LIBCOMMON) $(PHONE_LIBS) $(STATIC_LIBS)

$(B)/offhook: $(B)/obj/src/console/main.o $(LIBCONSOLE) $(LIBCOMMON)
	$(call say,LD   $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pie -o $@ $< $(LIBCONSOLE) \
		$(LIBCOMMON) $(CONSOLE_LIBS)

# A module is one .so; with STATIC=1 it is part of offhookd
define module_rules
$(1)_OBJ := $$(call obj,$$(wildcard modules/$(1)/*.c))
$(1)_CFLAGS := $$(if $$(strip $$($(1)_PKG)),$$(call pkg,--cflags $$($(1)_PKG)))
$(1)_LDLIBS := $$(if $$(strip $$($(1)_PKG)),$$(call pkg,--libs $$($(1)_PKG))) \
	$$($(1)_LIBS)
$$($(1)_OBJ): $(B)/obj/%.o: %.c $(B)/settings
	$$(call say,CC   $$<)
	$$(COMPILE) -Isrc/phone/module $$(PHONE_CFLAGS) $$($(1)_CFLAGS) \
		-DMODULE_NAME=$(1) $$(if $$(STATIC),-DMODULE_STATIC) \
		-MMD -MP -c -o $$@ $$<
$(B)/modules/$(1).so: $$($(1)_OBJ)
	$$(call say,LD   $$@)
	$$(Q)mkdir -p $$(@D) && $$(CC) $$(CFLAGS) $$(LDFLAGS) -shared \
		-o $$@ $$^ $$($(1)_LDLIBS)
STATIC_OBJ += $$($(1)_OBJ)
STATIC_LIBS += $$(if $$(STATIC),$$($(1)_LDLIBS))
endef
$(foreach m,$(MODULES_ON),$(eval $(call module_rules,$(m))))

$(B)/obj/modules.a: $(STATIC_OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

# ---- unit tests ----------------------------------------------------------
TEST_SRC := $(wildcard tests/unit/*/*_test.c)
TEST_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(TEST_SRC))

unit-tests: $(TEST_BIN) $(MODULE_SO) ## build the unit tests

$(B)/tests/console/%: tests/unit/console/%.c $(LIBCONSOLE) $(LIBCOMMON)
	$(call say,CC   $<)
	$(COMPILE) $(CONSOLE_CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $< $(LIBCONSOLE) $(LIBCOMMON) $(CONSOLE_LIBS) -lcmocka -lm

$(B)/tests/common/%: tests/unit/common/%.c $(LIBCOMMON)
	$(call say,CC   $<)
	$(COMPILE) $(PHONE_CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $< $(LIBCOMMON) $(PHONE_LIBS) -lcmocka

$(B)/tests/phone/%: tests/unit/phone/%.c $(LIBPHONE) $(LIBCOMMON)
	$(call say,CC   $<)
	$(COMPILE) $(PHONE_CFLAGS) -MMD -MP $(LDFLAGS) \
		-rdynamic -o $@ $< $(call whole,$(LIBPHONE)) $(LIBCOMMON) \
		$(PHONE_LIBS) -lcmocka

# ---- checks without running ----------------------------------------------
# The flags a file is read with, by the room it stands in
flags_of = $(CPPFLAGS) -Isrc/phone/module $(if $(filter \
	src/console/% tests/unit/console/%,$(1)),$(CONSOLE_CFLAGS), \
	$(PHONE_CFLAGS)) $(if $(filter modules/%,$(1)),-DMODULE_STATIC \
	$($(word 2,$(subst /, ,$(1)))_CFLAGS))

check-headers: $(HEADERS:%=$(B)/alone/%.ok) ## each header compiles alone

$(B)/alone/%.h.ok: %.h
	$(Q)mkdir -p $(@D) && printf '#include "%s"\n' '$(CURDIR)/$<' \
		'$(CURDIR)/$<' | $(CC) $(call flags_of,$<) -std=c11 $(WARN) \
		-Werror -MMD -MP -MT $@ -MF $@.d -fsyntax-only -x c - && touch $@

TIDY_SRC := $(COMMON_SRC) $(PHONE_SRC) $(CONSOLE_SRC) \
	$(foreach m,$(MODULES_ON),$(wildcard modules/$(m)/*.c))

check-tidy: $(TIDY_SRC:%=$(B)/tidy/%.ok) ## clang-tidy alone

$(B)/tidy/%.c.ok: %.c .clang-tidy
	$(call say,TIDY $<)
	$(Q)mkdir -p $(@D) && $(CC) -std=c11 $(call flags_of,$<) -MM -MP \
		-MT $@ -MF $@.d $<
	$(Q)clang-tidy --quiet $< -- -std=c11 \
		$(call flags_of,$<) > $@.out 2> /dev/null && touch $@ || \
		{ cat $@.out; false; }

# ---- more rules, and what was learnt about dependencies --------------------
include po/po.mk docs/docs.mk contrib/install.mk
-include $(wildcard tests/*.mk tests/*/*.mk)
-include $(shell find $(B) -name '*.d' 2>/dev/null)
