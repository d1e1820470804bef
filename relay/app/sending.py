"""How mail goes out, as the configuration says: by a smarthost or by MX, how it is protected, and how quickly."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from relay.errors import WrongConfiguration
from relay.machine import clock, is_here
from relay.outbound import lanes, routes
from relay.outbound.connecting import Connector
from relay.outbound.https import Fetcher
from relay.outbound.mta_sts import Policies
from relay.outbound.mx import MailExchangers, Terrain, undemanding
from relay.outbound.ports import Names
from relay.outbound.tls import checking
from relay.outbound.tls_report import Tallies
from relay.resolver import Resolver
from relay.settings import Settings, Smarthost
from relay.store import transport
from relay.store.store import Store
from relay.store.transport import KeptPolicy

connections_first: int = 5
"""To a domain that is new to us: large receivers look askance at more (FAULT-93)."""
messages_per_connection_max: int = 100
"""To a domain's own hosts."""
idle_s: float = 5
"""A connection without a message is a stranger's resource."""
poll_s_max: float = 2.0
"""Commands work on the table alone: what they make due is to be noticed while somebody still watches."""


@dataclass(frozen=True, slots=True)
class StoredPolicies:
    """The store, as MTA-STS asks it."""

    store: Store

    async def policy_of(self, domain: str) -> KeptPolicy | None:
        return await self.store.read(lambda connection: transport.policy_of(connection, domain))

    async def keep_policy(self, domain: str, announced: str, content: str, now: datetime) -> None:
        await self.store.write(lambda connection: transport.keep_policy(connection, domain, announced, content, now))


def resolver(settings: Settings) -> Resolver:
    """Asks the servers that the configuration names. Raises WrongConfiguration."""
    try:
        return Resolver([(one.host, one.port) for one in settings.authentication.dns_servers])
    except OSError as why:
        raise WrongConfiguration(str(why)) from why


def way_out(settings: Settings, store: Store, tallies: Tallies, names: Callable[[], Names]) -> routes.Route:
    """Where our mail is taken. `names` gives whom to ask, and is called by MX alone. Raises WrongConfiguration."""
    outbound = settings.outbound
    tls = routes.Tls(outbound.tls.value)
    others: routes.Route
    if isinstance(outbound.route, Smarthost):
        others = routes.Smarthost(routes.Host(outbound.route.server.host, outbound.route.server.port, tls))
    else:
        asked = names()
        trusted = partial(checking, outbound.authorities)
        fetcher = Fetcher(asked, trusted, outbound.mta_sts_port, outbound.private_destinations)
        others = MailExchangers(
            names=asked,
            terrain=Terrain(_own(settings), random.random, is_here, outbound.private_destinations),
            demands=Policies(asked, fetcher, StoredPolicies(store), clock) if outbound.mta_sts else undemanding,
            tallies=tallies,
            port=outbound.mx_port,
            tls=tls,
            dane=outbound.dane,
        )
    # On the loopback interface there is nobody to listen in, and the self-test has no certificate.
    self_test = routes.Host(outbound.self_test.host, outbound.self_test.port, routes.Tls.OFF)
    return routes.SelfTestApart(self_test, others)


def _own(settings: Settings) -> frozenset[str]:
    """What this machine is called, as far as the configuration says."""
    return frozenset(one.lower() for one in (settings.smtp_hostname, settings.relay.domain))


def connector(settings: Settings, tallies: Tallies) -> Connector:
    """Opens sessions."""
    return Connector(settings.smtp_hostname, authorities=settings.outbound.authorities, tallies=tallies, clock=clock)


def limits(settings: Settings) -> lanes.Limits:
    """The bounds of the courier: a server of our own bears all at once, strangers' want to be asked gently."""
    if isinstance(settings.outbound.route, Smarthost):
        return lanes.Limits(poll_s_max=poll_s_max)
    return lanes.Limits(
        poll_s_max=poll_s_max,
        connections_per_destination_first=connections_first,
        messages_per_connection_max=messages_per_connection_max,
        idle_s=idle_s,
    )
