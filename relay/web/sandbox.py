"""The demonstration's pages: who is who, how to write into it, and the mail that would have gone out.

They work without JavaScript and load nothing from elsewhere. The mails are shown as hostile as they are: HTML in a frame
that may do nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from relay.errors import Unreadable
from relay.message.mail import Entity, Mail
from relay.message.parse import parse
from relay.message.words import decoded_value
from relay.values import Role
from relay.web.pages import page
from relay.web.ports import Sandbox, SandboxMail

inline_octets_max: Final = 4 * 1024 * 1024
"""Pictures that are put into the page, together."""

_PAGE_POLICY: Final = (
    # The frame with a mail's HTML inherits this: styles of its own and pictures that came with it, and nothing else.
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:;"
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


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail."""

    name: str
    media_type: str
    octets: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as its page shows it."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    files: tuple[Attached, ...]


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
        return page("mail.html", _PAGE_POLICY, demonstration=demonstration, mail=_listed(found), shown=_shown(found))

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


def _shown(mail: SandboxMail) -> Shown:
    parsed = _parsed(mail)
    if parsed is None:
        return Shown((), mail.content.decode("utf-8", "replace"), "", ())
    leaves = [entity for entity in parsed.root.walk() if not entity.is_multipart]
    texts = [entity for entity in leaves if not entity.is_attachment]
    html = next((entity.text for entity in texts if entity.media_type == "text/html"), "")
    pictures = [(cid, entity) for cid, entity in _pictures(leaves) if f"cid:{cid}" in html]
    in_the_page = {id(entity) for _, entity in pictures}
    return Shown(
        headers=tuple((field.name, decoded_value(field.value)) for field in parsed.root.fields),
        text=next((entity.text for entity in texts if entity.media_type == "text/plain"), ""),
        html=_with_pictures(html, pictures),
        files=tuple(
            Attached(entity.filename or "(no name)", entity.media_type, len(entity.payload))
            for entity in leaves
            if entity.is_attachment and id(entity) not in in_the_page
        ),
    )


def _parsed(mail: SandboxMail) -> Mail | None:
    try:
        return parse(mail.content)
    except Unreadable:
        return None


def _with_pictures(html: str, pictures: list[tuple[str, Entity]]) -> str:
    """`html` with the pictures that came with it in their places (RFC 2392), as far as the bound goes."""
    octets = 0
    for cid, picture in pictures:
        octets += len(picture.payload)
        if octets <= inline_octets_max:
            html = html.replace(f"cid:{cid}", f"data:{picture.media_type};base64,{b64encode(picture.payload).decode()}")
    return html


def _pictures(leaves: list[Entity]) -> Iterator[tuple[str, Entity]]:
    for entity in leaves:
        cid = entity.first("content-id")
        if cid is not None and entity.media_type.startswith("image/"):
            yield cid.value.decode("ascii", "replace").strip().strip("<>"), entity
