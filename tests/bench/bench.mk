# Voice over bad networks; QUICK=1, CODECS=pcmu, ALONE=1 (no peers), JOBS=N,
# PARTS="replay nets frames costs ear calls"

.PHONY: bench-media

bench-media: all ## speech over bad networks, beside the peers installed here
	@mkdir -p $(B)/tests
	@$(COMPILE) $(PHONE_CFLAGS) $(call pkg,--cflags opus) $(LDFLAGS) \
		-rdynamic -o $(B)/tests/replay tests/bench/replay.c \
		$(call whole,$(LIBPHONE)) $(LIBCOMMON) $(PHONE_LIBS) \
		$(call pkg,--libs opus) -lm
	@tests/bench/run.sh media
