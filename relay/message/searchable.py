"""The words of a message by which support finds it (AR-1: text for search)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from relay.message.html import visible_text
from relay.message.mail import Entity, Mail, Mailbox

body_characters_max: Final = 200_000
"""Of one message; what lies beyond is in the message itself."""


def words_of(mail: Mail) -> tuple[str, str, str, str]:
    """Subject, people (From, To and Cc with their addresses), text, and file names, one a line; all decoded."""
    people = "\n".join(_person(one) for one in (*mail.authors, *mail.to, *mail.cc))
    body = "\n".join(shown_texts(mail.root))[:body_characters_max]
    files = "\n".join(one.filename for one in mail.attachments if one.filename)
    return mail.subject, people, body, files


def _person(mailbox: Mailbox) -> str:
    return f"{mailbox.name} {mailbox.written}".strip()


def shown_texts(root: Entity, characters_max: int | None = None) -> Iterator[str]:
    """The text of each part that is shown, of so many characters of it; of an alternative the plain one, and only where there is
    none, the HTML."""
    plain = [one for one in root.walk() if one.media_type == "text/plain" and not one.is_attachment]
    if plain:
        yield from (one.text[:characters_max] for one in plain)
        return
    yield from (
        visible_text(one.text[:characters_max]) for one in root.walk() if one.media_type == "text/html" and not one.is_attachment
    )
