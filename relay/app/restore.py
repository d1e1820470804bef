"""A backup put in the place of an installation's state. Nothing is deleted: what was there is moved aside (decisions/0008)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from relay.app.archive import present
from relay.app.backup import (
    DATABASE,
    FURTHER_KEY,
    RECORD_KEY,
    SECRET,
    SIGNING_KEY,
    Kept,
    Manifest,
    audited,
    check,
    kept_files,
    opened,
)
from relay.app.keys import Secrets
from relay.app.occupancy import UNFINISHED, alone
from relay.app.recording import record_key_of
from relay.errors import Conflict, NotDone, WrongConfiguration
from relay.machine import synchronised
from relay.outbound.schedule import LIFETIME
from relay.outbound.signing_key import Algorithm, SigningKey
from relay.settings import Settings
from relay.store.engine import open_engine, reading, writing
from relay.store.finding import Finding
from relay.store.restored import UnderWay, decide_under_way
from relay.store.schema import PRESENT
from relay.store.snapshot import check_sound, described
from relay.store.stepping import Step
from relay.values import Tell

_LOGS = ("-wal", "-shm")
"""What SQLite keeps beside a database: it belongs to that database alone."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back. `findings` is what `relay audit` says; `aside`: where the state lies that was there before."""

    manifest: Manifest
    findings: Sequence[Finding]
    under_way: UnderWay
    aside: Sequence[Path]


def restore(settings: Settings, file: Path, *, now: datetime, force: bool, hold_due: bool, tell: Tell) -> Restored:
    """Puts the backup in `file` in the place of this installation's state.

    Everything is checked before anything is touched. Raises Conflict while a gateway is at work, where there is a state and
    not `force`, for the backup of another reply domain or of a newer version; NotDone for a damaged backup; Unavailable.
    """
    targets = kept_files(settings)
    with alone(settings.relay.state_dir), opened(file) as (manifest, contents):
        _check_fits(manifest, settings)
        before = [path for path in _with_logs(targets) if path.exists()]
        if before and not force:
            raise Conflict(f"there is a state already ({before[0]}); with --force it is moved aside, not deleted")
        staged: dict[str, Path] = {
            kept.name: targets[kept.name].with_name(f".{targets[kept.name].name}.restoring") for kept in manifest.files
        }
        try:
            for kept, octets in contents:
                tell("reading", list(staged).index(kept.name), len(staged))
                _stage(kept, octets, staged[kept.name])
            _check_keys(file, staged)
            findings, under_way = _made_ready(settings, staged[DATABASE], manifest, now, hold_all=hold_due)
            aside = _swap(settings.relay.state_dir, targets, staged, f"before-restore-{now:%Y%m%dT%H%M%SZ}")
        except OSError as error:
            raise NotDone(f"{error.filename}: {error.strerror}") from error
        finally:
            for path in _with_logs(staged):
                path.unlink(missing_ok=True)
        return Restored(manifest, findings, under_way, aside)


def _check_fits(manifest: Manifest, settings: Settings) -> None:
    if manifest.domain != settings.relay.domain:
        raise Conflict(f"it is a backup of {manifest.domain}, and relay.domain is {settings.relay.domain}")
    if manifest.schema_revision > PRESENT:
        raise Conflict(f"it was made by a newer version ({manifest.relay}) than this one")
    if manifest.of(DATABASE) is None:
        raise NotDone("there is no database in the backup")


def _stage(kept: Kept, octets: IO[bytes], path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of a restore that was broken off
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
        check(kept, octets, written.write)
        written.flush()
        os.fsync(written.fileno())


def _check_keys(backup: Path, staged: Mapping[str, Path]) -> None:
    """No gateway would start on a key that is none."""
    try:
        if SECRET in staged:
            Secrets.of(staged[SECRET].read_bytes(), Path(SECRET))
        for name, algorithm in ((SIGNING_KEY, Algorithm.RSA), (FURTHER_KEY, Algorithm.ED25519)):
            if name in staged:
                SigningKey.from_pem(staged[name].read_bytes(), "", algorithm)
        if RECORD_KEY in staged:
            record_key_of(staged[RECORD_KEY].read_bytes(), Path(RECORD_KEY))
    except WrongConfiguration as wrong:
        raise NotDone(f"{backup} cannot be restored: {wrong}") from wrong


def _made_ready(
    settings: Settings, database: Path, manifest: Manifest, now: datetime, *, hold_all: bool
) -> tuple[Sequence[Finding], UnderWay]:
    """At the present schema, with what was under way decided. Raises NotDone where it is not what the manifest tells of."""
    with closing(sqlite3.connect(database)) as copy:
        check_sound(copy)
    engine = present(open_engine(f"sqlite:///{database}"))
    try:
        with reading(engine) as connection:
            held = described(connection)
        for what, told, there in (
            *((name, count, held.counts.get(name)) for name, count in manifest.counts.items()),
            ("deliveries under way", manifest.due, held.due),
        ):
            if told != there:
                raise NotDone(
                    f"the database in the backup is not the one that its manifest tells of: {what}: {there}, not {told}"
                )
        step = Step("restore", now, f"the state of {manifest.made_at:%Y-%m-%d %H:%M:%SZ} was put back")
        with writing(engine) as connection:
            under_way = decide_under_way(connection, step, LIFETIME, hold_all=hold_all)
    finally:
        engine.dispose()  # and with the last connection SQLite puts its log into the file
    return audited(settings, database, now), under_way


def _swap(state_dir: Path, targets: Mapping[str, Path], staged: Mapping[str, Path], mark: str) -> Sequence[Path]:
    """Each file in its place. Until all are, no gateway starts here."""
    unfinished = state_dir / UNFINISHED
    unfinished.touch(mode=0o600)
    synchronised(state_dir)
    aside: list[Path] = []
    for path in _with_logs(targets):
        if path.exists():
            aside.append(_aside(path, mark))
            path.rename(aside[-1])
    for name, path in staged.items():
        path.rename(targets[name])
    for directory in {targets[name].parent for name in staged}:
        synchronised(directory)
    unfinished.unlink()
    synchronised(state_dir)
    return aside


def _aside(path: Path, mark: str) -> Path:
    """Its name aside; a log's is such that SQLite still finds it by its database."""
    log = next((log for log in _LOGS if path.name.endswith(log)), "")
    return path.with_name(f"{path.name.removesuffix(log)}.{mark}{log}")


def _with_logs(files: Mapping[str, Path]) -> list[Path]:
    paths: list[Path] = []
    for name, path in files.items():
        paths.append(path)
        if name == DATABASE:
            paths += [path.with_name(path.name + log) for log in _LOGS]
    return paths
