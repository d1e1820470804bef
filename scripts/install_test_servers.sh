#!/bin/sh
# Installs the servers that the tests talk to, where this is Debian and we are root. Without them those tests skip, with the reason.
set -u
missing=""
for pair in "clamd:clamav-daemon" "clamdscan:clamdscan" "swaks:swaks"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair#*:}"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed, so the tests that need them will skip:$missing" >&2
    exit 0
fi
echo "installing for the tests:$missing" >&2
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# shellcheck disable=SC2086
{ apt-get -qq update && apt-get -qq -y --no-install-recommends install $missing >/dev/null; } \
    || echo "could not be installed, so the tests that need them will skip:$missing" >&2
