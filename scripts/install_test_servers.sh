#!/bin/sh
# Installs the servers that the tests talk to, where this is Debian and we are root. Without them those tests skip, with the reason.
# --bench: those of `make bench` instead, which tells by itself what is missing.
set -u

wanted="clamd:clamav-daemon clamdscan:clamdscan swaks:swaks initdb:postgresql fiu-ctrl:fiu-utils faketime:faketime"
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
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed, so what needs them will be skipped:$missing" >&2
    exit 0
fi
echo "installing:$missing" >&2

# The tests start a PostgreSQL of their own: installing it must not leave one running. What holds for later clusters stays as it is.
clusters=/etc/postgresql-common/createcluster.d
no_cluster="$clusters/relay-tests.conf"
trap 'rm -f "$no_cluster"' EXIT
mkdir -p "$clusters" && echo "create_main_cluster = false" >"$no_cluster"

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# shellcheck disable=SC2086
{ apt-get -qq update && apt-get -qq -y --no-install-recommends install $missing >/dev/null; } \
    || echo "could not be installed, so what needs them will be skipped:$missing" >&2
