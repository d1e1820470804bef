"""A conversation to read and to print: one page of HTML that loads nothing and runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from relay.errors import Unreadable
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.searchable import shown_texts
from relay.record.contents import BundledMessage, Contents, Json, Profile

text_characters_max = 100_000


@dataclass(frozen=True, slots=True)
class _Line:
    """One message of the transcript."""

    number: int
    message: BundledMessage
    subject: str
    text: str
    names: tuple[str, ...]
    outcome: Json
    note: str


def transcript(contents: Contents) -> bytes:
    """The page. Each message stands as it was delivered; what never was, as it was received, where that is shown."""
    lines = [_line(number, one, contents.profile) for number, one in enumerate(contents.messages, start=1)]
    return _template().render(contents=contents, lines=lines).encode("utf-8")


def _line(number: int, message: BundledMessage, profile: Profile) -> _Line:
    shown = message.crossed[0].content if message.crossed else message.raw if profile.party is None else None
    outcome = message.verdicts.get("fate")
    if shown is None:
        return _Line(number, message, "", "", (), outcome, message.withheld or "not shown in this bundle")
    try:
        mail: Mail = parse(shown)
    except Unreadable:
        return _Line(number, message, "", "", (), outcome, "it cannot be read; its octets are in messages/")
    text = "\n".join(shown_texts(mail.root, text_characters_max))[:text_characters_max]
    names = tuple(one.filename or one.media_type for one in mail.attachments)
    return _Line(number, message, mail.subject, text, names, outcome, message.withheld)


@cache
def _template() -> Template:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.from_string((files("relay.correspondence.bundle") / "transcript.html").read_text(encoding="utf-8"))
