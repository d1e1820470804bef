"""Messages made up by their numbers: the same number and seed are the same message, whoever makes it and whenever.

A conversation is five messages on average, a day apart, among those of all others; what answers quotes what it answers. Words are
drawn as often as people use them (wordlists), with names, references of bookings, prices, times and phone numbers among them;
some messages have files, some were refused, came back or took several attempts.
"""

from __future__ import annotations

import base64
import hashlib
import math
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from html import escape
from typing import Final

from wordlists import FIRST_NAMES, LAST_NAMES, SHARES, STOCK, Vocabulary, vocabularies

from relay.conversation import Conversation, Opening, Party, Window
from relay.lookup import Answer, Lookup, Query, Type
from relay.lookup import Outcome as Looked
from relay.message.causes import Cause
from relay.message.leaks import Finding
from relay.message.leaks import Kind as FindingKind
from relay.message.removal import Removal
from relay.policy.reasons import Reason
from relay.proof.alignment import Alignment
from relay.store.steps import Mint
from relay.transit.crossing import Crossing, Fate, Passage, Rendition, Searchable
from relay.transit.delivery import Carries, Deferred, Delivered, Delivery, Failed, Outcome
from relay.transit.envelope import Envelope
from relay.transit.evidence import Evidence
from relay.values import Alias, ConversationId, DeliveryId, Language, MessageId, MsgId, PartyId, RealAddress, Role

BEGAN: Final = datetime(2025, 1, 1, tzinfo=UTC)
A_DAY: Final = 1_500
"""Messages of one day: a million are two years."""
LANES: Final = 5
"""Of so many messages that follow one another, each belongs to a conversation of another age."""
APART: Final = 300
"""Conversations that begin between a message and its answer: a day."""
HUB: Final = 25
"""Every so manieth conversation is a long one: it has what shorter ones leave."""
partners: Final = 40
domains: Final = 60
DOMAIN: Final = "reply.example.com"
PREFIXES: Final = {Role.PARTNER: "local-partner-", Role.CUSTOMER: "customer-"}
WINDOW_AFTER: Final = timedelta(days=7)

REFUSED: Final = (
    *(Reason.CLOSED, Reason.CLOSED, Reason.CLOSED, Reason.SEVERAL_CUSTOMERS, Reason.ATTACHMENTS_TOO_LARGE, Reason.UNPROVEN),
    *(Reason.VIRUS, Reason.THIRD_PARTY, Reason.ATTACHMENT_TYPE, Reason.NOT_YET_OPEN, Reason.RATE, Reason.DISOWNED),
)
REMOVED: Final = ("address", "address", "address", "phone number", "phone number", "name", "link", "bank account", "image")
FILES: Final = (
    "voucher",
    "ticket",
    "invoice",
    "map",
    "photo",
    "IMG_2031",
    "passport",
    "réservation",
    "Rechnung",
    "potwierdzenie",
)
ENDINGS: Final = ("pdf", "pdf", "pdf", "jpg", "jpg", "png", "txt", "ics", "docx", "html")
TYPES: Final = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}
_BASE32: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking with its conversation."""

    number: int
    reference: str
    partner: int
    partner_name: str
    partner_language: str
    customer_name: str
    customer_language: str
    partner_address: str
    customer_address: str
    opened_at: datetime
    activity_end: datetime
    stage: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody wrote. `own` is new, `body` has the quote below."""

    number: int
    of: Booked
    writer: Role
    at: datetime
    language: str
    subject: str = field(repr=False)
    own: str = field(repr=False)
    body: str = field(repr=False)
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message with what came of its deliveries, one attempt after the other."""

    crossing: Crossing
    outcomes: tuple[Outcome, ...]


def place(number: int) -> tuple[int, int, int | None]:
    """The conversation that message `number` belongs to, its place there, and the number of what it answers."""
    slot, lane = divmod(number, LANES)
    conversation = slot - lane * APART
    if conversation < 0:
        return slot, lane, number - lane
    if lane >= _length(conversation):
        hub = conversation - conversation % HUB
        return hub, LANES + lane, hub * LANES
    return conversation, lane, number - LANES * APART - 1 if lane else None


def _length(conversation: int) -> int:
    """How many messages it has, one to five; the long ones have all."""
    return LANES if conversation % HUB == 0 else (5, 3, 4, 5, 2, 5, 1, 4)[(conversation * 2_654_435_761 >> 7) % 8]


class House:
    """All bookings and messages that there are, by their numbers."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.letter = lru_cache(maxsize=12_000)(self._letter)
        self.booked = lru_cache(maxsize=12_000)(self._booked)
        self.conversation = lru_cache(maxsize=12_000)(self._conversation)

    @cached_property
    def vocabularies(self) -> dict[str, Vocabulary]:
        return vocabularies()

    def draw(self, kind: str, number: int) -> random.Random:
        return random.Random(f"{self.seed} {kind} {number}")

    def id(self, kind: str, number: int, at: datetime) -> str:
        """26 characters that sort by time, as those of a running gateway."""
        octets = hashlib.blake2b(f"{self.seed} {kind} {number}".encode(), digest_size=10).digest()
        value = (int(at.timestamp() * 1000) << 80) | int.from_bytes(octets)
        return "".join(_BASE32[value >> shift & 31] for shift in range(125, -1, -5))

    def at(self, number: int) -> datetime:
        """When message `number` came."""
        return BEGAN + timedelta(seconds=86_400 / A_DAY) * number

    def _booked(self, number: int) -> Booked:
        draw = self.draw("booking", number)
        opened_at = self.at(number * LANES) - timedelta(minutes=10)
        partner = int(partners * draw.random() ** 2)
        name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
        language = draw.choices(list(SHARES), weights=list(SHARES.values()))[0]
        stage = draw.choices(("completed", "confirmed", "cancelled", "declined", "expired"), weights=(70, 18, 8, 3, 1))[0]
        return Booked(
            number,
            "GYG" + "".join(draw.choices(_BASE32, k=9)),
            partner,
            f"{FIRST_NAMES[partner % len(FIRST_NAMES)]} Tours {partner}",
            ("en", "de", "fr", "es", "it", "pl")[partner % 6],
            name,
            language,
            f"team{partner}@tours{partner}.example",
            f"customer{draw.randrange(150_000)}@post{draw.randrange(domains)}.example",
            opened_at,
            opened_at + timedelta(days=draw.randrange(6, 40), hours=draw.randrange(12)),
            stage,
        )

    def _letter(self, number: int) -> Letter:
        draw = self.draw("letter", number)
        conversation, position, answered = place(number)
        of = self.booked(conversation)
        writer = Role.CUSTOMER if position % 2 == 0 else Role.PARTNER
        language = of.customer_language if writer is Role.CUSTOMER or draw.random() < 0.6 else of.partner_language
        at = self.at(number)
        own = self._text(draw, language, of)
        name = of.customer_name if writer is Role.CUSTOMER else of.partner_name
        own += f"\n\n{name}"
        if answered is None or answered == number:
            subject = " ".join(self.vocabularies[language].drawn(draw, draw.randrange(2, 7))).capitalize()
            body = own
        else:
            before = self.letter(answered)
            subject = before.subject if before.subject.startswith("Re: ") else f"Re: {before.subject}"
            said = f"On {before.at:%a, %d %b %Y} at {before.at:%H:%M}, {before.of.partner_name} wrote:"
            quoted = "\n".join(f"> {line}" for line in before.body.splitlines()[:60])
            body = f"{own}\n\n{said}\n{quoted}\n" if draw.random() < 0.8 else own
        files: tuple[str, ...] = ()
        if draw.random() < 0.09:
            names = (f"{draw.choice(FILES)}-{draw.randrange(3000)}.{draw.choice(ENDINGS)}" for _ in range(draw.choice((1, 1, 2))))
            files = tuple(dict.fromkeys(names))
        return Letter(number, of, writer, at, language, subject, own, body, files)

    def _text(self, draw: random.Random, language: str, of: Booked) -> str:
        vocabulary = self.vocabularies[language]
        left = min(400, int(math.exp(draw.gauss(4.0, 0.7))) + 5)
        said: list[str] = []
        stock = STOCK[language]
        while left > 0:
            count = draw.randrange(4, 16)
            left -= count
            sentence = vocabulary.between.join(vocabulary.drawn(draw, count))
            said.append(sentence[:1].upper() + sentence[1:] + (". " if draw.random() < 0.85 else ".\n\n"))
        luck = draw.random()
        if luck < 0.35:
            said.insert(draw.randrange(len(said) + 1), f"{draw.choice(stock)} ")
        if luck < 0.12:
            said.append(f"{of.reference}, {draw.randrange(1, 13)}:{draw.randrange(60):02}, {draw.randrange(8, 400)},50 EUR. ")
        if 0.12 < luck < 0.18:
            said.append(
                f"+{draw.randrange(30, 50)} {draw.randrange(600, 800)} {draw.randrange(1000):03} {draw.randrange(1000):03} "
            )
        if 0.18 < luck < 0.22:
            said.append(f"https://maps{draw.randrange(50)}.example/p/{draw.randrange(10**6)} ")
        if 0.22 < luck < 0.25:
            said.append(f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)} ")
        return "".join(said).strip()

    def mint(self, number: int) -> Mint:
        """What gives conversation `number` its ids and aliases."""
        at = self.booked(number).opened_at
        ids = iter([self.id(kind, number, at) for kind in ("conversation", "partner", "customer")])
        digits = iter([self.id(f"{kind} alias", number, at)[-12:].lower() for kind in ("partner", "customer")])
        return Mint(lambda: next(ids), lambda: next(digits), DOMAIN, PREFIXES)

    def opening(self, number: int) -> Opening:
        """What it takes to open it."""
        one = self.booked(number)
        return Opening(
            reference=one.reference,
            partner_name=one.partner_name,
            partner_addresses=(RealAddress(one.partner_address),),
            customer_name=one.customer_name,
            customer_addresses=(RealAddress(one.customer_address),),
            activity_end=one.activity_end,
            partner_language=_LANGUAGES.get(one.partner_language, Language.EN),
            customer_language=_LANGUAGES.get(one.customer_language, Language.EN),
        )

    def _conversation(self, number: int) -> Conversation:
        """Conversation `number` as the database has it."""
        mint, opening, of = self.mint(number), self.opening(number), self.booked(number)
        id_ = ConversationId(mint.new_id())
        partner, customer = (
            Party(PartyId(mint.new_id()), role, Alias(PREFIXES[role] + mint.hex_digits(), DOMAIN), name, language, addresses)
            for role, name, language, addresses in (
                (Role.PARTNER, opening.partner_name, opening.partner_language, opening.partner_addresses),
                (Role.CUSTOMER, opening.customer_name, opening.customer_language, opening.customer_addresses),
            )
        )
        closes_at = of.activity_end + WINDOW_AFTER
        return Conversation(id_, of.reference, partner, customer, of.activity_end, Window(of.opened_at, closes_at))

    def sent(self, number: int) -> Sent:
        """Message `number` as it was taken over, and what became of it."""
        letter = self.letter(number)
        conversation = self.conversation(letter.of.number)
        draw = self.draw("fate", number)
        of, at = letter.of, letter.at
        id_ = MessageId(self.id("message", number, at))
        writer, reader = conversation.party(letter.writer), conversation.party(letter.writer.other)
        original = MsgId(f"{draw.getrandbits(96):024x}@{writer.mailbox.domain}")
        attached = [_file(draw, name, letter.own) for name in letter.files]
        parts = _parts(letter, attached, draw)
        raw = _received(letter, str(original), writer.mailbox.reveal(), str(reader.alias), draw) + parts
        fate, reason = _fate(draw)
        passage = Passage(conversation.id, of.reference, letter.writer, fate, reason.value if reason else None)
        outcomes: tuple[Outcome, ...] = ()
        delivery_id = DeliveryId(self.id("delivery", number, at))
        if fate in {Fate.PASSED, Fate.HELD}:
            head = f"From: {writer.alias}\r\nTo: {reader.mailbox.reveal()}\r\nSubject: {letter.subject}\r\n"
            signed = base64.b64encode(draw.randbytes(256)).decode()
            ours = (
                f"DKIM-Signature: v=1; a=rsa-sha256; d={DOMAIN}; s=relay; b={signed}\r\nMessage-ID: <{delivery_id}@{DOMAIN}>\r\n"
            )
            content = (ours + head).encode() + parts
            removed = tuple(Removal(draw.choice(REMOVED), "text/plain") for _ in range(draw.choice((0, 0, 0, 1, 2))))
            passage = Passage(
                *(conversation.id, of.reference, letter.writer, fate, reason.value if reason else None),
                findings=(Finding(FindingKind.ADDRESS, "part 2", "base64"),) if fate is Fate.HELD else (),
                rendition=Rendition(content, MsgId(f"{delivery_id}@{DOMAIN}"), removed),
                deliveries=(self._delivery(delivery_id, id_, conversation, Carries.RENDITION, reader.mailbox, content, at),)
                if fate is Fate.PASSED
                else (),
            )
            outcomes = _outcomes(draw) if fate is Fate.PASSED else ()
        elif fate is Fate.REFUSED:
            notice = f"Subject: {letter.subject}\r\n\r\nYour message was not delivered.\r\n".encode()
            made = self._delivery(delivery_id, id_, conversation, Carries.NOTICE, writer.mailbox, notice, at)
            passage = Passage(
                *(conversation.id, of.reference, letter.writer, fate, reason.value if reason else None), deliveries=(made,)
            )
            outcomes = (Delivered(250, "2.0.0 Ok"),)
        envelope = Envelope(
            *(id_, at, writer.mailbox.reveal(), (reader.alias,), raw),
            client_ip=f"192.0.2.{draw.randrange(255)}",
            helo=f"mail.{writer.mailbox.domain}",
            tls=True,
            evidence=_evidence(draw, writer.mailbox.domain),
        )
        people = f"{writer.name} <{writer.mailbox.reveal()}> {reader.alias}"
        searchable = Searchable(letter.subject, people, letter.body, "\n".join(letter.files))
        crossing = Crossing(envelope, searchable, original, hashlib.sha256(raw).digest(), (passage,), writer.mailbox)
        return Sent(crossing, outcomes)

    def _delivery(
        self,
        id_: DeliveryId,
        message: MessageId,
        conversation: Conversation,
        carries: Carries,
        to: RealAddress,
        content: bytes,
        at: datetime,
    ) -> Delivery:
        return Delivery(
            id=id_,
            message=message,
            conversation=conversation.id,
            carries=carries,
            return_path=f"bounce-{id_.lower()}@{DOMAIN}",
            recipient=to,
            content=content,
            accepted_at=at,
        )


def _fate(draw: random.Random) -> tuple[Fate, Reason | None]:
    luck = draw.random()
    if luck < 0.055:
        return Fate.REFUSED, draw.choice(REFUSED)
    if luck < 0.060:
        return Fate.HELD, draw.choice((Reason.LEAK, Reason.CONTACT_DETAILS, Reason.FAULT))
    if luck < 0.072:
        return Fate.ABSORBED, draw.choice((Reason.LOOP, Reason.REPORT))
    if luck < 0.076:
        return Fate.DUPLICATE, Reason.DUPLICATE
    if luck < 0.080:
        return Fate.TAKEN, Reason.ANSWER
    return Fate.PASSED, None


def _outcomes(draw: random.Random) -> tuple[Outcome, ...]:
    luck = draw.random()
    delivered = Delivered(250, f"2.0.0 Ok: queued as {draw.getrandbits(40):X}")
    if luck < 0.03:
        return Deferred(Cause.OTHER, draw.choice((421, 450, 451, 452)), "4.7.0 try again later"), delivered
    if luck < 0.04:
        return (Failed(Cause.BLOCKED, draw.choice((550, 552, 554)), "5.7.1 not wanted"),)
    return (delivered,)


@lru_cache(maxsize=256)
def _asked(domain: str) -> tuple[Lookup, ...]:
    draw = random.Random(domain)
    key = base64.b64encode(draw.randbytes(294)).decode()

    def found(name: str, text: str) -> Lookup:
        return Lookup(Query(name, Type.TXT), Answer(Looked.FOUND, (text,)))

    return (
        found(domain, "v=spf1 ip4:192.0.2.0/24 include:_spf.post.example -all"),
        found(f"k1._domainkey.{domain}", f"v=DKIM1; k=rsa; p={key}"),
        found(f"_dmarc.{domain}", "v=DMARC1; p=reject; rua=mailto:reports"),
    )


def _evidence(draw: random.Random, domain: str) -> Evidence:
    luck = draw.random()
    if luck < 0.93:
        return Evidence(Alignment.ALIGNED, (f"spf pass {domain}", f"dkim pass {domain} s=k1", "dmarc pass"), _asked(domain))
    if luck < 0.97:
        return Evidence(Alignment.UNALIGNED, (f"spf softfail {domain}", "dkim none", "dmarc fail"), _asked(domain))
    return Evidence(Alignment.FORBIDDEN, (f"spf fail {domain}", f"dkim fail {domain} s=k1", "dmarc fail"), _asked(domain))


def _received(letter: Letter, original: str, address: str, alias: str, draw: random.Random) -> bytes:
    """The header, as a large provider writes it."""
    domain = address.partition("@")[2]
    name = letter.of.customer_name if letter.writer is Role.CUSTOMER else letter.of.partner_name
    trace = "".join(
        f"Received: from out{hop}.{domain} (out{hop}.{domain} [192.0.2.{hop}])\r\n\tby in{hop}.{domain} with ESMTPS"
        f" id {draw.getrandbits(64):x};\r\n\t{letter.at:%a, %d %b %Y %H:%M:%S} +0000\r\n"
        for hop in range(3)
    )
    signature = base64.b64encode(draw.randbytes(256)).decode()
    return (
        f"{trace}DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=k1; h=from:to:subject:date;\r\n"
        f" b={signature}\r\nX-Mailer: Post 12\r\nX-Originating-IP: [198.51.100.{draw.randrange(255)}]\r\n"
        f"From: {name} <{address}>\r\nTo: <{alias}>\r\nSubject: {letter.subject}\r\n"
        f"Date: {letter.at:%a, %d %b %Y %H:%M:%S} +0000\r\nMessage-ID: <{original}>\r\n"
    ).encode()


def _parts(letter: Letter, attached: list[tuple[str, bytes]], draw: random.Random) -> bytes:
    """The content, with the fields that say how it is written: text, a page as well for most, and what is attached."""
    text = letter.body.replace("\n", "\r\n") + "\r\n"
    plain = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}"
    if draw.random() < 0.7:
        lines = escape(letter.body).split("\n")
        page = "".join(f'<div style="font-family:Arial,sans-serif">{line or "<br>"}</div>\r\n' for line in lines)
        plain = (
            f'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n--alt\r\n{plain}--alt\r\nContent-Type: text/html;'
            f" charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body>{page}</body></html>\r\n--alt--\r\n"
        )
    head = "MIME-Version: 1.0\r\n"
    if not attached:
        return (head + plain).encode()
    files = "".join(
        f'--mix\r\nContent-Type: {TYPES[name.rpartition(".")[2]]}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(octets).decode().replace(chr(10), chr(13) + chr(10))}"
        for name, octets in attached
    )
    return f'{head}Content-Type: multipart/mixed; boundary="mix"\r\n\r\n--mix\r\n{plain}\r\n{files}--mix--\r\n'.encode()


def _file(draw: random.Random, name: str, text: str) -> tuple[str, bytes]:
    """A small file of the kind that its name says; documents say something of the letter."""
    made: Callable[[random.Random, str], bytes] = _MADE[name.rpartition(".")[2]]
    return name, made(draw, text[:400])


def _pdf(draw: random.Random, text: str) -> bytes:  # noqa: ARG001  as every kind
    words = text.encode("latin-1", "replace").replace(b"(", b"[").replace(b")", b"]").replace(b"\\", b"/").replace(b"\n", b" ")
    stream = zlib.compress(b"BT /F1 12 Tf 50 700 Td (" + words + b") Tj ET")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.4\n", list[int]()
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 6\n0000000000 65535 f \n%btrailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )


def _picture(draw: random.Random, text: str) -> bytes:  # noqa: ARG001  as every kind
    """A photograph does not get smaller; those of real mail are larger, and would measure the disk."""
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + draw.randbytes(draw.randrange(4_000, 16_000)) + b"\xff\xd9"


def _plain(draw: random.Random, text: str) -> bytes:  # noqa: ARG001  as every kind
    return text.encode()


def _page(draw: random.Random, text: str) -> bytes:  # noqa: ARG001  as every kind
    return f"<html><body><p>{escape(text)}</p></body></html>".encode()


def _calendar(draw: random.Random, text: str) -> bytes:
    day = f"2026{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}"
    said = " ".join(text[:60].split())
    event = f"BEGIN:VEVENT\r\nUID:{draw.getrandbits(64):x}\r\nDTSTART:{day}T100000Z\r\nSUMMARY:{said}\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n".encode()


def _document(draw: random.Random, text: str) -> bytes:
    from io import BytesIO
    from zipfile import ZIP_DEFLATED, ZipFile

    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document><w:body><w:p><w:t>{escape(text)}</w:t></w:p></w:body></w:document>")
        archive.writestr("docProps/app.xml", f"<Properties><Pages>{draw.randrange(1, 5)}</Pages></Properties>")
    return out.getvalue()


_MADE: Final[dict[str, Callable[[random.Random, str], bytes]]] = {
    "pdf": _pdf,
    "jpg": _picture,
    "png": _picture,
    "txt": _plain,
    "ics": _calendar,
    "docx": _document,
    "html": _page,
}
_LANGUAGES: Final = {one.value: one for one in Language}
