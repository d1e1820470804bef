"""What we make of a host's certificates and TLSA records is what OpenSSL makes of them (RFC 6698, RFC 7671, RFC 7672)."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives import serialization
from support.certificate import Issued, an_authority
from support.gateway import free_port
from support.patience import patience_s

from relay.outbound.dane import holds, usable

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")]

HOST: Final = "mx.customer.example"
ROOT: Final = an_authority()
BETWEEN: Final = ROOT.issue(authority=True)
SHOWN: Final = {
    "an authority between": BETWEEN.issue(HOST),
    "directly": ROOT.issue(HOST),
    "wildcard": ROOT.issue("*.customer.example"),
    "wildcard too high": ROOT.issue("*.example"),
    "another name": ROOT.issue("other.example"),
    "no name": ROOT.issue(authority=True),
    "expired": ROOT.issue(HOST, days=(-20, -10)),
    "not yet": ROOT.issue(HOST, days=(10, 20)),
    "by a host": ROOT.issue("other.example").issue(HOST),
    "by an expired authority": ROOT.issue(authority=True, days=(-20, -10)).issue(HOST),
    "by strangers": an_authority().issue(HOST),
}
FORMS: Final[dict[int, Callable[[bytes], bytes]]] = {
    0: lambda octets: octets,
    1: lambda octets: hashlib.sha256(octets).digest(),
    2: lambda octets: hashlib.sha512(octets).digest(),
}
OF_ITSELF: Final = ((3, 0, 0), (3, 0, 1), (3, 1, 1), (3, 1, 2))
OF_AUTHORITIES: Final = ((2, 0, 0), (2, 0, 1), (2, 1, 1), (2, 1, 2))


@contextmanager
def a_server(shown: Issued, directory: Path) -> Iterator[int]:
    """OpenSSL's own, on a port of its own."""
    key, chain = directory / "key.pem", directory / "chain.pem"
    key.write_bytes(
        shown.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    chain.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in shown.above))
    port = free_port()
    served = ("-cert", str(shown.written(directory / "own.pem")), "-key", str(key), "-cert_chain", str(chain))
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", *served],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + patience_s
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.05)
        yield port
    finally:
        server.kill()
        server.communicate()


def openssl_takes(record: str, port: int) -> bool:
    """What OpenSSL says, asked to do as RFC 7672 §3.1.1 wants: with usage 3 names do not matter."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-dane_tlsa_domain", HOST, "-dane_tlsa_rrdata", record,
         "-verify_return_error", "-dane_ee_no_namechecks"],
        input=b"", capture_output=True, timeout=patience_s, check=False,
    )  # fmt: skip
    return done.returncode == 0 and b"Verification: OK" in done.stdout


@pytest.mark.parametrize("how", SHOWN)
def test_a_certificate_is_vouched_for_where_openssl_says_so(how: str, tmp_path: Path) -> None:
    shown, now = SHOWN[how], datetime.now(UTC)  # noqa: TID251 - OpenSSL goes by the same clock
    asked = [(shown, form) for form in OF_ITSELF] + [(one, form) for one in (ROOT, BETWEEN) for form in OF_AUTHORITIES]
    with a_server(shown, tmp_path) as port:
        for vouched, (usage, selector, matching) in asked:
            data = FORMS[matching](vouched.public_key if selector else vouched.der).hex()
            record = f"{usage} {selector} {matching} {data}"
            assert holds(shown.chain, usable([record]), (HOST,), now) is openssl_takes(record, port), record[:5]
