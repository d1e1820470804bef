"""One matter for each mail of the catalogue, as it comes about in the life of a booking of a boat tour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Booking, BookingId, Hold, HoldKind, Keeping, Relay, RequiredAction, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.catalogue import OfferId, VariantId
from relay.booking.ledger import Entry, Kind, account
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import DeadlinePolicy, Mode, Rules
from relay.booking.partner import PartnerId
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.terms import Discount, Line, Occasion, Terms
from relay.booking.texts import Texts
from relay.conversation import Conversation, Party
from relay.correspondence.house import House
from relay.correspondence.notice import Cause, Reason, Topic, notice
from relay.correspondence.notice import Occasion as NoticeOccasion
from relay.correspondence.notifications.mail import notification_letter
from relay.correspondence.notifications.matter import ADDRESSED, Guide, Links, Matter, Obstacle, Product, Recipient
from relay.correspondence.notifications.thread import thread_of
from relay.values import Alias, ConversationId, Language, MessageId, MsgId, PartyId, RealAddress, Role, Window

N = Notification
HOUSE: Final = House("Example Travel", "reply.example.com", "https://example.com/support")
ROME: Final = ZoneInfo("Europe/Rome")
NEW_YORK: Final = ZoneInfo("America/New_York")
ASKED: Final = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
NOW: Final = ASKED + timedelta(days=1, hours=2)
DEADLINE: Final = datetime(2026, 6, 8, 16, 0, tzinfo=UTC)
STARTS: Final = datetime(2026, 6, 21, 16, 0, tzinfo=UTC)
CLOSES: Final = datetime(2026, 6, 28, 22, 0, tzinfo=UTC)
CUSTOMER: Final = Alias("customer-12ab3456cd78", "reply.example.com")
PARTNER: Final = Alias("local-partner-1a2b3c4d5678", "reply.example.com")
ANSWERS: Final = Alias("booking-0123456789ab", "reply.example.com")
OPERATOR: Final = RealAddress("desk@example.com")
OUR_ID: Final = MsgId("n-1@reply.example.com")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the offer, of the customer and of the partner, in one language."""

    offer: str = "Sunset boat tour"
    variant: str = "Private boat"
    place: str = "Pier 4, Sorrento"
    seat: str = "Seat on the boat"
    drinks: str = "Drinks on board"
    discount: str = "Early bird"
    options: tuple[str, ...] = ("Pick-up at the hotel", "Guide in English")
    note: str = "We celebrate a birthday.\nOne of us uses a wheelchair."
    written: str = "Thank you for your request!\nHow much room does the wheelchair need?"
    answered: str = "It can be folded, to 30 by 80 cm. Is that all right?"
    reason: str = "Our boat is in the dock that day & the other one is fully booked."
    instruction: str = "Please hand in the names and ages of all participants for the passenger list."


WORDS: Final = {
    Language.EN: Words(),
    Language.DE: Words(
        offer="Bootsfahrt in den Sonnenuntergang",
        variant="Boot für Sie allein",
        place="Anleger 4, Sorrent",
        seat="Platz auf dem Boot",
        drinks="Getränke an Bord",
        discount="Frühbucher",
        options=("Abholung am Hotel", "Führung auf Deutsch"),
        note="Wir feiern einen Geburtstag.\nEine von uns sitzt im Rollstuhl.",
        written="Danke für Ihre Anfrage!\nWie viel Platz braucht der Rollstuhl?",
        answered="Man kann ihn auf 30 mal 80 cm zusammenklappen. Passt das?",
        reason="Unser Boot liegt an dem Tag im Dock & das andere ist ausgebucht.",
        instruction="Bitte geben Sie Namen und Alter aller Teilnehmenden für die Passagierliste an.",
    ),
}

TIERS: Final = Policy((Tier(10, 10_000), Tier(5, 5_000)))


def world(language: Language, mode: Mode = Mode.CUSTOM_REQUEST) -> dict[str, Any]:
    """What all matters of the boat tour share."""
    texts = WORDS.get(language, Words())
    occasion = Occasion(STARTS, STARTS + timedelta(hours=2, minutes=30), ROME)
    lines = (Line(texts.seat, 2, Money(4_500, "EUR")), Line(texts.drinks, 1, Money(1_250, "EUR"), is_extra=True))
    terms = Terms(
        2,
        "EUR",
        lines,
        (Discount(texts.discount, basis_points=1_000),),
        occasion,
        participants=2,
        options=texts.options,
        place=texts.place,
        note=texts.note,
    )
    booking = Booking(
        *(BookingId("01jx3v9k2m7q8r4t5w6y0z1abc"), "K7M2PQ9XW4RT", PartnerId("p1"), OfferId("o1"), VariantId("v1")),
        *(Stage.REQUESTED, terms, ASKED, ASKED, ROME),
        version=2,
        requirement=Requirement(RequirementKind.HAND_OVER, Texts.of(language, texts.instruction), timedelta(days=3)),
    )
    return {
        "booking": booking,
        "rules": Rules(
            mode,
            deadline_policy=DeadlinePolicy.FIRM if mode is Mode.RESERVE else DeadlinePolicy.NONE,
            cancellation=TIERS,
            request_for=timedelta(days=3),
        ),
        "product": Product(texts.offer, ROME, texts.variant),
        "guide": Guide("https://example.com/help", "https://example.com/terms", "", (5, 10)),
        "texts": texts,
    }


def recipient(to: To, language: Language) -> Recipient:
    """The customer is in New York, the partner where the boat is."""
    if to is To.OPERATOR:
        return Recipient(to, language, OPERATOR)
    return Recipient(to, language, CUSTOMER, NEW_YORK) if to is To.CUSTOMER else Recipient(to, language, PARTNER, ROME)


def links(**more: str) -> Links:
    """Links with a secret each."""
    base = "https://example.com/b/"
    return Links(base + "S3cr3t-booking", **{name: f"{base}{path}" for name, path in more.items()})


Telling = Callable[[dict[str, Any], To], dict[str, Any]]


def paid(amount: Money, *, refunded: Money | None = None) -> Any:
    """The ledger after a payment, and perhaps a refund."""
    entries = [Entry(Kind.PAID, amount, NOW, "e1", "p1", "stripe")]
    if refunded is not None:
        entries.append(Entry(Kind.REFUNDED, refunded, NOW, "e2", "r1", "stripe"))
    return account(entries, amount.currency)


def _at(known: dict[str, Any], stage: Stage, **more: Any) -> Booking:
    booking: Booking = known["booking"]
    if stage is Stage.AWAITING_PAYMENT:
        more = {"deadline": DEADLINE, "hold": Hold(HoldKind.RESERVATION, Keeping.HELD, DEADLINE, None, 2), **more}
    if stage in {Stage.CONFIRMED, Stage.COMPLETED}:
        more = {
            "confirmed_at": NOW,
            "relay": Relay.OPEN,
            "relay_until": CLOSES,
            "hold": Hold(HoldKind.RESERVATION, Keeping.CONVERTED),
            **more,
        }
    return replace(booking, stage=stage, **more)


def _total(known: dict[str, Any]) -> Money:
    booking: Booking = known["booking"]
    return booking.terms.total


def _request(known: dict[str, Any], to: To) -> dict[str, Any]:
    every = links(accept="S3cr3t-accept", decline="S3cr3t-decline", counter="S3cr3t-counter", contact="S3cr3t-contact")
    return {
        "links": every if to is To.PARTNER else links(cancel="S3cr3t-cancel"),
        "answers_to": ANSWERS if to is To.PARTNER else None,
    }


def _written(known: dict[str, Any], to: To) -> dict[str, Any]:
    words: Words = known["texts"]
    if to is To.PARTNER:
        return {**_request(known, to), "written": words.answered}
    return {"links": links(answer="S3cr3t-answer"), "written": words.written, "answers_to": ANSWERS}


def _counter(known: dict[str, Any], to: To) -> dict[str, Any]:
    after = known["booking"]
    terms = after.terms
    before = replace(terms, version=1, lines=terms.lines[:1], discounts=(), options=terms.options[1:])
    countered = replace(terms, version=2, valid_until=ASKED + timedelta(days=4))
    return {
        "before": after if to is To.PARTNER else replace(after, terms=before),
        "booking": replace(
            _at(known, Stage.COUNTERED), terms=countered if to is To.CUSTOMER else replace(before, version=3), turn=Actor.CUSTOMER
        ),
        "links": links(accept="S3cr3t-accept", decline="S3cr3t-decline", counter="S3cr3t-counter"),
        "answers_to": ANSWERS,
    }


def _to_pay(known: dict[str, Any], to: To) -> dict[str, Any]:
    mine = links(pay="S3cr3t-pay", cancel="S3cr3t-cancel")
    theirs = links(contact="S3cr3t-contact", cancel="S3cr3t-cancel")
    return {"booking": _at(known, Stage.AWAITING_PAYMENT), "links": mine if to is To.CUSTOMER else theirs}


def _extended(known: dict[str, Any], to: To) -> dict[str, Any]:
    later = _at(known, Stage.AWAITING_PAYMENT, deadline=DEADLINE + timedelta(days=3))
    return {**_to_pay(known, to), "before": _at(known, Stage.AWAITING_PAYMENT), "booking": later}


def _ended(stage: Stage, before: Stage, by: Actor | None = None) -> Telling:
    def told(known: dict[str, Any], to: To) -> dict[str, Any]:
        again = links(ask_again="S3cr3t-again") if to is To.CUSTOMER else links()
        return {
            "before": _at(known, before),
            "booking": _at(known, stage),
            "links": again,
            "by": by,
            "reason": known["texts"].reason if by is not None else "",
        }

    return told


def _released(known: dict[str, Any], to: To) -> dict[str, Any]:
    return {
        "before": _at(known, Stage.AWAITING_PAYMENT),
        "booking": _at(known, Stage.EXPIRED),
        "links": links(book_again="offer") if to is To.CUSTOMER else links(),
    }


def _late(known: dict[str, Any], to: To) -> dict[str, Any]:
    return {**_released(known, to), "before": None, "account": paid(_total(known)), "amount": _total(known)}


def _booked(known: dict[str, Any], to: To) -> dict[str, Any]:
    mine = {
        "links": links(voucher="S3cr3t-voucher", cancel="S3cr3t-cancel"),
        "voucher": "VX4K-77PM",
    }
    return {
        "before": _at(known, Stage.AWAITING_PAYMENT),
        "booking": _at(known, Stage.CONFIRMED, action=RequiredAction.OPEN),
        "account": paid(_total(known)),
        "other_alias": PARTNER if to is To.CUSTOMER else CUSTOMER,
        "organiser": ANSWERS,
        **(mine if to is To.CUSTOMER else {"links": links()}),
    }


def _moved(known: dict[str, Any], to: To) -> dict[str, Any]:
    booked = _booked(known, to)
    before: Booking = booked["booking"]
    occasion = Occasion(STARTS + timedelta(days=1), STARTS + timedelta(days=1, hours=2, minutes=30), ROME)
    terms = replace(before.terms, version=3, occasion=occasion)
    after = replace(before, terms=terms, version=5, relay_until=CLOSES + timedelta(days=1))
    return {**booked, "before": before, "booking": after, "by": Actor.PARTNER}


def _done(known: dict[str, Any], to: To) -> dict[str, Any]:
    booked = _booked(known, to)
    before: Booking = booked["booking"]
    return {**booked, "before": before, "booking": replace(before, action=RequiredAction.DONE), "by": Actor.PARTNER}


def _cancelled(known: dict[str, Any], to: To) -> dict[str, Any]:
    booked = _booked(known, to)
    before: Booking = booked["booking"]
    at = STARTS - timedelta(days=7)
    half = _total(known).share(5_000)
    return {
        **booked,
        "before": before,
        "booking": replace(before, stage=Stage.CANCELLED, cancelled_at=at),
        "by": Actor.CUSTOMER,
        "amount": half,
        "reason": known["texts"].reason,
        "links": links(ask_again="S3cr3t-again") if to is To.CUSTOMER else links(),
    }


def _referred(known: dict[str, Any], to: To) -> dict[str, Any]:
    return {**_done(known, to), "by": Actor.SUPPORT}


def _refunded(known: dict[str, Any], to: To) -> dict[str, Any]:
    part = Money(3_000, "EUR")
    return {**_booked(known, to), "account": paid(_total(known), refunded=part), "amount": part}


def _not_refunded(known: dict[str, Any], to: To) -> dict[str, Any]:
    return {
        **_booked(known, To.PARTNER),
        "amount": Money(3_000, "EUR"),
        "obstacle": Obstacle.BALANCE,
        "links": links() if to is To.PARTNER else Links(),
    }


def _completed(known: dict[str, Any], to: To) -> dict[str, Any]:
    booked = _booked(known, to)
    guide: Guide = known["guide"]
    return {
        **booked,
        "booking": replace(booked["booking"], stage=Stage.COMPLETED, action=RequiredAction.DONE),
        "guide": replace(guide, review_url="https://example.com/review"),
        "links": links(voucher="S3cr3t-voucher"),
    }


def _over(known: dict[str, Any], to: To) -> dict[str, Any]:
    return {**_completed(known, to), "guide": known["guide"]}


TELLINGS: Final[dict[Notification, Telling]] = {
    N.NEW_REQUEST: _request,
    N.REQUEST_RECEIVED: _request,
    N.RESERVED: _to_pay,
    N.PARTNER_WRITES: _written,
    N.COUNTER_OFFER: _counter,
    N.PLEASE_PAY: _to_pay,
    N.DECLINED: _ended(Stage.DECLINED, Stage.REQUESTED, Actor.PARTNER),
    N.WITHDRAWN: _ended(Stage.WITHDRAWN, Stage.REQUESTED, Actor.CUSTOMER),
    N.BOOKED: _booked,
    N.ACCEPTANCE_WITHDRAWN: _ended(Stage.CANCELLED, Stage.AWAITING_PAYMENT, Actor.PARTNER),
    N.BOOKED_AND_PAID: _booked,
    N.PAYMENT_FAILED: _to_pay,
    N.PAID_TOO_LATE: _late,
    N.TERM_EXTENDED: _extended,
    N.RELEASED: _released,
    N.REQUEST_EXPIRED: _ended(Stage.EXPIRED, Stage.REQUESTED),
    N.RESCHEDULED: _moved,
    N.ACTION_CHANGED: _done,
    N.CANCELLED: _cancelled,
    N.REFERRED_TO_PARTNER: _referred,
    N.REFUND_SENT: _refunded,
    N.REFUND_FAILED: _not_refunded,
    N.COMPLETED: _completed,
    N.CONVERSATION_CLOSED: _over,
    N.REQUEST_UNANSWERED: _request,
    N.UNPAID: _to_pay,
    N.ACTION_OPEN: _booked,
}
RESERVED: Final = frozenset({N.RESERVED, N.RELEASED, N.TERM_EXTENDED})
"""What is shown with the words of reserving."""
EVERY: Final = tuple((says, to) for says, recipients in ADDRESSED.items() for to in recipients)
"""Each mail of the catalogue to each that it is for."""


def a_matter(says: Notification, to: To, language: Language = Language.EN, mode: Mode | None = None, **more: Any) -> Matter:
    """A mail of the catalogue, with everything that such a mail usually has."""
    known = world(language, mode or (Mode.RESERVE if says in RESERVED else Mode.CUSTOM_REQUEST))
    told = {"other_name": "Marta" if to is To.PARTNER else "Lagoon", **known, **TELLINGS[says](known, to), **more}
    del told["texts"]
    return Matter(says, recipient(to, language), **told)


def _change_proposed(language: Language, to: To) -> Matter:
    """T20: other terms for what is confirmed."""
    booked = a_matter(N.BOOKED if to is To.CUSTOMER else N.BOOKED_AND_PAID, to, language)
    terms = booked.booking.terms
    later = Occasion(STARTS + timedelta(days=1), STARTS + timedelta(days=1, hours=2, minutes=30), ROME)
    proposal = replace(terms, version=terms.version + 1, occasion=later, valid_until=DEADLINE)
    return replace(
        booked,
        says=N.COUNTER_OFFER,
        before=booked.booking,
        booking=replace(booked.booking, proposal=proposal),
        links=links(accept="S3cr3t-accept", decline="S3cr3t-decline"),
    )


def _goods(language: Language) -> Matter:
    """SL-8: without a date, and so without an entry for the calendar."""
    booked = a_matter(N.BOOKED, To.CUSTOMER, language, Mode.VOUCHER)
    terms = replace(booked.booking.terms, occasion=None)
    return replace(booked, booking=replace(booked.booking, terms=terms, valid_until=STARTS + timedelta(days=200)))


def _error(topic: Topic) -> Callable[[Language], bytes]:
    """N24: one of the errors that the writer of a message hears of (GY-21 to GY-25)."""

    def told(language: Language) -> bytes:
        one, two = (
            Party(PartyId(role.value), role, alias, name, language, (RealAddress(f"{role.value}@home.example"),))
            for role, alias, name in ((Role.PARTNER, PARTNER, "Lagoon"), (Role.CUSTOMER, CUSTOMER, "Marta"))
        )
        conversation = Conversation(ConversationId("c1"), "K7M2PQ9XW4RT", one, two, STARTS, Window(NOW, CLOSES))
        at = CLOSES + timedelta(hours=3)
        files = ("photos.zip",) if topic in {Reason.VIRUS, Cause.TOO_LARGE} else ()
        about = NoticeOccasion(topic, one, conversation, "Photos", MessageId("01jx3v9k2m7q8r4t5w6y0z1def"), None, at, files)
        return notice(about, HOUSE, now=at, message_id=OUR_ID)

    return told


@dataclass(frozen=True, slots=True)
class Example:
    """A mail to look at: the name of its file, what it is, whom it is for."""

    name: str
    title: str
    to: str
    written: Callable[[Language], bytes] = field(repr=False)


def _example(says: Notification, to: To, variant: str = "", matter: Callable[[Language], Matter] | None = None) -> Example:
    name = "-".join(filter(None, (says.value, to.value, variant.replace(" ", "-"))))
    title = f"{says.value} {says.name.lower().replace('_', ' ')}" + (f", {variant}" if variant else "")
    return Example(name, title, to.value, lambda language: written(matter(language) if matter else a_matter(says, to, language)))


_VARIANTS: Final = (
    _example(N.COUNTER_OFFER, To.CUSTOMER, "of a change", lambda language: _change_proposed(language, To.CUSTOMER)),
    _example(N.COUNTER_OFFER, To.PARTNER, "of a change", lambda language: _change_proposed(language, To.PARTNER)),
    _example(N.BOOKED, To.CUSTOMER, "goods", _goods),
    _example(N.UNPAID, To.CUSTOMER, "reserved", lambda language: a_matter(N.UNPAID, To.CUSTOMER, language, Mode.RESERVE)),
)
_ERRORS: Final = (
    ("undeliverable", Cause.MAILBOX_FULL),
    ("virus", Reason.VIRUS),
    ("several-customers", Reason.SEVERAL_CUSTOMERS),
    ("closed", Reason.CLOSED),
)
EXAMPLES: Final = (
    *sorted(
        (*(_example(says, to) for says, to in EVERY), *_VARIANTS),
        key=lambda one: (int(one.name.split("-")[0].removeprefix("N")), one.name),
    ),
    *(Example(f"N24-writer-{name}", f"N24 mail error, {name}", "the writer", _error(topic)) for name, topic in _ERRORS),
)
"""Everything that docs/mails shows."""


def written(matter: Matter, house: House = HOUSE) -> bytes:
    """The mail about `matter`."""
    thread = thread_of(matter.booking.id, matter.recipient.to, house.domain)
    return notification_letter(matter, house, now=NOW, message_id=OUR_ID, thread=thread)
