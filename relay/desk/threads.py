"""Conversations as one of their parties sees them, over the store: read, taken apart, and never more than is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.errors import NotFound, Unreadable
from relay.message.footer import without_quoted_footer
from relay.message.html import visible_lines
from relay.message.mail import Entity, Mail
from relay.message.own_words import own_words
from relay.message.parse import parse
from relay.store import threads
from relay.store.blobs import Lost
from relay.store.store import Store
from relay.store.tables import State
from relay.store.threads import Seen
from relay.transit.crossing import Fate
from relay.values import Role
from relay.web.site.mail_frame import plain_name
from relay.web.site.thread_ports import (
    DownloadedFile,
    LatestMessage,
    LatestMessages,
    Reached,
    Thread,
    ThreadEntry,
    ThreadFile,
    conversations_max,
    entries_max,
)

whole_characters_max: Final = 50_000
"""Of the text of one message on a page."""
html_characters_max: Final = 500_000
files_max: Final = 50
"""Files of one message that a page names."""
name_characters_max: Final = 150

_REACHED: Final = {
    State.DUE: Reached.UNDER_WAY,
    State.DELIVERED: Reached.DELIVERED,
    State.FAILED: Reached.FAILED,
    State.HELD: Reached.STOPPED,
    State.DROPPED: Reached.STOPPED,
}


@dataclass(frozen=True, slots=True)
class ThreadDesk:
    """relay.web.site.thread_ports.Threads over the store. `domain` is ours: what names it in a mail was written by us."""

    store: Store
    domain: str

    async def thread(self, reference: str, role: Role, limit: int = 20, before: str | None = None) -> Thread:
        limit = max(1, min(limit, entries_max))
        found, next_ = await self.store.read(
            lambda connection: threads.seen(connection, reference, role, limit=limit, before=before)
        )
        # Large mail takes a while to be taken apart.
        return Thread(await asyncio.to_thread(lambda: tuple(self._entry(one) for one in found)), next_)

    async def file(self, reference: str, role: Role, message: str, number: int) -> DownloadedFile:
        found = await self._one(reference, role, message)
        file = await asyncio.to_thread(_downloaded, found, number)
        if file is None:
            raise NotFound(f"message {message} has no file {number} that crossed")
        return file

    async def page(self, reference: str, role: Role, message: str) -> bytes:
        found = await self._one(reference, role, message)
        if not found.is_proven or isinstance(found.content, Lost):
            raise NotFound(f"message {message} cannot be shown")
        return found.content

    async def latest(
        self, partner: str, assignee: str | None = None, *, waits: bool = False, limit: int = 50, after: str | None = None
    ) -> LatestMessages:
        limit = max(1, min(limit, conversations_max))
        found = await self.store.read(
            lambda connection: threads.latest(connection, partner, assignee, waits=waits, limit=limit + 1, after=after)
        )
        items = [
            LatestMessage(one.reference, one.message, one.at, one.writer, waits=one.writer is Role.CUSTOMER)
            for one in found[:limit]
        ]
        return LatestMessages(items, f"{items[-1].message}.{items[-1].reference}" if len(found) > limit else None)

    async def _one(self, reference: str, role: Role, message: str) -> Seen:
        return await self.store.read(lambda connection: threads.one_seen(connection, reference, role, message))

    def _entry(self, one: Seen) -> ThreadEntry:
        mail = _mail(one.content) if one.is_proven else None
        new, whole = self._texts(mail, is_mine=one.is_mine) if mail is not None else ("", "")
        return ThreadEntry(
            message=one.message,
            at=one.at,
            is_mine=one.is_mine,
            fate=one.fate,
            reason=one.reason,
            reached=Reached.STOPPED if one.is_dropped else _REACHED[one.delivery] if one.delivery is not None else None,
            is_automatic=one.is_automatic,
            is_known=mail is not None,
            subject=plain_name(mail.subject) if mail is not None else "",
            text=new,
            whole=whole,
            files=tuple(_files(one, mail)) if mail is not None else (),
            has_page=mail is not None and any(_is_page(part) for part in mail.root.walk()),
        )

    def _texts(self, mail: Mail, *, is_mine: bool) -> tuple[str, str]:
        """What is new in `mail`, and all of it where that is more. What we put under a rendition is no part of it."""
        whole = without_quoted_footer(_shown_text(mail.root)).strip()[:whole_characters_max]
        try:
            # A rendition names our domain wherever something was taken out: there it is no sign of a quoted mail.
            new = without_quoted_footer(own_words(mail, (f"@{self.domain}",) if is_mine else ())).strip()
        except Unreadable:
            new = ""
        if not new:
            return whole, ""
        return new, whole if whole != new else ""


def _mail(content: bytes | Lost) -> Mail | None:
    """None for octets that cannot be had, or that nobody can read."""
    if isinstance(content, Lost):
        return None
    try:
        return parse(content)
    except Unreadable:
        return None


def _shown_text(root: Entity) -> str:
    """The texts that are shown; of an alternative the plain one, and only where there is none, the HTML."""
    shown = [one for one in root.walk() if not one.is_attachment]
    plain = [one.text[:whole_characters_max] for one in shown if one.media_type == "text/plain"]
    if plain:
        return "\n".join(plain)
    try:
        return "\n".join(visible_lines(one.text[:html_characters_max]) for one in shown if one.media_type == "text/html")
    except Unreadable:
        return ""


def _is_page(part: Entity) -> bool:
    return part.media_type == "text/html" and not part.is_attachment


def _files(one: Seen, mail: Mail) -> Iterator[ThreadFile]:
    crossed = _has_crossed(one)
    for number, part in enumerate(mail.attachments[:files_max]):
        yield ThreadFile(number, _name(part, number), len(part.payload), crossed)


def _has_crossed(one: Seen) -> bool:
    """Whether the files of `one` reached, or may reach, the other side: never those that were refused (GY-30)."""
    if one.fate is not Fate.PASSED:
        return False
    if not one.is_mine:
        return True
    # A message may have been released without its files.
    rendition = _mail(one.rendition) if one.rendition is not None else None
    return rendition is not None and bool(rendition.attachments)


def _downloaded(one: Seen, number: int) -> DownloadedFile | None:
    mail = _mail(one.content) if _has_crossed(one) else None
    if mail is None or not 0 <= number < min(len(mail.attachments), files_max):
        return None
    part = mail.attachments[number]
    return DownloadedFile(_name(part, number), part.payload)


def _name(part: Entity, number: int) -> str:
    """As it stood in the mail, of what prints and turns nothing around; never empty."""
    written = "".join(sign for sign in plain_name(part.filename or "") if sign.isprintable()).strip()
    return written[:name_characters_max] or f"file-{number + 1}"
