"""Counts in memory, written down in portions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, Engine
from support.archive import World

from relay.app.tallying import results_at_once, write_down
from relay.errors import Unavailable
from relay.machine import clock
from relay.outbound.tls_report import Finding, Followed, Tallies
from relay.store import transport
from relay.store.engine import open_engine
from relay.store.store import Store


class Moody(World):
    """A database that takes so many transactions and then is away."""

    writes = 0

    def takes(self, writes: int) -> Store:
        self.writes = writes

        async def write(work: Callable[[Connection], None]) -> None:
            if self.writes == 0:
                raise Unavailable("the database is away")
            self.writes -= 1
            self.write(work)

        return cast("Store", type("Writes", (), {"write": staticmethod(write)}))

    def domains(self) -> list[str]:
        return sorted(
            one.domain
            for one in self.read(lambda connection: transport.tls_counted(connection, (clock() - timedelta(days=1)).date()))
        )


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "relay.db"
    path.write_bytes(migrated.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


async def test_what_could_not_be_written_down_comes_again_and_nothing_twice(database: Engine) -> None:
    """RFC 8460 §4: a portion a transaction, and those that were committed are not counted once more."""
    moody, tallies = Moody(database), Tallies(clock)
    expected = sorted(f"d{number}.example" for number in range(2 * results_at_once + 1))
    for domain in expected:
        tallies.note(domain, Followed.STS, Finding.SUCCESS)
    with pytest.raises(Unavailable):
        await write_down(tallies, moody.takes(1))
    assert len(moody.domains()) == results_at_once
    await write_down(tallies, moody.takes(2))
    assert moody.domains() == expected
    assert tallies.taken() == {}
    counted = moody.read(lambda connection: transport.tls_counted(connection, (clock() - timedelta(days=1)).date()))
    assert {one.sessions for one in counted} == {1}
