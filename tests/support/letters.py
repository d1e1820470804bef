"""Letters for tests of posting: what each mail says is made up, and what goes wrong with it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from relay.app.posting import Posting
from relay.desk.letters import Letter, Nobody
from relay.store.posting import BookingMail
from relay.store.store import Store
from relay.transit.return_path import ReturnPaths
from relay.values import MsgId, RealAddress
from support.world import DOMAIN, NOW, PARTNER_ADDRESS

PATHS: Final = ReturnPaths(b"k" * 32, DOMAIN)


def nothing(connection: Connection) -> None:
    """A letter without links keeps nothing."""


@dataclass
class PlayedLetters:
    """Every mail goes to `addresses` and says what it is. `breaks` and `nobody` name mails of which that is true instead."""

    addresses: tuple[RealAddress, ...] = (RealAddress(PARTNER_ADDRESS),)
    keep: Callable[[Connection], None] = nothing
    breaks: dict[str, Exception] = field(default_factory=dict)
    nobody: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def letter(self, connection: Connection, mail: BookingMail, now: datetime) -> Letter | Nobody:
        self.asked.append(mail.id)
        if mail.id in self.nobody:
            return Nobody("who it was for was erased")

        def written(at: datetime, message_id: MsgId) -> bytes:
            if mail.id in self.breaks:
                raise self.breaks[mail.id]
            return f"Message-ID: <{message_id}>\r\nSubject: {mail.says.value}\r\n\r\nAbout your booking\r\n".encode()

        return Letter(self.addresses, written, self.keep)


def a_poster(store: Store, letters: PlayedLetters, new_id: Callable[[], str], sent: Callable[[], None] = lambda: None) -> Posting:
    """Signs by a line on top."""
    return Posting(store, letters, lambda octets, _: b"Signed: yes\r\n" + octets, PATHS, DOMAIN, new_id, lambda: NOW, sent)
