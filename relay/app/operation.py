"""What the operator's pages are given, of one process that serves."""

from __future__ import annotations

from relay.app import renewing
from relay.app.examining import Doctor
from relay.app.gateway import Gateway
from relay.app.readiness import checks
from relay.desk.operation import OperationDesk
from relay.machine import clock
from relay.web.operator_ports import Certificate, OperatorPorts


def operator_ports(gateway: Gateway) -> OperatorPorts:
    """All of them."""
    settings = gateway.settings

    def certificate() -> Certificate | None:
        found = gateway.certificate
        return Certificate(found.expires_at, found.fault) if found is not None else None

    return OperatorPorts(
        operation=OperationDesk(gateway.store, clock, gateway.courier.wake),
        doctor=Doctor(settings, clock),
        checks=checks(gateway),
        warnings=lambda: (*settings.warnings(), *renewing.warnings(gateway.certificate, clock())),
        certificate=certificate,
    )
