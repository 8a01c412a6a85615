#!/bin/bash
# lint.sh [STEP...]: everything that can be found without running offhook
#
# Steps: layout format headers cppcheck tidy man docs shell po. Without any:
# all.
# Exits nonzero if a step found something; the last line sums up.
set -u
cd "$(dirname "$0")/../.." || exit 1

jobs=$(nproc)
steps=("$@")
[ $# -gt 0 ] || steps=(layout format headers cppcheck tidy man docs shell po)
bad=()

lacks()
{
    command -v "$1" > /dev/null && return 1
    echo "  $1 is not installed: make deps-test"
}

layout()
{
    tests/tools/ccheck.py
}

format()
{
    lacks clang-format && return 1
    tests/tools/format.py --check
}

headers()
{
    make --no-print-directory -s -k -j"$jobs" check-headers
}

run_cppcheck()
{
    lacks cppcheck && return 1
    mkdir -p build/cppcheck
    # Suppressed is what it only guesses; the analyzer of clang-tidy looks
    # for leaks and uninitialized variables with better eyes
    # shellcheck disable=SC2046
    cppcheck -q -j "$jobs" --std=c11 --library=posix --language=c \
        --enable=warning,performance,portability --inline-suppr \
        --cppcheck-build-dir=build/cppcheck --error-exitcode=1 \
        --suppress=missingInclude --suppress=unmatchedSuppression \
        --suppress=preprocessorErrorDirective --suppress=unknownMacro \
        --suppress=readdirCalled \
        --suppress=gethostentCalled --suppress=ctuuninitvar \
        --suppress=memleak --suppress=invalidFunctionArg \
        --suppress=autoVariables \
        -D__GNUC__ -D_GNU_SOURCE -DHAVE_INET6 -DHAVE_INTTYPES_H \
        '-DOFFHOOK_VERSION="0"' '-DOFFHOOK_LIBDIR="/l"' \
        '-DOFFHOOK_DATADIR="/d"' \
        -I src -I src/phone/module $(git ls-files 'src/*.c' 'modules/*.c')
}

tidy()
{
    lacks clang-tidy && return 1
    make --no-print-directory -s -k -j"$jobs" check-tidy |
        grep -v '^  TIDY'
    return "${PIPESTATUS[0]}"
}

man()
{
    local page rc=0

    lacks mandoc && return 1
    make --no-print-directory -s man || return 1
    for page in build/man/*.[1578]; do
        mandoc -T lint -W warning "$page" || rc=1
    done
    # mandoc knows no language but English of headings
    for page in build/man/*/*.[1578]; do
        ! mandoc -T lint -W warning "$page" |
            grep -v -e 'first section is not' \
                -e 'outside NAME section' || rc=1
    done
    return $rc
}

docs()
{
    make --no-print-directory -s man check-tables &&
        tests/tools/docscheck.py
}

po()
{
    lacks xgettext && return 1
    tests/tools/pocheck.py
}

shell()
{
    local file rc=0

    while read -r file; do
        case $(head -c 20 "$file" | tr -d '\0') in
        '#!/bin/sh'*) sh -n "$file" || rc=1 ;;
        '#!/bin/bash'*) bash -n "$file" || rc=1 ;;
        esac
    done < <(git ls-files -co --exclude-standard | grep -v '^tests/data/')
    bash -n contrib/completions/offhook.bash || rc=1
    python3 - <<-'END' || rc=1
	import ast, subprocess, sys
	names = subprocess.run(["git", "ls-files", "*.py"], text=True,
	                       stdout=subprocess.PIPE).stdout.split()
	for name in names:
	    ast.parse(open(name).read(), name)
	END
    return $rc
}

for step in "${steps[@]}"; do
    begin=$SECONDS
    case $step in
    layout | format | headers | tidy | man | docs | shell | po) "$step" ;;
    cppcheck) run_cppcheck ;;
    *)
        echo "lint: no step $step" >&2
        exit 2
        ;;
    esac
    rc=$?
    [ $rc = 0 ] || bad+=("$step")
    printf '  lint %-9s %s, %d s\n' "$step" \
        "$([ $rc = 0 ] && echo ok || echo FAILED)" $((SECONDS - begin))
done

if [ ${#bad[@]} -gt 0 ]; then
    echo "lint: found something in: ${bad[*]}"
    exit 1
fi
echo "lint: nothing found"
