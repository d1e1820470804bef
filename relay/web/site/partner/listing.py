"""What somebody looks for in the list of requests and bookings: all of it stands in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from relay.booking.booking import RequiredAction, Stage
from relay.booking.ledger import Payment
from relay.booking.selection import Filter, Order, Tab
from relay.web.site.viewer import Membership
from relay.web.words import word

E = TypeVar("E", bound=Enum)

rows_max: Final = 50
searched_characters_max: Final = 200
_earliest, _latest = 2000, 2999

ALL: Final = "all"
"""The tab of everything."""
FACTS: Final = ("new", "not_contacted", "overdue", "unreached")
"""What a list can be narrowed to by one click."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for. What nobody could mean is passed over: an old address still leads to a list."""

    tab: Tab | None = Tab.REQUESTS
    text: str = ""
    promotion: str = ""
    offer: str = ""
    variant: str = ""
    assignee: str = ""
    stage: Stage | None = None
    payment: Payment | None = None
    action: RequiredAction | None = None
    since: date | None = None
    until: date | None = None
    """The last day that counts."""
    facts: frozenset[str] = frozenset()
    expired: bool = False
    order: Order = Order.NEWEST
    after: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Sought:
        def said(name: str) -> str:
            return "".join(one for one in query.get(name, "") if one.isprintable()).strip()[:searched_characters_max]

        named = _member(Tab, said("tab"))
        return cls(
            tab=None if said("tab") == ALL else named or Tab.REQUESTS,
            text=said("q"),
            promotion=said("promotion"),
            offer=said("offer"),
            variant=said("variant"),
            assignee=said("assignee"),
            stage=_member(Stage, said("stage")),
            payment=_member(Payment, said("payment")),
            action=_member(RequiredAction, said("action")),
            since=_day(said("from")),
            until=_day(said("until")),
            facts=frozenset(one for one in FACTS if query.get(one)),
            expired=bool(query.get("expired")),
            order=_member(Order, said("order")) or Order.NEWEST,
            after=said("after"),
        )

    def fields(self) -> dict[str, str]:
        """What stands in an address for it; what is as it is anyway is left out."""
        written: dict[str, str] = {
            "tab": "" if self.tab is Tab.REQUESTS else (word(self.tab) if self.tab is not None else ALL),
            "q": self.text,
            "promotion": self.promotion,
            "offer": self.offer,
            "variant": self.variant,
            "assignee": self.assignee,
            "stage": word(self.stage) if self.stage is not None else "",
            "payment": word(self.payment) if self.payment is not None else "",
            "action": word(self.action) if self.action is not None else "",
            "from": self.since.isoformat() if self.since is not None else "",
            "until": self.until.isoformat() if self.until is not None else "",
            **dict.fromkeys((one for one in FACTS if one in self.facts), "yes"),
            "expired": "yes" if self.expired else "",
            "order": "" if self.order is Order.NEWEST else word(self.order),
            "after": self.after,
        }
        return {name: value for name, value in written.items() if value}

    def query(self, **changes: object) -> str:
        """`?…` of it with `changes`, at the beginning of the list unless `after` says otherwise; empty for the plain list."""
        fields = replace(self, **{"after": "", **changes}).fields()  # type: ignore[arg-type]  # of the fields above
        return f"?{urlencode(fields)}" if fields else ""

    def toggled(self, fact: str) -> str:
        """The address with that fact looked for, or not any more."""
        return self.query(facts=self.facts ^ {fact})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab and the order is chosen."""
        return replace(self, tab=Tab.REQUESTS, order=Order.NEWEST, after="", expired=False) != Sought()

    @property
    def tabs(self) -> frozenset[Tab]:
        """Expired requests stand among the active ones where somebody asks for them (OR-31)."""
        if self.tab is None:
            return frozenset()
        return frozenset({self.tab, Tab.EXPIRED}) if self.expired and self.tab is Tab.REQUESTS else frozenset({self.tab})

    def filter(self, membership: Membership, zone: ZoneInfo, references: tuple[str, ...] = ()) -> Filter:
        """As the list, its counts and its export ask for it: of that partner, and what that member may see (OR-3)."""
        return Filter(
            text=self.text,
            references=references,
            tabs=self.tabs,
            stages=frozenset({self.stage}) if self.stage is not None else frozenset(),
            payments=frozenset({self.payment}) if self.payment is not None else frozenset(),
            actions=frozenset({self.action}) if self.action is not None else frozenset(),
            promotion=self.promotion or None,
            offer=self.offer or None,
            variant=self.variant or None,
            partner=membership.partner,
            staff=membership.member,
            assignee=self.assignee or None,
            starts_from=_begins(self.since, zone) if self.since is not None else None,
            starts_before=_begins(self.until + timedelta(days=1), zone) if self.until is not None else None,
            seen=False if "new" in self.facts else None,
            contacted=False if "not_contacted" in self.facts else None,
            overdue=True if "overdue" in self.facts else None,
            unreached=True if "unreached" in self.facts else None,
            expired=self.expired,
        )


def _member(of: type[E], written: str) -> E | None:
    return next((one for one in of if word(one) == written), None)


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if _earliest <= day.year <= _latest else None


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
