"""Where everything is kept follows from the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.app import places
from relay.settings import Settings
from relay.store.engine import objects_of
from relay.store.s3 import S3


def settings(tmp_path: Path, **blobs: str) -> Settings:
    return Settings.model_validate({"database": {"url": f"sqlite:///{tmp_path}/relay.db"}, "blobs": blobs})


def test_without_a_word_about_it_everything_is_in_the_database(tmp_path: Path) -> None:
    engine = places.database(settings(tmp_path))
    assert objects_of(engine) is None
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://example-mail", "example-mail", ""),
        ("s3://example-mail/", "example-mail", ""),
        ("s3://example-mail/relay", "example-mail", "relay/"),
        ("s3://example-mail/relay/eu/", "example-mail", "relay/eu/"),
    ],
)
def test_a_bucket_and_a_prefix_are_where_large_octets_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, bucket: str, prefix: str
) -> None:
    pytest.importorskip("boto3", reason="boto3 is not installed")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "relay")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "only-for-tests")
    objects = places.objects(settings(tmp_path, url=url, endpoint_url="http://127.0.0.1:9", encryption="AES256"))
    assert isinstance(objects, S3)
    assert (objects.bucket, objects.prefix, objects.encryption) == (bucket, prefix, "AES256")
