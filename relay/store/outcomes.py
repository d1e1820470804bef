"""What became of everything that was written in a conversation: every share of every message, with what was sent of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, bindparam, select

from relay.message.leaks import Finding
from relay.store.found import findings_in
from relay.store.tables import State, deliveries, passages
from relay.store.tracked import TRACKED, Tracked, as_tracked
from relay.transit.crossing import Fate
from relay.values import ConversationId, MessageId

_ENDED: Final = frozenset({State.DELIVERED, State.FAILED, State.DROPPED})


@dataclass(frozen=True, slots=True)
class ShareOutcome:
    """One recipient's share of a message, as it stands now, with its deliveries: the rendition's, or a notice's."""

    message: MessageId
    ordinal: int
    fate: Fate
    reason: str | None
    detail: str = field(repr=False)
    findings: tuple[Finding, ...]
    is_dropped: bool
    deliveries: tuple[Tracked, ...]

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return all(one.state in _ENDED for one in self.deliveries)


def in_conversation(connection: Connection, conversation: ConversationId) -> tuple[ShareOutcome, ...]:
    """Every share of every message in `conversation`, the oldest first."""
    sent: dict[tuple[str | None, int | None], list[Tracked]] = {}
    for row in connection.execute(_DELIVERIES, {"conversation": conversation}):
        tracked = as_tracked(row)
        sent.setdefault((tracked.message, tracked.passage), []).append(tracked)
    return tuple(
        ShareOutcome(
            message=MessageId(row.message),
            ordinal=row.ordinal,
            fate=Fate(row.fate),
            reason=row.reason,
            detail=row.detail,
            findings=findings_in(row.findings),
            is_dropped=row.dropped_at is not None,
            deliveries=tuple(sent.get((row.message, row.ordinal), ())),
        )
        for row in connection.execute(_SHARES, {"conversation": conversation})
    )


_SHARES: Final = (
    select(passages).where(passages.c.conversation == bindparam("conversation")).order_by(passages.c.message, passages.c.ordinal)
)
_DELIVERIES: Final = TRACKED.where(deliveries.c.conversation == bindparam("conversation")).order_by(deliveries.c.id)
