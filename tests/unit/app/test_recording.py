"""The record is kept beside the path of mail, and its key is made once (AR-1)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Engine
from support.archive import World

from relay.app.recording import keep_record, record_key, record_key_file, record_key_of
from relay.errors import WrongConfiguration
from relay.record.head import fingerprint, is_signed
from relay.store import record
from relay.store.engine import open_engine
from relay.store.store import Store


@pytest.fixture
def engine(tmp_path: Path, migrated: Path) -> Engine:
    database = tmp_path / "relay.db"
    database.write_bytes(migrated.read_bytes())
    return open_engine(f"sqlite:///{database}")


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = record_key_file(tmp_path)
    first, again = record_key(file), record_key(file)
    assert fingerprint(first.public_key()) == fingerprint(again.public_key())
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["nonsense", "rsa"])
def test_a_file_that_is_no_key_of_that_kind_is_a_fault_of_the_configuration(kind: str, tmp_path: Path) -> None:
    rsa_key = rsa.generate_private_key(65_537, 2_048)
    pem = b"x" if kind == "nonsense" else rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(WrongConfiguration, match=r"record\.pem"):
        record_key_of(pem, tmp_path / "record.pem")


async def test_what_happens_is_numbered_and_signed(engine: Engine, tmp_path: Path) -> None:
    world = World(engine)
    world.accepted(world.crossing(world.opened()))
    store, key = Store(engine), record_key(record_key_file(tmp_path))
    keeping = asyncio.create_task(keep_record(store, key, timedelta(seconds=1)))
    try:
        async with asyncio.timeout(10):
            while (head := await store.read(record.last_head)) is None:
                await asyncio.sleep(0.01)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert head.head.size == await store.read(record.size) > 0
    assert await store.read(record.waiting) == 0
    assert is_signed(head.head.octets, head.signature, key.public_key())
    await store.close()
