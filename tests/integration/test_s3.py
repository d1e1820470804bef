"""Objects behind HTTP: what the one in memory does, a real server does, and its trouble is ours for later."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.gateway import Gateway, free_port
from support.mails import PARTNER_TELLS, a_mail, shows, with_files
from support.objects import BUCKET, CREDENTIALS, Server, Shelf, s3_server
from support.postgresql import Server as Postgresql
from support.sink import Sink
from support.world import PARTNER_ADDRESS

from relay.errors import Unavailable, WrongConfiguration
from relay.store import s3
from relay.store.objects import Objects, new_key

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with s3_server() as one:
        yield one


@pytest.fixture
def server(running: Server) -> Server:
    """With an empty bucket."""
    client: Any = opened(running, "").client
    for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=one["Key"])
    return running


def opened(server: Server, prefix: str = "/mail", encryption: str = "") -> s3.S3:
    return s3.opened(f"s3://{BUCKET}{prefix}", endpoint_url=server.endpoint, region="", encryption=encryption)


def objects_at(server: Server) -> list[tuple[str, Objects]]:
    return [("memory", Shelf()), ("s3", opened(server)), ("s3, encrypted", opened(server, "/other", "AES256"))]


def test_every_object_store_keeps_gives_back_lists_and_forgets(server: Server) -> None:
    for name, objects in objects_at(server):
        key, other = new_key("a.raw"), new_key("b.0")
        octets = bytes(range(256)) * 1000
        objects.put(key, octets)
        objects.put(other, b"")
        assert objects.get(key) == octets, name
        assert objects.get(other) == b"", name
        assert objects.get(new_key("a.raw")) is None, name
        assert {one.key for one in objects.stored()} == {key, other}, name
        objects.remove([key, new_key("never")])
        assert {one.key for one in objects.stored()} == {other}, name


def test_whatever_else_lies_in_the_bucket_is_neither_seen_nor_removed(server: Server) -> None:
    objects, beside = opened(server), opened(server, "")
    client: Any = objects.client
    for key in ("mail/blobs/holiday.jpg", "mail/notes.txt", "blobs/other", "mailbox"):
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    objects.put(new_key("a"), b"x")
    [only] = objects.stored()
    assert abs(only.at - datetime.now(UTC)) < timedelta(hours=1)  # noqa: TID251 -- the server's clock is compared with ours
    objects.remove(["holiday.jpg", "blobs/holiday.jpg", "../mailbox"])
    assert list(beside.stored()) == []
    assert client.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 5


def test_more_is_removed_than_one_request_may_name(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "removed_at_once_max", 4)
    objects = opened(server)
    keys = {new_key(f"n{number}") for number in range(10)}
    for key in keys:
        objects.put(key, b"")
    assert {one.key for one in objects.stored()} == keys
    objects.remove(keys)
    assert list(objects.stored()) == []


def test_a_server_that_is_gone_or_has_no_such_bucket_is_for_later(server: Server) -> None:
    """Invariant 7"""
    key = new_key("a")
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        s3.opened("s3://no-such-bucket", endpoint_url=server.endpoint, region="", encryption="").put(key, b"x")
    objects = s3.opened(f"s3://{BUCKET}", endpoint_url=f"http://127.0.0.1:{free_port()}", region="", encryption="")
    for ask in (lambda: objects.put(key, b"x"), lambda: objects.get(key), lambda: objects.remove([key])):
        with pytest.raises(Unavailable, match="object store"):
            ask()


def test_without_credentials_the_configuration_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(WrongConfiguration, match="no credentials"):
        s3.opened("s3://bucket", endpoint_url="http://127.0.0.1:1", region="", encryption="")


async def test_two_nodes_share_a_database_and_a_bucket(server: Server, postgresql: Postgresql, tmp_path: Path) -> None:
    """Issue 4 item 5: what one node took over, another sends and shows, and nothing that matters lies on a node's disk."""
    async with Sink() as sink:
        changed = {
            "database": {"url": postgresql.empty()},
            "blobs": {"url": f"s3://{BUCKET}/mail", "endpoint_url": server.endpoint},
        }
        one = Gateway(tmp_path / "one", sink.port, changed=changed, environment=CREDENTIALS)
        other = Gateway(tmp_path / "other", sink.port, changed=changed, environment=CREDENTIALS)
        try:
            await share_secrets(one, other)
            await one.off_loop("command", "migrate")
            for node in (one, other):
                await node.off_loop("start")
            alias = (await one.opened())["customer_alias"]
            large = random.Random(7).randbytes(200_000)
            letter = with_files(a_mail(to=alias, text="At ten.\n", message_id="1@alpine-tours.example"), ("plan.bin", large))
            assert (await other.sent(letter, alias, sender=PARTNER_ADDRESS)).codes == "250 2.6.0"
            await sink.until(1)
            assert shows(sink.received[0].content, *PARTNER_TELLS) == []
            [found] = await one.off_loop("json", "archive", "search", "booking:GYG4K7Q2X9ABC")
            await one.off_loop("command", "archive", "show", found["message"])
            await one.off_loop("command", "audit")
            assert len(list(opened(server).stored())) == 1, "the file crosses as it was, and is kept once"
            examined = await one.off_loop("command", "doctor", expect=None)
            assert "ok    blobs: s3://" in examined.stdout
            for node in (one, other):
                assert await node.off_loop("stop") == 0
        finally:
            one.close()
            other.close()


async def test_a_second_installation_on_the_same_prefix_does_not_start(server: Server, tmp_path: Path) -> None:
    """FAULT section 2: it would sweep what the other keeps. The one that was there goes on."""
    changed = {"blobs": {"url": f"s3://{BUCKET}/mail", "endpoint_url": server.endpoint}}
    one = Gateway(tmp_path / "one", 9, changed=changed, environment=CREDENTIALS)
    other = Gateway(tmp_path / "other", 9, changed=changed, environment=CREDENTIALS)
    try:
        await one.off_loop("start")
        other.write_config()
        refused = await other.off_loop("command", "serve", expect=78)
        assert "another installation keeps its objects there" in refused.stderr + refused.stdout
        assert await one.off_loop("stop") == 0
        await one.off_loop("start")
        assert await one.off_loop("stop") == 0
    finally:
        one.close()
        other.close()


async def test_an_object_store_that_is_gone_keeps_nobody_from_starting_and_is_told_by_readiness(tmp_path: Path) -> None:
    """Invariant 7, FAULT-98: small mail passes meanwhile; whoever balances the load is to know all the same."""
    async with Sink() as sink:
        changed = {"blobs": {"url": f"s3://{BUCKET}/mail", "endpoint_url": f"http://127.0.0.1:{free_port()}"}}
        gateway = Gateway(tmp_path, sink.port, changed=changed, environment=CREDENTIALS)
        try:
            await gateway.off_loop("start")
            assert not await gateway.off_loop("is_ready")
            alias = (await gateway.opened())["customer_alias"]
            assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
            await sink.until(1)
            assert await gateway.off_loop("stop") == 0
        finally:
            gateway.close()


async def share_secrets(one: Gateway, other: Gateway) -> None:
    """All nodes have the same secret and the same key: what the first one makes is copied."""
    for node in (one, other):
        node.write_config()
    await one.off_loop("command", "dkim", "generate")
    await asyncio.to_thread(_copy_keys, one.directory / "var", other.directory / "var")


def _copy_keys(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    (source / "secret.key").write_bytes(b"s" * 64)
    for name in ("secret.key", "dkim.pem"):
        (target / name).write_bytes((source / name).read_bytes())
        (target / name).chmod(0o600)
