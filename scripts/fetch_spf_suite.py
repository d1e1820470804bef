"""Fetch the published test suite of RFC 7208 into the virtual environment: `fetch_spf_suite.py`. Without it, its tests skip.

It is part of the source of pyspf, which is neither installed nor run: uv says where the archive lies, and one file is taken out.
Never fails a build: without a network, it says so.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
from http.client import HTTPException
from pathlib import Path

NAME, VERSION = "pyspf", "2.0.14"
SHA256 = "57a7ef01bda090173aafb6af0106251686ed73f03db4e911fcd34c57fc347186"
MEMBER = f"{NAME}-{VERSION}/test/rfc7208-tests.yml"
TARGET = Path(sys.prefix) / "spf-suite" / "rfc7208-tests.yml"
# What uv would otherwise have to run the archive's own code for.
PROJECT = f"""
[project]
name = "suite"
version = "0"
requires-python = ">=3.11"
dependencies = ["{NAME}=={VERSION}"]
[[tool.uv.dependency-metadata]]
name = "{NAME}"
version = "{VERSION}"
"""
located_s = 60
fetched_s = 30


def archive() -> bytes:
    """The source distribution. Raises OSError where it cannot be had, and for another one than this."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        locked = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "pyproject.toml",
            "--no-deps",
            "--quiet",
            "--format",
            "pylock.toml",
        ]
        try:
            said = subprocess.run(locked, cwd=folder, check=True, capture_output=True, timeout=located_s).stdout
        except subprocess.SubprocessError as why:
            raise OSError(f"{NAME} {VERSION} was not found") from why
    [package] = tomllib.loads(said.decode())["packages"]
    with urllib.request.urlopen(package["sdist"]["url"], timeout=fetched_s) as response:  # noqa: S310 - where uv found it
        octets: bytes = response.read()
    if hashlib.sha256(octets).hexdigest() != SHA256:
        raise OSError(f"{NAME} {VERSION} is not what it was")
    return octets


def main() -> int:
    if TARGET.exists():
        return 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive())) as source:
            suite = source.extractfile(MEMBER)
            assert suite is not None
            TARGET.parent.mkdir(exist_ok=True)
            TARGET.write_bytes(suite.read())
    except (OSError, HTTPException, LookupError) as why:
        print(f"the test suite of RFC 7208 could not be fetched, so its tests will be skipped: {why}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
