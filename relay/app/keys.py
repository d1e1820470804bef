"""The installation's own secrets: made at the first start, kept in files that only their owner reads."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from relay.errors import WrongConfiguration
from relay.machine import write_private

_SECRET_OCTETS: Final = 64


def secret_file(state_dir: Path) -> Path:
    """Where the installation's own secret lies."""
    return state_dir / "secret.key"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The installation's own secret, in two independent halves: for the MAC of return paths, and for sealing ids."""

    return_paths: bytes = field(repr=False)
    seal: bytes = field(repr=False)

    @classmethod
    def at(cls, state_dir: Path) -> Secrets:
        """The secret kept in `state_dir`; made, readable by its owner alone, when it is missing."""
        return cls.of(kept(secret_file(state_dir), lambda: secrets.token_bytes(_SECRET_OCTETS)), secret_file(state_dir))

    @classmethod
    def of(cls, octets: bytes, file: Path) -> Secrets:
        """The secret that `octets` are, which stand in `file`. Raises WrongConfiguration where they are none."""
        if len(octets) != _SECRET_OCTETS:
            raise WrongConfiguration(f"{file}: not a secret of this program")
        return cls(octets[:32], octets[32:])


def kept(path: Path, make: Callable[[], bytes], tell: Callable[[], None] = lambda: None) -> bytes:
    """What stands in the file at `path`; made, and written for its owner alone, when there is none. Raises WrongConfiguration.

    Of several that make it at once one is first, and `tell`s; the others take what it made.
    """
    try:
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                write_private(path, make())
                tell()
        return path.read_bytes()
    except OSError as error:
        raise WrongConfiguration(f"{path}: {error.strerror}") from error
