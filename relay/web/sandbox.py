"""The demonstration's pages: who is who, how to write into it, and the mail that would have gone out.

They work without JavaScript and load nothing from elsewhere. The mails are shown as hostile as they are: HTML in a frame
that may do nothing (relay.web.site.mail_frame).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from relay.errors import Unreadable
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.values import Role
from relay.web.pages import page
from relay.web.ports import Sandbox, SandboxMail
from relay.web.site.mail_frame import frame, mail_shown

_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the pages tell of: the sandbox, and where the gateway takes mail."""

    sandbox: Sandbox
    brand: str
    smtp_host: str
    smtp_port: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the list."""

    number: int
    at: str
    recipient: str
    sender: str
    subject: str


def router(demonstration: Demonstration) -> APIRouter:
    """`/`, `/sandbox/{number}`, and its source."""
    routes = APIRouter(include_in_schema=False)
    sandbox = demonstration.sandbox

    @routes.get("/", response_class=HTMLResponse)
    async def overview() -> Response:
        people = {person.role: person for person in sandbox.people()}
        return page(
            "overview.html",
            _PAGE_POLICY,
            demonstration=demonstration,
            partner=people[Role.PARTNER],
            customer=people[Role.CUSTOMER],
            mails=[_listed(mail) for mail in sandbox.mails()],
        )

    @routes.get("/sandbox/{number}", response_class=HTMLResponse)
    async def mail(number: int) -> Response:
        found = _found(sandbox, number)
        return page("mail.html", _PAGE_POLICY, demonstration=demonstration, mail=_listed(found), shown=mail_shown(found.content))

    @routes.get("/sandbox/{number}/frame", response_class=HTMLResponse)
    async def html(number: int, pictures: bool = False) -> Response:
        return await frame(_found(sandbox, number).content, str, "en", with_pictures=pictures)

    @routes.get("/sandbox/{number}/source")
    async def source(number: int) -> Response:
        disposition = f'attachment; filename="mail-{number}.eml"'
        found = _found(sandbox, number)
        return Response(found.content, media_type="message/rfc822", headers={"Content-Disposition": disposition})

    return routes


def _found(sandbox: Sandbox, number: int) -> SandboxMail:
    found = sandbox.mail(number)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such mail in the sandbox.")
    return found


def _listed(mail: SandboxMail) -> Listed:
    parsed = _parsed(mail)
    author = parsed.authors[0].name or parsed.authors[0].written if parsed is not None and parsed.authors else ""
    return Listed(
        number=mail.number,
        at=f"{mail.sent_at:%H:%M:%S}",
        recipient=mail.recipient,
        sender=author,
        subject=(parsed.subject if parsed is not None else "") or "(no subject)",
    )


def _parsed(mail: SandboxMail) -> Mail | None:
    try:
        return parse(mail.content)
    except Unreadable:
        return None
