"""The certificate taken up anew when its files change, without a word from anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from relay.app.upkeep import kept_up
from relay.errors import WrongConfiguration
from relay.inbound.tls import Certificate

log = structlog.get_logger("relay.certificate")

look_every_s: Final = 30.0
"""At two small files. What has changed is taken up at the second look, when it no longer changes."""
expires_soon: Final = timedelta(days=14)
"""Whoever renews by a timer has done so long before."""


async def keep_renewed(certificate: Certificate | None) -> None:
    """Look at its files again and again, for as long as it is not cancelled. A pair that cannot be used is told of, once."""
    if certificate is None:
        await asyncio.Event().wait()  # there is nothing to look at, and this is not to end
        return

    async def once() -> float:
        await asyncio.to_thread(look, certificate)
        return look_every_s

    await asyncio.sleep(look_every_s)
    await kept_up("certificate", once, after_trouble_s=look_every_s)


def look(certificate: Certificate) -> None:
    """Take up what has changed, or say why not."""
    if not certificate.has_changed():
        return
    try:
        certificate.renew()
    except WrongConfiguration as wrong:
        log.error("certificate.refused", fault=wrong.faults[0])
    else:
        log.info("certificate.renewed", expires_at=certificate.expires_at.isoformat())


def warnings(certificate: Certificate | None, now: datetime) -> Sequence[str]:
    """What an operator should know about it; one sentence each."""
    if certificate is None:
        return ()
    said = {
        f"the renewed certificate is not in use: {certificate.fault}": certificate.fault != "",
        f"smtp.tls_certificate: expired on {certificate.expires_at:%Y-%m-%d}": certificate.expires_at <= now,
        f"smtp.tls_certificate: expires on {certificate.expires_at:%Y-%m-%d}": (
            now < certificate.expires_at <= now + expires_soon
        ),
    }
    return tuple(sentence for sentence, applies in said.items() if applies)
