"""An object store in memory, and one behind HTTP: the same contract for both (tests/integration/test_s3.py)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from relay.errors import Unavailable
from relay.store.objects import KEY, Stored
from support.gateway import free_port
from support.world import NOW

BUCKET = "relay-mail"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "relay", "AWS_SECRET_ACCESS_KEY": "only-for-tests", "AWS_EC2_METADATA_DISABLED": "true"}


@dataclass
class Shelf:
    """Objects in memory. `unreachable`: it answers nothing; `at`: when what is put now was written."""

    kept: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)
    at: datetime = NOW
    unreachable: bool = False

    def put(self, key: str, octets: bytes) -> None:
        self._answer()
        self.kept[key] = octets
        self.written[key] = self.at

    def get(self, key: str) -> bytes | None:
        self._answer()
        return self.kept.get(key)

    def stored(self) -> Iterator[Stored]:
        self._answer()
        return iter([Stored(key, self.written[key]) for key in sorted(self.kept) if KEY.fullmatch(key)])

    def remove(self, keys: Collection[str]) -> None:
        self._answer()
        for key in keys:
            self.kept.pop(key, None)

    def _answer(self) -> None:
        if self.unreachable:
            raise Unavailable("object store: unreachable")


@dataclass
class Server:
    """An S3 server in a process of its own, with an empty bucket."""

    endpoint: str


@contextmanager
def s3_server() -> Iterator[Server]:
    """moto's server on the loopback interface. It keeps everything in memory."""
    pytest.importorskip("boto3", reason="boto3 is not installed")
    pytest.importorskip("moto", reason="moto is not installed")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **CREDENTIALS},
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_for(endpoint, process)
        yield Server(endpoint)
    finally:
        process.kill()
        process.wait(10)


def _wait_for(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    import boto3

    patience = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the S3 server ended"
        assert time.monotonic() < patience, "the S3 server does not answer"
        try:
            urlopen(endpoint, timeout=1).close()
            break
        except (URLError, OSError):
            time.sleep(0.1)
    keys = {"aws_access_key_id": "relay", "aws_secret_access_key": "only-for-tests"}
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys).create_bucket(Bucket=BUCKET)
