"""Where a delivery is taken: what counts as one destination, and which hosts take its mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NewType, Protocol

from relay.outbound.dane import Pin
from relay.outbound.tls_report import Followed
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
    """Encrypted, for whoever answers, or the mail waits."""
    VERIFIED = "verified"
    """Encrypted, with a certificate that is good for the host's name, or the mail waits (MTA-STS, enforce)."""
    TESTED = "tested"
    """The same is tried and counted; where it fails, as if opportunistic (MTA-STS, testing)."""
    DANE = "dane"
    """Encrypted, with a certificate that the host's pins vouch for, or the mail waits (RFC 7672)."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Host:
    """One receiving host, at one `address`; without one, wherever the system finds `name`.

    `domain` is the one whose mail it takes, where that is known, and `followed` what that domain says of protection.
    """

    name: str
    port: int
    tls: Tls = Tls.OPPORTUNISTIC
    address: str = ""
    domain: str = ""
    followed: Followed = Followed.NONE
    pins: tuple[Pin, ...] = ()


class Route(Protocol):
    """How the way to a recipient is found: `Smarthost`, or `relay.outbound.mx.MailExchangers`."""

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
