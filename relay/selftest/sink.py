"""Where the self-test's mail arrives: a mail server on the loopback interface, for as long as the self-test runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from relay.errors import NotDone, Unavailable, WrongConfiguration
from relay.inbound.limits import Limits
from relay.inbound.ports import AtAlias, Incoming, Recipient
from relay.inbound.server import SmtpServer
from relay.machine import NewIds, clock
from relay.policy.reply import Reply
from relay.settings import Tcp
from relay.values import SELF_TEST_DOMAIN, Alias, RealAddress

message_octets_max: Final = 64 * 1024 * 1024
"""More than any trap: what a rendition adds is not to be what keeps it from arriving."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as it came out of the gateway. `return_path` is empty for notices."""

    recipient: str = field(repr=False)
    return_path: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Sink:
    """Takes the mail of the self-test's people; any other mail that comes here by mistake is put off, and so never lost."""

    arrivals: list[Arrival] = field(default_factory=list)

    async def look_up(self, local: str, domain: str) -> Recipient:
        """See inbound.ports.Recipients."""
        if not RealAddress(f"somebody@{domain or 'nowhere'}").is_of_self_test:
            raise Unavailable("mail for somebody else came to the self-test")
        return AtAlias(Alias(local, domain))

    async def take(self, incoming: Incoming) -> Reply:
        """See inbound.ports.Acceptor."""
        self.arrivals += [
            Arrival(str(one.alias), incoming.return_path, incoming.content)
            for one in incoming.recipients
            if isinstance(one, AtAlias)
        ]
        return Reply(250, "2.6.0", "Kept")


@asynccontextmanager
async def sink(at: Tcp) -> AsyncIterator[Sink]:
    """A sink that listens at `at`. Raises NotDone when somebody else does already."""
    taken = Sink()
    server = SmtpServer(
        taken,
        taken,
        hostname=SELF_TEST_DOMAIN,
        clock=clock,
        new_id=NewIds(),
        limits=Limits(message_octets_max=message_octets_max, tarpit_s_min=0, tarpit_s_max=0),
    )
    try:
        await server.start([str(at)])
    except WrongConfiguration as why:
        told = why.faults[0].rpartition(": ")[2]
        raise NotDone(
            f"cannot listen at {at} (outbound.self_test): {told}; is another self-test running, or is this port somebody else's?"
        ) from None
    try:
        yield taken
    finally:
        await server.close()
