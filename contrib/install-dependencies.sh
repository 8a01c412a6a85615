#!/bin/sh
# install-dependencies.sh build|run|test
#
# Installs with apt what is missing, and only that:
#   build  compiler and headers for offhook and its modules
#   run    the libraries an installed offhook needs
#   test   build, and what `make check` and `make lint` use besides
#
# Nothing missing: says nothing, changes nothing, needs no rights. What apt
# would remove to make room is never removed (--no-remove). Daemons among
# the test peers are neither started nor left enabled: the tests start
# their own, on addresses of their own.
set -eu

BUILD="gcc libc6-dev make pkg-config libre-dev librem-dev libssl-dev zlib1g-dev
    libncurses-dev libjansson-dev libsqlite3-dev libutf8proc-dev gettext
    libsrtp2-dev libbzrtp-dev libbctoolbox-dev libsndfile1-dev
    libspeexdsp-dev libasound2-dev libpulse-dev libpipewire-0.3-dev
    libopus-dev libspandsp-dev libgsm1-dev libbcg729-dev libspeex-dev
    libopencore-amrnb-dev libopencore-amrwb-dev libvo-amrwbenc-dev"

RUN="libre0 librem0 libssl3 libncursesw6 libjansson4 libsqlite3-0
    libutf8proc2 zlib1g ca-certificates libsrtp2-1 libbzrtp0 libbctoolbox1
    libsndfile1 libspeexdsp1 libasound2 libpulse0 libpipewire-0.3-0
    libopus0 libspandsp2 libgsm1 libbcg729-0 libspeex1 libopencore-amrnb0
    libopencore-amrwb0 libvo-amrwbenc0"

# The tools of the tests, the analysers of lint, and real peers to call
TEST="python3 python3-pytest python3-pyte libcmocka-dev
    clang libclang-rt-14-dev clang-format clang-tidy cppcheck mandoc
    tmux zsh fish procps util-linux iproute2 curl openssl strace
    sox espeak-ng alsa-utils libasound2-plugins dnsmasq-base
    kamailio kamailio-tls-modules kamailio-presence-modules
    kamailio-sqlite-modules
    linphone-cli baresip-core sip-tester openssh-client openssh-server"

# Installed where they get in nobody's way; a test that wants one skips
# without it (PulseAudio's daemon would push PipeWire's off a desktop)
WISHED="pulseaudio"

# Enabled by their packages; disabled again if this script brought them
SERVICES="kamailio pulseaudio openssh-server:ssh"

say()
{
    printf '%s\n' "install-dependencies: $*" >&2
}

die()
{
    say "$*"
    exit 1
}

usage()
{
    echo "usage: install-dependencies.sh build|run|test" >&2
    exit 2
}

# Prints which of the packages are not installed
missing()
{
    # shellcheck disable=SC2086
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' $1 2> /dev/null |
        awk -v want="$1" '
            $1 == "installed" { have[$2] = 1 }
            END {
                n = split(want, p)
                for (i = 1; i <= n; i++)
                    if (!(p[i] in have))
                        printf "%s ", p[i]
            }'
}

# Whatever the package manager says: can this machine build offhook?
can_build()
{
    cc=${CC:-cc}
    for tool in "${cc%% *}" make pkg-config; do
        command -v "$tool" > /dev/null 2>&1 || return 1
    done

    pkg-config --exists libre openssl jansson sqlite3 libutf8proc zlib \
        ncursesw panelw opus alsa libsrtp2 libbzrtp bctoolbox sndfile \
        speexdsp libpulse libpipewire-0.3 spandsp speex opencore-amrnb \
        opencore-amrwb vo-amrwbenc 2> /dev/null || return 1
    command -v msgfmt > /dev/null 2>&1 || return 1

    # From 2.0 on librem is a part of libre
    pkg-config --atleast-version=2.0 libre || pkg-config --exists librem
}

# apt, with root's rights and nobody to answer questions
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt()
{
    as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

quiet()
{
    as_root "$@" > /dev/null 2>&1 || :
}

policy=/usr/sbin/policy-rc.d
policy_made=

policy_remove()
{
    [ -z "$policy_made" ] || as_root rm -f "$policy"
    policy_made=
}

# 101: "action forbidden"; packages install, their daemons stay down
policy_make()
{
    if [ -e "$policy" ]; then
        return
    fi

    trap policy_remove EXIT
    trap 'exit 130' INT TERM HUP
    policy_made=y
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' > $policy &&
        chmod 755 $policy"
}

install()
{
    needed=$1

    if ! command -v apt-get > /dev/null 2>&1; then
        die "this is no Debian: please install what corresponds to: $needed"
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null 2>&1; then
        die "not root and no sudo; as root run:" \
            "apt-get install --no-install-recommends $needed"
    fi

    say "installing $needed"
    policy_make

    if ! apt update > /dev/null; then
        say "apt-get update failed; trying with the lists there are"
    fi

    # shellcheck disable=SC2086
    apt install -y --no-install-recommends --no-remove $needed > /dev/null ||
        die "apt-get could not install them; the reason stands above"

    for service in $SERVICES; do
        package=${service%:*}
        service=${service#*:}
        case " $needed " in
        *" $package "*)
            quiet update-rc.d "$service" disable
            for unit in "disable $service.service" \
                "--user disable $service.service" \
                "--user disable $service.socket"; do
                # Works where systemd does not run; wants to hear of dpkg.
                # shellcheck disable=SC2086
                quiet env DPKG_MAINTSCRIPT_PACKAGE="$package" \
                    deb-systemd-helper $unit
            done
            ;;
        esac
    done
    policy_remove
}

# PulseAudio only beside no PipeWire that speaks its protocol
wishes()
{
    lacking=$(missing "$WISHED")
    if [ -z "$lacking" ]; then
        return
    fi
    if [ "$(missing "pipewire-pulse")" = "" ]; then
        return
    fi
    printf '%s' "$lacking"
}

[ $# -eq 1 ] || usage
dpkg=$(command -v dpkg-query || :)
need=

case $1 in
build)
    if can_build; then
        exit 0
    fi
    [ -z "$dpkg" ] || need=$(missing "$BUILD")
    [ -n "$dpkg" ] || need=$BUILD
    ;;
run)
    [ -n "$dpkg" ] || exit 0
    need=$(missing "$RUN")
    ;;
test)
    if [ -n "$dpkg" ]; then
        need=$(missing "$BUILD $TEST")$(wishes)
    elif can_build; then
        # shellcheck disable=SC2086
        say "this is no Debian; what tests lack of these, they skip:" $TEST
    else
        need="$BUILD $TEST"
    fi
    ;;
*)
    usage
    ;;
esac

# shellcheck disable=SC2086,SC2116
[ -z "$need" ] || install "$(echo $need)"
