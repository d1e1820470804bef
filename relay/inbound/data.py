"""The octets of DATA: found to their end, unstuffed and bounded while they arrive (RFC 5321 §4.5.2).

**Line ends.** Only <CR><LF>.<CR><LF> ends the data. A dot alone between line ends of which one is a bare CR or a bare LF is what
another server might take for the end: whoever sends it tries to smuggle a second message, and the whole is refused at the
real end (FAULT-44, FAULT-45). Any other bare CR or LF becomes CRLF, since honest mail has them too: what is judged, archived,
signed and sent is then the same for every reader (FAULT-46). Dots are unstuffed before that, so a dot after a bare LF stays.

**Cost.** Each octet is looked at by `bytes` methods alone, a few times, in the pieces in which it came, and goes to one sink.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Protocol

from relay.inbound.replies import NO_ROOM, NUL_INSIDE, SMUGGLING, TOO_LARGE
from relay.policy.reply import Reply

_END: Final = b"\r\n.\r\n"
_PREFIXES: Final = tuple(_END[:length] for length in range(len(_END) - 1, 0, -1))
_DOT_ALONE: Final = (b"\n.\n", b"\n.\r", b"\r.\r", b"\r.\n")
"""In stuffed data each of these has a bare CR or LF in it: with two CRLF the data would have ended there."""


class Fault(Enum):
    """Why content is refused whatever it says. The first one found is the one that is told."""

    TOO_LARGE = TOO_LARGE
    NO_ROOM = NO_ROOM
    NUL_INSIDE = NUL_INSIDE
    SMUGGLING = SMUGGLING

    @property
    def reply(self) -> Reply:
        return self.value


class Sink(Protocol):
    """Where the content goes."""

    def write(self, octets: bytes | memoryview, /) -> object: ...

    def close(self) -> None:
        """Nothing of it is wanted any more."""
        ...


class Intake:
    """The content of one message while it arrives. With a fault the sink is closed, and the rest is read over to its end.

    `octets` counts content, also what was dropped; `held` what the sink has of it.
    """

    __slots__ = ("_before", "_irregular", "_octets_max", "_sink", "_waiting", "complete", "fault", "octets")

    def __init__(self, octets_max: int, sink: Sink) -> None:
        self._octets_max = octets_max
        self._sink = sink
        # The command line ended in CRLF, so a dot right at the start is a dot on a line of its own (FAULT-53).
        self._waiting = b"\r\n"
        self._before = b""
        self._irregular = False
        self.complete = False
        self.fault: Fault | None = None
        self.octets = -len(self._waiting)

    @property
    def held(self) -> int:
        return max(self.octets, 0) if self.fault is None else 0

    @property
    def is_hopeless(self) -> bool:
        """Whether so much has come that reading on to the end is no longer worth it (FAULT-49)."""
        return self.octets > 2 * self._octets_max

    def feed(self, arrived: bytes | bytearray) -> bytes:
        """Take in what has arrived. Returns what came after the end of the data: the next commands."""
        data = self._waiting + arrived
        # Base64 has no dot: one quick look for the octet saves two slow ones for what begins with a line end.
        end = data.find(_END) if b"." in data else -1
        if end >= 0:
            self.complete = True
            self._waiting = b""
            self._keep(data[: end + 2])
            return data[end + len(_END) :]
        # Whatever may be the beginning of the end waits for more; with it, a CR is never parted from its LF.
        kept_back = next((len(prefix) for prefix in _PREFIXES if data.endswith(prefix)), 0)
        self._waiting = data[len(data) - kept_back :]
        if len(data) > kept_back:
            self._keep(data[: len(data) - kept_back])
        return b""

    def spoil(self, fault: Fault) -> None:
        """Refuse the message for `fault`, and hold no more of it."""
        if self.fault is None:
            self.fault = fault
            self._sink.close()

    def _keep(self, stuffed: bytes) -> None:
        irregular = not _is_regular(stuffed)
        self._irregular = self._irregular or irregular
        if self._irregular:
            around = self._before + stuffed
            if any(sequence in around for sequence in _DOT_ALONE):
                self.spoil(Fault.SMUGGLING)
        self._before = stuffed[-2:] if len(stuffed) > 1 else (self._before + stuffed)[-2:]
        if b"\0" in stuffed:
            self.spoil(Fault.NUL_INSIDE)
        piece = stuffed.replace(b"\r\n.", b"\r\n") if b"." in stuffed else stuffed
        if irregular:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        first = self.octets < 0
        self.octets += len(piece)
        if self.octets > self._octets_max:
            self.spoil(Fault.TOO_LARGE)
        if self.fault is None:
            self._sink.write(memoryview(piece)[2:] if first else piece)


def _is_regular(stuffed: bytes) -> bool:
    """Whether each CR has its LF behind it, and each LF its CR before it."""
    ends = len(stuffed) - len(stuffed.translate(None, b"\r\n"))
    first = stuffed.find(b"\r\n")
    line = stuffed.find(b"\r\n", first + 2) - first
    if first != -1 and line > 1:
        # Lines of one length, as Base64 has them: their ends are where they have to be, and need not be looked for.
        returns, feeds = stuffed[first::line], stuffed[first + 1 :: line]
        if returns.count(b"\r") == len(returns) == len(feeds) == feeds.count(b"\n") == ends / 2:
            return True
    return ends == 2 * stuffed.count(b"\r\n")
