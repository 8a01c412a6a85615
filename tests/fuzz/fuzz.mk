# Fuzzers: one program a parser of what comes from outside, libFuzzer with
# ASan and UBSan, seeded from tests/data. `make fuzz SECONDS=20` runs each
# for so long; what was found stays in build-fuzz/corpus.

SECONDS  ?= 20
FUZZ_B   := build-fuzz
FUZZ_CC  ?= clang
FUZZ_SAN := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

TEXT     := src/common/text.c src/common/text_utf8.c

FUZZERS  := sdes text redact rpc_wire vcard cpim imdn zrtp codec prefilter lookup \
	dialog_info message_summary pidf mask media session_hdr

sdes_FUZZ     := modules/sdes/sdes_line.c \
	modules/dtls_srtp/fingerprint.c
text_FUZZ     := $(TEXT)
redact_FUZZ   := src/common/redact.c
rpc_wire_FUZZ := src/common/rpc_wire.c
vcard_FUZZ    := $(wildcard src/phone/contact/vcard*.c) $(TEXT)
cpim_FUZZ     := $(wildcard src/phone/chat/cpim*.c) $(TEXT)
imdn_FUZZ     := src/phone/chat/imdn.c src/common/xml.c \
	src/phone/chat/cpim_time.c $(TEXT)
zrtp_FUZZ     := modules/zrtp/packet.c
prefilter_FUZZ := src/phone/sip/prefilter.c
lookup_FUZZ   := src/phone/sip/lookup.c
media_FUZZ    := src/phone/media/red.c src/phone/media/cn.c \
	src/phone/media/rtcp_xr.c

dialog_info_FUZZ := src/phone/sip/dialog_info.c src/phone/sip/target.c \
	src/common/xml.c $(TEXT) src/common/table.c
pidf_FUZZ     := src/phone/sip/pidf.c src/common/xml.c $(TEXT) \
	src/common/table.c
message_summary_FUZZ := src/phone/sip/message_summary.c \
	src/phone/sip/target.c $(TEXT)
session_hdr_FUZZ := src/phone/sip/session_hdr.c \
	src/phone/sip/address.c src/phone/sip/target.c
mask_FUZZ     := src/phone/trace/mask.c src/phone/trace/header.c \
	src/common/redact.c

sdes_SEED     := tests/fuzz/seed/sdes
text_SEED     := tests/data/vcard tests/data/msg
redact_SEED   := tests/fuzz/seed/redact
rpc_wire_SEED := tests/fuzz/seed/redact
vcard_SEED    := tests/data/vcard
cpim_SEED     := tests/data/msg
zrtp_SEED     := tests/fuzz/seed/zrtp
imdn_SEED     := tests/data/msg

# The codecs that are there, linked in
CODEC_MODULES := $(filter amr g711 g722 g729 gsm l16 speex,$(MODULES_ON))
codec_FUZZ    := $(wildcard $(CODEC_MODULES:%=modules/%/*.c))
codec_SEED    := tests/fuzz/seed/codec
codec_FLAGS   := -Isrc/phone/module -DMODULE_STATIC
codec_LIBS     = $(foreach m,$(CODEC_MODULES),$($(m)_LDLIBS))

dialog_info_SEED := tests/data/msg
pidf_SEED     := tests/data/msg
message_summary_SEED := tests/data/msg
session_hdr_SEED := tests/fuzz/seed/session_hdr
mask_SEED     := tests/fuzz/seed/redact

define fuzz_rules
$(FUZZ_B)/$(1): tests/fuzz/$(1)_fuzz.c tests/fuzz/fuzz.h $$($(1)_FUZZ)
	@mkdir -p $(FUZZ_B)
	$$(Q)$$(FUZZ_CC) -std=c11 -g -O1 $$(CPPFLAGS) $$(WARN) \
		$$(PHONE_CFLAGS) $$($(1)_FLAGS) $$(FUZZ_SAN) -o $$@ $$(filter %.c,$$^) \
		$$($(1)_LIBS) $$(PHONE_LIBS)

.PHONY: fuzz-$(1)
fuzz-$(1): $(FUZZ_B)/$(1)
	@mkdir -p $(FUZZ_B)/corpus/$(1)
	@echo "  FUZZ $(1), $(SECONDS) s"
	@$(FUZZ_B)/$(1) -max_total_time=$(SECONDS) -timeout=5 -max_len=8192 \
		-rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix=$(FUZZ_B)/$(1)- \
		$$(if $$(wildcard tests/fuzz/$(1).dict),-dict=tests/fuzz/$(1).dict) \
		$(FUZZ_B)/corpus/$(1) $$($(1)_SEED) 2>&1 | \
		grep -v -e peak_rss -e slowest -e '^$$$$' -e ' INFO:' \
		-e '^"' -e '^###' ; \
		exit $$$${PIPESTATUS[0]}
endef
$(foreach f,$(FUZZERS),$(eval $(call fuzz_rules,$(f))))

$(FUZZERS:%=fuzz-%): SHELL := /bin/bash

.PHONY: fuzz
fuzz: $(FUZZERS:%=fuzz-%) ## fuzz every parser for SECONDS=20 each
