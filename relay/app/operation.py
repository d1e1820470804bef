"""What the operator's pages are given, of one process that serves."""

from __future__ import annotations

import secrets

from relay.app import renewing
from relay.app.examining import Doctor
from relay.app.gateway import Gateway
from relay.app.readiness import checks
from relay.desk.accounts import AccountDesk
from relay.desk.operation import OperationDesk
from relay.desk.tokens import TokenDesk
from relay.desk.webhooks import WebhookDesk
from relay.machine import clock
from relay.settings import Effective, Settings, effective, literal
from relay.web.operator_ports import Certificate, OperatorPorts, ShownSetting


def operator_ports(gateway: Gateway) -> OperatorPorts:
    """All of them."""
    settings = gateway.settings

    def certificate() -> Certificate | None:
        found = gateway.certificate
        return Certificate(found.expires_at, found.fault) if found is not None else None

    return OperatorPorts(
        operation=OperationDesk(gateway.store, clock, gateway.courier.wake),
        doctor=Doctor(settings, clock),
        tokens=TokenDesk(gateway.store, gateway.new_id, clock, secrets.token_bytes),
        accounts=AccountDesk(gateway.store, clock),
        webhooks=WebhookDesk(gateway.store, gateway.new_id, clock, secrets.token_bytes, settings.webhooks.anywhere),
        settings=shown_settings(settings),
        checks=checks(gateway),
        warnings=lambda: (*settings.warnings(), *renewing.warnings(gateway.certificate, clock())),
        certificate=certificate,
    )


def shown_settings(settings: Settings) -> tuple[ShownSetting, ...]:
    """Every key in its order."""
    return tuple(_shown(one) for one in effective(settings))


def _shown(one: Effective) -> ShownSetting:
    """Of a secret nothing but whether it is set."""
    is_set = one.value not in (None, "", [])
    return ShownSetting(
        section=one.section,
        key=one.key,
        value=literal(one.value) if is_set and not one.is_secret else None,
        origin=one.origin.value,
        is_secret=one.is_secret,
        is_set=is_set,
        meaning=one.meaning,
    )
