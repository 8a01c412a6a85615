# Voice over bad networks; QUICK=1, CODECS=pcmu, ALONE=1 (no peers), JOBS=N,
# PARTS="nets frames costs ear calls"

.PHONY: bench-media

bench-media: all ## speech over bad networks, beside the peers installed here
	@tests/bench/run.sh media
