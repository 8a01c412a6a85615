#!/bin/bash
# run.sh [bench|media]   the tables of tests/bench, part by part
#
# Each part has network and processes of its own, so that nothing of one is
# left when the next begins; one that fails or takes too long is named, and
# the others go on.
#   PARTS="calls crypto"  only these   QUICK=1  a look, some minutes
#   LIMIT=SECONDS         for a part   ALONE=1  no peers (media)
set -u
cd "$(dirname "$0")/../.." || exit 1

case ${1:-bench} in
bench) all="phone console calls crypto zrtp accounts" ;;
media) all="replay nets frames costs ear calls" ;;
*)     echo "run.sh bench|media" >&2; exit 2 ;;
esac
what=${1:-bench}
LIMIT=${LIMIT:-$([ -n "${QUICK:-}" ] && echo 120 || echo 1800)}
read -r -a parts <<< "${PARTS:-$all}"
for part in "${parts[@]}"; do
	case " $all " in
	*" $part "*) ;;
	*) echo "no part $part; there are: $all" >&2; exit 2 ;;
	esac
done

mkdir -p build/tests
compile() { # compile NAME SOURCE [LIBRARY...]: anew if it is older
	local out=build/tests/$1 src=$2
	shift 2
	[ "$out" -nt "$src" ] || "${CC:-cc}" -std=c11 -O2 -o "$out" "$src" "$@"
}
opus=$(pkg-config --cflags --libs opus)
# shellcheck disable=SC2086
compile sipbench tests/bench/sipbench.c &&
	compile bare tests/bench/bare.c $opus &&
	compile mediabench tests/bench/mediabench.c $opus -lm &&
	compile stoi tests/tools/stoi.c -lm &&
	compile frames tests/tools/frames.c -lm || exit 1

program() { # program PART: what measures it
	case $what.$1 in
	bench.phone) echo bench.py ;;
	bench.*)     echo "$1.py" ;;
	media.replay) echo bench_replay.py ;;
	media.nets)  echo bench_media.py ;;
	media.*)     echo bench_voice.py ;;
	esac
}

ulimit -n 4096 || true
user=
[ "$(id -u)" = 0 ] || user=r
bad=
n=0
for part in "${parts[@]}"; do
	n=$((n + 1))
	printf '\n== %s (%d of %d), %d:%02d\n' "$part" $n ${#parts[@]} \
		$((SECONDS / 60)) $((SECONDS % 60))
	PART=$part timeout -k 5 "$LIMIT" unshare "-${user}npf" --kill-child \
		--mount-proc bash -c 'ip link set lo up; exec "$@"' run \
		python3 -B "tests/bench/$(program "$part")"
	rc=$?
	[ $rc = 0 ] && continue
	case $rc in 124|137) rc="not done after $LIMIT s" ;; esac
	echo "$part: failed: $rc"
	bad="$bad $part"
done
printf '\n== %d parts, %d:%02d%s\n' $n $((SECONDS / 60)) $((SECONDS % 60)) \
	"${bad:+, failed:$bad}"
[ -z "$bad" ]
