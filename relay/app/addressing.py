"""The addresses that this installation makes, aliases and return paths, and the scanner's, as the edges take them."""

from __future__ import annotations

from sqlalchemy import Connection

from relay.app.keys import Secrets
from relay.inbound import antivirus
from relay.machine import clock, hex_digits
from relay.settings import Settings, UnixSocket
from relay.store.queue import newest_return_path
from relay.store.steps import Mint
from relay.transit.return_path import Distrust, ReturnPaths
from relay.values import NewId, Role


def mint(settings: Settings, new_id: NewId) -> Mint:
    """Where the aliases of new conversations come from (GW-1, GY-10, GY-11)."""
    prefixes = {Role.PARTNER: settings.relay.partner_prefix, Role.CUSTOMER: settings.relay.customer_prefix}
    return Mint(new_id, hex_digits, settings.relay.domain, prefixes)


def return_paths(settings: Settings) -> ReturnPaths:
    """The return paths of the reply domain, under this installation's own secret (GW-42). Raises WrongConfiguration."""
    return ReturnPaths(Secrets.at(settings.relay.state_dir).return_paths, settings.relay.domain)


def scanner_place(settings: Settings) -> antivirus.Place:
    """Where clamd listens."""
    at = settings.antivirus.clamd
    return antivirus.Place(path=str(at.path)) if isinstance(at, UnixSocket) else antivirus.Place(host=at.host, port=at.port)


def knows_its_bounces(connection: Connection, paths: ReturnPaths) -> bool:
    """Whether the newest mail in this database was sent under the secret that this installation has. If not, a node was started
    without the others' secret.key: it refuses their bounces as forged, and nobody hears of what failed."""
    newest = newest_return_path(connection)
    return newest is None or paths.read(newest, clock()) is not Distrust.FORGED
