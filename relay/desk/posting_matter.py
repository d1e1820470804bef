"""What a mail about a booking says and where its links lead, gathered from the booking as it was when the mail was caused.

Links are for what its reader may do now: a mail that goes out late offers nothing that is over by then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from relay.booking.booking import CLOSED, PAYABLE, Actor, Booking, Relay, Stage
from relay.booking.ledger import Account, account
from relay.booking.lifecycle import possible
from relay.booking.link import ACTORS, Allows, Link
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode
from relay.booking.situation import Act, Situation
from relay.booking.terms import Terms
from relay.conversation import Conversation
from relay.correspondence.house import House
from relay.correspondence.notifications.mail import notification_letter
from relay.correspondence.notifications.matter import Guide, Links, Matter, Obstacle, Product, Recipient
from relay.correspondence.notifications.thread import thread_of
from relay.correspondence.passed_on import heard, is_own_note, terms_heard, words_in
from relay.desk.letters import Letter, Nobody
from relay.errors import Conflict
from relay.message.terms import Style
from relay.payments.cause import Cause
from relay.store import booking_links, conversations, mailboxes
from relay.store.bookings import history, ledger, records
from relay.store.bookings.catalogue import PARTNERS
from relay.store.bookings.records import Record
from relay.store.posting import BookingMail
from relay.values import Alias, Language, MsgId, NewSecret, RealAddress, Role

N = Notification

ANSWERABLE: Final = frozenset({N.NEW_REQUEST, N.REQUEST_UNANSWERED, N.PARTNER_WRITES, N.COUNTER_OFFER})
"""Those to which a clear word by mail is an answer; before the confirmation no alias takes one (GY-6)."""
INVITING: Final = frozenset({N.BOOKED, N.BOOKED_AND_PAID, N.RESCHEDULED})
"""Those with a calendar entry that can be answered."""
_OBSTACLES: Final = {Cause.INSUFFICIENT_BALANCE.value: Obstacle.BALANCE, Cause.NOT_TAKEN.value: Obstacle.CARD}
"""Why a refund failed, in the words of mails, by the cause that the bookkeeper wrote down (SL-B4)."""
_BY_POSSIBLE: Final = (Allows.ACCEPT, Allows.DECLINE, Allows.COUNTER, Allows.CONTACT, Allows.CANCEL)


_WITH_VOUCHER: Final = frozenset({Stage.CONFIRMED, Stage.COMPLETED})


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whom a mail is for. `person` is the member of the staff whom it is assigned to; empty for the whole team."""

    recipient: Recipient
    addresses: tuple[RealAddress, ...]
    person: str = ""


@dataclass(frozen=True, slots=True)
class BookingLetters:
    """relay.desk.letters.Letters over the store of bookings. `base_url` is where people reach our pages."""

    house: House
    guide: Guide
    base_url: str
    operators: Sequence[RealAddress]
    new_secret: NewSecret = field(repr=False)
    hex_digits: Callable[[], str] = field(repr=False)
    style: Style = field(repr=False)

    def letter(self, connection: Connection, mail: BookingMail, now: datetime) -> Letter | Nobody:
        """Raises NotFound where the booking, its version or its conversation is not there."""
        record = records.by_id(connection, mail.booking)
        conversation = conversations.by_reference(connection, mail.reference)
        reader = self._reader(connection, mail, record, conversation)
        if reader is None:
            return Nobody("no operators are named" if mail.to is To.OPERATOR else f"the {mail.to.value} was erased")
        money = _account(connection, mail, record)
        offered = _offered(mail, Situation(record.booking, record.rules, account_now(connection, record), now), self.guide)
        secrets = {one: self.new_secret() for one in offered}
        local, is_new = self._answers(connection, mail, record.booking)
        matter = self._matter(connection, mail, record, conversation, reader, money, secrets, local)
        thread = thread_of(mail.booking, mail.to, self.house.domain, reader.person)

        def keep(connection: Connection) -> None:
            _keep_links(connection, mail, record.booking, reader.person, secrets, now)
            if local and is_new and _minted(connection, mail, local, now) != local:
                raise Conflict("another node has minted where this is answered")

        written = partial(_written, matter, self.house, thread)
        return Letter(reader.addresses, written, keep)

    def _reader(self, connection: Connection, mail: BookingMail, record: Record, conversation: Conversation) -> _Reader | None:
        customer = record.customer
        match mail.to:
            case To.CUSTOMER if customer.address is not None:
                own = conversation.customer.alias
                return _Reader(Recipient(mail.to, customer.language, own, customer.zone), (customer.address,))
            case To.PARTNER:
                partner = PARTNERS.one(connection, record.booking.partner)
                member = partner.member(record.booking.assignee)
                if member is not None and mailboxes.first_alive(connection, (member.address,)) is None:
                    member = None  # nobody reads it there: it is the team's (GW-54)
                language = member.language if member is not None else partner.language
                recipient = Recipient(mail.to, language, conversation.partner.alias, partner.zone)
                person = member.id if member is not None else None
                addresses = (*partner.handlers(person), *partner.stand_ins(person))
                return _Reader(recipient, addresses, person or "")
            case To.OPERATOR if self.operators:
                return _Reader(Recipient(mail.to, Language.EN, self.operators[0]), tuple(self.operators))
            case _:
                return None

    def _answers(self, connection: Connection, mail: BookingMail, booking: Booking) -> tuple[str, bool]:
        """The local part at which this mail is answered, empty where it is not; and whether it is new.

        A word to those who have booked goes to everybody of a date, and is not answered (SL-B5): their alias is.
        """
        is_to_all = mail.says is N.PARTNER_WRITES and booking.stage is Stage.CONFIRMED
        if mail.to is To.OPERATOR or mail.says not in ANSWERABLE | INVITING or is_to_all:
            return "", False
        known = booking_links.known_answer_local(connection, mail.booking, mail.to)
        return (known, False) if known else (booking_links.LOCAL_PREFIX + self.hex_digits(), True)

    def _matter(
        self,
        connection: Connection,
        mail: BookingMail,
        record: Record,
        conversation: Conversation,
        reader: _Reader,
        money: Account,
        secrets: Mapping[Allows, str],
        local: str,
    ) -> Matter:
        booking = history.as_it_was(connection, mail.booking, mail.version)
        before = history.as_it_was(connection, mail.booking, mail.version - 1) if mail.version > 1 else None
        if mail.party is not None:
            booking = self._heard(booking, conversation, mail.party)
            before = self._heard(before, conversation, mail.party) if before is not None else None
        offer, variant = records.bought(connection, record)
        language, detail = reader.recipient.language, _detail(mail)
        said, is_letter = detail.get("reason", ""), mail.says is N.PARTNER_WRITES
        if mail.party is not None:
            said = heard(said, conversation, mail.party, self.style)
        other = conversation.party(mail.party.other) if mail.party is not None else None
        answers = Alias(local, self.house.domain) if local else None
        return Matter(
            says=mail.says,
            recipient=reader.recipient,
            booking=booking,
            rules=record.rules,
            product=Product(
                offer.title.read_in(language), booking.zone, variant.title.read_in(language), variant.duration or "", offer.place
            ),
            links=self._links(secrets, mail, booking),
            guide=self.guide,
            before=before,
            other_name=other.shown_name(self.house.names) if other is not None else "",
            other_alias=other.alias if other is not None and booking.relay is Relay.OPEN else None,
            answers_to=answers if mail.says in ANSWERABLE else None,
            organiser=answers if mail.says in INVITING else None,
            account=money,
            amount=Money(int(detail["amount"]), detail["currency"]) if "amount" in detail else None,
            obstacle=_OBSTACLES.get(detail.get("cause", ""), Obstacle.OTHER) if mail.says is N.REFUND_FAILED else None,
            by=Actor(detail["by"]) if "by" in detail else None,
            reason="" if is_letter else said,
            written=said if is_letter else "",
            # Whoever redeems it looks the booking up: its reference is what the voucher says (SV-B1).
            voucher=booking.reference if record.rules.mode is Mode.VOUCHER else "",
        )

    def _heard(self, booking: Booking, conversation: Conversation, reader: Role) -> Booking:
        """`booking` with all that people wrote in it as `reader` may read it: it may have been brought in as it was written.

        Whoever reads what they wrote themselves reads it as it is.
        """

        def terms(of: Terms) -> Terms:
            is_own = is_own_note(booking, of, is_customer=reader is Role.CUSTOMER)
            return (
                of if is_own or not words_in(of) else terms_heard(of, lambda text: heard(text, conversation, reader, self.style))
            )

        proposal = terms(booking.proposal) if booking.proposal is not None else None
        return replace(booking, terms=terms(booking.terms), proposal=proposal)

    def _links(self, secrets: Mapping[Allows, str], mail: BookingMail, booking: Booking) -> Links:
        """Their names in a mail are the words of what they allow. The customer's voucher, and the offer itself, are pages of ours
        that hold no secret (SV-18, ST-B5)."""
        home = self.base_url.rstrip("/")
        links = Links(**{one.value: f"{home}/bookings/{secret}" for one, secret in secrets.items()})
        if mail.to is not To.CUSTOMER:
            return links
        voucher = f"{home}/my/bookings/{booking.reference}/voucher" if booking.stage in _WITH_VOUCHER else ""
        return replace(links, voucher=voucher, book_again=f"{home}/offers/{booking.offer}" if booking.stage in CLOSED else "")


def account_now(connection: Connection, record: Record) -> Account:
    """What the ledger of a booking comes to."""
    return account(ledger.entries(connection, record.booking.id), record.booking.terms.currency)


def _account(connection: Connection, mail: BookingMail, record: Record) -> Account:
    """The same as of the mail: what came in since is not told, unless nothing else has happened."""
    if record.booking.version == mail.version:
        return account_now(connection, record)
    entries = [one for one in ledger.entries(connection, mail.booking) if one.at <= mail.at]
    return account(entries, record.booking.terms.currency)


def _offered(mail: BookingMail, of: Situation, guide: Guide) -> tuple[Allows, ...]:
    """Where the reader can go from the mail now. Links are for parties: operators have commands and the API."""
    if mail.to is To.OPERATOR:
        return ()
    booking, acts = of.booking, possible(of, ACTORS[mail.to])
    allowed = [Allows.BOOKING]
    allowed += [one for one in _BY_POSSIBLE if _link(mail, one, of).act(acts) is not None]
    if mail.to is To.CUSTOMER:
        if mail.says is N.PARTNER_WRITES and Act.WRITE_BACK in acts:
            allowed.append(Allows.ANSWER)
        if guide.pays_online and booking.stage in PAYABLE and of.outstanding.minor > 0:
            allowed.append(Allows.PAY)
        if booking.stage in CLOSED and booking.stage is not Stage.COMPLETED:
            allowed.append(Allows.ASK_AGAIN)
    return tuple(allowed)


def _link(mail: BookingMail, allows: Allows, of: Situation) -> Link:
    return Link(of.booking.id, mail.to, "", allows, None, of.now, None)


def _keep_links(
    connection: Connection, mail: BookingMail, booking: Booking, person: str, secrets: Mapping[Allows, str], now: datetime
) -> None:
    """A link is about the terms that its reader reads: those that are proposed, else those of the booking."""
    drawn = iter(secrets.values())
    version = booking.terms_in_question.version
    booking_links.mint_links(
        connection,
        mail.booking,
        mail.to,
        tuple(secrets),
        person=person,
        terms_version=version,
        now=now,
        new_secret=lambda: next(drawn),
    )


def _minted(connection: Connection, mail: BookingMail, local: str, now: datetime) -> str:
    drawn = local.removeprefix(booking_links.LOCAL_PREFIX)
    return booking_links.answer_local(connection, mail.booking, mail.to, now=now, hex_digits=lambda: drawn)


def _detail(mail: BookingMail) -> Mapping[str, str]:
    found = json.loads(mail.detail)
    return found if isinstance(found, dict) else {}


def _written(matter: Matter, house: House, thread: MsgId, now: datetime, message_id: MsgId) -> bytes:
    return notification_letter(matter, house, now=now, message_id=message_id, thread=thread)
