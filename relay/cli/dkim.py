"""`relay dkim`: the key that our mail is signed with, and the DNS record that goes with it (GW-45)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import as_json, complain, say
from relay.errors import Conflict, NotDone, NotFound
from relay.settings import Settings, read

app = typer.Typer(name="dkim", help="The key that our mail is signed with.", no_args_is_help=True, rich_markup_mode=None)

_string_octets_max: Final = 255
"""A TXT record is made of strings of at most this length (RFC 1035 §3.3.14)."""


@app.command()
def generate(
    config: ConfigFile = None,
    json: AsJson = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a key that is there. Mail signed with it fails.")] = False,
) -> None:
    """Write a new RSA-2048 key to dkim.key_file, and print the DNS record that makes it known."""
    from relay.outbound.signing import generate_key, public_record

    settings = read(config).settings
    pem = generate_key()
    _write(settings.dkim.key_file, pem, replace=force)
    if not json:
        complain(f"wrote {settings.dkim.key_file}; publish this record, then start the gateway")
    _tell(settings, public_record(pem), json=json)


@app.command()
def show(config: ConfigFile = None, json: AsJson = False) -> None:
    """Print the DNS record of the key that is there; writes nothing."""
    from relay.outbound.signing import public_record

    settings = read(config).settings
    file = settings.dkim.key_file
    try:
        pem = file.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{file} does not exist yet: run `relay dkim generate`") from None
    except OSError as error:
        raise NotDone(f"{file} cannot be read: {error.strerror}") from None
    _tell(settings, public_record(pem), json=json)


def _tell(settings: Settings, record: str, *, json: bool) -> None:
    if json:
        as_json({"key_file": str(settings.dkim.key_file), "name": settings.dkim_record_name, "type": "TXT", "value": record})
    else:
        say(zone_line(settings.dkim_record_name, record))


def zone_line(name: str, value: str) -> str:
    """A TXT record as zone files write it, its value cut into strings of 255."""
    pieces = [f'"{value[start : start + _string_octets_max]}"' for start in range(0, len(value), _string_octets_max)]
    return f"{name}. IN TXT ( {' '.join(pieces)} )"


def _write(file: Path, pem: bytes, *, replace: bool) -> None:
    """The key, readable by its owner alone. Raises Conflict when there is one, NotDone when it cannot be written."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if replace:
            file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(pem)
    except FileExistsError:
        raise Conflict(f"{file} is there already; --force replaces it, and mail signed with it then fails") from None
    except OSError as error:
        raise NotDone(f"{file} cannot be written: {error.strerror}") from None
