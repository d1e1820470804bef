"""A DKIM-Signature field, read (RFC 6376 §3.5)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.proof.canonical import Field, Form
from relay.proof.dkim_key import Algorithm
from relay.proof.dkim_results import Reason
from relay.proof.tags import items, without_white_space
from relay.values import ascii_domain

signature_octets_max: Final = 16 * 1024
"""A field with 100 names and a key of 8192 bits takes a fifth of that (FAULT-79)."""
name_octets_max: Final = 253
"""Of a name in DNS (RFC 1035 §3.1)."""
_REQUIRED: Final = frozenset({"v", "a", "b", "bh", "d", "h", "s"})
_FORMS: Final[Mapping[str, Form]] = {form.value: form for form in Form}
_ALGORITHMS: Final[Mapping[str, Algorithm | Reason]] = {
    **{algorithm.value: algorithm for algorithm in Algorithm},
    "rsa-sha1": Reason.WEAK,
}
_NAME: Final = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_][a-z0-9_-]{0,62})*")
"""A domain or a selector, in lower case; underscores stand in selectors, if not in the standard."""
_SECONDS: Final = re.compile(r"\d{1,12}")
_OCTETS: Final = re.compile(r"\d{1,76}")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature field says, when all of it can be understood.

    `names`: the fields that it covers, in lower case, in their order. `body_octets`: how much of the canonical body it covers,
    None for all. `expires_s`: seconds since 1970, None for never. `identity_domain`: whose identity it is for, `domain` itself or
    one below it.
    """

    own: Field = field(repr=False)
    algorithm: Algorithm
    octets: bytes = field(repr=False)
    body_hash: bytes = field(repr=False)
    header_form: Form
    body_form: Form
    domain: str
    selector: str
    identity_domain: str
    names: tuple[bytes, ...]
    body_octets: int | None
    expires_s: int | None

    @property
    def own_line(self) -> bytes:
        """The field as it was when it was signed: b= without its value, in canonical form (RFC 6376 §3.7)."""
        return Field(self.own.key, _without_signature(self.own.octets)).canonical(self.header_form)


def claim(said: Mapping[str, str]) -> tuple[str, str]:
    """The domain, as A-labels, and the selector that the tags of a signature name, each empty where that is no name."""
    domain, selector = _domain(said.get("d", "")), said.get("s", "").lower()
    if not _NAME.fullmatch(selector) or len(key_name(domain, selector)) > name_octets_max:
        selector = ""
    return domain if _NAME.fullmatch(domain) else "", selector


def key_name(domain: str, selector: str) -> str:
    """Where the key of a signature is published (RFC 6376 §3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def signature_in(own: Field, said: Mapping[str, str]) -> Signature | Reason:
    """The signature with the tags `said`, or why it is none that can be checked."""
    if not said.keys() >= _REQUIRED or said["v"] != "1" or "dns/txt" not in items(said.get("q", "dns/txt")):
        return Reason.UNREADABLE
    algorithm = _ALGORITHMS.get(said["a"].lower(), Reason.UNKNOWN_ALGORITHM)
    if isinstance(algorithm, Reason):
        return algorithm
    domain, selector = claim(said)
    forms = said.get("c", "simple").lower().split("/")
    header_form, body_form = _FORMS.get(forms[0]), _FORMS.get(forms[1] if len(forms) > 1 else "simple")
    octets, body_hash = _decoded(said["b"]), _decoded(said["bh"])
    body_octets, signed_s, expires_s = said.get("l"), said.get("t"), said.get("x")
    if not domain or not selector or header_form is None or body_form is None or len(forms) > 2 or not octets or not body_hash:
        return Reason.UNREADABLE
    if body_octets is not None and not _OCTETS.fullmatch(body_octets):
        return Reason.UNREADABLE
    if any(one is not None and not _SECONDS.fullmatch(one) for one in (signed_s, expires_s)):
        return Reason.UNREADABLE
    if expires_s is not None and signed_s is not None and int(expires_s) <= int(signed_s):
        return Reason.UNREADABLE
    names = tuple(one.encode("utf-8") for one in items(said["h"]))
    if b"from" not in names:
        return Reason.FROM_UNSIGNED
    _, at, of = said.get("i", f"@{domain}").rpartition("@")
    identity_domain = _domain(of)
    if not at or not f".{identity_domain}".endswith(f".{domain}"):
        return Reason.FOREIGN_IDENTITY
    return Signature(
        own=own,
        algorithm=algorithm,
        octets=octets,
        body_hash=body_hash,
        header_form=header_form,
        body_form=body_form,
        domain=domain,
        selector=selector,
        identity_domain=identity_domain,
        names=names,
        body_octets=int(body_octets) if body_octets is not None else None,
        expires_s=int(expires_s) if expires_s is not None else None,
    )


def _domain(text: str) -> str:
    """As DNS knows it; what is too long for a name is cut, and is none then either."""
    return ascii_domain(text[: name_octets_max + 2])


def _decoded(value: str) -> bytes:
    """The octets of a value in Base64, which may be folded anywhere; none where it is not Base64."""
    try:
        return base64.b64decode(without_white_space(value), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _without_signature(octets: bytes) -> bytes:
    name, colon, value = octets.partition(b":")
    specs = value.split(b";")
    for place, spec in enumerate(specs):
        before, equals, _ = spec.partition(b"=")
        if equals and before.strip(b" \t\r\n") == b"b":
            specs[place] = before + equals
    return name + colon + b";".join(specs)
