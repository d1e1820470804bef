"""The booking core as commands ask it: the desks that the HTTP side has too, and what both take and show."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from relay.cli.opened import opened
from relay.machine import NewIds

if TYPE_CHECKING:
    from pydantic import BaseModel

    from relay.app.booking import Core
    from relay.settings import Settings
    from relay.store.store import Store

T = TypeVar("T")
M = TypeVar("M", bound="BaseModel")

file_octets_max = 1024 * 1024
"""Of a file that is read: a large offer with its variants."""


def asked(config: Path | None, step: Callable[[Core], Awaitable[T]]) -> T:
    """What `step` comes to at the desks of the configuration in `config`."""

    async def taken(settings: Settings, store: Store) -> T:
        from relay.app import addressing
        from relay.app.booking import core
        from relay.desk.webhooks import Herald

        new_id = NewIds()
        try:
            return await step(core(settings, store, addressing.mint(settings, new_id), new_id, _nobody, Herald(new_id)))
        finally:
            await store.close()

    from relay.store.store import Store

    with opened(config) as house:
        return asyncio.run(taken(house.settings, Store(house.engine)))


def _nobody() -> None:
    """Mail about bookings is posted by whoever serves, within seconds."""


def read_as(model: type[M], text: str, where: str) -> M:
    """`text`, JSON, as that model. Exits as wrong usage, with each field that cannot be used; no value is repeated."""
    from pydantic import ValidationError

    try:
        return model.model_validate_json(text)
    except ValidationError as wrong:
        raise _usage(wrong, where) from None


def made(model: type[M], given: dict[str, object], where: str = "options") -> M:
    """The options that were given, as that model; None is not given. Exits as wrong usage, as `read_as`."""
    from pydantic import ValidationError

    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as wrong:
        raise _usage(wrong, where) from None


def read_file(file: Path) -> str:
    """The text of a file, or of standard input for "-". Exits as wrong usage where that is too much, or no text."""
    octets = sys.stdin.buffer.read(file_octets_max + 1) if str(file) == "-" else _octets(file)
    if len(octets) > file_octets_max:
        raise typer.BadParameter(f"{file}: at most {file_octets_max} octets are read")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file}: it is not UTF-8 text") from None


def _octets(file: Path) -> bytes:
    with file.open("rb") as opened_file:
        return opened_file.read(file_octets_max + 1)


def _usage(wrong: object, where: str) -> typer.BadParameter:
    from pydantic import ValidationError

    assert isinstance(wrong, ValidationError)
    faults = (
        f"{'.'.join(str(step) for step in one['loc']) or where}: {one['msg'].removeprefix('Value error, ')}"
        for one in wrong.errors(include_input=False, include_url=False)
    )
    return typer.BadParameter("; ".join(faults))
