"""What is fuzzed: each target takes any octets, and raises when something happened that never may.

Never an exception out of the core but Unreadable; never an identifier in what leaves, unless the second reading holds it;
never more octets, time or memory than stated (FAULT-60, LEAK-55, invariants 1, 2 and 12).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from support.renditions import rendered, terms_of
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.errors import Unreadable
from relay.message.parse import parse
from relay.message.searchable import words_of
from relay.values import Role

head: Final = b"From: Marco Bellini <" + PARTNER_ADDRESS.encode() + b">\r\nTo: customer-12ab3456cd78@reply.example.com\r\n"

grown_factor: Final = 8
grown_octets: Final = 20_000
"""A rendition may be so much longer than its message: Base64, entities and footers make it longer, and nothing else does."""
cpu_s_floor: Final = 5.0
cpu_s_per_megabyte: Final = 60.0
"""Under instrumentation, on a loaded machine: a tenth of a second in the open. What is worse than linear is far beyond."""


_KNOWN: Final = re.compile(
    b"(?i)(?<![a-z0-9._+-])(?:%b)(?![a-z0-9.-])"
    % b"|".join(re.escape(one.encode()) for one in (PARTNER_ADDRESS, CUSTOMER_ADDRESS))
)
"""As a word of its own: what is only part of a longer address is another one."""


class Finding(AssertionError):
    """Something that never may happen, happened."""


def whole_message(octets: bytes) -> None:
    """A message as it may come over the wire, from either party."""
    for writer in Role:
        _crossing(octets, writer)


def body_of(fields: bytes, octets: bytes) -> None:
    """A message of the writer with that head and any body."""
    _crossing(head + b"MIME-Version: 1.0\r\n" + fields + b"\r\n" + octets, Role.PARTNER)


def _crossing(content: bytes, writer: Role) -> None:
    began = time.process_time()
    try:
        mail = parse(content)
        words_of(mail)
        crossed = rendered(mail, terms_of(mail, writer=writer))
    except Unreadable:
        return
    spent = time.process_time() - began
    if spent > cpu_s_floor + cpu_s_per_megabyte * len(content) / 1e6:
        raise Finding(f"{spent:.1f} s of CPU for {len(content)} octets")
    if len(crossed.content) > grown_factor * len(content) + grown_octets:
        raise Finding(f"{len(content)} octets became {len(crossed.content)}")
    if not crossed.findings and _KNOWN.search(crossed.content):
        raise Finding("an address leaves, and the second reading does not see it")
    try:
        parse(crossed.content)
    except Unreadable as why:
        raise Finding(f"the rendition cannot be read: {why}") from why


def _part(media_type: str) -> Callable[[bytes], None]:
    return partial(body_of, f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n".encode())


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "message": whole_message,
    "body": partial(body_of, b""),
    "text": _part("text/plain; charset=utf-8"),
    "flowed": _part("text/plain; format=flowed; delsp=yes"),
    "page": _part("text/html; charset=utf-8"),
    "calendar": _part("text/calendar; method=REQUEST; charset=utf-8"),
    "card": _part("text/vcard"),
    "file": _part('application/octet-stream; name="file.bin"'),
    "tnef": _part('application/ms-tnef; name="winmail.dat"'),
    "cms": _part('application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'),
}
"""By name; the name of a found input begins with it."""
