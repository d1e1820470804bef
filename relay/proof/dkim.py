"""The DKIM signatures of a message, verified (RFC 6376, RFC 8301, RFC 8463).

In two steps: `presented` reads the message and hashes its body, without asking anything; `verified` asks for the keys. So the
step that takes as long as the message is large can be taken where it holds nobody up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.lookup import Asking, Outcome, Query, Type
from relay.proof.canonical import Field, Form, HashedBody, fields, hashed_body
from relay.proof.dkim_key import key_in
from relay.proof.dkim_results import CheckedSignature, Reason
from relay.proof.dkim_signature import Signature, claim, key_name, signature_in, signature_octets_max
from relay.proof.tags import tags

signatures_max: Final = 10
"""The top-most are checked, the others not looked at (FAULT-79). A mail that came through a few lists has four."""
keys_max: Final = 3
"""Records with a key for one selector that are tried; one is what RFC 6376 §3.6.2.2 allows."""
head_octets_max: Final = 256 * 1024
"""In a longer header no signature is looked for: nobody reads that message either (FAULT-55)."""

_WELL_FORMED: Final = re.compile(rb"(?:(?!--)[!-9;-~]++[ \t]*+:(?:[^\r\n]++|\r\n[ \t])*+(?:\r\n|\Z))*+")
"""Any other header is read differently by different programs: text that no signature covers could pass for signed."""

_ONCE: Final = (b"from", b"to", b"cc", b"subject", b"content-type", b"content-transfer-encoding")
"""Fields of which readers take the first one, signers the last (RFC 6376 §5.4.2): a second one would replace what was signed,
and the signature would still fit (RFC 6376 §8.15)."""

_SUBJECT: Final = b"subject"
"""Signed by everybody who signs (RFC 6376 §5.4.1); where it is not, an old message could be sent again under another one."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A signature that a message presents: to be verified as the one that was made over `content`; or why it is not.

    `domain` and `selector` as in `CheckedSignature`.
    """

    domain: str
    selector: str
    signature: Signature | Reason
    content: bytes = field(default=b"", repr=False)


def presented(message: bytes, now: datetime) -> tuple[Presented, ...]:
    """The signatures in the header of `message`, from the top, `signatures_max` at most; `now` aware, for those that expire.

    `message` has CRLF line ends. The time is linear in its length, and the body is hashed once in each canonical form.
    """
    opened = _Opened.of(message)
    return tuple(opened.presented(own, now) for own in opened.named(b"dkim-signature")[:signatures_max])


def verified(signatures: Sequence[Presented]) -> Asking[tuple[CheckedSignature, ...]]:
    """What comes of those signatures, in their order, with the keys that their domains publish."""
    checked = []
    for one in signatures:
        reason = one.signature if isinstance(one.signature, Reason) else (yield from _verified(one.signature, one.content))
        checked.append(CheckedSignature(one.domain, one.selector, reason))
    return tuple(checked)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A message with its header taken apart. `by_key`: its fields by their names, each name's from the top."""

    message: bytes
    body: int
    is_well_formed: bool
    by_key: Mapping[bytes, Sequence[Field]]
    hashed: dict[Form, HashedBody] = field(default_factory=dict)

    @classmethod
    def of(cls, message: bytes) -> _Opened:
        blank = message.find(b"\r\n\r\n", 0, head_octets_max) if not message.startswith(b"\r\n") else -2
        if blank < 0 and len(message) > head_octets_max:
            return cls(message, len(message), is_well_formed=False, by_key={})
        head, body = (message[: blank + 2], blank + 4) if blank != -1 else (message, len(message))
        by_key: dict[bytes, list[Field]] = {}
        for one in fields(head):
            by_key.setdefault(one.key, []).append(one)
        return cls(message, body, _WELL_FORMED.fullmatch(head) is not None, by_key)

    def named(self, key: bytes) -> Sequence[Field]:
        return self.by_key.get(key, ())

    def presented(self, own: Field, now: datetime) -> Presented:
        said = tags(own.octets.partition(b":")[2].decode("utf-8", "replace")) if len(own.octets) <= signature_octets_max else None
        domain, selector = claim(said or {})
        signature = signature_in(own, said or {}) if self.is_well_formed else Reason.MALFORMED_HEADER
        if isinstance(signature, Signature) and (fault := self._fault(signature, now)) is not None:
            signature = fault
        content = self._content(signature) if isinstance(signature, Signature) else b""
        return Presented(domain, selector, signature, content)

    def _fault(self, signature: Signature, now: datetime) -> Reason | None:
        """Why the signature is not worth asking for its key."""
        if signature.expires_s is not None and signature.expires_s < now.timestamp():
            return Reason.EXPIRED
        if any(name in signature.names and len(self.named(name)) > signature.names.count(name) for name in _ONCE):
            return Reason.FIELD_ADDED
        form = signature.body_form
        if form not in self.hashed:
            self.hashed[form] = hashed_body(self.message, self.body, form)
        body = self.hashed[form]
        if signature.body_octets is not None and signature.body_octets < body.octets:
            return Reason.BODY_BEYOND  # anybody can add to such a message what the reader sees first (RFC 6376 §8.2, FAULT-81)
        whole = signature.body_octets in {None, body.octets}
        if not whole or body.sha256 != signature.body_hash:
            return Reason.BODY_CHANGED
        return Reason.SUBJECT_UNSIGNED if self.named(_SUBJECT) and _SUBJECT not in signature.names else None

    def _content(self, signature: Signature) -> bytes:
        """What was signed: the fields that the signature names, the lowest of a name first, then its own (RFC 6376 §5.4.2)."""
        left = {name: [one for one in self.named(name) if one is not signature.own] for name in set(signature.names)}
        lines = [left[name].pop().canonical(signature.header_form) for name in signature.names if left[name]]
        return b"\r\n".join((*lines, signature.own_line))


def _verified(signature: Signature, content: bytes) -> Asking[Reason]:
    answer = yield Query(key_name(signature.domain, signature.selector), Type.TXT)
    if answer.outcome is Outcome.TROUBLE:
        return Reason.NO_ANSWER
    # One record that fits is enough; of those that do not, the first one tells why.
    reasons = [_fits(signature, content, record) for record in answer.records[:keys_max]]
    return Reason.VERIFIED if Reason.VERIFIED in reasons else next(iter(reasons), Reason.NO_KEY)


def _fits(signature: Signature, content: bytes, record: str) -> Reason:
    key = key_in(record, signature.algorithm)
    if isinstance(key, Reason):
        return key
    if key.is_of_domain_alone and signature.identity_domain != signature.domain:
        return Reason.FOREIGN_IDENTITY
    if not key.signed(content, signature.octets):
        return Reason.HEADER_CHANGED
    return Reason.TESTING if key.is_tried else Reason.VERIFIED
