#!/bin/bash
# run.sh   make bench: the tables of tests/bench/*.py; QUICK=1 for a look
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/tests
${CC:-cc} -std=c11 -O2 -o build/tests/sipbench tests/bench/sipbench.c
ulimit -n 4096 || true
user=
[ "$(id -u)" = 0 ] || user=r
exec unshare "-${user}npf" --kill-child --mount-proc bash -c \
	'ip link set lo up; for f; do python3 -B "$f" || exit; done' run \
	tests/bench/bench.py tests/bench/console.py tests/bench/calls.py \
	tests/bench/crypto.py tests/bench/zrtp.py tests/bench/accounts.py
