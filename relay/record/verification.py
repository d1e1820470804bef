"""What is wrong with a bundle: its sums, its signatures, its timeline, and what was received and sent (AR-1).

Every bundle has this text in its verify.py, so that it is verified without the program that made it: nothing but Python's
standard library is used here.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Signed = Callable[[bytes, bytes, bytes], bool]
"""Whether a text has that signature by that key in PEM (Ed25519)."""

FIXED = ("manifest.json", "manifest.sig", "SHA256SUMS", "record/head", "record/head.sig", "record/key.pem")


def faults(files: Mapping[str, bytes], is_signed: Signed, fingerprint: str = "") -> Iterator[str]:
    """What is wrong with a bundle of these files, a sentence each. `fingerprint` is that of the key, where it is known."""
    missing = [name for name in FIXED if name not in files]
    if missing:
        yield from (f"missing: {name}" for name in missing)
        return
    key = files["record/key.pem"]
    manifest = json.loads(files["manifest.json"])
    if fingerprint and fingerprint_of(key) != fingerprint.lower():
        yield "key: the bundle was signed by another key than the one that you named"
    if not is_signed(files["manifest.json"], files["manifest.sig"], key):
        yield "signature of manifest.json: not by this key"
    if hashlib.sha256(files["SHA256SUMS"]).hexdigest() != manifest["sha256sums"]:
        yield "SHA256SUMS: not the one that the manifest names"
    yield from _sums(files)
    if not is_signed(files["record/head"], files["record/head.sig"], key):
        yield "signature of record/head: not by this key"
    root = dict(line.split(" ", 1) for line in files["record/head"].decode().splitlines()[1:])["root"]
    facts = list[dict[str, Any]]()
    yield from _timeline(files, manifest, root, facts)
    yield from _messages(files, manifest, facts)


def _sums(files: Mapping[str, bytes]) -> Iterator[str]:
    listed = dict[str, str]()
    for line in files["SHA256SUMS"].decode().splitlines():
        told, _, name = line.partition("  ")
        listed[name] = told
    for name, told in listed.items():
        if name not in files:
            yield f"missing: {name}"
        elif hashlib.sha256(files[name]).hexdigest() != told:
            yield f"changed: {name}"
    extra = sorted(set(files) - set(listed) - {"manifest.json", "manifest.sig", "SHA256SUMS"})
    yield from (f"added: {name}" for name in extra)


def _timeline(files: Mapping[str, bytes], manifest: dict[str, Any], root: str, facts: list[dict[str, Any]]) -> Iterator[str]:
    """Each entry is hashed with the one before it, has a leaf, and from the leaf a path leads to the signed root."""
    previous, count = bytes(32), manifest["entries"]
    for number in range(1, count + 1):
        name = f"timeline/{number:05d}"
        parts = [files.get(f"{name}.{kind}") for kind in ("json", "leaf", "path")]
        octets, leaf, path = parts
        if octets is None or leaf is None or path is None:
            yield f"missing: entry {number} of the timeline"
            return
        entry = json.loads(octets)
        told = json.loads(leaf)
        facts.append(json.loads(entry[4]))
        hashed = hashlib.sha256(previous + octets).digest()
        if told["hash"] != hashed.hex() or told["entry"] != number or entry[1] != number or told["kind"] != entry[3]:
            yield f"changed: entry {number} of the timeline"
        previous = bytes.fromhex(told["hash"])
        reached = hashlib.sha256(b"\x00" + leaf).digest()
        for step in path.decode().split("\n")[:-1]:
            side, _, sibling = step.partition(" ")
            beside = bytes.fromhex(sibling)
            reached = hashlib.sha256(b"\x01" + (beside + reached if side == "left" else reached + beside)).digest()
        if reached.hex() != root:
            yield f"not in the record: entry {number} of the timeline"


def _messages(files: Mapping[str, bytes], manifest: dict[str, Any], facts: list[dict[str, Any]]) -> Iterator[str]:
    """What was received and sent is what the timeline committed itself to at that time."""
    for at, one in enumerate(manifest["messages"], start=1):
        where = f"messages/{at:04d}"
        entry = one["entry"]
        if entry > len(facts) or facts[entry - 1].get("message") != one["id"]:
            yield f"no entry of the timeline: {where}"
            continue
        if "salt" not in one:
            continue
        salt = bytes.fromhex(files.get(f"{where}/salt", b"").decode().strip())
        for name, fact in (("raw.eml", "received"), ("delivered.eml", "rendition")):
            content = files.get(f"{where}/{name}")
            if content is None:
                continue
            committed = hashlib.sha256(salt + hashlib.sha256(content).digest()).hexdigest()
            if committed != facts[entry - 1].get(fact):
                yield f"not what was {'received' if fact == 'received' else 'sent'}: {where}/{name}"


def fingerprint_of(key: bytes) -> str:
    """SHA-256 of a public key's DER form."""
    lines = [line for line in key.decode().splitlines() if line and not line.startswith("-----")]
    return hashlib.sha256(base64.b64decode("".join(lines))).hexdigest()
