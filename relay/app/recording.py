"""Keeping the record: entries of timelines get their leaves, beside the path of mail, and the whole of it is signed (AR-1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from relay.app.keys import kept
from relay.app.upkeep import kept_up
from relay.errors import WrongConfiguration
from relay.machine import clock
from relay.record.head import fingerprint
from relay.store import record
from relay.store.store import Store

at_once: Final = 200
"""Entries that get their leaves in one transaction: mail that comes meanwhile waits for its end."""
pause_s: Final = 1.0
after_trouble_s: Final = 10.0


def record_key_file(state_dir: Path) -> Path:
    """Where the key lies that signs the record. Nodes that share a database share it, too."""
    return state_dir / "record.pem"


def record_key(file: Path) -> Ed25519PrivateKey:
    """The key in `file`; made, for its owner alone, when there is none. Raises WrongConfiguration."""
    return record_key_of(kept(file, _made), file)


def record_key_of(pem: bytes, file: Path) -> Ed25519PrivateKey:
    """The key that `pem` is, which stands in `file`. Raises WrongConfiguration."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise WrongConfiguration(f"{file}: no private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongConfiguration(f"{file}: not a key of Ed25519")
    return key


def own_fingerprint(state_dir: Path) -> str:
    """By which the key of this installation is known: what the house publishes. Raises WrongConfiguration."""
    return fingerprint(record_key(record_key_file(state_dir)).public_key())


async def keep_record(store: Store, key: Ed25519PrivateKey, head_every: timedelta) -> None:
    """Again and again while it is not cancelled."""

    async def once() -> float:
        if await store.write(lambda connection: record.number_some(connection, at_once)) == at_once:
            return 0
        now = clock()
        if await store.read(lambda connection: record.is_head_due(connection, now - head_every)):
            await store.write(lambda connection: record.sign(connection, key, now))
        return pause_s

    await kept_up("record", once, after_trouble_s=after_trouble_s)


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
