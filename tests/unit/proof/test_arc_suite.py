from __future__ import annotations

import re

import pytest
from support.arc_suite import Case, cases

from relay.proof.canonical import Field, fields, hashed_body
from relay.proof.dkim_key import key_in
from relay.proof.dkim_results import Reason
from relay.proof.dkim_signature import Signature, key_name, signature_in
from relay.proof.tags import tags

NAME = b"arc-message-signature"


def number(one: Field) -> int:
    said = tags(one.octets.partition(b":")[2].decode()) or {}
    return int(said["i"]) if re.fullmatch("[1-9][0-9]*", said.get("i", "")) else 0


def verifies(case: Case) -> bool:
    """Whether the newest ARC-Message-Signature is one that its key made, as a DKIM-Signature would be."""
    head, blank, _ = case.message.partition(b"\r\n\r\n")
    found = list(fields(head + b"\r\n"))
    own = max((one for one in found if one.key == NAME), key=number)
    said = tags(own.octets.partition(b":")[2].decode())
    if said is None:
        return False
    # What ARC has in the place of these two.
    signature = signature_in(own, {**{name: value for name, value in said.items() if name != "i"}, "v": "1"})
    if not isinstance(signature, Signature):
        return False
    if hashed_body(case.message, len(head) + len(blank), signature.body_form).sha256 != signature.body_hash:
        return False
    left = {name: [one for one in found if one.key == name and one is not own] for name in signature.names}
    lines = [left[name].pop().canonical(signature.header_form) for name in signature.names if left[name]]
    key = key_in(case.keys.get(key_name(signature.domain, signature.selector), ""), signature.algorithm)
    return not isinstance(key, Reason) and key.signed(b"\r\n".join((*lines, signature.own_line)), signature.octets)


@pytest.mark.parametrize("case", cases())
def test_the_published_suite_of_arc(case: Case) -> None:
    """GW-11, FAULT-79."""
    assert verifies(case) is case.passes
