"""What names each thing in the queue, and where a page of it begins.

A delivery is named by its id; a share of a message that is held, MESSAGE-N, where N counts its recipients; mail about a booking
that could not be written, mail-ID.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import Connection

from relay.errors import NotFound
from relay.store import held, posting
from relay.store.held import HeldShare
from relay.store.posting import BookingMail
from relay.values import DeliveryId, MessageId, NotificationId

_SHARE: Final = re.compile(r"([0-9a-z]{1,40})-([0-9]{1,4})")
_MAIL: Final = re.compile(r"mail-([0-9a-z]{5,40})")


def share_id(share: HeldShare) -> str:
    """What names a held share of a message: MESSAGE-N."""
    return f"{share.message}-{share.ordinal}"


def share_named(id_: str) -> tuple[MessageId, int] | None:
    """The held share of which `id_` has the form, whether there is one or not; None for a delivery's id."""
    found = _SHARE.fullmatch(id_)
    return (MessageId(found[1]), int(found[2])) if found else None


def mail_id(mail: BookingMail) -> str:
    """What names mail about a booking that has no delivery: mail-ID."""
    return f"mail-{mail.id}"


def mail_named(id_: str) -> NotificationId | None:
    """The mail about a booking of which `id_` has the form, whether there is one or not; None for other ids."""
    found = _MAIL.fullmatch(id_)
    return NotificationId(found[1]) if found else None


def parked_mail(connection: Connection, id_: str) -> BookingMail | None:
    """The mail about a booking that `id_` names, parked; None when it has another form. Raises NotFound when it is not parked."""
    if (named := mail_named(id_)) is None:
        return None
    found = posting.one(connection, named)
    if not found.is_parked:
        raise NotFound(f"nothing is held under {id_}")
    return found


def held_share(connection: Connection, id_: str) -> HeldShare | None:
    """The held share that `id_` names; None when it has another form. Raises NotFound when nothing of that name is held."""
    if (named := share_named(id_)) is None:
        return None
    found = held.one(connection, *named)
    if found is None:
        raise NotFound(f"nothing is held under {id_}")
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which thing a page begins; all None at the beginning. Held shares come first, then mail, then the deliveries."""

    share: tuple[MessageId, int] | None = None
    mail: NotificationId | None = None
    delivery: DeliveryId | None = None

    @classmethod
    def named(cls, after: str | None) -> Self:
        """Behind what `after` names."""
        if after is None:
            return cls()
        share, mail = share_named(after), mail_named(after)
        return cls(share, mail, DeliveryId(after) if share is None and mail is None else None)

    def shares(self, connection: Connection, limit: int) -> Sequence[HeldShare]:
        """At most `limit` held shares that are on the page."""
        return () if self.mail is not None or self.delivery is not None else held.listed(connection, limit, self.share)

    def mails(self, connection: Connection, limit: int) -> Sequence[BookingMail]:
        """At most `limit` mails that could not be written."""
        return () if self.delivery is not None or limit <= 0 else posting.parked(connection, limit, self.mail or "")
