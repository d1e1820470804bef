"""A mail on a page: its text as text, its files by name, and its HTML in a frame of its own that may do nothing (LEAK-86, AR-2).

The frame's document is fetched from an address of the page's own, under a policy of its own: no script, no plug-in, no form, and
an origin that is nobody's; nothing is loaded from anywhere, and pictures that came with the mail only when somebody asks for
them. A page with such a frame sends `layout.POLICY`, whose `frame-src` lets nothing but our own addresses in.

In a page: `{% import "site/mail.html" as mails with context %}` and `mails.shown(shown, href)`, where `href` answers with
`frame`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Final

from fastapi import Response
from fastapi.responses import HTMLResponse

from relay.errors import Unreadable
from relay.message.html import visible_text
from relay.message.mail import Entity, Mail
from relay.message.parse import parse
from relay.message.words import decoded_value
from relay.web.site.inert import Picture, Say, inert

text_characters_max: Final = 200_000
"""Of the text that a page shows."""
files_max: Final = 100
headers_max: Final = 300
header_characters_max: Final = 4_000
pages_max: Final = 5
"""Parts of HTML that one frame shows: some programs write one before each picture and one after."""

FRAME_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_WITH_PICTURES: Final = f"{FRAME_POLICY}; img-src data:"

_DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LOOK: Final = (
    "html{color-scheme:light;background:#fff;color:#1c2226;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}"
    ".link{color:#0a5a83;text-decoration:underline dotted}.picture{color:#535e66}.told{color:#535e66;border-top:1px solid}"
)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a mail, by a name that shows what it is: without the marks that turn its ending around."""

    number: int
    """Its place among the mail's files, from 1."""
    name: str
    media_type: str
    octets: int


@dataclass(frozen=True, slots=True)
class MailShown:
    """A mail as a page shows it. `has_html`: there is something for the frame; `has_pictures`: and pictures came with it."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str = field(repr=False)
    has_html: bool
    has_pictures: bool
    files: tuple[AttachedFile, ...]
    is_cut: bool = False
    """The text goes on."""
    is_mail: bool = True


def mail_shown(content: bytes) -> MailShown:
    """The mail that `content` is. What is none is shown as the text that it may be; it never raises."""
    try:
        mail = parse(content)
    except Unreadable:
        text = content[: text_characters_max * 4].decode("utf-8", "replace")
        is_cut = len(text) > text_characters_max
        return MailShown(
            "", (), text[:text_characters_max], has_html=False, has_pictures=False, files=(), is_cut=is_cut, is_mail=False
        )
    leaves = list(_leaves(mail.root))
    pages = [one for one in leaves if _is_page(one)]
    text = "\n".join(one.text for one in leaves if one.media_type == "text/plain" and not one.is_attachment)
    html = "".join(page.text for page in pages[:pages_max])
    in_the_page = {id(one) for cid, one in _pictures_of(leaves).items() if f"cid:{cid}" in html}
    return MailShown(
        subject=plain_name(mail.subject),
        headers=tuple(_headers(mail)),
        text=text[:text_characters_max],
        has_html=bool(pages),
        has_pictures=bool(in_the_page) or "data:image/" in html,
        files=tuple(
            AttachedFile(number, plain_name(one.filename or ""), one.media_type, len(one.payload))
            for number, one in enumerate(files_of(mail)[:files_max], 1)
            if id(one) not in in_the_page or one.disposition == "attachment"
        ),
        is_cut=len(text) > text_characters_max,
    )


def files_of(mail: Mail) -> tuple[Entity, ...]:
    """What a mail program shows as files, in order; an attached message is one of them, whatever it holds."""
    return tuple(one for one in _leaves(mail.root) if one.is_attachment)


def plain_name(text: str) -> str:
    """`text` without marks that change the direction of what follows: "fdp.exe" stays readable as what it is.

    Pages isolate names besides (`<bdi>`), so that one written from right to left does not turn what stands beside it.
    """
    return _DIRECTION.sub("", text)


async def frame(content: bytes, say: Say, language: str, *, with_pictures: bool = False, mask: Say | None = None) -> Response:
    """The document of the frame with the HTML of the mail that `content` is. Written in a thread, since pages can be large.

    `mask`: what its words pass through, for who may not read addresses.
    """
    document = await asyncio.to_thread(_document, content, say, language, with_pictures, mask)
    headers = {
        "Content-Security-Policy": _WITH_PICTURES if with_pictures else FRAME_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "X-Robots-Tag": "noindex",
    }
    return HTMLResponse(document, headers=headers)


def _document(content: bytes, say: Say, language: str, with_pictures: bool, mask: Say | None) -> str:
    styles, bodies = "", []
    try:
        leaves = list(_leaves(parse(content).root))
        pictures = {cid: Picture(one.media_type, one.payload) for cid, one in _pictures_of(leaves).items()}
        pages = [one.text for one in leaves if _is_page(one)]
        for page in pages[:pages_max]:
            read = inert(page, pictures, say, with_pictures=with_pictures, mask=mask)
            styles += read.styles
            bodies.append(read.body)
            if read.is_cut:
                bodies.append(_told(say("It is longer than what is shown here. The source has all of it.")))
                break
        if not pages:
            bodies.append(_told(say("It has no HTML.")))
    except Unreadable:
        bodies.append(_told(say("This page is too large or too deeply nested to be shown. The source has all of it.")))
    title = escape(say("The mail as HTML"))
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_LOOK}</style><style>{styles}</style></head><body>{'<hr>'.join(bodies)}</body></html>"
    )


def _told(sentence: str) -> str:
    return f'<p class="told">{escape(sentence)}</p>'


def _leaves(entity: Entity) -> Iterator[Entity]:
    """The parts that are no multipart; an attached message is one of them."""
    if entity.is_multipart or entity.is_opened:
        for part in entity.parts:
            yield from _leaves(part)
    else:
        yield entity


def _is_page(entity: Entity) -> bool:
    return entity.media_type == "text/html" and not entity.is_attachment


def _pictures_of(leaves: list[Entity]) -> dict[str, Entity]:
    """The pictures that came with a mail, by their Content-ID (RFC 2392)."""
    found: dict[str, Entity] = {}
    for one in leaves:
        cid = one.first("content-id")
        if cid is not None and one.media_type.startswith("image/"):
            found.setdefault(cid.value.decode("ascii", "replace").strip().strip("<>"), one)
    return found


def _headers(mail: Mail) -> Iterator[tuple[str, str]]:
    for one in mail.root.fields[:headers_max]:
        yield one.name, plain_name(decoded_value(one.value))[:header_characters_max]


def words_shown(content: bytes) -> str:
    """The words of the mail that `content` is, as somebody reads them: its text, or where it has none, its HTML's."""
    shown = mail_shown(content)
    if shown.text.strip() or not shown.has_html:
        return shown.text
    try:
        pages = [one.text for one in _leaves(parse(content).root) if _is_page(one)]
        return "\n".join(visible_text(page) for page in pages[:pages_max])[:text_characters_max]
    except Unreadable:
        return ""
