"""Where a delivery is taken: what counts as one destination, and which hosts take its mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NewType, Protocol

from relay.transit.delivery import Deferred, Failed
from relay.values import SELF_TEST_DOMAIN, RealAddress

DestinationKey = NewType("DestinationKey", str)
"""What shares connections, limits and back-off: the smarthost, or a domain."""

_SMARTHOST: Final = "smarthost"
_SELF_TEST: Final = DestinationKey(SELF_TEST_DOMAIN)


class Tls(Enum):
    """What a session needs before mail goes over it."""

    OPPORTUNISTIC = "opportunistic"
    """Encrypted when the host offers it and it works, else not (RFC 7435)."""
    REQUIRED = "required"
    """Encrypted, or the mail waits."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Host:
    """One receiving host. `verified`: its certificate must be good for `name`; without it only listeners are kept out."""

    name: str
    port: int
    tls: Tls = Tls.OPPORTUNISTIC
    verified: bool = False


class Route(Protocol):
    """How the way to a recipient is found. The smarthost is one; MX will be another."""

    def destination(self, recipient: RealAddress) -> DestinationKey:
        """What this recipient's mail shares limits and back-off with. Never fails, never looks anything up."""
        ...

    async def hosts(self, key: DestinationKey) -> tuple[Host, ...] | Deferred | Failed:
        """The hosts to try, in their order. Deferred: not known just now (FAULT-85); Failed: there are none (FAULT-86)."""
        ...


@dataclass(frozen=True, slots=True)
class Smarthost:
    """Everything goes to one host, which finds the way on."""

    host: Host

    def destination(self, recipient: RealAddress) -> DestinationKey:  # noqa: ARG002 - all are taken to the one host
        return DestinationKey(_SMARTHOST)

    async def hosts(self, key: DestinationKey) -> tuple[Host, ...] | Deferred | Failed:  # noqa: ARG002 - as above
        return (self.host,)


@dataclass(frozen=True, slots=True)
class SelfTestApart:
    """Mail of the self-test goes to `host`, where `relay self-test` listens while it runs; everything else goes by `others`.

    The two never meet: nothing of the self-test reaches the installation's own way out, whether or not anybody listens.
    """

    host: Host
    others: Route

    def destination(self, recipient: RealAddress) -> DestinationKey:
        return _SELF_TEST if recipient.is_of_self_test else self.others.destination(recipient)

    async def hosts(self, key: DestinationKey) -> tuple[Host, ...] | Deferred | Failed:
        return (self.host,) if key == _SELF_TEST else await self.others.hosts(key)
