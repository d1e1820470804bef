"""What the pages about a partner's bookings share: the ports, who looks, and the words of their templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Path, Request, Response
from starlette.exceptions import HTTPException

from relay.booking.badges import Badge, badges
from relay.booking.booking import PAYABLE
from relay.booking.requirement import RequirementKind
from relay.booking.texts import Texts
from relay.conversation import reference_characters_max
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import percent
from relay.values import Language, Role
from relay.web.batch_ports import Batches
from relay.web.booking_ports import Bookings, Shown
from relay.web.catalogue_ports import Catalogue
from relay.web.party_ports import Parties
from relay.web.site import status
from relay.web.site.layout import Site
from relay.web.site.partner.access import is_theirs
from relay.web.site.partner.deeds import DEEDS
from relay.web.site.viewer import Membership, Viewer

PartnerName = Annotated[str, Path(max_length=100)]
Reference = Annotated[str, Path(min_length=1, max_length=reference_characters_max)]

TOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{one.word: one.told for one in DEEDS},
        "assign": _("It is assigned."),
        "none-ticked": _("Nothing was ticked, so nothing was exported."),
        "announced": _("Your message is on its way to everybody who takes part."),
    }
)
"""What a page says after a form, by the word in its address."""

REQUIREMENTS: Final = {
    RequirementKind.SIGN: _("To be signed"),
    RequirementKind.HAND_OVER: _("To be handed over"),
}


@dataclass(frozen=True, slots=True)
class PartnerGround:
    """The ports of these pages. `refund_days`: in how many working days a refund arrives (SL-29)."""

    site: Site
    bookings: Bookings
    parties: Parties
    catalogue: Catalogue
    batches: Batches
    refund_days: str

    async def theirs(self, request: Request, partner: str, reference: str) -> tuple[Viewer, Membership, Shown]:
        """Who looks, and the booking as the partner reads it. Raises SignInNeeded, NotFound, and HTTPException 404 for what is
        not theirs."""
        viewer, membership = await self.site.at_partner(request, partner)
        shown = await self.parties.one(reference, Role.PARTNER)
        if not is_theirs(shown.booking, membership):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return viewer, membership, shown

    def page(self, request: Request, template: str, viewer: Viewer, **values: Any) -> Response:  # what templates need
        """`template` with the words for where bookings stand."""
        return self.site.page(request, template, viewer, told=TOLD, **_words(viewer.language), **values)


def _words(language: Language) -> dict[str, Any]:  # what templates need
    def read(texts: Texts) -> str:
        return texts.read_in(language)

    def share(basis_points: int) -> str:
        return percent(basis_points, language)

    return {
        "badges": status.BADGES,
        "Badge": Badge,
        "stages": status.STAGES,
        "payments": status.PAYMENTS,
        "payment_kinds": status.PAYMENT_KINDS,
        "actions": status.ACTIONS,
        "requirement_kinds": REQUIREMENTS,
        "read": read,
        "percent": share,
    }


def signs(ground: PartnerGround, shown: Shown) -> tuple[Badge, ...]:
    """The signs that stand beside it now."""
    return badges(shown.booking, shown.account.payment(shown.booking.terms.total), ground.site.clock())


def is_billed(shown: Shown) -> bool:
    """Whether something is to be paid for it, or was."""
    return shown.booking.stage in PAYABLE or bool(shown.account.captured)


def address(membership: Membership, reference: str) -> str:
    """Of the page of that booking."""
    return f"/partner/{membership.partner}/bookings/{quote(reference, safe='')}"
