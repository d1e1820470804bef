"""What this program raises. An expected outcome is a value, never one of these.

RelayError
├── WrongConfiguration   the configuration cannot be used; exit code 78, every fault listed
├── NotDone              a command was understood and could not be carried out; exit code 1
│   ├── NotFound         nothing by that reference, alias or id
│   └── Conflict         it exists already, or the step is not possible from here
│       ├── TakenEnough  a return path has had all the reports that are taken there: nobody gets one more (CASE-54)
│       └── ToldEnough   a day's notices have gone to that writer: the answer in the session tells them (GW-52)
├── Forged               a message that is not from whom it says, or too old: nothing of it is believed (T12)
├── Unreadable           octets that cannot be parsed safely (GW-30)
└── Unavailable          scanner, database, disk or DNS is in trouble: "later", never yes or no (invariant 7)
    ├── Unanswered       DNS does not answer what the verdict depends on (GW-14)
    ├── Foreign          a place for objects belongs to another installation; later helps when its operator has set that right
    ├── Damaged          octets that are kept are missing, or not what was written; later will not help
    ├── Deadlock         the database broke it off in favour of another; again at once
    └── NotBegun         a transaction that did not get as far as its first statement
"""

from __future__ import annotations

import traceback


class RelayError(Exception):
    """The root: whoever catches this catches everything that we raise on purpose."""


class WrongConfiguration(RelayError):
    """The configuration cannot be used. `faults` holds one sentence per fault, all of them together."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class NotDone(RelayError):
    """A command or request that was understood and could not be carried out. The text is fit for its user."""


class NotFound(NotDone):
    """Nothing by that reference, alias or id."""


class Conflict(NotDone):
    """It exists already, or the step is not possible from the present state."""


class TakenEnough(Conflict):
    """A report to return paths that have had all that are taken at one: nothing of it is stored (CASE-54)."""


class ToldEnough(Conflict):
    """A message that is refused, to a writer who had a day's notices about that conversation: nothing of it is stored (GW-52)."""


class Forged(RelayError):
    """A message whose signature is not that of whom it says it is from, or too old, or around what cannot be understood.

    Nothing of it is believed. The text says which, for the log, and nothing of the message.
    """


class Unreadable(RelayError):
    """Octets that cannot be parsed safely, or exceed a bound of the parser (GW-30, FAULT-55, FAULT-60)."""


class Unavailable(RelayError):
    """A part we depend on is in trouble, so the answer is "try again later" (invariant 7)."""


class Unanswered(Unavailable):
    """DNS does not answer what the verdict depends on: no answer is neither a yes nor a no (GW-14)."""


class Foreign(Unavailable):
    """The place for large octets is another installation's: nothing is written or removed there. The text says what to do."""


class Damaged(Unavailable):
    """Octets that are kept are missing, or not what was written: they are never handed out."""


class Deadlock(Unavailable):
    """Two transactions waited for one another, and the database broke this one off: nothing is wrong, and later is at once."""


class NotBegun(Unavailable):
    """A transaction did not get as far as its first statement: no connection, or the lock of all writing was not to be had."""


def raised_at(broke: BaseException) -> str:
    """Where an exception was raised, "file.py:12", for the log: its own words may quote what somebody wrote, or an address."""
    frames = traceback.extract_tb(broke.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
