#!/bin/sh
# Installs the servers that the tests talk to, where this is Debian and we are root. Without them those tests skip, with the reason.
# --bench: those of `make bench` instead, which tells by itself what is missing.
set -u

wanted="clamd:clamav-daemon clamdscan:clamdscan swaks:swaks initdb:postgresql fiu-ctrl:fiu-utils faketime:faketime postfix:postfix chromium:chromium"
# Debian installs one mail server at a time: Exim is unpacked beside Postfix, and needs these libraries and its user.
exim=/usr/local/lib/relay-tests/exim4
libraries="libdb5.3 libgnutls-dane0 libidn12 libnsl2 libpcre2-8-0"
[ "${1:-}" = --bench ] && wanted="clamd:clamav-daemon postfix:postfix cc:gcc"

present() {
    # Not all of Debian's servers are on the path of whoever calls, and PostgreSQL's are on nobody's.
    for place in "$(command -v "$1")" "/usr/sbin/$1" /usr/lib/postgresql/*/bin/"$1"; do
        [ -x "$place" ] && return 0
    done
    return 1
}

missing=""
for pair in $wanted; do
    present "${pair%%:*}" || missing="$missing ${pair#*:}"
done
if [ "${1:-}" = --bench ] || [ -x "$exim/usr/sbin/exim4" ] || present exim4; then
    exim=""
else
    missing="$missing $libraries"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed, so what needs them will be skipped:$missing" >&2
    exit 0
fi
echo "installing:$missing" >&2

# The tests start a PostgreSQL of their own: installing it must not leave one running. What holds for later clusters stays as it is.
clusters=/etc/postgresql-common/createcluster.d
no_cluster="$clusters/relay-tests.conf"
no_start=/usr/sbin/policy-rc.d
[ -e "$no_start" ] && no_start=""
unpacked=$(mktemp -d)
trap 'rm -rf "$no_cluster" ${no_start:+"$no_start"} "$unpacked"' EXIT
# The same holds for Postfix: what the package starts would listen on port 25.
[ -n "$no_start" ] && printf '#!/bin/sh\nexit 101\n' >"$no_start" && chmod 755 "$no_start"
mkdir -p "$clusters" && echo "create_main_cluster = false" >"$no_cluster"

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# shellcheck disable=SC2086
{ apt-get -qq update && apt-get -qq -y --no-install-recommends install $missing >/dev/null; } \
    || echo "could not be installed, so what needs them will be skipped:$missing" >&2

if [ -n "$exim" ]; then
    chmod 755 "$unpacked"
    { (cd "$unpacked" && apt-get -qq download exim4-daemon-light >/dev/null 2>&1) \
        && mkdir -p "$exim" && dpkg-deb -x "$unpacked"/exim4-daemon-light_*.deb "$exim" \
        && { getent passwd Debian-exim >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin Debian-exim; }; } \
        || echo "Exim could not be unpacked, so what needs it will be skipped" >&2
fi
exit 0
