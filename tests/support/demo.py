"""The demonstration's pages with a sandbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fastapi import FastAPI

from relay.correspondence.house import House
from relay.demo.people import EVA, MARCO, OTTO, ZOFIA
from relay.web.site.demo import pages
from relay.web.site.demo.ports import Answered, Character, Letter, Person, SandboxMail
from relay.web.site.layout import Site
from relay.web.site.viewer import Office
from support.site import FakeVisitors, a_customer, a_partner, of_the_house
from support.world import CUSTOMER_ALIAS, NOW, PARTNER_ALIAS

OK = (250, "2.6.0 Accepted")


@dataclass
class FakeSandbox:
    """relay.web.site.demo.ports.Sandbox with what it is given: mails by their recipient, and what the gateway says."""

    visitors: FakeVisitors = field(default_factory=FakeVisitors)
    contents: list[tuple[str, bytes]] = field(default_factory=list)
    says: tuple[int, str] = OK
    written: list[Letter] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)

    def people(self) -> Sequence[Person]:
        return (replace(MARCO, alias=str(PARTNER_ALIAS)), replace(ZOFIA, alias=str(CUSTOMER_ALIAS)), EVA, OTTO)

    def reference(self) -> str:
        return "GYG4K7Q2X9AB"

    def mails(self) -> Sequence[SandboxMail]:
        kept = [SandboxMail(number, NOW, to, content) for number, (to, content) in enumerate(self.contents, start=1)]
        return kept[::-1]

    def mail(self, number: int) -> SandboxMail | None:
        return next((mail for mail in self.mails() if mail.number == number), None)

    async def write(self, letter: Letter) -> Answered:
        self.written.append(letter)
        self.answers.append(Answered(len(self.answers) + 1, NOW, letter, *self.says, before=len(self.contents)))
        return self.answers[-1]

    def answered(self, number: int) -> Answered | None:
        return next((one for one in self.answers if one.number == number), None)

    async def begin(self, character: Character, agent: str) -> str:
        return self.visitors.signed_in(
            {
                Character.PARTNER: a_partner("alpine-tours", MARCO.address),
                Character.CUSTOMER: a_customer(ZOFIA.address),
                Character.SUPPORT: of_the_house(Office.SUPPORT),
                Character.OPERATOR: of_the_house(Office.OPERATOR),
            }[character]
        )

    def app(self) -> FastAPI:
        house = House("Example Travel", "reply.example.com", "https://example.com/support")
        site = Site(house, self.visitors, lambda: NOW, is_demonstration=True)
        app = FastAPI()
        app.include_router(pages.router(site, pages.Demonstration(self, "127.0.0.1", 2525)))
        return app
