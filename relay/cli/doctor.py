"""`relay doctor`: whether this installation can do its work, and what to do about what it cannot."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Final

import typer

from relay.cli import surroundings
from relay.cli.diagnosis import Finding, Health
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, complain, say
from relay.errors import RelayError, raised_at
from relay.machine import clock
from relay.settings import Settings, read

_clocks_apart_s_max: Final = 30.0
_MARKS: Final = {"fine": ("ok  ", None), "warning": ("WARN", typer.colors.YELLOW), "failed": ("FAIL", typer.colors.RED)}


def doctor(config: ConfigFile = None, json: AsJson = False) -> None:
    """Examine this installation and what it depends on: a line each, with what to do; exit 1 when something fails."""
    settings = read(config).settings
    findings = [_examined(part, examination, settings) for part, examination in EXAMINATIONS.items()]
    findings += [Finding("configuration", Health.WARNING, one) for one in settings.warnings()]
    if json:
        all_as_json([{"part": one.part, "health": one.health.value, "told": one.told, "remedy": one.remedy} for one in findings])
    for one in findings if not json else ():
        mark, colour = _MARKS[one.health.value]
        typer.echo(f"{typer.style(mark, fg=colour)}  ", nl=False)
        say(f"{one.part}: {one.told}" + (f"; {one.remedy}" if one.remedy else ""))
    failed = sum(one.health is Health.FAILED for one in findings)
    if failed:
        complain(f"{failed} of {len(findings)} examinations failed")
        raise typer.Exit(1)


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
