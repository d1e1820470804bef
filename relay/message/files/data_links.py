"""Pictures in a page itself, as links that hold them in base64 (RFC 2397, LEAK-46)."""

from __future__ import annotations

import binascii
import re
from typing import Final

from relay.message.files.cleaned import Cleaned, Inside

_LINK: Final = re.compile(
    rb"(data:image/(?:png|p?jpe?g|gif|webp|avif);base64,)((?:[A-Za-z0-9+/=\s]|&#(?:10|13|9|xA|xD|x9);)++)", re.IGNORECASE
)
"""In XML a line end within is written as an entity."""
_ENTITY: Final = re.compile(rb"&[^;]{0,6};")


def linked_picture(link: str) -> bytes | None:
    """The picture that a link holds; None where it is no such link, or its base64 cannot be decoded."""
    found = _LINK.fullmatch(link.encode("utf-8", "replace"))
    return _decoded(found[2]) if found else None


def with_clean_pictures(page: bytes, clean: Inside) -> Cleaned:
    """A page, or such a link alone, with every picture that its links hold cleaned."""
    taken: list[str] = []

    def one(found: re.Match[bytes]) -> bytes:
        octets = _decoded(found[2])
        after = clean(octets) if octets else None
        if after is None or not after.taken:
            return found[0]
        taken.extend(after.taken)
        return found[1] + binascii.b2a_base64(after.octets, newline=False)

    octets = _LINK.sub(one, page)
    return Cleaned(octets, tuple(dict.fromkeys(taken))) if taken else Cleaned(page)


def _decoded(written: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(_ENTITY.sub(b"", written))
    except binascii.Error:
        return None
