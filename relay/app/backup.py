"""Everything that an embedded installation consists of, in one file, while it runs; and checking such a file.

A tar archive, readable with any tool, not compressed: mail is compressed in the database already. `manifest.json` comes first,
and has the SHA-256 of what follows: the database, the secret, and the keys that sign the mail and the record. What lies
in the spool is not in it: that is mail which nobody has answered with 250 yet, so its sender still has it. What lies in an object
store stays there; the database names it.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from relay.app.keys import secret_file
from relay.app.places import objects
from relay.app.recording import record_key_file
from relay.errors import Conflict, NotDone
from relay.machine import synchronised
from relay.settings import Settings
from relay.store import snapshot
from relay.store.audit import unaccounted
from relay.store.claims import next_due_at
from relay.store.engine import open_engine, reading
from relay.store.finding import Finding
from relay.store.schema import schema_is_current
from relay.values import Tell

MANIFEST: Final = "manifest.json"
DATABASE: Final = "relay.db"
SECRET: Final = "secret.key"  # noqa: S105 (the name of a file)
SIGNING_KEY: Final = "dkim.pem"
FURTHER_KEY: Final = "dkim-ed25519.pem"
RECORD_KEY: Final = "record.pem"
manifest_octets_max: Final = 64 * 1024
_piece_octets: Final = 1024 * 1024
_SCRATCH: Final = ".relay-backup."
_IN_USE: Final = "in-use.lock"


class Kept(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["relay.db", "secret.key", "dkim.pem", "dkim-ed25519.pem", "record.pem"]
    octets: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup says about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    made_at: AwareDatetime
    relay: str = Field(description="the version of the program")
    domain: str
    configuration: str = Field(description="the file that named all this; it is not in the backup")
    schema_revision: str
    counts: Mapping[str, int]
    due: int = Field(description="deliveries under way at that instant")
    files: tuple[Kept, ...]

    def of(self, name: str) -> Kept | None:
        return next((one for one in self.files if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup. `findings` is what `relay audit` says about it; None when it was not asked."""

    file: Path
    octets: int
    manifest: Manifest
    findings: Sequence[Finding] | None


def kept_files(settings: Settings) -> dict[str, Path]:
    """Where each file of a backup belongs in this installation. Raises Conflict unless its database is an embedded one."""
    database = snapshot.sqlite_file(settings.database.url)
    keys = {
        SECRET: secret_file(settings.relay.state_dir),
        SIGNING_KEY: settings.dkim.key_file,
        RECORD_KEY: record_key_file(settings.relay.state_dir),
    }
    if database is None:
        further = [settings.dkim.ed25519_key_file] if settings.dkim.ed25519_selector else []
        named = " and ".join(str(one) for one in (*keys.values(), *further))
        raise Conflict(f"this is for the embedded database; for PostgreSQL use pg_dump and pg_restore, and copy {named}")
    return {DATABASE: database, **keys, FURTHER_KEY: settings.dkim.ed25519_key_file}


def back_up(settings: Settings, configuration: str, target: Path, *, now: datetime, verify: bool, tell: Tell) -> Backup:
    """Writes a backup to `target`, or into a file of its own where that is a directory; all of it is on the disk, or nothing is.

    While it is made there are two copies of the database beside the target. Raises Conflict when `target` exists, NotDone for a
    damaged database, and when what was written cannot be read back; Unavailable.
    """
    sources = kept_files(settings)
    if not sources[DATABASE].exists():
        raise Conflict(f"there is nothing to back up: no file {sources[DATABASE]}")
    file = target / f"relay-{now:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    if file.exists():
        raise Conflict(f"{file} exists; nothing is overwritten")
    with _scratch_beside(file) as scratch:
        copies = {name: scratch / name for name in sources}
        engine = open_engine(settings.database.url)
        try:
            if not schema_is_current(engine):
                raise Conflict("the database is not at the schema of this version: back up with the version that it belongs to")
            held = snapshot.taken(engine, copies[DATABASE], tell)
        finally:
            engine.dispose()
        findings = audited(settings, copies[DATABASE], now) if verify else None
        # After the database: a key that anything in it depends on was there before it.
        for name in (SECRET, SIGNING_KEY, FURTHER_KEY, RECORD_KEY):
            if sources[name].exists():
                _copy_private(sources[name], copies[name])
        manifest = Manifest(
            made_at=now,
            relay=version("relay-gateway"),
            domain=settings.relay.domain,
            configuration=configuration,
            schema_revision=held.schema,
            counts=held.counts,
            due=held.due,
            files=tuple(_kept(name, path) for name, path in copies.items() if path.exists()),
        )
        draft = scratch / "backup.tar"
        _pack(manifest, scratch, draft)
        if verify:
            with opened(draft) as (_, contents):
                for kept, octets in contents:
                    check(kept, octets, lambda _: None)
        _publish(draft, file)
    return Backup(file, file.stat().st_size, manifest, findings)


@contextmanager
def opened(file: Path) -> Iterator[tuple[Manifest, Iterator[tuple[Kept, IO[bytes]]]]]:
    """A backup's manifest, and its files in their order, to be read once. Raises NotDone for a file that is none."""
    try:
        with tarfile.open(file, "r:") as archive:
            first = archive.next()
            octets = archive.extractfile(first) if first is not None and first.isreg() and first.name == MANIFEST else None
            if octets is None:
                raise NotDone(f"{file} is no backup: it does not begin with {MANIFEST}")
            manifest = Manifest.model_validate_json(octets.read(manifest_octets_max))
            yield manifest, _contents(archive, manifest)
    except OSError as error:
        raise NotDone(f"{file}: {error.strerror}") from error
    except tarfile.TarError:
        raise NotDone(f"{file} is no backup, or a damaged one") from None
    except ValidationError:
        raise NotDone(f"{file} is no backup that this version understands") from None


def check(kept: Kept, octets: IO[bytes], keep: Callable[[bytes], object]) -> None:
    """Hands everything in `octets` to `keep`, in pieces. Raises NotDone unless it is what the manifest says."""
    sha256, count = hashlib.sha256(), 0
    while piece := octets.read(_piece_octets):
        sha256.update(piece)
        count += len(piece)
        keep(piece)
    if (count, sha256.hexdigest()) != (kept.octets, kept.sha256):
        raise NotDone(f"{kept.name} in the backup is not what was written: it is damaged")


def audited(settings: Settings, database: Path, at: datetime) -> tuple[Finding, ...]:
    """What `relay audit` says about a copy at the instant `at`, but for what is overdue: that nobody sends from it is no fault
    of a copy. Raises Unavailable.
    """
    engine = open_engine(f"sqlite:///{database}", objects=objects(settings))
    try:
        with reading(engine) as connection:
            return unaccounted(connection, min(next_due_at(connection) or at, at))
    finally:
        engine.dispose()


def _contents(archive: tarfile.TarFile, manifest: Manifest) -> Iterator[tuple[Kept, IO[bytes]]]:
    for kept in manifest.files:
        member = archive.next()
        # A link would be followed, to itself for ever.
        octets = archive.extractfile(member) if member is not None and member.isreg() and member.name == kept.name else None
        if octets is None:
            raise NotDone(f"{kept.name} is missing in the backup")
        yield kept, octets


@contextmanager
def _scratch_beside(file: Path) -> Iterator[Path]:
    """A directory for its owner alone, on the same disk as `file`. What a backup that was killed left there goes first."""
    try:
        _clear_leftovers(file.parent)
        scratch, lock = _taken_scratch(file.parent)
    except OSError as error:
        raise NotDone(f"{file.parent}: {error.strerror}") from error
    try:
        yield scratch
    except OSError as error:
        raise NotDone(f"{file}: {error.strerror}") from error
    finally:
        shutil.rmtree(scratch)
        os.close(lock)


def _taken_scratch(directory: Path) -> tuple[Path, int]:
    """A scratch directory, and the open lock that says that it is in use: until this process ends, however it ends."""
    while True:
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=directory))
        lock = os.open(scratch / _IN_USE, os.O_CREAT | os.O_RDWR, 0o600)
        if _locked(lock) and scratch.exists():
            return scratch, lock
        os.close(lock)  # somebody who clears away was quicker


def _clear_leftovers(directory: Path) -> None:
    """They hold a copy of all mail, and would fill the disk one after the other."""
    for left in directory.glob(f"{_SCRATCH}*"):
        # Another one clears it away, or it has not got so far as to be in use, or it is another user's: none of these is a reason
        # to make no backup.
        with suppress(OSError):
            lock = os.open(left / _IN_USE, os.O_RDWR)
            try:
                if _locked(lock):
                    shutil.rmtree(left)
            finally:
                os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _copy_private(source: Path, target: Path) -> None:
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as copy:
        copy.write(source.read_bytes())


def _kept(name: str, path: Path) -> Kept:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Kept.model_validate({"name": name, "octets": path.stat().st_size, "sha256": digest.hexdigest()})


def _pack(manifest: Manifest, scratch: Path, draft: Path) -> None:
    said = manifest.model_dump_json(indent=2).encode() + b"\n"
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
        with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(_member(MANIFEST, len(said), manifest.made_at), io.BytesIO(said))
            for kept in manifest.files:
                with (scratch / kept.name).open("rb") as file:
                    archive.addfile(_member(kept.name, kept.octets, manifest.made_at), file)
        written.flush()
        os.fsync(written.fileno())


def _member(name: str, octets: int, at: datetime) -> tarfile.TarInfo:
    """Without the names of users and groups here."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = octets, 0o600, int(at.timestamp())
    return member


def _publish(draft: Path, file: Path) -> None:
    """Give it its name: whole, or not at all, and in nobody's place."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise Conflict(f"{file} exists; nothing is overwritten") from None
    synchronised(file.parent)
