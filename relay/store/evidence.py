"""Evidence as it stands in the table of messages: JSON, with what strangers publish in DNS cut to a bound."""

from __future__ import annotations

import json
from typing import Final

from relay.lookup import Answer, Lookup, Outcome, Query, Type
from relay.proof.alignment import Alignment
from relay.transit.evidence import Evidence

asked_max: Final = 220
"""A proof asks 219 at most: 111 for SPF, 8 for each policy of DMARC (of the author, of the return path, and of ten who sign), the
keys of the ten, and two about the author's domain itself."""
record_characters_max: Final = 2_048
"""Of one record; a key of RSA-4096 takes 800."""
records_max: Final = 20
characters_max: Final = 65_536
"""Of all records together: whoever sends chooses what is asked, and a message of a kilobyte would take megabytes here. What is
found beyond that is kept without its records."""


def written(evidence: Evidence) -> str:
    """As one line of JSON."""
    asked: list[list[object]] = []
    room = characters_max
    for one in evidence.asked[:asked_max]:
        kept = _kept(one.answer.records)
        room -= sum(map(len, kept))
        asked.append(
            [one.query.name, one.query.type.value, one.answer.outcome.value, one.answer.secure, kept if room >= 0 else []]
        )
    return json.dumps({"alignment": evidence.alignment.value, "checks": evidence.checks, "asked": asked}, separators=(",", ":"))


def read(text: str) -> Evidence:
    """What `written` wrote."""
    found = json.loads(text)
    asked = tuple(
        Lookup(Query(name, Type(type_)), Answer(Outcome(outcome), tuple(records), secure))
        for name, type_, outcome, secure, records in found["asked"]
    )
    return Evidence(Alignment(found["alignment"]), tuple(found["checks"]), asked)


def _kept(records: tuple[str, ...]) -> list[str]:
    return [one[:record_characters_max] for one in records[:records_max]]
