"""Mail about mail: bounces, read receipts, complaints (RFC 6522). Recognised, reduced to a few words, never quoted.

Reports that follow RFC 3464 are read field by field, as leniently as they are written. Many servers have forms of their own;
those are told by who writes and how the text begins. What is returned holds no address and nothing of the remote text but the
enhanced status code (GW-51, FAULT-74, LEAK-80, LEAK-81, LEAK-83).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Final

from relay.message.bounce_words import DELIVERED, FAILED, ONLY_DELAYED, ONLY_DELAYED_SUBJECT, OPENINGS, before_returned
from relay.message.causes import Cause, cause_of, has_code, status_in
from relay.message.mail import Entity, Mail
from relay.message.words import unfolded

__all__ = ["BounceReport", "Cause", "Complaint", "Confirmation", "bounce", "complaint", "confirmation"]


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a bounce comes to. `permanent` is False while the other server still tries. `status` is an enhanced code, or None."""

    cause: Cause
    permanent: bool
    status: str | None


class Complaint(Enum):
    """What a feedback report is about (the Feedback-Type field: RFC 5965 §7.3, RFC 6430, RFC 6591)."""

    ABUSE = "abuse"
    FRAUD = "fraud"
    VIRUS = "virus"
    OPT_OUT = "opt-out"
    NOT_SPAM = "not-spam"
    AUTH_FAILURE = "auth-failure"
    """No complaint of a person: an authentication check of our mail failed there."""
    OTHER = "other"


class Confirmation(Enum):
    """Good news about mail, which goes no further either (LEAK-81)."""

    DELIVERED = "delivered"
    """A delivery report that says it arrived (RFC 3464)."""
    READ = "read"
    """A message disposition notification: displayed, or deleted unread (RFC 8098)."""


_STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITION_TYPES: Final = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_FEEDBACK_TYPE: Final = "message/feedback-report"
_REPORT_OCTETS_MAX: Final = 64 * 1024
_TEXT_CHARACTERS_MAX: Final = 16_000
_TEXTS_MAX: Final = 4
_opening_characters_max: Final = 1_500
_subject_characters_max: Final = 500
_field_characters_max: Final = 4_000
_RECIPIENTS_MAX: Final = 100

_DAEMONS: Final = frozenset({"mailer-daemon", "mailerdaemon", "mailer_daemon", "mail-daemon", "maildaemon", "mail.daemon"})
"""Local parts under which nobody but a mail server writes (RFC 5321 §4.5.1 and habit)."""
_SYSTEM_NAMES: Final = frozenset(
    {"postmaster", "post_master", "post-master", "system administrator", "sysadmin", "mailadmin", "mail-admin", "root", "admin"}
)
"""Local parts of servers that are people's, too: they prove nothing without words that bounces begin with."""

_ACTIONS: Final[tuple[tuple[str, bool | None], ...]] = (
    ("fail", True),
    ("delay", False),
    ("deliver", None),
    ("relay", None),
    ("expand", None),
)
"""The beginnings of an Action field: permanent, temporary, or no failure at all (RFC 3464 §2.3.3)."""

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]{0,5}:[ \t]*(.*)")
_REPORTED: Final = frozenset({"action", "status", "diagnostic-code", "final-recipient", "original-recipient"})
_COMPLAINT_SUBJECTS: Final = re.compile(r"complaint about message from \d|email feedback report for ip\b")
_TAGS: Final = re.compile(r"<[^<>]{0,2000}>")


def bounce(mail: Mail, return_path: str | None = None) -> BounceReport | None:
    """What a bounce says; None when `mail` is none, or reports that all went well.

    `return_path` is the envelope's where it is known: the null path, "", is one more sign of a machine. A person who forwards
    a bounce, inline or attached, has not bounced anything.
    """
    if complaint(mail) is not None or confirmation(mail) is not None:
        return None
    groups = list(_recipients(mail.root)) if _may_carry_status(mail, return_path) else []
    if not groups and not _has_own_form(mail, return_path):
        return None
    text = _human_text(mail.root)
    if not groups:
        # Amazon WorkMail and XWall write the fields of a report into the text.
        groups = [group for group in _groups(text) if group.keys() >= {"action", "final-recipient"}]
    if groups:
        return _from_fields(groups, text)
    if DELIVERED.search(text.lower()):
        return None
    return _from_words(mail.subject, text)


def complaint(mail: Mail) -> Complaint | None:
    """What a feedback report (ARF) is about, or one in the older forms of Hotmail and AOL; None when `mail` is none."""
    report = _part(mail.root, frozenset({_FEEDBACK_TYPE}))
    if report is None:
        is_declared = mail.root.parameters.get("report-type", "").lower() == "feedback-report"
        is_old_form = any(part.is_attached_message for part in mail.root.parts) and bool(
            _COMPLAINT_SUBJECTS.match(mail.subject[:_subject_characters_max].lower())
        )
        if not is_declared and not is_old_form:
            return None
        return Complaint.OTHER if is_declared else Complaint.ABUSE
    named = (group.get("feedback-type", "") for group in _groups(_octets(report)))
    kind = next(filter(None, named), "").strip().lower()
    return next((one for one in Complaint if one.value == kind), Complaint.OTHER)


def confirmation(mail: Mail) -> Confirmation | None:
    """Whether `mail` is a receipt: that it was read (or thrown away), or that it arrived."""
    if mail.root.parameters.get("report-type", "").lower() == "disposition-notification" or (
        mail.root.media_type == "multipart/report" and _part(mail.root, _DISPOSITION_TYPES) is not None
    ):
        return Confirmation.READ
    groups = list(_recipients(mail.root)) if mail.root.media_type == "multipart/report" else []
    if groups and all(_is_permanent(group) is None for group in groups):
        return Confirmation.DELIVERED
    return None


def _from_fields(groups: list[dict[str, str]], text: str) -> BounceReport | None:
    """The worst that is said of any recipient: a failure, else a delay."""
    for wanted in (True, False):
        for group in groups:
            if _is_permanent(group) is wanted:
                # Some put the words into the Status field.
                spoken = f"{group.get('diagnostic-code', '')} {group.get('status', '')}"
                status = status_in(group.get("status", "")) or status_in(spoken)
                cause = cause_of(status, spoken)
                if cause is Cause.OTHER:
                    cause = cause_of(status, text)
                return BounceReport(cause, wanted, status)
    return None


def _from_words(subject: str, text: str) -> BounceReport:
    """What a server's own form says: the replies that it quotes count for more than what it explains."""
    flat = " ".join(text.lower().split())
    delayed = bool(ONLY_DELAYED.search(flat) or ONLY_DELAYED_SUBJECT.search(subject[:_subject_characters_max].lower()))
    replies = "\n".join(line for line in text.split("\n") if has_code(line))
    causes = (cause_of(None, spoken) for spoken in (replies, text, subject))
    cause = next((one for one in causes if one is not Cause.OTHER), Cause.OTHER)
    return BounceReport(cause, not delayed, status_in(replies))


def _is_permanent(group: dict[str, str]) -> bool | None:
    """What the Action says; without a usable one, what the class of the status says."""
    action = group.get("action", "").strip().lower()
    for beginning, permanent in _ACTIONS:
        if action.startswith(beginning):
            return permanent
    status = status_in(group.get("status", "")) or status_in(group.get("diagnostic-code", ""))
    return {"2": None, "4": False}.get((status or "5")[0], True)


def _may_carry_status(mail: Mail, return_path: str | None) -> bool:
    """Whether a delivery-status part is this mail's own. Apple's program puts the parts of a forwarded bounce side by side."""
    return (
        mail.root.media_type == "multipart/report"
        or mail.root.media_type in _STATUS_TYPES
        or any(part.media_type == "multipart/report" for part in mail.root.parts)
        or _is_from_a_machine(mail, return_path)
    )


def _has_own_form(mail: Mail, return_path: str | None) -> bool:
    """Whether this is a bounce in a form of the server's own."""
    if mail.root.first("x-failed-recipients") or _authors(mail) & _DAEMONS:
        return True
    first_lines = " ".join(next(_texts(mail.root), "")[:_opening_characters_max].split()).lower()
    if OPENINGS.match(first_lines):
        return True
    if mail.root.media_type != "multipart/report" and not _is_from_a_machine(mail, return_path):
        return False
    heads = f"{mail.subject[:_subject_characters_max]} {first_lines}".lower()
    # With the null path, `Re:` is how a server answers; a person's forward may have it too, from a rule in the mailbox.
    by_hand = ("fw:", "fwd:") if return_path == "" else ("re:", "fw:", "fwd:")
    return not heads.startswith(by_hand) and any(phrase.search(heads) for phrase in FAILED)


def _is_from_a_machine(mail: Mail, return_path: str | None) -> bool:
    written = mail.root.first("return-path")
    path = (return_path if return_path is not None else unfolded(written.value) if written else "?").strip("<> ").lower()
    authors = _authors(mail)
    has_empty_author = mail.author_fields > 0 and not authors
    if path == "" or path.partition("@")[0] in _DAEMONS or has_empty_author or authors & _DAEMONS:
        return True
    # Who is called admin and writes under the same return path is somebody's mailbox: a server's report comes under none.
    is_own_path = return_path is not None and any(author.written.strip('<>" ').lower() == path for author in mail.authors)
    return bool(authors & _SYSTEM_NAMES) and not is_own_path


def _authors(mail: Mail) -> frozenset[str]:
    """The local parts of the authors, without quotation marks, in lower case."""
    written = (author.written.strip('<>" ').lower() for author in mail.authors)
    return frozenset(filter(None, (one.rpartition("@")[0].strip('"') or one for one in written)))


def _part(root: Entity, types: frozenset[str]) -> Entity | None:
    return next((part for part in _own_parts(root) if part.media_type in types), None)


def _own_parts(root: Entity) -> Iterator[Entity]:
    """The entities of this mail, without those of messages that it carries."""
    yield root
    if not root.is_attached_message:
        for part in root.parts:
            yield from _own_parts(part)


def _recipients(root: Entity) -> Iterator[dict[str, str]]:
    """The groups of fields about recipients in the delivery-status parts."""
    for part in _own_parts(root):
        if part.media_type in _STATUS_TYPES:
            yield from islice((group for group in _groups(_octets(part)) if group.keys() & _REPORTED), _RECIPIENTS_MAX)


def _octets(part: Entity) -> str:
    return part.payload[:_REPORT_OCTETS_MAX].decode("utf-8", "replace")


def _groups(text: str) -> Iterator[dict[str, str]]:
    """Groups of fields, divided by blank lines; where a server forgot the line, by the field that begins anew."""
    group: dict[str, str] = {}
    name = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        found = _FIELD.match(line)
        if line[:1] in {" ", "\t"} and name and line.strip():
            group[name] = f"{group[name]} {line.strip()}"[:_field_characters_max]
        elif found is None or (name := found[1].lower()) in group:
            if group:
                yield group
            group = {} if found is None else {name: found[2]}
            name = name if found else ""
        else:
            group[name] = found[2]
    if group:
        yield group


def _human_text(root: Entity) -> str:
    """What the server itself wrote for people, up to the message that it returns."""
    pieces = ("\n".join(before_returned(text)) for text in islice(_texts(root), _TEXTS_MAX))
    return "\n".join(pieces)[:_TEXT_CHARACTERS_MAX]


def _texts(root: Entity) -> Iterator[str]:
    for part in _own_parts(root):
        if part.media_type in {"text/plain", "text/html"} and part.disposition != "attachment":
            text = part.text[:_TEXT_CHARACTERS_MAX]
            yield _TAGS.sub(" ", text) if part.media_type == "text/html" else text
