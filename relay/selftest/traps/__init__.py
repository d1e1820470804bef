"""The trap corpus: for every row of leaks.md and every vector that it names, a mail that would reveal its writer.

The rows of the SMTP level (LEAK-84 to LEAK-86) and two recipients in one transaction (LEAK-87) are no matter of content: they
have tests of their own.
"""

from __future__ import annotations

from typing import Final

from relay.selftest.traps.automatic import AUTOMATIC
from relay.selftest.traps.files import FILES
from relay.selftest.traps.header import HEADER
from relay.selftest.traps.header_forms import HEADER_FORMS
from relay.selftest.traps.html import HTML_PAGES
from relay.selftest.traps.mime import MIME
from relay.selftest.traps.text import TEXT
from relay.selftest.traps.trap import Fate, Scene, Side, Trap

__all__ = ["TRAPS", "Fate", "Scene", "Side", "Trap"]

TRAPS: Final[tuple[Trap, ...]] = (*HEADER, *HEADER_FORMS, *TEXT, *HTML_PAGES, *MIME, *FILES, *AUTOMATIC)
"""All traps. Names are unique."""
