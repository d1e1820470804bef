"""A conversation as evidence that anybody can open and verify without us: the files of a bundle (AR-1 export).

The same contents give the same octets. `relay.record.contents` says what goes in; what a profile withholds is left out here.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from relay.correspondence.bundle.transcript import transcript
from relay.record.contents import BundledMessage, Contents, Json, Profile

Sign = Callable[[bytes], bytes]
"""Signs a text with the record's key (Ed25519)."""

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_BEGINNING_OF_ZIP: Final = (1980, 1, 1, 0, 0, 0)
_EVERYTHING: Final = frozenset({Profile.INTERNAL, Profile.AUTHORITY})


def bundled(contents: Contents, sign: Sign) -> dict[str, bytes]:
    """The files, by their names, in the order in which they lie in the bundle."""
    listed = dict(_listed(contents))
    sums = "".join(f"{hashlib.sha256(octets).hexdigest()}  {name}\n" for name, octets in listed.items()).encode()
    manifest = _json(
        {
            "at": _at(contents.at),
            "entries": len(contents.entries),
            "fingerprint": contents.fingerprint,
            "format": 1,
            "house": contents.house,
            "messages": [_named(one) for one in contents.messages],
            "profile": contents.profile.value,
            "reference": contents.reference,
            "sha256sums": hashlib.sha256(sums).hexdigest(),
            "size": contents.head.size,
        }
    )
    return {"manifest.json": manifest, "manifest.sig": sign(manifest), "SHA256SUMS": sums, **listed}


def zipped(bundle: dict[str, bytes], directory: str) -> bytes:
    """The bundle as a ZIP file, all of it below `directory`; the same files give the same octets."""
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, octets in bundle.items():
            info = ZipInfo(f"{directory}/{name}", _BEGINNING_OF_ZIP)
            info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, octets)
    return made.getvalue()


def unzipped(octets: bytes, octets_max: int) -> dict[str, bytes]:
    """The files of a bundle, as `zipped` made it or as somebody packed it again. Raises ValueError for what is none."""
    try:
        with ZipFile(BytesIO(octets)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            is_too_large = sum(one.file_size for one in members) > octets_max
            found = {} if is_too_large else {one.filename: archive.read(one) for one in members}
    except (BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error) as wrong:
        raise ValueError(f"this is no bundle: {wrong}") from None
    if is_too_large:
        raise ValueError(f"unpacked it would have more than {octets_max} octets")
    roots = {name.partition("/")[0] for name in found}
    if len(roots) == 1 and all("/" in name for name in found):
        return {name.partition("/")[2]: kept for name, kept in found.items()}
    return found


def _listed(contents: Contents) -> Iterator[tuple[str, bytes]]:
    """Everything that the list of sums names."""
    yield "README.txt", _resource("readme.txt").format(fingerprint=contents.fingerprint, house=contents.house).encode()
    yield "verify.sh", _resource("verify.sh.txt").encode()
    yield "verify.py", verifier()
    yield "record/head", contents.head.octets
    yield "record/head.sig", contents.head_signature
    yield "record/key.pem", contents.key
    for entry in contents.entries:
        name = f"timeline/{entry.entry:05d}"
        yield f"{name}.json", entry.octets
        yield f"{name}.leaf", entry.leaf
        yield f"{name}.path", "".join(f"{'left' if left else 'right'} {one.hex()}\n" for left, one in entry.path).encode()
    for number, message in enumerate(contents.messages, start=1):
        for kind, octets in _of_message(message, contents.profile):
            yield f"messages/{number:04d}/{kind}", octets
    yield "thread.mbox", b"".join(_mboxed(one, contents.profile) for one in contents.messages)
    yield "transcript.html", transcript(contents)
    if contents.profile is Profile.INTERNAL:
        yield "access.jsonl", _lines(contents.access)


def _of_message(message: BundledMessage, profile: Profile) -> Iterator[tuple[str, bytes]]:
    if profile in _EVERYTHING:
        if message.raw is not None:
            yield "raw.eml", message.raw
        yield "dns.json", _json(message.dns)
    yield from (("delivered.eml", one.content) for one in message.crossed[:1])
    yield "salt", message.salt.hex().encode() + b"\n"
    yield "verdicts.json", _json({"entry": message.entry, "id": message.id, **message.verdicts})
    yield "events.jsonl", _lines(message.events)


def _named(message: BundledMessage) -> dict[str, Json]:
    return {"entry": message.entry, "id": message.id, "salt": True, "withheld": message.withheld}


def _mboxed(message: BundledMessage, profile: Profile) -> bytes:
    """The message as it was delivered, or else as it was received where that is shown, in the form of mboxrd."""
    content = message.crossed[0].content if message.crossed else message.raw if profile in _EVERYTHING else None
    if content is None:
        return b""
    at = message.at.astimezone(UTC).strftime("%a %b %d %H:%M:%S %Y")
    lines = content.replace(b"\r\n", b"\n").split(b"\n")
    quoted = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
    return f"From relay {at}\n".encode() + b"\n".join(quoted).rstrip(b"\n") + b"\n\n"


@cache
def verifier() -> bytes:
    """verify.py: what this program verifies by, and a command line for it."""
    return ((files("relay.record") / "verification.py").read_text() + _resource("verify_main.txt")).encode()


def _resource(name: str) -> str:
    return (files("relay.correspondence.bundle") / name).read_text(encoding="utf-8")


def _json(value: Json) -> bytes:
    return _CANONICAL.encode(value).encode("ascii") + b"\n"


def _lines(values: tuple[Json, ...] | tuple[object, ...]) -> bytes:
    return b"".join(_CANONICAL.encode(one).encode("ascii") + b"\n" for one in values)


def _at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
