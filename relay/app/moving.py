"""A small installation put on a database that can grow with it: `relay move`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from relay.app import places
from relay.app.occupancy import alone
from relay.errors import Conflict, NotDone
from relay.settings import Settings
from relay.store import moving, schema
from relay.store.audit import unaccounted
from relay.store.engine import at_leisure, objects_of, reading
from relay.store.finding import Finding
from relay.store.moving import Arrived, Housing
from relay.store.snapshot import sqlite_file
from relay.values import Tell


@dataclass(frozen=True, slots=True)
class Moved:
    """What has arrived. `findings` is what `relay audit` says about it, which it says about the source as well."""

    tables: Sequence[Arrived]
    resumed: bool
    findings: Sequence[Finding]


def move(settings: Settings, to: Settings, *, now: datetime, tell: Tell) -> Moved:
    """Copies everything that `settings` have to where `to` says, and compares it. The source stays as it is.

    Raises Conflict while a gateway is at work, and where there is anything else already; NotDone where the two differ at the
    end, Unavailable, WrongConfiguration. Broken off at any point, it goes on where it was when it is begun again.
    """
    here, there = make_url(settings.database.url), make_url(to.database.url)
    if here == there:
        raise Conflict("that is where it is already")
    file = sqlite_file(settings.database.url)
    if file is not None and not file.exists():
        raise Conflict(f"there is nothing to move: no file {file}")
    with alone(settings.relay.state_dir):
        source, target = places.database(settings), places.database(to)
        try:
            if not schema.schema_is_current(source):
                raise Conflict("it is not at the schema of this version: run `relay migrate` first")
            return _moved(source, target, str(here), changes=to.blobs != settings.blobs, now=now, tell=tell)
        finally:
            source.dispose()
            target.dispose()


def _moved(source: Engine, target: Engine, origin: str, *, changes: bool, now: datetime, tell: Tell) -> Moved:
    resumed = moving.prepare(target, hashlib.sha256(origin.encode()).hexdigest())
    with moving.frozen(source) as connection:
        moving.copy(connection, target, Housing(changes, objects_of(source), objects_of(target)), tell)
        tables = moving.compare(connection, target, tell)
        tell("auditing", 0, 1)
        findings = _audited(target, now)
        # What was wrong before is moved as it is. What is wrong only there was done by the move.
        if findings and (new := set(findings) - set(unaccounted(connection, now))):
            raise NotDone(f"the audit there finds {len(new)} that it does not find here: {next(iter(new)).problem}")
        moving.finish(target, now)
    return Moved(tables, resumed, findings)


def _audited(engine: Engine, now: datetime) -> tuple[Finding, ...]:
    with reading(engine) as connection:
        at_leisure(connection)
        return unaccounted(connection, now)
