"""Partners over HTTP: who provides what is offered, and their staff. Addresses go in, and never come out (LEAK-86)."""

# pyright: reportIncompatibleVariableOverride=false, reportGeneralTypeIssues=false
# What is new needs fields that a change may leave out; nobody assigns them, which is all that would be unsafe.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field, model_validator

from relay.booking.offer import Mode
from relay.booking.partner import Partner, PartnerId, StaffId, StaffMember, addresses_max, staff_max
from relay.conversation import name_characters_max
from relay.errors import NotFound
from relay.values import Language, RealAddress, address_octets_max
from relay.web.catalogue_ports import Catalogue
from relay.web.changing import replaced
from relay.web.guard import Guard, by
from relay.web.ports import Bearer
from relay.web.problems import described
from relay.web.scopes import Scope
from relay.web.terms import Given, Id, Title, zone_characters_max, zone_named
from relay.web.words import PaymentAccountWord, TierWord

page_max: Final = 200

InPath = Annotated[str, Path(alias="id", description="The house's own id of it.", min_length=1, max_length=100)]
After = Annotated[str | None, Query(description="`next` of the page before.", max_length=100)]
NO_SUCH: Final = described(HTTPStatus.NOT_FOUND)
STEP: Final = described(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

Address = Annotated[str, Field(max_length=address_octets_max)]


def real(addresses: list[str]) -> tuple[RealAddress, ...]:
    """Raises ValueError with a sentence that repeats none of them."""
    return tuple(RealAddress(one.strip()) for one in addresses)


class NewStaff(Given):
    """One of a partner's people."""

    id: Id
    name: Title = Field(max_length=name_characters_max)
    address: Address
    language: Language = Language.EN
    sees_team: bool = Field(default=False, description="Also what is assigned to others, or to nobody (OR-3).")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.member()
        return self

    def member(self) -> StaffMember:
        return StaffMember(StaffId(self.id), self.name, RealAddress(self.address.strip()), self.language, self.sees_team)


class PartnerChange(Given):
    """What becomes of a partner; what is left out stays as it is."""

    name: Title | None = None
    languages: list[Language] | None = Field(default=None, min_length=1, description="The first is theirs.")
    time_zone: str | None = Field(default=None, max_length=zone_characters_max)
    addresses: list[Address] | None = Field(default=None, min_length=1, max_length=addresses_max, description="The team's.")
    senders: list[Address] | None = Field(
        default=None, max_length=addresses_max, description="Further ones, from which their reservation system writes (GY-B5)."
    )
    tier: TierWord | None = Field(default=None, description="Custom requests take gold, and an active account (SL-2).")
    account: PaymentAccountWord | None = Field(default=None, description="How far their account at the payment provider is.")
    staff: list[NewStaff] | None = Field(default=None, max_length=staff_max, description="All of them.")
    wants_reminders: bool | None = None
    is_active: bool | None = Field(default=None, description="Whether anything of theirs can be booked.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.changes()
        return self

    def changes(self) -> dict[str, Any]:  # fields of a dataclass, by name
        """What is given, as fields of a Partner. Raises ValueError with a sentence that repeats no address."""
        plain = {name: getattr(self, name) for name in ("name", "tier", "account", "wants_reminders", "is_active")}
        given: dict[str, Any] = {name: value for name, value in plain.items() if value is not None}
        if self.languages is not None:
            given["languages"] = tuple(self.languages)
        if self.time_zone is not None:
            given["zone"] = zone_named(self.time_zone)
        for name, addresses in (("addresses", self.addresses), ("senders", self.senders)):
            if addresses is not None:
                given[name] = real(addresses)
        if self.staff is not None:
            given["staff"] = tuple(one.member() for one in self.staff)
        return given


class NewPartner(PartnerChange):
    """A partner."""

    id: Id
    name: Title
    languages: list[Language] = Field(min_length=1, description="The first is theirs.")
    time_zone: str = Field(max_length=zone_characters_max)
    addresses: list[Address] = Field(min_length=1, max_length=addresses_max, description="The team's.")

    @model_validator(mode="after")
    def _makes_a_partner(self) -> Self:
        self.partner()
        return self

    def partner(self) -> Partner:
        return Partner(id=PartnerId(self.id), **self.changes())


class ShownStaff(BaseModel):
    """One of a partner's people."""

    id: str
    name: str
    language: Language
    sees_team: bool


class ShownPartner(BaseModel):
    """A partner, without the addresses."""

    id: str
    name: str
    languages: list[Language]
    time_zone: str
    tier: TierWord
    account: PaymentAccountWord
    known_addresses: int = Field(description="How many addresses of the team are known.")
    known_senders: int
    staff: list[ShownStaff]
    wants_reminders: bool
    is_active: bool
    lacks: str | None = Field(description="What they lack for custom requests (SL-2, SL-B6).")

    @classmethod
    def of(cls, partner: Partner) -> Self:
        return cls(
            id=partner.id,
            name=partner.name,
            languages=list(partner.languages),
            time_zone=partner.zone.key,
            tier=partner.tier,
            account=partner.account,
            known_addresses=len(partner.addresses),
            known_senders=len(partner.senders),
            staff=[ShownStaff(id=one.id, name=one.name, language=one.language, sees_team=one.sees_team) for one in partner.staff],
            wants_reminders=partner.wants_reminders,
            is_active=partner.is_active,
            lacks=partner.missing_for(Mode.CUSTOM_REQUEST),
        )


class Partners(BaseModel):
    """Partners, in the order of their ids."""

    items: list[ShownPartner]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


def employed(member: StaffMember) -> Callable[[Partner], Partner]:
    """A change by which that member of the staff comes, or takes the place of the one of that id."""

    def change(before: Partner) -> Partner:
        others = tuple(one for one in before.staff if one.id != member.id)
        return replaced({"staff": (*others, member)})(before)

    return change


def dismissed(staff: str) -> Callable[[Partner], Partner]:
    """A change by which a member of the staff leaves; it raises NotFound."""

    def change(before: Partner) -> Partner:
        if before.member(StaffId(staff)) is None:
            raise NotFound(f"there is no member of the staff {staff}")
        return replace(before, staff=tuple(one for one in before.staff if one.id != staff))

    return change


def router(catalogue: Catalogue, guard: Guard) -> APIRouter:
    """`/partners`."""
    routes = APIRouter(prefix="/partners", tags=["catalogue"])
    reads = Depends(guard.needs(Scope.CATALOGUE_READ))
    writes = Depends(guard.needs(Scope.CATALOGUE_WRITE))

    @routes.post("", status_code=HTTPStatus.CREATED.value, summary="Add a partner", responses=described(HTTPStatus.CONFLICT))
    async def add(new: NewPartner, writer: Bearer = writes) -> ShownPartner:
        """Under the house's own id of them."""
        partner = new.partner()
        await catalogue.add(partner, by=by(writer))
        return ShownPartner.of(partner)

    @routes.get("", summary="List partners", dependencies=[reads])
    async def page(limit: Annotated[int, Query(ge=1, le=page_max)] = 50, after: After = None) -> Partners:
        found = await catalogue.partners.page(None, limit, after)
        return Partners(items=[ShownPartner.of(one) for one in found], next=found[-1].id if len(found) == limit else None)

    @routes.get("/{id}", summary="Look at a partner", dependencies=[reads], responses=NO_SUCH)
    async def one(id_: InPath) -> ShownPartner:
        return ShownPartner.of(await catalogue.partners.one(id_))

    @routes.patch("/{id}", summary="Change a partner", responses=STEP)
    async def change(id_: InPath, changed: PartnerChange, writer: Bearer = writes) -> ShownPartner:
        """Bookings go on as they are; where something goes missing that a mode takes, no new ones come in (SL-2)."""
        changes = changed.changes()
        return ShownPartner.of(await catalogue.partners.change(id_, replaced(changes), by(writer)))

    @routes.post("/{id}/staff", summary="Add or replace a member of the staff", responses=STEP)
    async def employ(id_: InPath, new: NewStaff, writer: Bearer = writes) -> ShownPartner:
        return ShownPartner.of(await catalogue.partners.change(id_, employed(new.member()), by(writer)))

    @routes.delete("/{id}/staff/{staff}", summary="A member of the staff leaves", responses=STEP)
    async def dismiss(
        id_: InPath, staff: Annotated[str, Path(min_length=1, max_length=100)], writer: Bearer = writes
    ) -> ShownPartner:
        """What was assigned to them is the team's."""

        return ShownPartner.of(await catalogue.partners.change(id_, dismissed(staff), by(writer)))

    return routes
