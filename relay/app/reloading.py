"""The configuration read anew while it is at work: by SIGHUP, and never so that a mistake in it stops anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from relay.app import keyring
from relay.app.gateway import Gateway
from relay.errors import WrongConfiguration
from relay.inbound.tls import server_context
from relay.settings import Settings, known_keys

log = structlog.get_logger("relay")

_FIXED: Final = (("relay", "state_dir"), ("database", "url"))
"""A gateway is at work on these, and two at a time would each have half of the mail."""


def checked(present: Settings, reread: Callable[[], Settings]) -> Settings:
    """The configuration as it is now, for workers that relieve those with the `present` one. Raises WrongConfiguration."""
    settings = reread()
    changed = set(changed_keys(present, settings))
    if faults := [f"{'.'.join(key)}: it takes a restart to change this" for key in _FIXED if ".".join(key) in changed]:
        raise WrongConfiguration(*faults)
    keyring.signer(settings)
    if settings.smtp.tls_certificate is not None and settings.smtp.tls_key is not None:
        server_context(settings.smtp.tls_certificate, settings.smtp.tls_key)
    return settings


def changed_keys(before: Settings, after: Settings) -> list[str]:
    """The keys that differ, as "section.key"."""
    return [
        f"{section}.{key}"
        for section, key in known_keys()
        if getattr(getattr(before, section), key) != getattr(getattr(after, section), key)
    ]


def reload_in_place(gateway: Gateway, reread: Callable[[], Settings]) -> None:
    """Take up what a single process can without ending: certificate and signing keys. The log says what else has changed."""
    try:
        settings = reread()
        if gateway.certificate is not None:
            gateway.certificate.renew()
        gateway.signing.take_up(settings)
    except WrongConfiguration as wrong:
        refused(wrong)
        return
    certificate = gateway.certificate is not None
    changed = [key for key in changed_keys(gateway.settings, settings) if not key.startswith("dkim.")]
    log.info("reloaded", certificate=certificate, signs_as=gateway.signing.selectors, needs_restart=changed)


def refused(wrong: WrongConfiguration) -> None:
    """Everything stays as it is; the log says why."""
    for fault in wrong.faults:
        log.error("reload.refused", fault=fault)
