"""What TLS sessions of ours are checked against, and what a host showed in one."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path


@cache
def checking(authorities: Path | None) -> ssl.SSLContext:
    """Certificates must be good, by the authorities in a PEM file or all that the system trusts; those take 2 MB (PERF-10)."""
    return ssl.create_default_context(cafile=authorities)


@cache
def unchecking() -> ssl.SSLContext:
    """Any certificate will do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def shown(session: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates that the other side showed, DER, its own first, unchecked.

    The method became public in Python 3.13; before, the object underneath has it, and gives certificates instead of octets.
    """
    public = getattr(session, "get_unverified_chain", None)
    if public is not None:
        return tuple(public())
    underneath = getattr(session, "_sslobj", None)
    chain = underneath.get_unverified_chain() if underneath is not None else None
    return tuple(ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in chain or ())
