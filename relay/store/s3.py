"""Objects in S3-compatible storage.

Credentials, proxies and certificates are found as in every program that uses boto3: environment, ~/.aws, the machine's role.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final, Protocol, TypedDict, cast

from relay.errors import Unavailable, WrongConfiguration
from relay.store.objects import KEY, Stored

connect_s: Final = 3.0
read_s: Final = 10.0
"""Of one answer, or of the next piece of one."""
tries: Final = 3
connections_max: Final = 16
removed_at_once_max: Final = 1_000
"""Keys of one request (S3, DeleteObjects)."""

_NO_SUCH_KEY: Final = "NoSuchKey"


class _Listed(TypedDict):
    Key: str
    LastModified: datetime


class _Pages(Protocol):
    def paginate(self, **asked: str) -> Iterator[Mapping[str, Sequence[_Listed]]]: ...


class _Client(Protocol):
    """What is used of boto3's client, which has no types."""

    def put_object(self, **asked: object) -> object: ...
    def get_object(self, **asked: str) -> Mapping[str, IO[bytes]]: ...
    def delete_objects(self, **asked: object) -> Mapping[str, Sequence[Mapping[str, str]]]: ...
    def get_paginator(self, operation: str) -> _Pages: ...


@dataclass(frozen=True, slots=True)
class S3:
    """A bucket, and the prefix below which everything of ours lies. Raises Unavailable as `Objects` says."""

    client: _Client
    bucket: str
    prefix: str
    encryption: str
    """The server's own, "AES256" or "aws:kms"; empty: as the bucket says."""

    def put(self, key: str, octets: bytes) -> None:
        more = {"ServerSideEncryption": self.encryption} if self.encryption else {}
        with _translated():
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=octets, **more)

    def get(self, key: str) -> bytes | None:
        try:
            with _translated():
                return self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"].read()
        except _Missing:
            return None

    def stored(self) -> Iterator[Stored]:
        with _translated():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.prefix}blobs/"):
                for one in page.get("Contents", ()):
                    key = one["Key"].removeprefix(self.prefix)
                    if KEY.fullmatch(key):
                        yield Stored(key, one["LastModified"].astimezone(UTC))

    def remove(self, keys: Collection[str]) -> None:
        ours = iter([key for key in keys if KEY.fullmatch(key)])
        while some := list(itertools.islice(ours, removed_at_once_max)):
            named = {"Objects": [{"Key": self.prefix + key} for key in some], "Quiet": True}
            with _translated():
                failed = self.client.delete_objects(Bucket=self.bucket, Delete=named).get("Errors", ())
            if failed:
                raise Unavailable(f"object store: {failed[0].get('Code', 'unknown')}, {len(failed)} not removed")


def opened(url: str, *, endpoint_url: str, region: str, encryption: str) -> S3:
    """The objects at `url`, "s3://bucket/prefix". Nothing is asked yet. Raises WrongConfiguration, also without credentials."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise WrongConfiguration("blobs.url: S3 needs the package boto3: pip install 'relay-gateway[s3]'") from None
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    config = Config(
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"total_max_attempts": tries, "mode": "standard"},
        max_pool_connections=connections_max,
        # Checksums of its own in trailers are what other makers' servers stumble over; ours is in the row, and is compared.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent="relay-gateway",
    )
    try:
        session = boto3.Session(region_name=region or None)
        if session.get_credentials() is None:
            raise WrongConfiguration("blobs.url: no credentials for S3: see AWS_ACCESS_KEY_ID or ~/.aws/credentials")
        # Where the place is named, a region is only a word in the signature.
        where = session.region_name or ("us-east-1" if endpoint_url else None)
        client = session.client("s3", endpoint_url=endpoint_url or None, region_name=where, config=config)
    except (BotoCoreError, ValueError) as error:
        raise WrongConfiguration(f"blobs.url: {error}") from None
    prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return S3(cast("_Client", client), bucket, prefix, encryption)


class _Missing(Unavailable):
    """There is no such object."""


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the library's errors into Unavailable, with a text that names no key."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        raise (_Missing if code == _NO_SUCH_KEY else Unavailable)(f"object store: {code}") from None
    except (BotoCoreError, HTTPError, OSError) as error:
        raise Unavailable(f"object store: {type(error).__name__}") from None
