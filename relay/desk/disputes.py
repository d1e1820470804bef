"""What happened to a booking and its conversation, put together over the store for who decides a dispute about it (AR-2)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from relay.booking.notification import Notification
from relay.conversation import Conversation, Party, shown_name
from relay.desk import genuine
from relay.errors import NotFound, Unreadable
from relay.message.concealed import concealed
from relay.message.footer import without_quoted_footer
from relay.message.own_words import own_words
from relay.message.parse import parse
from relay.message.removal import counted
from relay.message.searchable import shown_texts
from relay.store import archive as archived
from relay.store import conversations, disputes, legal_holds, timeline
from relay.store.archive import ArchivedDelivery, ArchivedMessage, ArchivedPassage, Attempt
from relay.store.blobs import Lost
from relay.store.bookings import history, records
from relay.store.bookings.history import Past
from relay.store.disputes import Mailed, Share, Whole
from relay.store.store import Store
from relay.store.timeline import Entry, Kind
from relay.store.tracked import Tracked
from relay.transit.crossing import Fate
from relay.values import Clock, ConversationId, MessageId, NameShown, RealAddress, Role
from relay.web.site.mail_frame import plain_name
from relay.web.site.support.dispute_ports import (
    INFECTED,
    Answered,
    Compared,
    Dispute,
    Happened,
    HoldSeen,
    Jump,
    MessageSeen,
    NoticeSeen,
    PartySeen,
    SentSeen,
    ShareSeen,
    Stepped,
    Tried,
    Written,
    items_max,
    jumps_max,
)

text_characters_max: Final = 20_000
"""Of the text of one message on the screen; its own page has all of it."""
files_max: Final = 50
words_characters_max: Final = 200_000

_OF_A_MAIL: Final = frozenset({Kind.DELIVERED, Kind.DEFERRED, Kind.FAILED, Kind.BOUNCED})
"""What the attempts of a delivery tell too."""
_DECIDED: Final = frozenset(
    {Kind.HELD, Kind.RELEASED, Kind.RETRIED, Kind.RETURNED, Kind.DROPPED, Kind.ANSWERED, Kind.CLAIMED, Kind.UNCLAIMED}
)
_DID_NOT_ARRIVE: Final = frozenset({Kind.FAILED, Kind.BOUNCED})

_SAID: Final = {one.value: one.name.replace("_", " ").lower() for one in Notification}

Item = Entry | Past
Key = tuple[MessageId, int]


@dataclass(frozen=True, slots=True)
class DisputeDesk:
    """relay.web.site.support.dispute_ports.Disputes over the store. `domain` is ours; `names` says how much of names is shown."""

    store: Store
    domain: str
    names: NameShown
    clock: Clock

    async def one(self, reference: str, before: int | None = None, since: datetime | None = None) -> Dispute:
        found = await self.store.read(lambda connection: _found(connection, reference, before))
        # Large mail takes a while to be taken apart.
        return await asyncio.to_thread(lambda: self._dispute(found, since))

    async def place(self, reference: str, message: str) -> Jump:
        def question(connection: Connection) -> Jump:
            conversation = conversations.by_reference(connection, reference)
            items = _items(connection, conversation, timeline.entries(connection, conversation.id))
            for place, item in enumerate(items):
                if isinstance(item, Entry) and item.kind is Kind.MESSAGE and item.facts.get("message") == message:
                    share = next(one for one in disputes.shares(connection, conversation.id) if one.message == message)
                    return Jump(_page_of(place, len(items)), f"m-{message}-{share.ordinal}", item.at)
            raise NotFound(f"no message {message} in the conversation of booking {reference}")

        return await self.store.read(question)

    async def message(self, message: str) -> MessageSeen:
        def question(connection: Connection) -> tuple[ArchivedMessage, Mapping[ConversationId, str]]:
            found = archived.shown(connection, MessageId(message))
            of = {one.conversation for one in found.passages}
            return found, {one: conversations.by_id(connection, one).reference for one in of}

        found, references = await self.store.read(question)
        return await asyncio.to_thread(lambda: self._message(found, references))

    async def addresses(self, reference: str, role: Role) -> Sequence[str]:
        conversation = await self.store.read(lambda connection: conversations.by_reference(connection, reference))
        return [one.reveal() for one in conversation.party(role).addresses]

    async def compare(self, content: bytes, reference: str) -> Compared:
        named = await asyncio.to_thread(genuine.message_id, content)
        return await self._compared(genuine.Shown.of_mail(content), reference, named)

    async def compare_text(self, text: str, reference: str) -> Compared:
        return await self._compared(genuine.Shown.of_text(text), reference, "")

    async def with_hash(self, sha256: str, reference: str) -> Compared:
        def question(connection: Connection) -> Compared:
            conversation = conversations.by_reference(connection, reference)
            for one in disputes.candidates(connection, conversation.id, ""):
                if one.sha256.hex() == sha256.lower():
                    return genuine.identical(one)
            return genuine.NOTHING

        return await self.store.read(question)

    async def _compared(self, shown: genuine.Shown, reference: str, message_id: str) -> Compared:
        """`shown` beside the message that it says to be, else beside all of the booking's: the nearest that there is."""

        def question(connection: Connection) -> tuple[disputes.Candidate, ...]:
            found = disputes.candidates(connection, None, message_id) if message_id else ()
            if found or not reference:
                return found
            return disputes.candidates(connection, conversations.by_reference(connection, reference).id, "")

        candidates = await self.store.read(question)
        nearest, likeness, room = genuine.NOTHING, 0.0, genuine.compared_octets_max
        for one in candidates[: genuine.compared_max]:
            octets = await self._octets(one) if one.size <= room else None
            if octets is None:
                continue
            room -= one.size
            laid = await asyncio.to_thread(genuine.beside, shown, octets, one, self.domain)
            if genuine.is_nearer(laid, nearest, likeness):
                nearest, likeness = laid.compared, laid.likeness
            if laid.is_final:
                break
        return nearest

    async def _octets(self, one: disputes.Candidate) -> bytes | None:
        if one.size > genuine.octets_max:
            return None
        return await self.store.read(lambda connection: disputes.octets(connection, one.blob))

    def _dispute(self, found: _Found, since: datetime | None) -> Dispute:
        conversation = found.conversation
        shown: list[Written | Happened] = []
        for number, item in enumerate(found.items[found.first : found.before], found.first):
            if isinstance(item, Entry) and item.kind is Kind.MESSAGE:
                key = found.key(item)
                whole = found.whole.get(key) if key is not None else None
                if whole is not None:
                    shown.append(self._written(whole, item, found.mailed, found.steps))
                    continue
            shown.append(_happened(item, number, found.mailed))
        blocked, waiting, failed, unseen = _jumps(found, since)
        return Dispute(
            reference=conversation.reference,
            conversation=conversation.id,
            parties=(self._party(conversation.partner), self._party(conversation.customer)),
            standing=conversation.standing(self.clock()),
            opens_at=conversation.window.opens_at,
            closes_at=conversation.window.closes_at,
            closed_at=conversation.closed_at,
            activity_end=conversation.activity_end,
            items=tuple(shown),
            first=found.first,
            before=found.before,
            total=len(found.items),
            blocked=blocked,
            waiting=waiting,
            failed=failed,
            unseen=unseen,
            answered=_answered(found),
            holds=tuple(found.holds),
        )

    def _party(self, party: Party) -> PartySeen:
        return PartySeen(
            role=party.role,
            alias=party.alias,
            name=shown_name(party.name, self.names),
            language=party.language.value,
            addresses=tuple(initials(one) for one in party.addresses),
            is_reachable=party.is_reachable,
            suspended_at=party.suspended_at,
        )

    def _written(self, one: Whole, entry: Entry, mailed: Sequence[Mailed], steps: Mapping[str, Sequence[Stepped]]) -> Written:
        share = one.share
        is_read = share.reason != INFECTED
        text, quoted = self._texts(one) if is_read else ("", "")
        return Written(
            at=entry.at,
            message=share.message,
            ordinal=share.ordinal,
            writer=share.writer,
            fate=share.fate,
            reason=share.reason,
            size=one.size,
            subject=self._plain(one.subject) if is_read else "",
            text=text,
            quoted=quoted,
            is_delivered_text=one.rendition is not None,
            files=tuple(self._plain(name) for name in one.files.split("\n")[:files_max] if name),
            checks=one.evidence.checks if one.evidence is not None else (),
            removed=counted(one.removed),
            found=one.found,
            sent=tuple(sent(each.tracked, each.attempts) for each in mailed if _is_of(each, share)),
            stepped=tuple(steps.get(share.message, ())),
            has_rendition=share.has_rendition,
            is_automatic=share.is_automatic,
            is_dropped=share.is_dropped,
        )

    def _texts(self, one: Whole) -> tuple[str, str]:
        """What is new in a message, and all of it where that is more."""
        content = one.rendition if one.rendition is not None else _as_mail(one.body)
        try:
            mail = parse(content)
            whole = "\n".join(shown_texts(mail.root, words_characters_max)).strip()
            # A rendition names our domain where something was taken out: there it is no sign of a quoted mail.
            new = own_words(mail, () if one.rendition is not None else (f"@{self.domain}",))
        except Unreadable:
            whole, new = one.body, ""
        if len(new) < len(whole):
            new = _without_attribution(new)
        # What we put under a rendition is nobody's word.
        whole, new = without_quoted_footer(whole).strip(), without_quoted_footer(new).strip()
        whole, new = self._plain(whole)[:text_characters_max], self._plain(new)[:text_characters_max]
        return (new, whole if whole != new else "") if new else (whole, "")

    def _message(self, found: ArchivedMessage, references: Mapping[ConversationId, str]) -> MessageSeen:
        envelope = found.envelope
        subject, words = "", ""
        if not isinstance(found.content, Lost):
            try:
                mail = parse(found.content)
                subject = mail.subject
                words = "\n".join(shown_texts(mail.root, words_characters_max))
            except Unreadable:
                words = found.content[:words_characters_max].decode("utf-8", "replace")
        return MessageSeen(
            id=envelope.id,
            received_at=envelope.received_at,
            size=found.size,
            tls=envelope.tls,
            shares=tuple(self._share(one, references[one.conversation], found.deliveries) for one in found.passages),
            notices=tuple(
                NoticeSeen(sent(one.tracked, one.attempts), None if isinstance(one.content, Lost) else one.content)
                for one in found.deliveries
                if one.tracked.carries.is_to_writer
            ),
            evidence=envelope.evidence,
            subject=self._plain(subject),
            words=self._plain(words)[:words_characters_max],
            troubles=found.troubles,
            original=None if isinstance(found.content, Lost) else found.content,
            original_path=envelope.return_path,
            original_host=f"{envelope.helo} [{envelope.client_ip}]",
        )

    def _share(self, one: ArchivedPassage, reference: str, deliveries: Sequence[ArchivedDelivery]) -> ShareSeen:
        rendition = one.rendition
        return ShareSeen(
            ordinal=one.ordinal,
            reference=reference,
            writer=one.writer,
            fate=one.fate,
            reason=one.reason,
            detail=self._plain(one.detail),
            removed=counted(one.removed),
            found=tuple((finding.kind.value, finding.place, finding.layer) for finding in one.findings),
            sent=tuple(sent(each.tracked, each.attempts) for each in deliveries if (each.tracked.passage or 0) == one.ordinal),
            is_dropped=one.dropped_at is not None,
            delivered=None if isinstance(rendition, Lost) else rendition,
        )

    def _plain(self, text: str) -> str:
        return plain_name(concealed(text, self.domain))


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store has of a conversation, and of one page of it. `steps`: what was decided about each message; `failed`: of
    which something did not arrive."""

    conversation: Conversation
    items: Sequence[Item]
    first: int
    before: int
    shares: Mapping[tuple[str, str], Share]
    """By the message and who wrote it, as the timeline names them."""
    whole: Mapping[Key, Whole]
    mailed: Sequence[Mailed]
    steps: Mapping[str, Sequence[Stepped]]
    failed: frozenset[str]
    holds: Sequence[HoldSeen]

    def key(self, entry: Entry) -> Key | None:
        share = self.share(entry)
        return (share.message, share.ordinal) if share is not None else None

    def share(self, entry: Entry) -> Share | None:
        return self.shares.get(_named(entry))


def _found(connection: Connection, reference: str, before: int | None) -> _Found:
    conversation = conversations.by_reference(connection, reference)
    entries = timeline.entries(connection, conversation.id)
    items = _items(connection, conversation, entries)
    before = len(items) if before is None else max(0, min(before, len(items)))
    first = max(0, before - items_max)
    shares = {(str(one.message), one.writer.value): one for one in disputes.shares(connection, conversation.id)}
    page = [one for one in items[first:before] if isinstance(one, Entry)]
    on_page = [shares[named] for one in page if one.kind is Kind.MESSAGE and (named := _named(one)) in shares]
    ids = [str(one.facts["delivery"]) for one in page if one.facts.get("delivery")]
    return _Found(
        conversation=conversation,
        items=items,
        first=first,
        before=before,
        shares=shares,
        whole=disputes.whole(connection, on_page),
        mailed=disputes.sent(connection, {one.message for one in on_page}, ids),
        steps=_steps(entries),
        failed=frozenset(str(one.facts.get("message")) for one in entries if one.kind in _DID_NOT_ARRIVE),
        holds=[
            HoldSeen(one.number, one.owner, one.review_at) for one in legal_holds.of_booking(connection, conversation.reference)
        ],
    )


def _named(entry: Entry) -> tuple[str, str]:
    return str(entry.facts.get("message")), str(entry.facts.get("writer"))


def _items(connection: Connection, conversation: Conversation, entries: Sequence[Entry]) -> list[Item]:
    """Everything that a line of the screen is about, the oldest first: it only ever grows at its end."""
    lines = [one for one in entries if not _belongs_to_another(one)]
    try:
        booking = records.by_reference(connection, conversation.reference).booking.id
    except NotFound:
        return list(lines)
    return sorted([*lines, *history.past(connection, booking)], key=lambda one: one.at)


def _belongs_to_another(entry: Entry) -> bool:
    """Whether it is told with the message, or with the mail about a booking, that it is about."""
    if entry.kind in _OF_A_MAIL:
        return True
    if entry.kind in _DECIDED or entry.kind is Kind.NOTICE:
        return bool(entry.facts.get("message"))
    return False


def _is_of(mailed: Mailed, share: Share) -> bool:
    tracked = mailed.tracked
    return tracked.message == share.message and (tracked.passage is None or tracked.passage == share.ordinal)


def _steps(entries: Iterable[Entry]) -> dict[str, list[Stepped]]:
    """What was decided about each message."""
    found: dict[str, list[Stepped]] = {}
    for one in entries:
        if one.kind in _DECIDED and one.facts.get("message"):
            step = Stepped(one.at, one.kind.value, str(one.facts.get("by") or ""), str(one.facts.get("because") or ""))
            found.setdefault(str(one.facts["message"]), []).append(step)
    return found


def _happened(item: Item, number: int, mailed: Sequence[Mailed]) -> Happened:
    if isinstance(item, Past):
        return Happened(item.at, "step", item.by, says=item.act, because=item.reason, number=number)
    facts = item.facts
    party = facts.get("party")
    delivery = facts.get("delivery")
    carried = next((one for one in mailed if one.tracked.id == delivery), None)
    closes_at = facts.get("closes_at")
    return Happened(
        at=item.at,
        kind=item.kind.value,
        by=str(facts.get("by") or ""),
        says=_SAID.get(str(facts.get("says")), ""),
        party=Role(party) if isinstance(party, str) and party else None,
        because=str(facts.get("because") or ""),
        sent=sent(carried.tracked, carried.attempts) if carried is not None else None,
        until=datetime.fromisoformat(closes_at) if isinstance(closes_at, str) else None,
        number=number,
    )


def _jumps(found: _Found, since: datetime | None) -> tuple[tuple[Jump, ...], ...]:
    """Where what was blocked, what waits, what failed and what is unseen stands: the newest of each."""
    kinds: tuple[list[Jump], ...] = ([], [], [], [])
    for place, item in reversed(list(enumerate(found.items))):
        if not isinstance(item, Entry) or item.kind is not Kind.MESSAGE:
            continue
        share = found.share(item)
        if share is None:
            continue
        jump = Jump(_page_of(place, len(found.items)), f"m-{share.message}-{share.ordinal}", item.at)
        is_so = (
            share.fate is Fate.REFUSED,
            share.fate is Fate.HELD and not share.is_dropped,
            share.message in found.failed,
            since is not None and item.at > since,
        )
        for one, says in zip(kinds, is_so, strict=True):
            if says and len(one) < jumps_max:
                one.append(jump)
    return tuple(tuple(one) for one in kinds)


def _page_of(place: int, total: int) -> int:
    """Where a page ends that has the item at `place` in it, with something after it."""
    return min(total, place + items_max // 3)


def _answered(found: _Found) -> Answered:
    """How the two wrote to one another, by what passed and was no automatic answer."""
    passed = dict.fromkeys(Role, 0)
    first: dict[Role, timedelta] = {}
    silence: timedelta | None = None
    silent: Role | None = None
    asked_by: Role | None = None
    asked_at: datetime | None = None
    last_from: Role | None = None
    last_at: datetime | None = None
    for item in found.items:
        if not isinstance(item, Entry) or item.kind is not Kind.MESSAGE:
            continue
        share = found.share(item)
        if share is None or share.fate is not Fate.PASSED or share.is_automatic:
            continue
        passed[share.writer] += 1
        last_from, last_at = share.writer, item.at
        if asked_by is None or asked_at is None:
            asked_by, asked_at = share.writer, item.at
        elif share.writer is not asked_by:
            took = item.at - asked_at
            first.setdefault(share.writer, took)
            if silence is None or took > silence:
                silence, silent = took, share.writer
            asked_by, asked_at = share.writer, item.at
    return Answered(passed, first, silence, silent, last_from, last_at)


def sent(tracked: Tracked, attempts: Sequence[Attempt]) -> SentSeen:
    """A delivery as the screen shows it."""
    return SentSeen(
        id=tracked.id,
        carries=tracked.carries.value,
        state=tracked.state.value,
        ordinal=tracked.passage,
        accepted_at=tracked.accepted_at,
        tried=tuple(
            Tried(one.at, one.outcome, one.cause.value if one.cause is not None else None, one.code, one.text) for one in attempts
        ),
    )


def initials(address: RealAddress) -> str:
    """The first letters of an address: who knows it recognises it, who does not cannot tell it."""
    local, _, domain = address.reveal().rpartition("@")
    return f"{local[:1]}•••@{domain[:1]}•••"


def _without_attribution(text: str) -> str:
    """`text`, behind which a quotation began, without the line that says whose: it ends in a colon."""
    above, _, last = text.rpartition("\n")
    return above.rstrip() if last.rstrip().endswith((":", "：")) else text


def _as_mail(words: str) -> bytes:
    return (
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + words.encode("utf-8", "replace")
    )
