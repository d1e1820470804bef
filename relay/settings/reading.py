"""Reading the configuration: the file, then the environment over it; every fault reported, all together."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from relay.errors import WrongConfiguration
from relay.settings.settings import Key, Origin, Settings

PREFIX: Final = "RELAY_"
file_octets_max: Final = 1_000_000

_SAID: Final = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "tuple_type": "must be a list",
    "path_type": "must be a path",
    "model_type": "must be a table of keys",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "has characters that cannot stand there",
}
"""What pydantic's kinds of error are called here; others keep pydantic's own words."""


@dataclass(frozen=True, slots=True)
class Effective:
    """One value as it counts, in TOML, and where it came from. `value` is None where nothing is set."""

    section: str
    key: str
    value: object
    origin: Origin
    is_secret: bool = False
    """Whether there is a password in it, or a mail address."""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, which know where they come from. `file` is None where only the environment and the defaults were read."""

    settings: Settings
    file: Path | None

    def effective(self, *, redacted: bool = True) -> tuple[Effective, ...]:
        """As `effective` has it."""
        return effective(self.settings, redacted=redacted)


def effective(settings: Settings, *, redacted: bool = True) -> tuple[Effective, ...]:
    """Every key in its order, with its value and its origin. Redacted, passwords and mail addresses stay out."""
    hidden, revealed = (settings.model_dump(mode="json", context={"redacted": one}) for one in (True, False))
    values = hidden if redacted else revealed
    models = sections()
    return tuple(
        Effective(
            section,
            key,
            values[section][key],
            settings.origin(section, key),
            hidden[section][key] != revealed[section][key],
            models[section].model_fields[key].description or "",
        )
        for section, key in known_keys()
    )


def known_keys() -> tuple[Key, ...]:
    """Every section and key that there is, in the order of the example."""
    return tuple((section, key) for section, model in sections().items() for key in model.model_fields)


def sections() -> dict[str, type[BaseModel]]:
    """The model of each section, in their order."""
    models = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: model for name, model in models.items() if isinstance(model, type) and issubclass(model, BaseModel)}


def read(file: Path | None) -> Configuration:
    """The configuration from `file` (TOML) and the environment (`RELAY_SECTION__KEY`), which wins.

    Without a file: the environment over the defaults. Raises WrongConfiguration with all faults, each naming its section
    and key, and its line or its environment variable.
    """
    text = "" if file is None else _text(file)
    in_file = {} if file is None else _tables(file)
    in_environment = EnvSettingsSource(Settings)()
    origins: dict[Key, Origin] = {}
    merged: dict[str, object] = dict(in_file)
    for origin, source in ((Origin.FILE, in_file), (Origin.ENVIRONMENT, in_environment)):
        for section, table in source.items():
            below = merged.get(section)
            if isinstance(table, dict):
                merged[section] = {**(below if isinstance(below, dict) else {}), **table}
                origins |= {(section, key): origin for key in table}
            else:
                merged[section] = table
    where = _Places(file, _lines(text), origins)
    faults = list(_unknown_variables())
    try:
        settings = Settings(**merged)  # type: ignore[arg-type]  # checking what is in there is what this line is for
    except ValidationError as error:
        faults += (_fault(loc, kind, message, where) for loc, kind, message in _errors(error))
    else:
        faults += (f"{where.of(loc)}: {sentence}" for loc, sentence in settings.contradictions())
        if not faults:
            return Configuration(settings.from_where(origins), file)
    raise WrongConfiguration(*dict.fromkeys(faults))


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            octets = opened.read(file_octets_max + 1)
    except OSError as error:
        raise WrongConfiguration(f"{file}: cannot be read: {error.strerror}") from None
    if len(octets) > file_octets_max:
        raise WrongConfiguration(f"{file}: larger than {file_octets_max} octets")
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise WrongConfiguration(f"{file}:{line}: not UTF-8") from None


def _tables(file: Path) -> dict[str, object]:
    try:
        return dict(TomlConfigSettingsSource(Settings, file).toml_data)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f":{found[1]}" if found else ""
        raise WrongConfiguration(f"{file}{place}: no TOML: {error}") from None


_HEADER: Final = re.compile(r"\s*\[\s*([A-Za-z0-9_-]{1,80})\s*\]")
_ASSIGNED: Final = re.compile(r"\s*([A-Za-z0-9_-]{1,80})(?:\s*\.\s*([A-Za-z0-9_-]{1,80}))?\s*=")


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each section and key, for pointing at it; the first counts."""
    lines: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = (header[1],)
            lines.setdefault(section, number)
        elif key := _ASSIGNED.match(line):
            lines.setdefault((*section, *(name for name in key.groups() if name)), number)
    return lines


@dataclass(frozen=True, slots=True)
class _Places:
    """Tells where a key stands."""

    file: Path | None
    lines: Mapping[tuple[str, ...], int]
    origins: Mapping[Key, Origin]

    def of(self, loc: tuple[str, ...]) -> str:
        """The beginning of a fault's sentence: "relay.toml:12: smtp.listen" or "RELAY_SMTP__LISTEN: smtp.listen"."""
        name = ".".join(loc)
        origin = self.origins.get((loc[0], loc[1])) if len(loc) > 1 else None
        if origin is Origin.ENVIRONMENT:
            return f"{PREFIX}{'__'.join(loc).upper()}: {name}"
        line = self.lines.get(loc)
        return name if self.file is None or line is None else f"{self.file}:{line}: {name}"


def _errors(error: ValidationError) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Of each error: section and key, kind, and pydantic's sentence. An element of a list is told as its key's."""
    for one in error.errors(include_url=False, include_input=False):
        yield tuple(str(step) for step in one["loc"][:2]), one["type"], one["msg"].removeprefix("Value error, ")


def _fault(loc: tuple[str, ...], kind: str, message: str, where: _Places) -> str:
    if kind == "extra_forbidden":
        return f"{where.of(loc)}: there is no such {'key' if len(loc) > 1 else 'section'}{_meant('.'.join(loc), _names(loc))}"
    sentence = _SAID.get(kind) or message.replace("Input should be", "must be")
    return f"{where.of(loc)}: {sentence}"


def _names(loc: tuple[str, ...]) -> list[str]:
    if len(loc) == 1:
        return list(sections())
    return [f"{section}.{key}" for section, key in known_keys()]


def _meant(wrong: str, names: list[str]) -> str:
    close = get_close_matches(wrong, names, n=1, cutoff=0.7)
    return f"; did you mean {close[0]}?" if close else ""


def _unknown_variables() -> Iterator[str]:
    """A fault for each variable that looks like a key of ours and is none.

    With two underscores it can only be meant for us. With one it may belong to somebody else, as the RELAY_PORT which Kubernetes
    gives to the neighbours of a service named relay; it counts when it is all but the name of a key.
    """
    known = [f"{PREFIX}{section}__{key}".upper() for section, key in known_keys()]
    tables = {f"{PREFIX}{section}".upper() for section in sections()}
    for name in sorted(os.environ):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in known:
            continue
        if upper in tables:
            yield f"{name}: a section cannot be set as a whole; write {PREFIX}SECTION__KEY"
        elif "__" in upper.removeprefix(PREFIX):
            if upper.removeprefix(PREFIX).split("__", 1)[0].lower() not in sections():
                yield f"{name}: there is no such key{_meant(upper, known)}"
        elif close := get_close_matches(upper, known, n=1, cutoff=0.9):
            yield f"{name}: there is no such key; did you mean {close[0]}?"
