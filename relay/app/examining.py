"""Whether this installation can do its work, and what to do about what it cannot: what `relay doctor` and the operator's page
say."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from relay.app import surroundings
from relay.errors import RelayError, raised_at
from relay.machine import clock
from relay.settings import Settings
from relay.values import Clock
from relay.web.diagnosis import Examined, Finding, Health

_clocks_apart_s_max: Final = 30.0
part_s_max: Final = 40.0
"""What one examination is given while a page waits for it."""
examined_at_once: Final = 4


def examined(settings: Settings) -> tuple[Finding, ...]:
    """Everything in its order, one after the other, and what the configuration itself warns of. Blocks, for a minute at worst."""
    found = [examination_of(part, settings) for part in EXAMINATIONS]
    return (*found, *_warnings(settings))


def examination_of(part: str, settings: Settings) -> Finding:
    """What that one examination comes to. Never raises for what is wrong: that is the finding."""
    return _examined(part, EXAMINATIONS[part], settings)


@dataclass(slots=True)
class Doctor:
    """relay.web.operator_ports.Doctor: examines in threads of its own, so that nothing else in this process waits for them."""

    settings: Settings
    clock: Clock
    part_s_max: float = part_s_max
    _last: Examined | None = field(default=None, init=False)
    _under_way: asyncio.Task[Examined] | None = field(default=None, init=False)

    @property
    def last(self) -> Examined | None:
        """The last examination that this process made."""
        return self._last

    async def examine(self) -> Examined:
        """Whoever asks while one is under way hears of that one."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._examined(), name="doctor: examination")
        return await asyncio.shield(self._under_way)

    async def _examined(self) -> Examined:
        threads = ThreadPoolExecutor(examined_at_once, thread_name_prefix="doctor")
        try:
            found = await asyncio.gather(*(self._one(threads, part) for part in EXAMINATIONS))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
        self._last = Examined(self.clock(), (*found, *_warnings(self.settings)))
        return self._last

    async def _one(self, threads: ThreadPoolExecutor, part: str) -> Finding:
        try:
            async with asyncio.timeout(self.part_s_max):
                return await asyncio.get_running_loop().run_in_executor(threads, examination_of, part, self.settings)
        except TimeoutError:
            told = f"no answer within {self.part_s_max:.0f} s"
            return Finding(part, Health.FAILED, told, "run `relay doctor`, which waits longer")


def _warnings(settings: Settings) -> tuple[Finding, ...]:
    return tuple(Finding("configuration", Health.WARNING, one) for one in settings.warnings())


def _examined(part: str, examination: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return examination(settings)
    except RelayError as trouble:
        return Finding(part, Health.FAILED, str(trouble))
    except OSError as trouble:
        told = f"{trouble.filename}: {trouble.strerror}" if trouble.filename else trouble.strerror or type(trouble).__name__
        return Finding(part, Health.FAILED, told)
    except Exception as broke:  # noqa: BLE001 -- one examination that breaks keeps no other from being made
        # Not its text: it may hold what somebody wrote, or an address.
        told = f"this examination broke: {type(broke).__name__} at {raised_at(broke)}"
        return Finding(part, Health.FAILED, told, "report it")


def _database(settings: Settings) -> Finding:
    from relay.store.engine import difference, open_engine
    from relay.store.schema import schema_is_current

    engine = open_engine(settings.database.url)
    try:
        if schema_is_current(engine):
            apart_s = abs(difference(engine, clock()).total_seconds())
            if apart_s > _clocks_apart_s_max:
                told = f"its clock and the one of this machine differ by {apart_s:.0f} s"
                return Finding("database", Health.WARNING, told, "have both follow a time server")
            return Finding("database", Health.FINE, f"{engine.dialect.name}, at the present schema")
        if engine.dialect.name == "sqlite":
            return Finding("database", Health.FINE, "sqlite, which gets its schema when it is first used")
        return Finding("database", Health.FAILED, "not at the schema of this version", "run `relay migrate`")
    finally:
        engine.dispose()


def _secret(settings: Settings) -> Finding:
    from relay.app.addressing import knows_its_bounces, return_paths
    from relay.store.engine import open_engine, reading
    from relay.store.schema import schema_is_current

    file = settings.relay.state_dir / "secret.key"
    engine = open_engine(settings.database.url)
    try:
        if not schema_is_current(engine):
            return Finding("secret", Health.FINE, "no mail yet that bounces could come back for")
        with reading(engine) as connection:
            if knows_its_bounces(connection, return_paths(settings)):
                if file.stat().st_mode & 0o077:
                    return Finding("secret", Health.WARNING, f"{file} can be read by other users", f"chmod 600 {file}")
                return Finding("secret", Health.FINE, "bounces of the mail in this database are known again")
    finally:
        engine.dispose()
    told = f"{file} is another than the mail in this database was sent under: its bounces are refused"
    return Finding("secret", Health.FAILED, told, "copy secret.key from the other node, or from a backup")


def _blobs(settings: Settings) -> Finding:
    from relay.app import places
    from relay.store import ownership
    from relay.store.objects import new_key
    from relay.store.schema import schema_is_current

    objects = places.objects(settings)
    if objects is None:
        return Finding("blobs", Health.FINE, "in the database")
    engine = places.database(settings)
    try:
        if schema_is_current(engine):
            ownership.check(engine)
    finally:
        engine.dispose()
    key, octets = new_key("doctor"), os.urandom(64)
    objects.put(key, octets)
    if objects.get(key) != octets:
        return Finding("blobs", Health.FAILED, f"{settings.blobs.url} does not give back what was put there")
    objects.remove([key])
    return Finding("blobs", Health.FINE, f"{settings.blobs.url} can be written, read, and removed from")


def _state_dir(settings: Settings) -> Finding:
    directory = settings.relay.state_dir
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
        others = directory.stat().st_mode & 0o077
    except OSError as error:
        return Finding("state_dir", Health.FAILED, f"{directory}: {error.strerror}", "make it writable for this user")
    if others:
        return Finding("state_dir", Health.WARNING, f"{directory} is open to other users", f"chmod 700 {directory}")
    return Finding("state_dir", Health.FINE, f"{directory} can be written")


def _dkim(settings: Settings) -> Finding:
    from relay.app.keyring import keyrings

    told = []
    for ring in keyrings(settings):
        key = ring.present()
        if key is None:
            return Finding(
                "dkim", Health.WARNING, f"{ring.file} does not exist yet", "run `relay dkim generate` and publish its record"
            )
        if ring.file.stat().st_mode & 0o077:
            return Finding("dkim", Health.WARNING, f"{ring.file} can be read by other users", f"chmod 600 {ring.file}")
        told.append(f"{ring.file} holds a key, whose record belongs at {key.name(settings.relay.domain)}")
    return Finding("dkim", Health.FINE, f"{'; '.join(told)}, see `relay dkim show`")


def _time_zones(_: Settings) -> Finding:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo("Europe/Rome")
    except ZoneInfoNotFoundError:
        return Finding("time zones", Health.FAILED, "there is no time zone database", "install tzdata")
    return Finding("time zones", Health.FINE, "there is a time zone database")


EXAMINATIONS: Final[dict[str, Callable[[Settings], Finding]]] = {
    "database": _database,
    "secret": _secret,
    "blobs": _blobs,
    "state_dir": _state_dir,
    "disk": surroundings.disk,
    "dkim": _dkim,
    "tls": surroundings.tls,
    "authentication": surroundings.exposure,
    "antivirus": surroundings.antivirus,
    "payments": surroundings.payments,
    "dns": surroundings.dns,
    "way out": surroundings.way_out,
    "clock": surroundings.time_server,
    "time zones": _time_zones,
}
"""What is examined, in this order."""
