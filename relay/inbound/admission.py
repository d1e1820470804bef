"""Who is let in, and how much is under way: what all sessions of one server share (FAULT-29, FAULT-41)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from relay.inbound.conduct import Conduct
from relay.inbound.limits import Limits


@dataclass(slots=True)
class Stats:
    """Counts since the start."""

    connections: int = 0
    connections_refused: int = 0
    """Over a cap."""
    tls_handshakes_failed: int = 0
    timeouts: int = 0
    too_many_errors: int = 0
    proxy_headers_refused: int = 0
    """Connections from a load balancer that did not begin as they must (FAULT-42)."""
    not_smtp: int = 0
    """Clients that spoke HTTP, TLS or noise (FAULT-7, FAULT-8)."""
    connections_shut_out: int = 0
    """Of networks that guess at aliases, at the connection or the next command (GW-20)."""
    recipients_unknown: int = 0
    recipients_deferred: int = 0
    messages_taken: int = 0
    messages_refused: int = 0
    messages_deferred: int = 0
    octets_taken: int = 0
    failures: int = 0
    """Things that went wrong in here and were answered with 451 4.3.0."""


class Admission:
    """Counts connections and octets against the limits. Plain figures, for one event loop.

    `free_octets` tells how much there is left on the disk; it may raise OSError.
    """

    __slots__ = (
        *("_free_octets", "_freed", "_limits", "_octets_of", "_of_network"),
        *("closing", "conduct", "connections", "in_flight_octets", "stats"),
    )

    def __init__(
        self,
        limits: Limits,
        free_octets: Callable[[], int] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._free_octets = free_octets
        self._freed = asyncio.Event()
        self._of_network: Counter[str] = Counter()
        self._octets_of: Counter[str] = Counter()
        self.conduct = Conduct(limits, monotonic)
        self.closing = False
        """The server drains: nobody is let in any more (FAULT-43)."""
        self.connections = 0
        self.in_flight_octets = 0
        self.stats = Stats()

    def enter(self, network: str | None) -> bool:
        """Let one more connection of `network` in; False when it is one too many. None: no neighbours, or not known yet."""
        if self.closing or self.connections >= self._limits.connections_max or (network is not None and self._is_full(network)):
            self.stats.connections_refused += 1
            return False
        self.stats.connections += 1
        self.connections += 1
        if network is not None:
            self._of_network[network] += 1
        return True

    def settle(self, network: str) -> bool:
        """Count a connection that was let in among those of `network`; False when that has one too many."""
        if self._is_full(network):
            self.stats.connections_refused += 1
            return False
        self._of_network[network] += 1
        return True

    def _is_full(self, network: str) -> bool:
        return self._of_network[network] >= self._limits.connections_per_network_max

    def leave(self, network: str | None) -> None:
        """A connection that was let in is over; `network` is where it was counted, if anywhere."""
        self.connections -= 1
        if network is None:
            return
        self._of_network[network] -= 1
        if self._of_network[network] <= 0:
            del self._of_network[network]

    def has_room(self, network: str, octets: int = 1) -> bool:
        """Whether so much more content of `network` may be held: it has at most as much as is then free for all others."""
        free = self._limits.in_flight_octets_max - self.in_flight_octets - octets
        return free >= self._octets_of[network] + octets

    async def room(self, network: str, octets: int) -> bool:
        """The same, once others have let go, or else after `room_s`."""
        try:
            async with asyncio.timeout(self._limits.room_s):
                while not self.has_room(network, octets):
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError:
            return False
        return True

    @property
    def disk_has_room(self) -> bool:
        """Whether the disk has more left than deliveries may need. A disk that does not tell has none."""
        try:
            return self._free_octets is None or self._free_octets() >= self._limits.disk_octets_free_min
        except OSError:
            return False

    def hold(self, network: str, octets: int) -> None:
        """Count content of `network` that is held now; a negative figure when it is let go."""
        self.in_flight_octets += octets
        self._octets_of[network] += octets
        if octets < 0:
            if self._octets_of[network] <= 0:
                del self._octets_of[network]
            self._freed.set()


def network_of(client_ip: str) -> str:
    """What counts as one neighbour: an IPv4 address, or the /64 of an IPv6 address. Anything else counts as it is written."""
    if ":" not in client_ip:
        return client_ip
    try:
        address = ip_address(client_ip.partition("%")[0])
    except ValueError:
        return client_ip
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
    return client_ip
