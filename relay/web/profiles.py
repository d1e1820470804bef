"""Profiles over HTTP: which variants may be reserved, by whom, where, and on which days (ST-6, ST-8)."""

# pyright: reportIncompatibleVariableOverride=false, reportGeneralTypeIssues=false
# What is new needs fields that a change may leave out; nobody assigns them, which is all that would be unsafe.

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, model_validator

from relay.booking.catalogue import VariantId
from relay.booking.offer import Reach
from relay.booking.profile import Profile, ProfileId, variants_max
from relay.web.catalogue_ports import Catalogue
from relay.web.changing import replaced
from relay.web.guard import Guard, by
from relay.web.partners import NO_SUCH, STEP, After, InPath, page_max
from relay.web.ports import Bearer
from relay.web.scopes import Scope
from relay.web.switches import ReachOf
from relay.web.terms import Given, Id, Title

_reaches_max: Final = 20


class ProfileChange(Given):
    """What becomes of a profile; what is left out stays as it is."""

    name: Title | None = None
    variants: list[Id] | None = Field(default=None, min_length=1, max_length=variants_max)
    first: date | None = None
    last: date | None = Field(default=None, description="Without end, where none was given.")
    reservable: list[ReachOf] | None = Field(default=None, max_length=_reaches_max)

    def changes(self) -> dict[str, Any]:  # fields of a dataclass, by name
        """What is given, as fields of a Profile."""
        given: dict[str, Any] = {name: value for name in ("name", "first", "last") if (value := getattr(self, name)) is not None}
        if self.variants is not None:
            given["variants"] = frozenset(VariantId(one) for one in self.variants)
        if self.reservable is not None:
            given["reservable"] = tuple(Reach(one.audience, one.channel) for one in self.reservable)
        return given


class NewProfile(ProfileChange):
    """Which variants may be reserved on the days from `first` to `last`, both of them with it."""

    id: Id
    name: Title
    variants: list[Id] = Field(min_length=1, max_length=variants_max)
    first: date

    @model_validator(mode="after")
    def _makes_a_profile(self) -> Self:
        self.profile()
        return self

    def profile(self) -> Profile:
        return Profile(id=ProfileId(self.id), **self.changes())


class ShownProfile(BaseModel):
    """Which variants may be reserved, by whom, where, and on which days."""

    id: str
    name: str
    variants: list[str]
    first: date
    last: date | None = Field(description="Null: without end.")
    reservable: list[ReachOf]

    @classmethod
    def of(cls, one: Profile) -> Self:
        return cls(
            id=one.id,
            name=one.name,
            variants=sorted(one.variants),
            first=one.first,
            last=one.last,
            reservable=[ReachOf(audience=each.audience, channel=each.channel) for each in one.reservable],
        )


class Profiles(BaseModel):
    """Profiles, in the order of their ids."""

    items: list[ShownProfile]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


def router(catalogue: Catalogue, guard: Guard) -> APIRouter:
    """`/profiles`."""
    routes = APIRouter(prefix="/profiles", tags=["catalogue"])
    reads = Depends(guard.needs(Scope.CATALOGUE_READ))
    writes = Depends(guard.needs(Scope.CATALOGUE_WRITE))

    @routes.post("", status_code=HTTPStatus.CREATED.value, summary="Add a profile", responses=STEP)
    async def add(new: NewProfile, writer: Bearer = writes) -> ShownProfile:
        """Two that have a variant on one day are a 409 that names it: which of them held would be anybody's guess (ST-8)."""
        profile = new.profile()
        await catalogue.add(profile, by=by(writer))
        return ShownProfile.of(profile)

    @routes.get("", summary="List profiles", dependencies=[reads])
    async def page(
        variant: Annotated[Id | None, Query(description="Only those that have it.")] = None,
        limit: Annotated[int, Query(ge=1, le=page_max)] = 50,
        after: After = None,
    ) -> Profiles:
        found = await catalogue.profiles.page(variant, limit, after)
        return Profiles(items=[ShownProfile.of(one) for one in found], next=found[-1].id if len(found) == limit else None)

    @routes.get("/{id}", summary="Look at a profile", dependencies=[reads], responses=NO_SUCH)
    async def one(id_: InPath) -> ShownProfile:
        return ShownProfile.of(await catalogue.profiles.one(id_))

    @routes.patch("/{id}", summary="Change a profile", responses=STEP)
    async def change(id_: InPath, changed: ProfileChange, writer: Bearer = writes) -> ShownProfile:
        return ShownProfile.of(await catalogue.profiles.change(id_, replaced(changed.changes()), by(writer)))

    return routes
