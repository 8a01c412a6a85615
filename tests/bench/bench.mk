# Voice over bad networks; QUICK=1, CODECS=pcmu, ALONE=1 (no peers), JOBS=N

.PHONY: bench-media

bench-media: all ## speech over bad networks, beside the peers installed here
	@mkdir -p $(B)/tests
	@$(CC) -std=c11 -O2 -o $(B)/tests/stoi tests/tools/stoi.c -lm
	@$(CC) -std=c11 -O2 $(call pkg,--cflags opus) -o $(B)/tests/mediabench \
		tests/bench/mediabench.c $(call pkg,--libs opus) -lm
	@$(CC) -std=c11 -O2 -o $(B)/tests/frames tests/tools/frames.c -lm
	@$(CC) -std=c11 -O2 -o $(B)/tests/sipbench tests/bench/sipbench.c
	@unshare $(if $(filter 0,$(shell id -u)),-npf,-rnpf) --kill-child \
		--mount-proc sh -c 'ip link set lo up; "$$@"' run \
		sh -c 'python3 -B tests/bench/bench_media.py && \
		python3 -B tests/bench/bench_voice.py'
