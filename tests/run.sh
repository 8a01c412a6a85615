#!/bin/bash
# run.sh [all|unit|e2e] [FILE...]   runs the tests; the last line sums up
# run.sh matrix                 every call that encryption can make, a table
# run.sh threads                what happens to the sound of a call, in a build
#                               that finds races (SAN=thread)
#
# Everything runs inside network namespaces of its own with nothing but a
# loopback device: nothing leaves the machine and no port collides. What is
# tested is taken from one queue by more workers than there are cores, for
# most of it waits for speech to be spoken: end-to-end files, the long ones
# first, the plain build with all of them, the sanitized one
# (SAN=address,undefined) with those that between them reach every room;
# then the unit tests of both.
# What failed beside others is run once more, alone: a peer that a crowded
# machine made stumble is named, and only what fails twice has failed.
#   JOBS=N          workers             OFFHOOK_SAN=0  plain build only
#                                       OFFHOOK_SAN=all  all files sanitized
#   OFFHOOK_CORPUS  folder of hostile input for test_corpus.py and others
#   WERROR=1 CC=..  go on to make
set -u
cd "$(dirname "$0")/.." || exit 1

what=${1:-all}
[ $# -gt 0 ] && shift
SAN=address,undefined
SANB=build-address-undefined
SAN_FILES=" attacks audio_all calls console corpus direct events messages
	monkey network outbound register security security_console several
	session_in session_out shell store trace zrtp zrtp_attacks "
# Over 40 s, the longest first; what is not named follows by its size
LONG="calls sipp transfer direct voice_adapt budget many keepalive
	audio_change session_in voice codecs security_linphone security
	outbound resolve corpus network security_tls record pipewire messages
	security_baresip"
JOBS=${JOBS:-$(($(nproc) + 4))}
work=$(mktemp -d "${TMPDIR:-/tmp}/offhook-run.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

for python in python3 /usr/bin/python3; do
	"$python" -c 'import pytest' 2>/dev/null && break
done

# a namespace with loopback up; also one for processes where that can be
# had, so that nothing outlives the tests
inside='ip link set lo up 2>/dev/null; "$@"; exit $?'
user=
[ "$(id -u)" = 0 ] || user=r
ns=
for opts in "-${user}npf --kill-child --mount-proc" "-${user}n"; do
	# shellcheck disable=SC2086
	if unshare $opts bash -c 'ip link set lo up' 2>/dev/null; then
		ns=$opts
		break
	fi
done
[ -n "$ns" ] || { echo "no network namespaces here: one test at a time" \
	"on the host's loopback"; JOBS=1; }

contained() {
	if [ -n "$ns" ]; then
		# shellcheck disable=SC2086
		unshare $ns bash -c "$inside" run "$@"
	else
		"$@"
	fi
}

make_() { make --no-print-directory -j"$(nproc)" "$@"; }

count() { # count GOOD BAD
	passed=$((passed + $1))
	failed=$((failed + $2))
}

# ---- unit ---------------------------------------------------------------
one_unit() { # one_unit LABEL PROGRAM: run by a worker
	local label=$1 prog=$2 name out rc good bad
	name=${prog#*/tests/}
	out=$work/${name//\//.}.$label
	contained timeout 300 "$prog" > "$out.out" 2>&1
	rc=$?
	good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' \
		"$out.out" | awk '{ n += $1 } END { print n + 0 }')
	bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' \
		"$out.out" | awk '{ n += $1 } END { print n + 0 }')
	# died, or a sanitizer spoke at the end
	[ $rc -ne 0 ] && [ "$bad" = 0 ] && bad=1
	[ $rc -eq 0 ] && [ "$good" = 0 ] && good=1
	echo "$good $bad 0" > "$out.count"
	{
		printf '  unit %-5s %-34s %3d passed, %d failed\n' "$label" \
			"$name" "$good" "$bad"
		[ "$bad" -gt 0 ] && tail -60 "$out.out"
	} > "$out.say"
	cat "$out.say"
}

# ---- end to end ---------------------------------------------------------
one() { # one LABEL FILE [again]: run by a worker
	local label=$1 file=$2 again=${3:-} name build=build lf=()
	name=$(basename "$file" .py)
	[ "$label" = plain ] || build=$SANB
	local out=$work/$name.$label begin=$SECONDS
	[ -z "$again" ] || lf=(--lf --lfnf=none)
	rm -f "$out.count"
	OFFHOOK_BUILD=$build OFFHOOK_RESULT=$out.count PYTHONDONTWRITEBYTECODE=1 \
		WAVMATCH=$PWD/build/tests/wavmatch \
		contained timeout -k 10 "${LIMIT:-900}" "$python" -m pytest \
		-q -rs --tb=short -o cache_dir="$out.cache" "${lf[@]}" "$file" \
		> "$out.out" 2>&1 < /dev/null
	local rc=$?
	[ -s "$out.count" ] || echo "0 1 0" > "$out.count"
	read -r good bad skip < "$out.count"
	[ $rc -gt 1 ] && [ "$bad" = 0 ] && [ "$rc$again" != 5 ] &&
		echo "$good 1 $skip" > "$out.count"
	read -r good bad skip < "$out.count"
	{
		printf '  e2e  %-5s %-34s %3d passed, %d failed%s, %d s\n' \
			$label "$name${again:+ again}" "$good" "$bad" \
			"$([ "$skip" != 0 ] && echo ", $skip skipped")" \
			$((SECONDS - begin))
		if [ "$bad" -gt 0 ]; then
			tail -c 20000 "$out.out"
		else
			grep '^SKIPPED' "$out.out" | cut -c1-160
		fi
		[ "$name" = test_store ] && grep -a '^  ' "$out.out"
		[ -z "${OFFHOOK_MATRIX:-}" ] || grep -a '^| ' "$out.out"
	} > "$out.say"
	cat "$out.say"
}

once_more() { # once_more NAME.LABEL
	one "${1##*.}" "tests/e2e/${1%.*}.py" again
}

# ---- the queue ----------------------------------------------------------
job() { # job "LABEL FILE": run by a worker
	local label file
	read -r label file <<< "$1"
	case $file in
	*.py) one "$label" "$file" ;;
	*) one_unit "$label" "$file" ;;
	esac
}

queue_e2e() { # queue_e2e FILE...: the long ones of both builds first
	local f name long=() rest=()
	for name in $LONG; do
		f=tests/e2e/test_$name.py
		[[ " $* " = *" $f "* ]] && long+=("$f")
	done
	for f in "$@"; do
		[[ " ${long[*]} " = *" $f "* ]] || rest+=("$f")
	done
	both "${long[@]}"
	both "${rest[@]}"
}

both() { # both FILE...: plain ones, then those that are sanitized, too
	local f name
	[ $# -gt 0 ] || return
	printf 'plain %s\n' "$@"
	[ "${OFFHOOK_SAN:-1}" = 0 ] && return
	for f in "$@"; do
		name=$(basename "$f" .py)
		[[ ${OFFHOOK_SAN:-} = all ||
			$SAN_FILES =~ [[:space:]]${name#test_}[[:space:]] ]] &&
			echo "san $f"
	done
}

queue_unit() {
	local src test
	for src in tests/unit/*/*_test.c; do
		test=${src#tests/unit/}
		echo "plain build/tests/${test%.c}"
	done
	[ "${OFFHOOK_SAN:-1}" = 0 ] && return
	for src in tests/unit/*/*_test.c; do
		test=${src#tests/unit/}
		echo "san $SANB/tests/${test%.c}"
	done
}

drain() { # drain GOAL...: build those, run what stands in the queue
	local f good bad skip
	make_ "$@" || { count 0 1; return; }
	mkdir -p build/tests
	${CC:-cc} -O2 -o build/tests/wavmatch tests/tools/wavmatch.c -lm ||
		{ count 0 1; return; }
	if grep -q '^san ' "$work/queue" && ! make_ SAN=$SAN "$@"; then
		count 0 1
		grep -v '^san ' "$work/queue" > "$work/plain"
		mv "$work/plain" "$work/queue"
	fi
	export -f one one_unit job contained
	export work ns inside python SANB
	xargs -d '\n' -P "$JOBS" -I{} bash -c 'job "$1"' job {} \
		< "$work/queue"
	for f in "$work"/*.count; do
		[ -e "$f" ] || continue
		read -r good bad skip < "$f"
		if [ "$bad" -gt 0 ] && [ -d "${f%.count}.cache" ]; then
			count "$good" 0
			once_more "$(basename "$f" .count)"
			read -r good bad skip < "$f"
		fi
		count "$good" "$bad"
	done
}

run() { # run all|unit|e2e [FILE...]
	local what=$1 files
	shift
	files=("$@")
	: > "$work/queue"
	if [ "$what" != unit ]; then
		if ! "$python" -c 'import pytest' 2>/dev/null; then
			echo "python3-pytest is not installed: make deps-test"
			count 0 1
			return
		fi
		[ ${#files[@]} = 0 ] && mapfile -t files < <(grep -l \
			'^def test_' tests/e2e/test_*.py | xargs ls -S)
		queue_e2e "${files[@]}" >> "$work/queue"
	fi
	[ "$what" = e2e ] || queue_unit >> "$work/queue"
	case $what in
	all) drain all unit-tests ;;
	e2e) drain all ;;
	unit) drain unit-tests ;;
	esac
}

run_matrix() {
	export OFFHOOK_MATRIX=1 OFFHOOK_SAN=0 LIMIT=3600
	run e2e tests/e2e/test_security{,_baresip,_linphone,_tls}.py
}

# What shares data between the two loops is the sound of a call: one with
# hold, digits, another device, a conference, a recording, a server that dies
run_threads() {
	SAN=thread
	SANB=build-thread
	JOBS=1          # such a build is slow: beside others speech comes late
	printf 'san tests/e2e/test_%s.py\n' audio_all audio_change record \
		> "$work/queue"
	drain all
}

case $what in
unit | e2e | all) run "$what" "$@" ;;
matrix) run_matrix ;;
threads) run_threads ;;
*) echo "usage: $0 [all|unit|e2e|matrix|threads] [FILE...]" >&2; exit 2 ;;
esac

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
