"""The team of a partner: who belongs to it, who reads the team's mail, and from which further addresses it writes.

A reservation system of theirs writes from an address of its own, which counts as the partner's (GW-5, GY-B5, SV-B5). Only the
team's mailbox, and who sees everything of the team, sees addresses and changes anything; each change stands in the history of the
catalogue, and the team hears of it by mail.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from relay.booking.partner import Partner, StaffId, StaffMember
from relay.correspondence.languages import marked as _
from relay.errors import NotDone, NotFound
from relay.values import Language, RealAddress, address_octets_max
from relay.web.catalogue_ports import Catalogue
from relay.web.changing import replaced
from relay.web.partners import dismissed, employed
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import Site
from relay.web.site.partner.access import by
from relay.web.site.partner.offer_form import Form
from relay.web.site.partner.offers import keeper, may_change, status_of
from relay.web.site.partner.team_ports import Teams
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer
from relay.web.site.words import LANGUAGES

TOLD: Final = {
    "added": _("Added. The team gets a mail about it."),
    "changed": _("Changed."),
    "removed": _("Removed. The team gets a mail about it."),
}
KINDS: Final = ("addresses", "senders")
_ADDRESS: Final = _("This is no mail address.")
_OURS: Final = _("This is an address of our house. Enter one of your own.")
_THERE: Final = _("It is there already.")
_NAME: Final = _("A name is needed.")
_NOT: Final = _("This is not possible: a team needs one address at least, and has no more than 20, as it has further senders.")

Change = Callable[[Partner], Partner]


def router(site: Site, catalogue: Catalogue, teams: Teams) -> APIRouter:
    """`/partner/{partner}/team`."""
    routes = APIRouter(prefix="/partner/{partner}/team", include_in_schema=False, route_class=PageRoute)
    desk = _Desk(site, catalogue, teams)
    _staff(routes, desk)
    _addresses(routes, desk)

    @routes.get("")
    async def team(request: Request, partner: str) -> Response:
        viewer, membership = await site.at_partner(request, partner)
        return await _page(site, catalogue, request, viewer, membership, Form(viewer.language))

    return routes


@dataclass(frozen=True, slots=True)
class _Desk:
    site: Site
    catalogue: Catalogue
    teams: Teams

    async def kept(
        self, request: Request, viewer: Viewer, membership: Membership, form: Form, change: Change | None, told: str
    ) -> Response:
        """Writes the change, unless something is wrong with it; then the page says what."""
        if change is not None and not form.wrong:
            try:
                await self.teams.change(membership.partner, change, by(membership))
            except NotFound:
                raise
            except NotDone:
                form.wrong[""] = _NOT
        if form.wrong:
            return await _page(self.site, self.catalogue, request, viewer, membership, form)
        return RedirectResponse(f"/partner/{membership.partner}/team?told={told}", HTTPStatus.SEE_OTHER)


def _staff(routes: APIRouter, desk: _Desk) -> None:
    site, catalogue = desk.site, desk.catalogue

    @routes.post("/staff")
    async def employ(request: Request, partner: str) -> Response:
        viewer, membership = await keeper(site, request, partner)
        form, member = _member(await entered(request), viewer, StaffId(secrets.token_hex(6)), site.house.domain)
        change = employed(member) if member is not None else None
        return await desk.kept(request, viewer, membership, form, change, "added")

    @routes.post("/staff/{staff}")
    async def change_member(request: Request, partner: str, staff: Annotated[str, Path(max_length=100)]) -> Response:
        viewer, membership = await keeper(site, request, partner)
        known = (await catalogue.partners.one(partner)).member(StaffId(staff))
        if known is None:
            raise NotFound(f"no member of the staff {staff}")
        form, member = _member(await entered(request), viewer, known.id, site.house.domain, f"_{staff}")
        change = _in_place(member) if member is not None else None
        return await desk.kept(request, viewer, membership, form, change, "changed")

    @routes.post("/staff/{staff}/remove")
    async def dismiss(request: Request, partner: str, staff: Annotated[str, Path(max_length=100)]) -> Response:
        viewer, membership = await keeper(site, request, partner)
        return await desk.kept(request, viewer, membership, Form(viewer.language), dismissed(staff), "removed")


def _addresses(routes: APIRouter, desk: _Desk) -> None:
    site, catalogue = desk.site, desk.catalogue

    @routes.post("/{kind}")
    async def add_address(request: Request, partner: str, kind: str) -> Response:
        viewer, membership = await keeper(site, request, partner)
        sent = await entered(request)
        form = Form(viewer.language, {kind: sent.line(kind)})
        address = _address(form, _kind(kind), site.house.domain)
        change = _with(kind, address) if address is not None else None
        if address is not None and _knows(await catalogue.partners.one(partner), kind, address):
            form.wrong[kind] = _THERE
        return await desk.kept(request, viewer, membership, form, change, "added")

    @routes.post("/{kind}/remove")
    async def remove_address(request: Request, partner: str, kind: str) -> Response:
        viewer, membership = await keeper(site, request, partner)
        form = Form(viewer.language, {_kind(kind): (await entered(request)).line("address")})
        change = _without(kind, form[kind])
        return await desk.kept(request, viewer, membership, form, change, "removed")


async def _page(
    site: Site, catalogue: Catalogue, request: Request, viewer: Viewer, membership: Membership, form: Form
) -> Response:
    partner = await catalogue.partners.one(membership.partner)
    sees = may_change(membership)
    return site.page(
        request,
        "partner/team.html",
        viewer,
        status=status_of(form),
        ways=ways(viewer, membership, "team"),
        told=TOLD,
        partner=membership,
        staff=[(one, one.address.reveal() if sees else "") for one in partner.staff],
        addresses=[one.reveal() for one in partner.addresses] if sees else [],
        senders=[one.reveal() for one in partner.senders] if sees else [],
        languages=[(one.value, name) for one, name in LANGUAGES.items()],
        language_names=LANGUAGES,
        may_change=sees,
        form=form,
        own=partner.language,
    )


def _member(sent: Entered, viewer: Viewer, id_: StaffId, domain: str, suffix: str = "") -> tuple[Form, StaffMember | None]:
    """The form as it was sent, and the member that it describes; None where something is wrong."""
    form = Form(viewer.language, {name: sent.line(name) for name in (f"name{suffix}", f"address{suffix}", f"language{suffix}")})
    form.values[f"sees_team{suffix}"] = "yes" if sent.is_ticked(f"sees_team{suffix}") else ""
    name = form[f"name{suffix}"]
    if not 1 <= len(name) <= 200:
        form.wrong[f"name{suffix}"] = _NAME
    address = _address(form, f"address{suffix}", domain)
    language = next((one for one in Language if one.value == form[f"language{suffix}"]), viewer.language)
    if form.wrong or address is None:
        return form, None
    return form, StaffMember(id_, name, address, language, bool(form[f"sees_team{suffix}"]))


def _in_place(member: StaffMember) -> Change:
    def change(before: Partner) -> Partner:
        staff = tuple(member if one.id == member.id else one for one in before.staff)
        return replaced({"staff": staff})(before)

    return change


def _kind(written: str) -> str:
    if written not in KINDS:
        raise NotFound("there is no such list of addresses")
    return written


def _address(form: Form, name: str, domain: str) -> RealAddress | None:
    written = form[name]
    try:
        address = RealAddress(written[: address_octets_max + 1])
    except ValueError:
        form.wrong[name] = _ADDRESS
        return None
    if address.domain == domain or address.domain.endswith(f".{domain}"):
        form.wrong[name] = _OURS
        return None
    return address


def _of(partner: Partner, kind: str) -> tuple[RealAddress, ...]:
    return partner.addresses if kind == "addresses" else partner.senders


def _knows(partner: Partner, kind: str, address: RealAddress) -> bool:
    return any(one.key == address.key for one in _of(partner, kind))


def _with(kind: str, address: RealAddress) -> Change:
    return lambda before: before if _knows(before, kind, address) else replaced({kind: (*_of(before, kind), address)})(before)


def _without(kind: str, written: str) -> Change:
    """Raises NotFound where it is not there any more."""

    def change(before: Partner) -> Partner:
        left = tuple(one for one in _of(before, kind) if one.reveal() != written)
        if len(left) == len(_of(before, kind)):
            raise NotFound("that address is not there")
        return replaced({kind: left})(before)

    return change
