"""The operator's pages with fakes: how a gateway fares, as a test wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fastapi import FastAPI

from relay.correspondence.house import House
from relay.errors import Conflict, NotDone, NotFound
from relay.transit.alarm import Alarm, Alert
from relay.values import Role
from relay.web.diagnosis import Examined, Finding, Health
from relay.web.operator_ports import (
    Audited,
    Bound,
    Certificate,
    DeadLetter,
    Load,
    OperatorPorts,
    Overview,
    Portion,
    ShownAccount,
    ShownSetting,
    ShownToken,
    Span,
    Stretch,
    Suspended,
    Traffic,
)
from relay.web.ports import Check
from relay.web.site.assembly import SitePorts, routers
from relay.web.site.viewer import Office
from support.booking_web import FakeBookingSide
from support.site import Browser, FakeVisitors, of_the_house
from support.web import FakeArchive, FakeConversations, FakeQueue
from support.world import NOW

LOAD = Load(
    due=3,
    late=timedelta(minutes=7),
    oldest=timedelta(hours=5),
    held=2,
    parked=1,
    in_doubt=0,
    unposted=0,
    untended=0,
    workers=2,
    portions=(Portion("due", "5m", "google", 2), Portion("due", "1d", "other", 1), Portion("held", "1h", "other", 1)),
)
ALERT = Alert(1, NOW, Alarm.ADDRESS_DEAD, "GYG4K7Q2X9ABC", Role.PARTNER, None, "3 hard failures", None)
DEAD = DeadLetter("d7", "m7", "notice", NOW, NOW + timedelta(hours=48), 19, "mailbox_full", 452, "nothing is sent about a notice")


@dataclass
class FakeOperation:
    """relay.web.operator_ports.Operation in memory."""

    is_suspended: dict[str, Suspended] = field(default_factory=dict)
    audited: Audited | None = None
    spans: list[Span] = field(default_factory=list)

    async def overview(self) -> Overview:
        return Overview(LOAD, 4, 1, (ALERT,), tuple(self.is_suspended.values()), self.audited)

    async def load(self) -> Load:
        return LOAD

    async def traffic(self, span: Span) -> Traffic:
        self.spans.append(span)
        return Traffic((Stretch(NOW, 5, 2, 1, 4, 1, 0), Stretch(NOW + timedelta(hours=1), 7, 0, 0, 7, 0, 1)), {"closed": 2})

    async def bound(self) -> Sequence[Bound]:
        return [Bound("gmail.com", 3, NOW), Bound("", 1, NOW)]

    async def dead_letters(self, limit: int, after: str | None, *, untold: bool) -> Sequence[DeadLetter]:
        return [DEAD] if after is None else []

    async def alerts(self, limit: int, before: int | None) -> Sequence[Alert]:
        return [ALERT] if before is None else []

    async def suspended(self) -> Sequence[Suspended]:
        return list(self.is_suspended.values())

    async def suspend(self, domain: str, by: str, because: str) -> None:
        if "." not in domain:
            raise NotDone(f"{domain!r} is no domain")
        if domain in self.is_suspended:
            raise Conflict(f"{domain} is suspended already")
        self.is_suspended[domain] = Suspended(domain, NOW, by, because, 5)

    async def resume(self, domain: str, by: str) -> int:
        if domain not in self.is_suspended:
            raise NotFound(f"{domain} is not suspended")
        return self.is_suspended.pop(domain).due


@dataclass
class FakeDoctor:
    """Finds one thing that fails."""

    last: Examined | None = None

    async def examine(self) -> Examined:
        failed = Finding("dns", Health.FAILED, "no answer about reply.example.com", "mend the resolver")
        self.last = Examined(NOW, (Finding("disk", Health.FINE, "900 MiB are free"), failed))
        return self.last


@dataclass
class FakeTokens:
    """relay.web.operator_ports.Tokens in memory."""

    kept: dict[str, ShownToken] = field(default_factory=dict)

    async def all(self) -> Sequence[ShownToken]:
        return list(self.kept.values())

    async def create(self, name: str, scopes: Sequence[str], by: str) -> tuple[ShownToken, str]:
        if len(name) > 50:
            raise NotDone("a token needs a name of 1 to 200 printable characters")
        made = ShownToken(f"t{len(self.kept) + 1}", name, tuple(scopes), NOW, None, None)
        self.kept[made.id] = made
        return made, "relay_5ec2e7"

    async def revoke(self, id_: str, by: str) -> None:
        if id_ not in self.kept:
            raise NotFound(f"no token {id_}")
        self.kept[id_] = replace(self.kept[id_], revoked_at=NOW)


@dataclass
class FakeAccounts:
    """relay.web.operator_ports.Accounts in memory: Eva, and Anna of support."""

    kept: dict[str, ShownAccount] = field(
        default_factory=lambda: {
            "eva": ShownAccount("eva", "Eva", ("operator",), NOW, None),
            "anna": ShownAccount("anna", "Anna", ("support", "senior"), NOW, None),
        }
    )

    async def all(self) -> Sequence[ShownAccount]:
        return list(self.kept.values())

    async def disable(self, id_: str, by: str) -> None:
        self._change(id_, NOW)

    async def enable(self, id_: str, by: str) -> None:
        self._change(id_, None)

    def _change(self, id_: str, disabled_at: datetime | None) -> None:
        if id_ not in self.kept:
            raise NotFound(f"no account {id_}")
        self.kept[id_] = replace(self.kept[id_], disabled_at=disabled_at)


SETTINGS = (
    ShownSetting("relay", "domain", '"reply.example.com"', "file", is_secret=False, is_set=True, meaning="all aliases live here"),
    ShownSetting("database", "url", None, "environment", is_secret=True, is_set=True, meaning="where everything is"),
    ShownSetting("dkim", "further_key_file", None, "default", is_secret=False, is_set=False, meaning="another key"),
)


@dataclass
class Operators:
    """The pages, with somebody who holds the office of an operator signed in."""

    operation: FakeOperation = field(default_factory=FakeOperation)
    doctor: FakeDoctor = field(default_factory=FakeDoctor)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    queue: FakeQueue = field(default_factory=lambda: FakeQueue(holds=True))
    core: FakeBookingSide = field(default_factory=FakeBookingSide)
    visitors: FakeVisitors = field(default_factory=FakeVisitors)
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    certificate: Certificate | None = None
    keeps_bookings: bool = True
    now: datetime = NOW

    def app(self) -> FastAPI:
        ports = OperatorPorts(
            operation=self.operation,
            doctor=self.doctor,
            tokens=self.tokens,
            accounts=self.accounts,
            webhooks=self.core.webhooks if self.keeps_bookings else None,
            settings=SETTINGS,
            checks=self.checks,
            warnings=lambda: self.warnings,
            certificate=lambda: self.certificate,
        )
        core = self.core
        app = FastAPI()
        for one in routers(
            SitePorts(
                house=House("Example Travel", "reply.example.com", "https://example.com/support"),
                clock=lambda: self.now,
                visitors=self.visitors,
                conversations=FakeConversations(),
                archive=FakeArchive(),
                queue=self.queue,
                bookings=core.bookings if self.keeps_bookings else None,
                batches=core.batches if self.keeps_bookings else None,
                catalogue=core.catalogue if self.keeps_bookings else None,
                operator=ports,
            )
        ):
            app.include_router(one)
        return app

    def browser(self, *offices: Office) -> Browser:
        """Eva's, who holds `offices`; of nothing else: an operator's."""
        return Browser(self.app(), self.visitors.signed_in(of_the_house(*(offices or (Office.OPERATOR,)))))
