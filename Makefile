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

LIBRE_CPPFLAGS := -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 \
	-DUSE_OPENSSL
CPPFLAGS += -D_GNU_SOURCE -DOFFHOOK_VERSION='"$(VERSION)"' \
	-DOFFHOOK_LIBDIR='"$(PREFIX)/lib/offhook"' \
	-DOFFHOOK_DATADIR='"$(PREFIX)/share/offhook"' -Isrc
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wundef \
	$(if $(WERROR),-Werror)
OPT     ?= -O2
HARDEN  := $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIC
CFLAGS  += -std=c11 -g $(OPT) $(HARDEN) $(WARN) -fvisibility=hidden \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined)
LDFLAGS += -Wl,-z,relro,-z,now,-z,noexecstack $(if $(SAN),-fsanitize=$(SAN))

# ---- rooms ---------------------------------------------------------------
COMMON_SRC  := $(wildcard src/common/*.c)
PHONE_SRC   := $(wildcard src/phone/*.c src/phone/*/*.c)
CONSOLE_SRC := $(wildcard src/console/*.c src/console/*/*.c)

PHONE_PKG   := libre librem openssl jansson sqlite3 libutf8proc
CONSOLE_PKG := ncursesw panelw jansson libutf8proc

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
COMMON_OBJ  := $(call obj,$(COMMON_SRC))
PHONE_OBJ   := $(call obj,$(filter-out src/phone/main.c,$(PHONE_SRC)))
CONSOLE_OBJ := $(call obj,$(filter-out src/console/main.c,$(CONSOLE_SRC)))

LIBCOMMON   := $(B)/obj/libcommon.a
LIBPHONE    := $(B)/obj/libphone.a
LIBCONSOLE  := $(B)/obj/libconsole.a

PHONE_CFLAGS   = $(LIBRE_CPPFLAGS) $(shell $(PKG) --cflags $(PHONE_PKG))
PHONE_LIBS     = $(shell $(PKG) --libs $(PHONE_PKG)) -lpthread -ldl -lm
CONSOLE_CFLAGS = $(shell $(PKG) --cflags $(CONSOLE_PKG))
CONSOLE_LIBS   = $(shell $(PKG) --libs $(CONSOLE_PKG))
PHONE_CFLAGS   := $(PHONE_CFLAGS)
PHONE_LIBS     := $(PHONE_LIBS)
CONSOLE_CFLAGS := $(CONSOLE_CFLAGS)
CONSOLE_LIBS   := $(CONSOLE_LIBS)

# ---- modules -------------------------------------------------------------
# modules/NAME/NAME.c; what it links with stands in modules/NAME/module.mk:
#   NAME_PKG  pkg-config packages     NAME_LIBS  further libraries
MODULES     := $(notdir $(patsubst %/,%,$(wildcard modules/*/)))
-include $(wildcard modules/*/module.mk)
have_pkg     = $(if $(strip $(1)),$(shell $(PKG) --exists $(1) && echo y),y)
MODULES_ON  := $(foreach m,$(MODULES),$(if $(call have_pkg,$($(m)_PKG)),$(m)))
MODULES_OFF := $(filter-out $(MODULES_ON),$(MODULES))
MODULE_SO   := $(foreach m,$(MODULES_ON),$(B)/modules/$(m).so)

# ---- targets -------------------------------------------------------------
.PHONY: all
all: $(B)/offhook $(B)/offhookd $(if $(STATIC),,$(MODULE_SO)) modules-note

.PHONY: modules-note
modules-note:
	@$(foreach m,$(MODULES_OFF),echo "module $(m) left out:" \
		"$($(m)_PKG) not found";):

help: ## this list
	@echo "offhook $(VERSION): make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)
	@echo "  SAN=address,undefined|thread  STATIC=1  WERROR=1  V=1" \
		"PREFIX= DESTDIR="

deps: ## install what building and running need (apt)
	@contrib/install-dependencies.sh build

deps-test: ## install what the tests need as well
	@contrib/install-dependencies.sh test

demo: deps ## install, build, then talk to a local test partner
	@$(MAKE) --no-print-directory all
	@$(B)/offhook demo

check: deps-test ## install, build, run every test
	@$(MAKE) --no-print-directory all
	@tests/run.sh

check-unit: ## unit tests only
	@tests/run.sh unit

check-e2e: ## end-to-end tests only
	@tests/run.sh e2e

bench: all ## measure, side by side with the peers installed here
	@tests/bench/run.sh

lint: ## layout, banned calls, headers alone, cppcheck, clang-tidy
	@tests/tools/lint.sh

# ---- compile -------------------------------------------------------------
$(B)/obj/src/common/%.o: src/common/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PHONE_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/src/phone/%.o: src/phone/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PHONE_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/src/console/%.o: src/console/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CONSOLE_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBCOMMON): $(COMMON_OBJ)
$(LIBPHONE): $(PHONE_OBJ)
$(LIBCONSOLE): $(CONSOLE_OBJ)
$(LIBCOMMON) $(LIBPHONE) $(LIBCONSOLE):
	@rm -f $@
	$(Q)ar rcs $@ $^

WHOLE_PHONE = -Wl,--whole-archive $(LIBPHONE) -Wl,--no-whole-archive

$(B)/offhookd: $(B)/obj/src/phone/main.o $(LIBPHONE) $(LIBCOMMON) \
		$(if $(STATIC),$(B)/obj/modules.a)
	@echo "  LD   $@"
	$(Q)$(CC) $(LDFLAGS) -pie -rdynamic -o $@ $< $(WHOLE_PHONE) \
		$(if $(STATIC),-Wl,--whole-archive $(B)/obj/modules.a \
		-Wl,--no-whole-archive) $(LIBCOMMON) $(PHONE_LIBS) \
		$(if $(STATIC),$(STATIC_LIBS))

$(B)/offhook: $(B)/obj/src/console/main.o $(LIBCONSOLE) $(LIBCOMMON)
	@echo "  LD   $@"
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $< $(LIBCONSOLE) $(LIBCOMMON) \
		$(CONSOLE_LIBS)

# A module is one .so; with STATIC=1 it is part of offhookd
define module_rules
$(1)_OBJ := $$(call obj,$$(wildcard modules/$(1)/*.c))
$$($(1)_OBJ): $(B)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(CPPFLAGS) -Isrc/phone/module $$(CFLAGS) $$(PHONE_CFLAGS) \
		$$(if $$(strip $$($(1)_PKG)),$$(shell $(PKG) --cflags $$($(1)_PKG))) \
		-DMODULE_NAME=$(1) $$(if $$(STATIC),-DMODULE_STATIC) \
		-MMD -MP -c -o $$@ $$<
$(B)/modules/$(1).so: $$($(1)_OBJ)
	@mkdir -p $$(@D)
	@echo "  LD   $$@"
	$(Q)$$(CC) $$(LDFLAGS) -shared -o $$@ $$^ \
		$$(if $$(strip $$($(1)_PKG)),$$(shell $(PKG) --libs $$($(1)_PKG))) \
		$$($(1)_LIBS)
STATIC_OBJ += $$($(1)_OBJ)
STATIC_LIBS += $$(if $$(STATIC),$$(if $$(strip $$($(1)_PKG)),$$(shell \
	$(PKG) --libs $$($(1)_PKG))) $$($(1)_LIBS))
endef
$(foreach m,$(MODULES_ON),$(eval $(call module_rules,$(m))))

$(B)/obj/modules.a: $(STATIC_OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

# ---- unit tests ----------------------------------------------------------
TEST_SRC := $(wildcard tests/unit/*/*_test.c)
TEST_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(TEST_SRC))

unit-tests: $(TEST_BIN) ## build the unit tests

$(B)/tests/console/%: tests/unit/console/%.c $(LIBCONSOLE) $(LIBCOMMON)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CONSOLE_CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $< $(LIBCONSOLE) $(LIBCOMMON) $(CONSOLE_LIBS) -lcmocka -lm

$(B)/tests/common/%: tests/unit/common/%.c $(LIBCOMMON)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PHONE_CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $< $(LIBCOMMON) $(PHONE_LIBS) -lcmocka

$(B)/tests/phone/%: tests/unit/phone/%.c $(LIBPHONE) $(LIBCOMMON)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PHONE_CFLAGS) -MMD -MP $(LDFLAGS) \
		-rdynamic -o $@ $< $(WHOLE_PHONE) $(LIBCOMMON) $(PHONE_LIBS) \
		-lcmocka

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- install -------------------------------------------------------------
include contrib/install.mk

.PHONY: clean dist deps deps-test demo check check-unit check-e2e bench \
	lint help unit-tests
clean: ## remove what was built
	rm -rf build build-*

dist: ## a source archive of HEAD
	git archive --prefix=offhook-$(VERSION)/ -o offhook-$(VERSION).tar.gz HEAD
