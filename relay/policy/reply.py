"""An SMTP reply: code (RFC 5321 §4.2), enhanced code (RFC 3463, RFC 5248), a text for strangers, and the trace id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

text_characters_max: Final = 400
"""A reply line holds 512 octets, with codes, trace id and line end (RFC 5321 §4.5.3.1.5)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `enhanced` is empty where RFC 2034 gives none: greeting, EHLO, 354.

    Raises ValueError for what would not be one line of ASCII, so that nothing of a mail can be reflected by accident.
    """

    code: int
    enhanced: str
    text: str

    def __post_init__(self) -> None:
        if not 200 <= self.code <= 599 or (self.enhanced and self.enhanced[0] != str(self.code)[0]):
            raise ValueError("an SMTP reply needs a code from 200 to 599 and an enhanced code of the same class")
        if len(self.text) > text_characters_max or not (self.text.isascii() and self.text.isprintable()):
            raise ValueError("the text of an SMTP reply is one short line of printable ASCII")

    @property
    def is_positive(self) -> bool:
        return self.code < 400

    @property
    def is_permanent(self) -> bool:
        return self.code >= 500

    def line(self, trace: str = "") -> bytes:
        """The reply as it crosses the wire, with `trace`, the id under which the log and the archive know the matter."""
        tail = f" [{trace}]" if trace else ""
        return f"{self.code} {self.enhanced}{' ' if self.enhanced else ''}{self.text}{tail}\r\n".encode("ascii")
