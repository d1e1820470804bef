"""The keys that our mail is signed with, in files beside each other, and how one takes the place of another (GW-45).

`dkim.pem` signs; `dkim.pem.next` waits until DNS has its record; `dkim.pem.retired-SELECTOR`, a public key, tells of one that
signed before, whose record has to stay while its signatures count. Each file says its selector, so that changing a key is one
rename, and copying it to another node is all that node needs.
"""

from __future__ import annotations

import contextlib
import glob
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from relay.app.keys import kept
from relay.errors import Conflict, NotDone, NotFound, WrongConfiguration
from relay.machine import synchronised, write_private
from relay.outbound.signing import Signer, lifetime_default
from relay.outbound.signing_key import (
    Algorithm,
    SigningKey,
    generate_key,
    is_selector,
    named_in,
    record_name,
    record_of_public_pem,
    selector_form,
)
from relay.settings import Settings

log = structlog.get_logger("relay.keys")

record_kept: Final = lifetime_default + timedelta(days=7)
"""How long the record of a key stays in DNS after another has taken its place: as long as its signatures count, and a week for
gateways that were told late."""
_DATE: Final = re.compile(r"-\d{8}(?:-\d+)?$")
_RETIRED: Final = re.compile(r"^Retired: *(\S+) *\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Retired:
    """A key that signs no more. Its record stays in DNS until `until` (UTC)."""

    selector: str
    record: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one algorithm. `selector` is that of a key whose file does not name one."""

    file: Path
    selector: str
    algorithm: Algorithm

    def present(self) -> SigningKey | None:
        """The key that signs; None where there is none yet. Raises WrongConfiguration for a file that is none."""
        return self._read(self.file)

    def next(self) -> SigningKey | None:
        """The key that waits for its record; None where there is none. Raises WrongConfiguration."""
        return self._read(self._next)

    def retired(self) -> list[Retired]:
        """Keys that have signed and do no more, also those whose records may go by now. Raises WrongConfiguration."""
        present = self.present()
        taken = present.selector if present else ""
        return [one for one in self._retired() if one.selector != taken]

    def make(self, *, replace: bool = False) -> SigningKey:
        """A first key. Raises Conflict where there is one, unless it is to be replaced; NotDone."""
        _write(self.file, generate_key(self.algorithm), replace=replace)
        return self._there(self.present())

    def selectors(self) -> frozenset[str]:
        """Those under which a key of it has signed, signs or waits to. Raises WrongConfiguration."""
        keys = (one.selector for one in (self.present(), self.next()) if one is not None)
        return frozenset({*keys, *(one.selector for one in self._retired())})

    def prepare(self, now: datetime, selector: str = "", elsewhere: Collection[str] = ()) -> SigningKey:
        """The key that is to come next, under a selector that was not used before, here or `elsewhere`: the present one's with
        the date, unless one is given.

        Raises NotFound while there is no key at all, Conflict when the selector was used, or another waits already; NotDone.
        """
        present = self._there(self.present())
        used = {*self.selectors(), *elsewhere}
        wanted = selector or self._fresh(present.selector, now, used)
        if not is_selector(wanted):
            raise NotDone(f'"{wanted}" is no selector: {selector_form}')
        if wanted in used:
            raise Conflict(f"the selector {wanted} was used before: what was signed under it would be read with another key")
        _write(self._next, generate_key(self.algorithm, wanted))
        return self._there(self.next())

    def promote(self, now: datetime) -> tuple[SigningKey, Retired]:
        """Has the next key sign from the next reload on; that key, and the one that it relieves. Raises NotFound, NotDone."""
        before, after = self._there(self.present()), self._there(self.next())
        note = f"Retired: {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode("ascii") + before.public_pem
        _write(self.file.with_name(f"{self.file.name}.retired-{before.selector}"), note, replace=True)
        try:
            self._next.replace(self.file)
            synchronised(self.file.parent)
        except OSError as error:
            raise NotDone(f"{self.file.parent}: {error.strerror}") from None
        return after, Retired(before.selector, before.record, now + record_kept)

    @property
    def _next(self) -> Path:
        return self.file.with_name(f"{self.file.name}.next")

    @staticmethod
    def _fresh(present: str, now: datetime, used: set[str]) -> str:
        base = f"{_DATE.sub('', present)[:48]}-{now:%Y%m%d}"
        return next(one for number in range(1, len(used) + 2) if (one := base if number == 1 else f"{base}-{number}") not in used)

    def _there(self, key: SigningKey | None) -> SigningKey:
        if key is None:
            raise NotFound(f"{self.file} does not exist yet: run `relay dkim generate`")
        return key

    def _read(self, file: Path) -> SigningKey | None:
        with _named(file):
            try:
                return SigningKey.from_pem(file.read_bytes(), self.selector, self.algorithm)
            except FileNotFoundError:
                return None

    def _retired(self) -> Iterator[Retired]:
        for file in sorted(self.file.parent.glob(f"{glob.escape(self.file.name)}.retired-*")):
            with _named(file):
                pem = file.read_bytes()
                found = _RETIRED.search(pem.partition(b"-----BEGIN")[0].decode("ascii", "replace"))
                if found is None:
                    raise WrongConfiguration("it does not say since when the key is retired")
                try:
                    at = datetime.fromisoformat(found[1])
                except ValueError as wrong:
                    raise WrongConfiguration("it does not say since when the key is retired") from wrong
                yield Retired(named_in(pem), record_of_public_pem(pem), at + record_kept)


def keyrings(settings: Settings) -> list[Keyring]:
    """One for each algorithm that we sign with, RSA first."""
    dkim = settings.dkim
    further = [Keyring(dkim.ed25519_key_file, dkim.ed25519_selector, Algorithm.ED25519)] if dkim.ed25519_selector else []
    return [Keyring(dkim.key_file, dkim.selector, Algorithm.RSA), *further]


def signer(settings: Settings) -> Signer:
    """Signs what goes out, with keys that are made when there are none; then the log says where their records belong (GW-45).

    Raises WrongConfiguration.
    """
    return Signer(settings.relay.domain, tuple(_kept(ring, settings.relay.domain) for ring in keyrings(settings)))


class Signing:
    """Signs with the keys as they were when it was made, or last took them up; everybody in a process holds the same one."""

    def __init__(self, settings: Settings) -> None:
        """Raises WrongConfiguration."""
        self._signer = signer(settings)

    def __call__(self, message: bytes, now: datetime) -> bytes:
        """See Signer.signed."""
        return self._signer.signed(message, now)

    @property
    def selectors(self) -> list[str]:
        """Under which it signs."""
        return [key.selector for key in self._signer.keys]

    def take_up(self, settings: Settings) -> None:
        """Sign with the keys that are there now. Raises WrongConfiguration, and then nothing has changed."""
        self._signer = signer(settings)


def _kept(ring: Keyring, domain: str) -> SigningKey:
    def tell() -> None:
        log.info("dkim.key_made", file=str(ring.file), publish=record_name(ring.selector, domain), shown_by="relay dkim show")

    pem = kept(ring.file, _maker(ring.algorithm), tell)
    with _named(ring.file):
        return SigningKey.from_pem(pem, ring.selector, ring.algorithm)


def _maker(algorithm: Algorithm) -> Callable[[], bytes]:
    return lambda: generate_key(algorithm)


def _write(file: Path, octets: bytes, *, replace: bool = False) -> None:
    try:
        write_private(file, octets, replace=replace)
    except FileExistsError:
        raise Conflict(f"{file} is there already") from None
    except OSError as error:
        raise NotDone(f"{file} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _named(file: Path) -> Iterator[None]:
    """Whatever is wrong with a file is told with its name."""
    try:
        yield
    except OSError as error:
        raise WrongConfiguration(f"{file} cannot be read: {error.strerror}") from None
    except WrongConfiguration as wrong:
        raise WrongConfiguration(f"{file}: {wrong}") from wrong
