"""What a visitor writes, as a mail program makes a mail of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from relay.demo.people import STRANGER
from relay.web.site.demo.ports import Enclosure, Letter, Person

film_octets: Final = 12 * 1024 * 1024


def mail_of(letter: Letter, writer: Person, message_id: str, now: datetime) -> tuple[str, EmailMessage]:
    """The address that it comes from, and the mail."""
    address = STRANGER if letter.as_stranger else writer.address
    mail = EmailMessage()
    mail["From"] = f"{writer.name} <{address}>"
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{address.partition('@')[2]}>"
    if letter.answers:
        mail["In-Reply-To"] = mail["References"] = letter.answers
    mail.set_content(f"{letter.text}\n\n-- \n{writer.name}\n{address}\n")
    if (enclosed := _ENCLOSED.get(letter.enclosure)) is not None:
        name, content = enclosed
        mail.add_attachment(content(writer), maintype="application", subtype="octet-stream", filename=name)
    return address, mail


def _map(_: Person) -> bytes:
    return b"From the station to the left, then along the water to the fountain.\n"


def _film(_: Person) -> bytes:
    """What no program takes for a file of any kind."""
    return b"\x01film" * (film_octets // 5)


def _program(_: Person) -> bytes:
    """Begins as a program for DOS and Windows does; it does nothing."""
    return b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(200)


def _telling(writer: Person) -> bytes:
    """Somebody's own format, in which their address stands."""
    return b"\0\1\2" + writer.address.encode() + b"\0\xff"


_ENCLOSED: Final[Mapping[Enclosure, tuple[str, Callable[[Person], bytes]]]] = {
    Enclosure.MAP: ("map.txt", _map),
    Enclosure.FILM: ("film.bin", _film),
    Enclosure.PROGRAM: ("photos.jpg", _program),
    Enclosure.TELLING: ("route.bin", _telling),
}
