"""What was ticked on a release screen: read from its form, and written into the next one (ST-22, ST-B3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Final

from relay.correspondence.languages import marked
from relay.web.batch_ports import Release, batch_max
from relay.web.site.forms import Entered

TICKED_TWICE: Final = marked("Release or keep: a booking cannot be ticked for both.")
NO_DATE: Final = marked("Say until which day those are kept that are ticked to be kept.")
NOTHING: Final = marked("Tick something first.")
TOO_MANY: Final = marked("At most a hundred at a time.")
reference_characters_max: Final = 100


@dataclass(frozen=True, slots=True)
class Ticks:
    """The ticks as they were sent. `until` is the last day on which those of `keep` have their place."""

    release: tuple[str, ...]
    keep: tuple[str, ...]
    remind: tuple[str, ...]
    until: str
    versions: Mapping[str, int]

    @classmethod
    def of(cls, form: Entered, *, everything: bool = False) -> Ticks:
        """From a form. With `everything`, all that are on the screen are ticked to be released, but those that are kept."""
        versions: dict[str, int] = {}
        for one in form.all("seen")[:batch_max]:
            reference, _, version = one.rpartition(":")
            if reference and version.isascii() and version.isdigit() and len(version) < 10:
                versions[reference[:reference_characters_max]] = int(version)
        keep = tuple(dict.fromkeys(form.all("keep")))
        release = tuple(one for one in versions if one not in keep) if everything else tuple(dict.fromkeys(form.all("release")))
        return cls(release, keep, tuple(dict.fromkeys(form.all("remind"))), form.line("until"), versions)

    def wrong(self) -> str:
        """What is wrong with them, as a sentence; empty where nothing is."""
        if not (self.release or self.keep or self.remind):
            return NOTHING
        if max(len(self.release), len(self.keep), len(self.remind)) > batch_max:
            return TOO_MANY
        if set(self.release) & set(self.keep):
            return TICKED_TWICE
        return NO_DATE if self.keep and self.kept_until() is None else ""

    def kept_until(self) -> datetime | None:
        """The end of that day, in UTC; None where it is no day."""
        return end_of(self.until)

    def wanted(self) -> Release:
        """What the batch is asked for."""
        until = self.kept_until()
        keep = tuple((one, until) for one in self.keep) if until is not None else ()
        return Release(self.release, keep, self.remind, self.versions)

    def digest(self) -> bytes:
        """Tells these ticks from others."""
        whole = [self.release, self.keep, self.remind, self.until, sorted(self.versions.items())]
        return sha256(json.dumps(whole).encode()).digest()


def end_of(written: str, days: int = 0) -> datetime | None:
    """The end of a day (ISO 8601), or of the one `days` later, in UTC; None where that is no day."""
    try:
        day = date.fromisoformat(written) + timedelta(days=days + 1)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), UTC)
