"""Whether something is let go of, without anybody searching for garbage."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 10


class Weight(bytes):
    """Octets that tell when the last one who held them has let go."""

    gone: threading.Event

    def __new__(cls, octets: bytes = b"") -> Weight:
        made = super().__new__(cls, octets)
        made.gone = threading.Event()
        return made

    def __del__(self) -> None:
        self.gone.set()


@contextmanager
def no_garbage_sought() -> Iterator[None]:
    """What holds itself in a circle stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
