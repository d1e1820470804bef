"""Who acts for a partner, by their addresses: what pages ask at each request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from relay.booking.partner import Partner, PartnerId, StaffId
from relay.store.people_tables import memberships
from relay.values import Language, RealAddress

memberships_max: Final = 100
"""Partners for whom one address acts, as pages show them."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody acts for `partner`, which is called `name`. `member` is None for who reads the team's mailbox and is none of the
    staff; `sees_team`: also what is assigned to others (OR-3)."""

    partner: PartnerId
    name: str
    member: StaffId | None
    sees_team: bool
    language: Language
    address: RealAddress = field(repr=False)


def keep(connection: Connection, partner: Partner) -> None:
    """Those of `partner` are as it says from now on."""
    connection.execute(delete(memberships).where(memberships.c.partner == partner.id))
    connection.execute(insert(memberships), _rows(partner))


def of(connection: Connection, key: str) -> tuple[Member, ...]:
    """For whom the mailbox of that key acts, by name."""
    chosen = select(memberships).where(memberships.c.key == key).order_by(memberships.c.name, memberships.c.partner)
    return tuple(
        Member(
            PartnerId(row.partner),
            row.name,
            StaffId(row.member) if row.member is not None else None,
            row.sees_team,
            Language(row.language),
            RealAddress(row.address),
        )
        for row in connection.execute(chosen.limit(memberships_max))
    )


def _rows(partner: Partner) -> list[dict[str, object]]:
    """One for each mailbox. One of the staff who reads the team's sees all of it; of several with one mailbox it is the first."""
    whole = {"partner": partner.id, "name": partner.name}
    rows: dict[str, dict[str, object]] = {
        one.key: {**whole, **_mailbox(one), "member": None, "sees_team": True, "language": partner.language.value}
        for one in partner.addresses
    }
    for one in partner.staff:
        new = {**whole, **_mailbox(one.address), "member": None, "sees_team": False}
        row = rows.setdefault(one.address.key, new)
        row["sees_team"] = row["sees_team"] or one.sees_team
        if row["member"] is None:
            row |= {"member": one.id, "language": one.language.value}
    return list(rows.values())


def _mailbox(address: RealAddress) -> dict[str, object]:
    return {"key": address.key, "address": address.reveal()}
