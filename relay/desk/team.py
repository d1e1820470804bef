"""Who acts for a partner, as their own pages change it: the change and the mails that tell of it are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from relay.booking.partner import Partner
from relay.correspondence.house import House
from relay.correspondence.team_changed import Change, TeamChanged, What, team_letter
from relay.desk.catalogue import Keeper
from relay.store import accepting
from relay.store.bookings.catalogue import PARTNERS
from relay.store.store import Store
from relay.transit.delivery import Delivery, house_letter
from relay.values import Clock, DeliveryId, MsgId, NewId, RealAddress


@dataclass(frozen=True, slots=True)
class TeamDesk:
    """relay.web.site.partner.team_ports.Teams over the store. `pages`: where people reach them, with its last slash; `sent` is
    called when something is due."""

    store: Store
    keeper: Keeper
    house: House
    pages: str
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId
    clock: Clock
    sent: Callable[[], None] = field(repr=False)

    async def change(self, partner: str, change: Callable[[Partner], Partner], by: str) -> Partner:
        now = self.clock()

        def work(connection: Connection) -> tuple[Partner, list[Delivery]]:
            before = PARTNERS.locked(connection, partner)
            after = self.keeper.change(connection, PARTNERS, partner, change, now=now, by=by)
            mails = [self._delivery(before, one, tuple(changes(before, after)), now) for one in before.addresses]
            told = mails if any(changes(before, after)) else []
            accepting.add_deliveries(connection, told, None, now)
            return after, told

        after, told = await self.store.write(work)
        if told:
            self.sent()
        return after

    def _delivery(self, partner: Partner, to: RealAddress, what: tuple[Change, ...], now: datetime) -> Delivery:
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        link = f"{self.pages}partner/{partner.id}/team"
        changed = TeamChanged(to, partner.language, partner.name, what, link, now)
        content = self.sign(team_letter(changed, self.house, now=now, message_id=message_id), now)
        return house_letter(content, to, DeliveryId(self.new_id()), now)


def changes(before: Partner, after: Partner) -> Iterator[Change]:
    """Which address or whom of the staff came or went, as the team knows them."""
    for was, is_, added, removed in (
        (before.addresses, after.addresses, What.TEAM_ADDRESS_ADDED, What.TEAM_ADDRESS_REMOVED),
        (before.senders, after.senders, What.SENDER_ADDED, What.SENDER_REMOVED),
    ):
        yield from (Change(added, address=one) for one in is_ if one not in was)
        yield from (Change(removed, address=one) for one in was if one not in is_)
    for member in after.staff:
        known = before.member(member.id)
        if known is None or known.address != member.address:
            yield Change(What.STAFF_ADDED, member.name, member.address)
        if member.sees_team and not (known is not None and known.sees_team):
            yield Change(What.SEES_TEAM, member.name)
    yield from (Change(What.STAFF_REMOVED, one.name) for one in before.staff if after.member(one.id) is None)
