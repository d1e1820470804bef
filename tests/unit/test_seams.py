"""The seams at which the tests of faults break the product are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.nursery import seam

_FAULTS = Path(__file__).resolve().parent.parent / "faults"
_NAMED = re.compile(r'"(relay\.[a-z_.]+:[A-Za-z_.]+)"')

SEAMS = sorted({at for file in _FAULTS.glob("*.py") for at in _NAMED.findall(file.read_text(encoding="utf-8"))})


@pytest.mark.parametrize("at", SEAMS)
def test_what_a_test_breaks_is_still_there(at: str) -> None:
    """A renamed function is found here, within a second, and not by a gateway that does not start (FAULT-50..103)."""
    seam(at)


def test_a_seam_that_is_gone_is_found() -> None:
    with pytest.raises(AttributeError):
        seam("relay.inbound.session:Session.gone")
