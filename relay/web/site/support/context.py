"""What the pages of a dispute share: who may look at what, for how long, and the trace that they leave (AR-1 access audit)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from relay.errors import NotFound
from relay.message.concealed import concealed
from relay.transit.casework import Looked
from relay.web.booking_ports import Bookings, Shown
from relay.web.ports import Conversations, Queue
from relay.web.site.layout import Site
from relay.web.site.support.audit_ports import Audit
from relay.web.site.support.case_ports import Case, Cases
from relay.web.site.support.dispute_ports import Disputes
from relay.web.site.support.ground import account_of
from relay.web.site.support.ways import support_ways
from relay.web.site.viewer import Office, Viewer

T = TypeVar("T")

original_for: Final = timedelta(minutes=10)
"""How long somebody who gave a reason may read a message as it was received."""
READERS: Final = (Office.SUPPORT, Office.SENIOR)
"""Who reads messages as they were delivered."""
_mac_characters: Final = 40


@dataclass(frozen=True, slots=True)
class DisputeGround:
    """Everything that the pages of a dispute ask. `bookings` is None where the gateway is used alone."""

    site: Site
    disputes: Disputes
    conversations: Conversations
    queue: Queue
    audit: Audit
    cases: Cases | None
    bookings: Bookings | None
    message_octets_max: int

    async def note(self, viewer: Viewer, what: Looked, object_: str, reason: str = "", case: int | None = None) -> None:
        """`viewer` is about to look."""
        await self.audit.note(account_of(viewer), what, object_, case=case, reason=reason)

    async def booking(self, reference: str) -> Shown | None:
        """The booking of a conversation; None where there is none."""
        if self.bookings is None:
            return None
        try:
            return await self.bookings.one(reference)
        except NotFound:
            return None

    async def zone(self, reference: str) -> ZoneInfo:
        """The activity's; UTC where it is not known."""
        shown = await self.booking(reference)
        return shown.booking.zone if shown is not None else ZoneInfo("UTC")

    async def cases_of(self, reference: str) -> tuple[Case, ...]:
        return tuple(await self.cases.of_booking(reference)) if self.cases is not None else ()

    def mask(self, text: str) -> str:
        """`text` with every address masked but aliases."""
        return concealed(text, self.site.house.domain)

    def page(
        self,
        request: Request,
        template: str,
        viewer: Viewer,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        told: Mapping[str, str] | None = None,
        here: str = "",
        **values: Any,  # whatever its template names
    ) -> Response:
        ways = support_ways(viewer, here)
        return self.site.page(request, template, viewer, status=status, ways=ways, told=told, **values)

    def key(self, viewer: Viewer, message: str) -> str:
        """What lets `viewer` read `message` as it was received, for a while, in this session."""
        until = str(int((self.site.clock() + original_for).timestamp()))
        return f"{until}.{_mac(viewer, message, until)}"

    def opens(self, viewer: Viewer, message: str, key: str) -> bool:
        """Whether `key` does."""
        until, _, mac = key.partition(".")
        if not viewer.holds(Office.SENIOR) or not until.isascii() or not until.isdigit() or len(until) > 12:
            return False
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(viewer, message, until).encode()):
            return False
        return self.site.clock() < datetime.fromtimestamp(int(until), UTC)


def _mac(viewer: Viewer, message: str, until: str) -> str:
    # The token is the session's own secret: nobody else can make a key, and it ends with the session.
    said = f"original {message} {until}".encode()
    return hmac.new(viewer.form_token.encode(), said, hashlib.sha256).hexdigest()[:_mac_characters]


def address_of(reference: str) -> str:
    """Of the dispute screen of that booking."""
    return f"/support/bookings/{quote(reference, safe='')}"


def found_in(table: Mapping[str, T], word: str) -> T:
    """What an address names. Raises HTTPException 404."""
    found = table.get(word)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
