"""The published ARC test suite, wherever RELAY_ARC_SUITE says that its arc-draft-validation-tests.yml is: what of it is DKIM.

ARC itself is not read (GW-13): a chain says what others found. But an ARC-Message-Signature is made as a DKIM-Signature is, with
a name of its own, i= for its number, and no v= (RFC 8617 §4.1.2); so its cases try our reading of tags, canonical forms and keys.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import pytest
import yaml

PATH = Path(os.environ.get("RELAY_ARC_SUITE", ""))
SCENARIOS = ("Arc Message Signature Format", "Arc Message Signature Fields")
OTHERWISE = {
    "ams_fields_a_sha1": False,  # SHA-1 proves nothing any more (RFC 8301 §3.1)
    "ams_fields_h_empty": False,  # a DKIM-Signature covers From (RFC 6376 §5.4)
    "ams_fields_i_dup1": True,  # that a number stands once, and
    "ams_fields_h_includes_as": True,  # what it may not cover, are rules of ARC's own (RFC 8617 §4.1.2, §4.2.1)
}
"""What a DKIM signature made in that way would come to, where that is not what the suite says of the chain."""


class Given(TypedDict):
    message: str
    cv: str


Scenario = TypedDict("Scenario", {"description": str, "tests": dict[str, Given], "txt-records": dict[str, str]})


@dataclass(frozen=True)
class Case:
    """`passes`: whether the signature is to verify."""

    message: bytes
    passes: bool
    keys: dict[str, str]


def cases() -> list[object]:
    """For `parametrize`; without the suite, one that is skipped and says why."""
    if not PATH.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason="no ARC suite: RELAY_ARC_SUITE names none"), id="suite")]
    found: list[object] = []
    for scenario in cast("list[Scenario | None]", list(yaml.load_all(PATH.read_text("utf-8"), Loader=yaml.BaseLoader))):
        if scenario is None or scenario["description"] not in SCENARIOS:
            continue
        for name, test in scenario["tests"].items():
            message = test["message"].replace("\n", "\r\n").encode()
            if b"arc-message-signature" in message.lower():
                case = Case(message, OTHERWISE.get(name, test["cv"] == "Pass"), scenario["txt-records"])
                found.append(pytest.param(case, id=name))
    return found
