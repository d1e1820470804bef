"""The TLS which a server offers by STARTTLS (RFC 3207)."""

from __future__ import annotations

import ssl
from pathlib import Path

from relay.errors import WrongConfiguration


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or later, no renegotiation (FAULT-39), with a PEM chain and its key, read now.

    Raises WrongConfiguration when they cannot be read or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise WrongConfiguration(
            f"smtp.tls_certificate, smtp.tls_key: {certificate} and {key} cannot be used: {error}"
        ) from error
    return context
