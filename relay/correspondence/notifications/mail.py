"""A notification as a finished mail: header, text and HTML, and the calendar entry where there is one."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

from relay.correspondence.foreign import shown
from relay.correspondence.house import House
from relay.correspondence.letter import Fields, Part, date, letter, mailbox, multipart, text_part, unstructured
from relay.correspondence.notifications import conditions
from relay.correspondence.notifications.invitation import Method, invitation
from relay.correspondence.notifications.known import known
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.sheet import Sheet, sheet
from relay.correspondence.notifications.voice import Voice
from relay.correspondence.page import rendered
from relay.values import Alias, MsgId

subject_characters_max: Final = 60
"""Of the offer's title, in the Subject."""


def notification_letter(matter: Matter, house: House, *, now: datetime, message_id: MsgId, thread: MsgId) -> bytes:
    """The finished mail about `matter`, unsigned: CRLF, seven bits. `now` (aware) becomes its Date, `message_id` its own id.

    `thread` is the root under which all mails about the booking to this recipient hang (`thread_of`). To the recipient's alias in
    the header; the envelope is the caller's.
    """
    voice = Voice(matter, known(matter, house, now))
    page = sheet(matter, house, voice)
    calendar = _calendar(matter, house, voice, now)
    forms = [text_part("plain", rendered("notification.txt", page)), text_part("html", rendered("notification.html", page))]
    if calendar is None:
        return letter(_fields(matter, house, page, now, message_id, thread), multipart("alternative", forms, message_id))
    method, text = calendar
    octets = base64.encodebytes(text.encode("utf-8")).replace(b"\n", b"\r\n")
    # Gmail and Outlook show what is among the alternatives as an invitation; other programs offer the file (RFC 6047 §2.4).
    forms.append(Part(f"text/calendar; charset=utf-8; method={method.value}", octets, "base64"))
    file = Part(f'application/ics; name="{_FILES[method]}"', octets, "base64", f'attachment; filename="{_FILES[method]}"')
    body = multipart("mixed", (multipart("alternative", forms, message_id), file), message_id)
    return letter(_fields(matter, house, page, now, message_id, thread), body)


_FILES: Final = {Method.REQUEST: "invite.ics", Method.CANCEL: "cancel.ics"}


def _calendar(matter: Matter, house: House, voice: Voice, now: datetime) -> tuple[Method, str] | None:
    """What the recipient's calendar is to do, and the entry."""
    if conditions.takes_invitation_back(matter):
        method = Method.CANCEL
    elif conditions.invites(matter):
        method = Method.REQUEST
    else:
        return None
    text = invitation(matter, method, house, voice, now)
    return (method, text) if text is not None else None


def _fields(matter: Matter, house: House, page: Sheet, now: datetime, message_id: MsgId, thread: MsgId) -> Fields:
    address = matter.recipient.address
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", str(address) if isinstance(address, Alias) else address.reveal())),
            ("Subject", unstructured("Subject", _subject(matter, page))),
            ("Date", date(now)),
            ("Message-ID", f"<{message_id}>"),
            ("In-Reply-To", f"<{thread}>"),
            ("References", f"<{thread}>"),
            ("Auto-Submitted", "auto-generated"),
            # Exchange looks at this one alone before it sends an out-of-office answer. Reports that a mail could not be delivered
            # are not among what it is asked to leave out: they are how a dead address is found (GW-54).
            ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
            ("Content-Language", page.language),
        ]
    )
    if matter.answers_to is not None:
        fields.insert(2, ("Reply-To", mailbox("", str(matter.answers_to))))
    return fields


def _subject(matter: Matter, page: Sheet) -> str:
    offer = shown(matter.product.offer, subject_characters_max)
    return f"{page.headline} – {offer} ({shown(matter.booking.reference, subject_characters_max)})"
