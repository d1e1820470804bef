"""Whatever posts, breaks, fails, comes back, and whoever steps in, in whatever order: each mail about a booking has one end, and
the house hears of each that did not arrive (invariants 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select
from support.archive import World
from support.booked import REFERENCE, carrying, written_down
from support.sending import DEFERRED, DELIVERED, FAILED, LATER
from support.world import NOW

from relay.errors import Conflict, NotFound
from relay.store import outbox, posting, queue
from relay.store.audit import unaccounted, unposted_after
from relay.store.engine import open_engine
from relay.store.exchange_tables import notifications
from relay.store.posting import BookingMail
from relay.store.schema import migrate
from relay.store.stepping import Step
from relay.store.tables import State, alerts, deliveries
from relay.store.tally import tally_of_mail
from relay.transit.alarm import Alarm
from relay.values import DeliveryId

OPS: Final = Step("ops", NOW)
MAILS: Final = 3

Act = Callable[[World, Connection, BookingMail], object]


def _posted(world: World, connection: Connection, mail: BookingMail) -> object:
    return posting.post(connection, mail, carrying(world, mail), NOW)


def _of_delivery(act: Callable[[Connection, DeliveryId], object]) -> Act:
    """What happens to the delivery of a mail, if it has one."""

    def done(world: World, connection: Connection, mail: BookingMail) -> object:
        delivery = posting.one(connection, mail.id).delivery
        return act(connection, delivery) if delivery is not None else None

    return done


ACTS: Final[dict[str, Act]] = {
    "post": _posted,
    "park": lambda _, connection, mail: posting.park(connection, mail, "KeyError in letter.py:12", NOW),
    "spare": lambda _, connection, mail: posting.spare(connection, mail, "the customer was erased", NOW),
    "retry": lambda _, connection, mail: posting.retry(connection, mail.id, OPS),
    "drop": lambda _, connection, mail: posting.drop(connection, mail.id, OPS),
    "deliver": _of_delivery(lambda connection, id_: outbox.record(connection, id_, DELIVERED, now=NOW)),
    "defer": _of_delivery(lambda connection, id_: outbox.record(connection, id_, DEFERRED, now=NOW, next_due=LATER)),
    "fail": _of_delivery(lambda connection, id_: outbox.record(connection, id_, FAILED, now=NOW)),
    "bounce": _of_delivery(lambda connection, id_: outbox.bounced(connection, id_, FAILED, now=NOW)),
    "hold": _of_delivery(lambda connection, id_: queue.hold(connection, id_, OPS)),
    "release": _of_delivery(lambda connection, id_: queue.release(connection, id_, OPS)),
    "give up": _of_delivery(lambda connection, id_: queue.drop(connection, id_, OPS)),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One database for all: what a run before has left has its ends, and is looked at again with each further run."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('posting')}/relay.db")
    migrate(engine)
    world = World(engine)
    world.opened(REFERENCE)
    yield world
    engine.dispose()


@given(acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, MAILS - 1)), max_size=30))
def test_each_mail_has_one_end(world: World, acts: list[tuple[str, int]]) -> None:
    mails = [written_down(world) for _ in range(MAILS)]
    for name, number in acts:
        with suppress(Conflict, NotFound):
            world.write(lambda connection, act=ACTS[name], mail=mails[number]: act(world, connection, mail))
    for mail in mails:  # as it was when it was written down: another node's idea of it
        world.write(lambda connection, mail=mail: posting.post(connection, mail, carrying(world, mail), NOW))
    assert world.read(lambda connection: unaccounted(connection, NOW + unposted_after / 2)) == ()
    written = world.read(lambda connection: connection.execute(select(func.count()).select_from(notifications)).scalar_one())
    assert sum(world.read(tally_of_mail).values()) == written
    assert world.read(failed) == world.read(told_of)


def failed(connection: Connection) -> list[str]:
    """The mails that did not arrive."""
    chosen = select(notifications.c.id).join(deliveries, deliveries.c.id == notifications.c.delivery)
    return sorted(connection.execute(chosen.where(deliveries.c.state == State.FAILED.value)).scalars())


def told_of(connection: Connection) -> list[str]:
    """Those of which the house heard that."""
    chosen = select(alerts.c.notification).where(alerts.c.kind == Alarm.NOTIFICATION_FAILED.value)
    return sorted(connection.execute(chosen).scalars())
