"""One accepted message with all that it causes, in the caller's transaction: after its commit, and only then, comes the 250.

What can be made without the database is made before the transaction: see `packing`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import Connection, Text, and_, bindparam, exists, func, or_, select, union_all

from relay.errors import ToldEnough
from relay.policy.facts import Earlier, auto_replies_a_day_max
from relay.policy.reasons import Reason
from relay.store import blobs, questions, rows, timeline
from relay.store.packing import Claimant, Packed, Share, delivery_row
from relay.store.prepared import Prepared
from relay.store.rows import Found, Inserted
from relay.store.tables import State, deliveries, messages, passages, path_characters_max, texts
from relay.transit.crossing import Fate, Passage, back_resent_within, resent_within
from relay.transit.delivery import Carries, Delivery, notices_a_day_max
from relay.transit.thread import ThreadIds
from relay.values import ConversationId, MessageId, MsgId, RealAddress, Role

thread_ids_max: Final = 200
"""Ids of a message that are looked up: References of real threads stay below a hundred."""


def write(connection: Connection, packed: Packed) -> tuple[Delivery, ...]:
    """Writes what `packed` made ready: eight statements, whatever the number of recipients.

    A share that passed is looked for once more, where nobody else can write: a client that timed out, and sent again while the
    first copy was still being scanned, has both of them judged before either is here (GW-31, FAULT-51, FAULT-52). The same goes
    for the hint beside one that passed, and for what a day has a budget of: of two messages that come at the same time, one has
    the last of it. Raises ToldEnough when nobody gets the message, and its writer had a day's notices (GW-52).
    """
    shares = tuple(_within_budgets(connection, share, packed.received_at) for share in _without_copies(connection, packed))
    _refuse_one_notice_more(connection, shares, packed.received_at)
    going = [packed.apart, *(share.outgoing for share in shares)]
    renditions = [share.rendition for share in shares if share.rendition is not None]
    blobs.inserted(connection, [packed.raw, *renditions, *(blob for one in going for blob in one.blobs)])
    _MESSAGES(connection, [packed.message])
    _PASSAGES(connection, [share.row for share in shares])
    _DELIVERIES(connection, [row for one in going for row in one.deliveries])
    _TEXTS(connection, [packed.text])
    questions.add(connection, [share.asked(packed.received_at) for share in shares if share.passage.question is not None])
    timeline.append(connection, [share.draft for share in shares], packed.at)
    return tuple(delivery for one in going for delivery in one.claimed)


def add_deliveries(
    connection: Connection, outgoing: Collection[Delivery], passage: int | None, now: datetime, claimant: Claimant | None = None
) -> None:
    """Writes further mail about a message that is stored: notices. They are due at once and nobody's yet, or the claimant's."""
    kept = [blobs.row(delivery.id, delivery.content)[0] for delivery in outgoing]
    blobs.inserted(connection, kept)
    due_at, worker = (claimant.until, claimant.worker) if claimant is not None else (now, None)
    _DELIVERIES(connection, [delivery_row(one, passage, one.id, State.DUE, due_at, worker) for one in outgoing])


def add_rendition_delivery(connection: Connection, delivery: Delivery, passage: int, content: str, now: datetime) -> None:
    """Writes the delivery of a rendition whose octets are kept under `content`. It is due at once and nobody's yet."""
    _DELIVERIES(connection, [delivery_row(delivery, passage, content, State.DUE, now, None)])


def earlier(connection: Connection, conversation: ConversationId, fingerprint: bytes, at: datetime) -> Earlier:
    """The copies of that fingerprint taken over in `conversation` within `resent_within` before `at` (GW-31).

    One that came back counts for `back_resent_within`, one that was dropped not at all: its writer tries again.
    """
    rows = _EARLIER_HERE.rows(
        connection, conversation=conversation, fingerprint=fingerprint, since=at - resent_within, lately=at - back_resent_within
    )
    return _earlier(rows)


def automatic_since(connection: Connection, conversation: ConversationId, since: datetime) -> int:
    """Automatic messages that passed in `conversation` since then: what the budget of auto-replies is counted by (GW-28)."""
    return _counted(_AUTOMATIC_SINCE.one(connection, conversation=conversation, since=since))


def notices_since(connection: Connection, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int:
    """Notices to `recipient` about `conversation` since then: what the daily cap is counted by (GW-52).

    Those that were accepted together with the message they are about, and those about a delivery that failed or takes longer.
    """
    return _counted(_NOTICES_SINCE.one(connection, conversation=conversation, since=since, recipient=recipient.reveal()))


def is_hinted_already(connection: Connection, passage: Passage, at: datetime) -> bool:
    """Whether the writer whom `passage` has a hint for had a notice about that conversation in the day before `at` (GW-52).

    Of two transactions that ask at the same time about one conversation, the second waits for the first.
    """
    hint = passage.hint
    if hint is None:
        return False
    timeline.lock(connection, passage.conversation)
    return notices_since(connection, passage.conversation, hint.recipient, at - timedelta(days=1)) > 0


def is_one_too_many(connection: Connection, notice: Delivery, at: datetime) -> bool:
    """Whether its reader had all the notices about that conversation that a day has, in the day before `at` (GW-52).

    Of two transactions that ask at the same time about one conversation, the second waits for the first, and counts its notice.
    """
    if notice.conversation is None:
        return False
    timeline.lock(connection, notice.conversation)
    told = notices_since(connection, notice.conversation, notice.recipient, at - timedelta(days=1))
    return told >= notices_a_day_max


def _within_budgets(connection: Connection, share: Share, at: datetime) -> Share:
    """`share` without its hint where there was one, absorbed where the day's automatic answers are used up (GW-28, GW-52)."""
    passage = share.passage
    if passage.fate is Fate.PASSED and passage.automatic:
        timeline.lock(connection, passage.conversation)
        if automatic_since(connection, passage.conversation, at - timedelta(days=1)) >= auto_replies_a_day_max:
            return share.as_too_many()
    if passage.question is not None:
        timeline.lock(connection, passage.conversation)
        return share.joined(questions.place(connection, passage, at))
    return share.untold() if is_hinted_already(connection, passage, at) else share


def _refuse_one_notice_more(connection: Connection, shares: Sequence[Share], at: datetime) -> None:
    """Beside a recipient who gets the message its notice is sent all the same."""
    if not shares or any(share.passage.fate is not Fate.REFUSED for share in shares):
        return
    first = next((share.passage.deliveries[0] for share in shares if share.passage.deliveries), None)
    if first is not None and is_one_too_many(connection, first, at):
        raise ToldEnough("its writer had a day's notices")


def thread_ids(connection: Connection, conversation: ConversationId, ids: Collection[MsgId]) -> ThreadIds:
    """What `ids` are called on either side of `conversation`; ids of other conversations are unknown here (GW-41, CASE-37)."""
    asked = [rows.text(one, path_characters_max) for one in list(dict.fromkeys(ids))[-thread_ids_max:]]
    if not asked:
        return ThreadIds.nothing()
    by_reader: dict[Role, dict[MsgId, MsgId]] = {Role.PARTNER: {}, Role.CUSTOMER: {}}
    size = next(size for size in _THREAD_SIZES if len(asked) <= size)
    names = {f"id{at}": asked[min(at, len(asked) - 1)] for at in range(size)}
    # Put in order here: asked to do it, SQLite would walk the whole conversation in that order.
    for row in sorted(_thread(size).rows(connection, conversation=conversation, **names), key=lambda row: str(row.message)):
        writer = Role(row.writer)
        if row.original_id is not None:
            by_reader[writer.other][MsgId(row.original_id)] = MsgId(row.rendition_id)
            by_reader[writer][MsgId(row.rendition_id)] = MsgId(row.original_id)
    return ThreadIds(for_partner=by_reader[Role.PARTNER], for_customer=by_reader[Role.CUSTOMER])


_MESSAGES: Final = Inserted(
    messages,
    *("id", "received_at", "return_path", "aliases", "client_ip", "helo", "tls", "smtputf8", "evidence"),
    *("size", "original_id", "fingerprint", "author", "salt", "raw"),
)
_PASSAGES: Final = Inserted(
    passages,
    *("message", "ordinal", "conversation", "writer", "fate", "reason", "detail", "findings"),
    *("rendition", "original_id", "rendition_id", "removed", "automatic"),
)
_DELIVERIES: Final = Inserted(
    deliveries,
    *("id", "message", "passage", "conversation", "carries", "return_path", "recipient", "domain", "content"),
    *("state", "due_at", "attempts", "accepted_at", "claimed_by"),
)
_TEXTS: Final = Inserted(texts, "message", "subject", "people", "body", "files", "stale")

_CAME_TO_NOTHING: Final = exists().where(
    deliveries.c.message == passages.c.message,
    deliveries.c.passage == passages.c.ordinal,
    deliveries.c.carries == Carries.RENDITION.value,
    or_(
        deliveries.c.state == State.DROPPED.value,
        and_(deliveries.c.state == State.FAILED.value, messages.c.received_at < bindparam("lately")),
    ),
)
_COPIES: Final = (
    select(messages.c.id, passages.c.conversation, passages.c.fate, passages.c.reason)
    .join_from(messages, passages, passages.c.message == messages.c.id)
    .where(
        messages.c.fingerprint == bindparam("fingerprint"),
        messages.c.received_at >= bindparam("since"),
        passages.c.fate.in_([Fate.PASSED.value, Fate.HELD.value, Fate.TAKEN.value, Fate.REFUSED.value]),
        passages.c.dropped_at.is_(None),
        ~_CAME_TO_NOTHING,
    )
    .order_by(messages.c.seq)
)
"""Copies that are on their way, arrived, came back lately, wait for a person or were refused, in any conversation."""
# coalesce() keeps the planner off the index by conversation: the fingerprint finds one row, a busy conversation holds thousands.
_HERE: Final = func.coalesce(passages.c.conversation, "") == bindparam("conversation")
_EARLIER: Final = Prepared(_COPIES)
_EARLIER_HERE: Final = Prepared(_COPIES.where(_HERE))
_LOCK: Final = Prepared(select(func.pg_advisory_xact_lock(bindparam("key")).label("locked")))
_AUTOMATIC_SINCE: Final = Prepared(
    select(func.count().label("count"))
    .select_from(passages)
    .join(messages, messages.c.id == passages.c.message)
    .where(
        passages.c.conversation == bindparam("conversation"),
        passages.c.automatic,
        passages.c.fate == Fate.PASSED.value,
        messages.c.received_at >= bindparam("since"),
    )
)
_NOTICES_SINCE: Final = Prepared(
    select(func.count().label("count"))
    .select_from(deliveries)
    .where(
        deliveries.c.conversation == bindparam("conversation"),
        deliveries.c.accepted_at >= bindparam("since"),
        deliveries.c.carries == Carries.NOTICE.value,
        deliveries.c.recipient == bindparam("recipient"),
    )
)
_NAMED: Final = select(passages.c.message, passages.c.writer, passages.c.original_id, passages.c.rendition_id).where(
    passages.c.rendition_id.is_not(None)
)
_THREAD_SIZES: Final = (2, 10, 50, thread_ids_max)
"""Ids that a statement looks up. Shorter lists repeat their last one, so that a handful of statements do for all."""


@cache
def _thread(size: int) -> Prepared:
    ids = [bindparam(f"id{at}", type_=Text) for at in range(size)]
    return Prepared(
        union_all(
            _NAMED.where(passages.c.conversation == bindparam("conversation"), passages.c.original_id.in_(ids)),
            _NAMED.where(_HERE, passages.c.rendition_id.in_(ids)),
        )
    )


def _counted(row: Found | None) -> int:
    return row.count if row is not None else 0


def _earlier(rows: Sequence[Found]) -> Earlier:
    """Copies in one conversation, the oldest first."""
    refused: dict[Reason, MessageId] = {}
    taken: MessageId | None = None
    for row in rows:
        if row.fate == Fate.REFUSED.value:
            refused.setdefault(Reason(row.reason), MessageId(row.id))
        elif taken is None:
            taken = MessageId(row.id)
    return Earlier(taken, refused)


def _without_copies(connection: Connection, packed: Packed) -> tuple[Share, ...]:
    """The shares of `packed`; each that has been taken over before as the copy that it is.

    Refused ones are copies all together: the notice about the message hangs on one of them (GW-52).
    """
    if connection.dialect.name == "postgresql":
        # Until the commit, no other node writes a message of this fingerprint; SQLite has one writer at a time anyway.
        _LOCK.rows(connection, key=int.from_bytes(packed.fingerprint[:8], signed=True))
    here: dict[str, list[Found]] = defaultdict(list)
    at = packed.received_at
    rows = _EARLIER.rows(connection, fingerprint=packed.fingerprint, since=at - resent_within, lately=at - back_resent_within)
    for row in rows:
        here[row.conversation].append(row)
    if not here:
        return packed.shares
    copies = tuple(_first_copy(share, _earlier(here.get(share.passage.conversation, []))) for share in packed.shares)
    refused = [of for share, of in zip(packed.shares, copies, strict=True) if share.passage.fate is Fate.REFUSED]
    return tuple(
        share if of is None or (share.passage.fate is Fate.REFUSED and None in refused) else share.as_copy(of)
        for share, of in zip(packed.shares, copies, strict=True)
    )


def _first_copy(share: Share, earlier: Earlier) -> MessageId | None:
    """The message of which `share` is a copy."""
    match share.passage.fate:
        case Fate.PASSED | Fate.HELD | Fate.TAKEN:
            return earlier.taken
        case Fate.REFUSED:
            return earlier.taken or earlier.refused.get(Reason(share.passage.reason))
        case Fate.DUPLICATE | Fate.ABSORBED | Fate.UNCLAIMED:
            return None
