"""What stands in tables in the place of a secret, and how one is known again."""

from __future__ import annotations

import hashlib
import hmac


def digest_of(secret: str) -> bytes:
    """Its SHA-256: secrets are drawn at random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def is_same(found: bytes | None, digest: bytes) -> bool:
    """Whether the digest that was found is `digest`. What it takes tells nothing of any secret.

    The look-up itself is by hash: how long a near miss takes says something about a hash, from which no secret follows.
    """
    same = hmac.compare_digest(found if found is not None else bytes(len(digest)), digest)
    return same and found is not None
