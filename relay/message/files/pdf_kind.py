"""What is a PDF; its cleaner, and the library that this needs, are loaded when the first one comes.

The library takes a tenth of a second and fifteen megabytes, which no command and no idle gateway has any use for (PERF-10).
"""

from __future__ import annotations

from typing import Final

from relay.message.files.cleaned import Cleaned, Inside, Tells

_START: Final = b"%PDF-"
_header_within_octets: Final = 1024 + len(_START)
"""Every program looks for the header in so many octets: some servers and scanners write something before it."""
_TABLE: Final = b"startxref"
_end_octets: Final = 2048


def is_pdf(octets: bytes) -> bool:
    """Whether programs take it for a PDF. What has its header further down has to end like one, too: a text may speak of such."""
    at = octets.find(_START, 0, _header_within_octets)
    return at == 0 or (at > 0 and octets.find(_TABLE, max(len(octets) - _end_octets, at)) != -1)


def clean_pdf(octets: bytes, tells: Tells, inside: Inside) -> Cleaned:
    """See `relay.message.files.pdf`."""
    from relay.message.files import pdf

    return pdf.clean_pdf(octets, tells, inside)
