"""Messages taken over, and what becomes of their deliveries in a database under test."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from relay.conversation import Conversation
from relay.store import claims, outbox, queue
from relay.store.timeline import Kind, entries, verify
from relay.store.tracked import Tracked
from relay.transit.delivery import Cause, Deferred, Delivered, Delivery, Failed, Outcome
from support.archive import LEASE, World
from support.world import NOW

AFTER_LEASE: Final = NOW + LEASE
SOON: Final = NOW + timedelta(minutes=1)
LATER: Final = NOW + timedelta(minutes=6)
DELIVERED: Final = Delivered(250, "2.0.0 queued as 4711")
DEFERRED: Final = Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 over quota <marco.bellini@alpine-tours.example>")
IN_DOUBT: Final = Deferred(Cause.SERVER_UNREACHABLE, None, "connection lost", in_doubt=True)
FAILED: Final = Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no such user <marco.bellini@alpine-tours.example>")


def claimed(world: World, *, at: datetime = AFTER_LEASE, count_max: int = 10, worker: str = "worker-2") -> list[Delivery]:
    return world.write(lambda connection: claims.claim(connection, at, LEASE, count_max, worker))


def recorded(world: World, delivery: Delivery, outcome: Outcome, **more: object) -> bool:
    if isinstance(outcome, Deferred):
        more = {"next_due": LATER, **more}
    return world.write(lambda connection: outbox.record(connection, delivery.id, outcome, now=SOON, **more))  # type: ignore[arg-type]


def tracked(world: World, delivery: Delivery) -> Tracked:
    return world.read(lambda connection: queue.shown(connection, delivery.id))


def kinds(world: World, conversation: Conversation) -> list[Kind]:
    assert world.read(lambda connection: verify(connection, conversation.id)) is None
    return [entry.kind for entry in world.read(lambda connection: entries(connection, conversation.id))]


def sent(world: World, count: int = 1) -> tuple[Conversation, list[Delivery]]:
    """A conversation with `count` messages taken over, a minute apart."""
    conversation = world.opened()
    crossings = [
        world.crossing(conversation, body=f"number {number}", at=NOW + timedelta(minutes=number)) for number in range(count)
    ]
    return conversation, [
        delivery
        for number, crossing in enumerate(crossings)
        for delivery in world.accepted(crossing, now=NOW + timedelta(minutes=number))
    ]
