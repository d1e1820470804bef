from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.asking import Table, answered

from relay.lookup import Outcome
from relay.proof.alignment import Alignment
from relay.proof.canonical import Form, hashed_body
from relay.proof.dkim import presented
from relay.proof.proof import Arrival, Proof, prove

NOW = datetime(2026, 5, 1, tzinfo=UTC)
KEY = ed25519.Ed25519PrivateKey.generate()
RECORD = "v=DKIM1; k=ed25519; p=" + base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.1"
HEAD = b"From: ann@example.com\r\nSubject: Where\r\n\r\n"
MESSAGE = HEAD + b"Where do we meet?\r\n"
ALIGNED, UNALIGNED, FORBIDDEN, DISOWNED, NO_MEANS = Alignment
TROUBLE = Outcome.TROUBLE


def signed(domain: str, message: bytes = MESSAGE) -> bytes:
    bodyhash = base64.b64encode(hashed_body(MESSAGE, len(HEAD), Form.SIMPLE).sha256).decode()
    own = f"DKIM-Signature: v=1; a=ed25519-sha256; d={domain}; s=one; h=from:subject; bh={bodyhash}; b=".encode()
    digest = hashlib.sha256(b"From: ann@example.com\r\nSubject: Where\r\n" + own).digest()
    return own + base64.b64encode(KEY.sign(digest)) + b"\r\n" + message


KEYS: Table = {f"one._domainkey.{name} TXT": [RECORD] for name in ("example.com", "mail.example.com", "example.org")}
SPF: Table = {f"{name} TXT": [f"v=spf1 ip4:{HERE} -all"] for name in ("example.com", "mail.example.com", "example.org")}
DNS = {**KEYS, **SPF}


def dmarc(policy: str = "reject", more: str = "", at: str = "example.com") -> Table:
    return {f"_dmarc.{at} TXT": [f"v=DMARC1; p={policy}; {more}"]}


def proved(
    message: bytes = MESSAGE,
    table: Table = DNS,
    *,
    sender: str = "bounce@example.org",
    peer: str = ELSEWHERE,
    helo: str = "mx.example.net",
    author: str = "example.com",
) -> tuple[Proof, list[str]]:
    return answered(prove(author, Arrival(peer, helo, sender), presented(message, NOW)), table)


def alignment(message: bytes = MESSAGE, table: Table = DNS, **arrival: str) -> Alignment | None:
    return proved(message, table, **arrival)[0].alignment


@pytest.mark.parametrize("policy", [{}, dmarc("none"), dmarc("reject"), dmarc("reject", "adkim=s; aspf=s")])
@pytest.mark.parametrize(
    ("message", "arrival"),
    [
        (signed("example.com"), {}),
        (MESSAGE, {"sender": "ann@example.com", "peer": HERE}),
        (MESSAGE, {"sender": "", "helo": "example.com", "peer": HERE}),
        (signed("example.com"), {"sender": "ann@example.com", "peer": ELSEWHERE}),  # forwarded: SPF fails
        (signed("example.org"), {"sender": "ann@EXAMPLE.com", "peer": HERE}),
        (signed("example.org", signed("example.com")), {}),  # FAULT-80
        (signed("example.com").replace(b"bh=", b"bh=AAAA") [: -len(MESSAGE)] + signed("example.com"), {}),  # FAULT-82
    ],
)  # fmt: skip
def test_a_domain_stands_for_a_message_by_spf_or_by_dkim(message: bytes, arrival: dict[str, str], policy: Table) -> None:
    """GW-11: whatever its policy is, and whatever else fails."""
    assert alignment(message, {**DNS, **policy}, **arrival) is ALIGNED


@pytest.mark.parametrize("policy", [{}, dmarc("none"), dmarc("reject")])
@pytest.mark.parametrize(
    ("message", "arrival"),
    [(signed("mail.example.com"), {}), (MESSAGE, {"sender": "bounce@mail.example.com", "peer": HERE})],
)
def test_another_domain_of_the_organisation_stands_for_it_too(message: bytes, arrival: dict[str, str], policy: Table) -> None:
    """GW-11: relaxed alignment; and not where the domain wants it strict."""
    assert alignment(message, {**DNS, **policy}, **arrival) is ALIGNED
    assert alignment(message, {**DNS, **dmarc("reject", "adkim=s; aspf=s")}, **arrival) is FORBIDDEN
    apart = {**DNS, **dmarc(), **dmarc("none", "psd=n", at="mail.example.com")}
    assert alignment(message, apart, **arrival) in {FORBIDDEN, DISOWNED}


SPOOFS = {
    "the envelope is somebody's own": (MESSAGE, {"sender": "eve@example.org", "peer": HERE}),
    "the signature is somebody's own": (signed("example.org"), {}),
    "both are": (signed("example.org"), {"sender": "eve@example.org", "peer": HERE}),
    "a domain that only looks like it": (MESSAGE, {"sender": "eve@example.com.example.org", "peer": HERE}),
    "an old message with another subject": (signed("example.com").replace(b"Where\r\n\r\n", b"When\r\n\r\n"), {}),
    "an old message with a second subject": (b"Subject: New\r\n" + signed("example.com"), {}),
    "an old message with another text": (signed("example.com") + b"And call me.\r\n", {}),
    "an address as HELO": (MESSAGE, {"sender": "", "helo": "ann@mail.example.com", "peer": HERE}),
    "results that the message brought along": (
        b"Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com\r\n"
        b"Received-SPF: pass\r\nX-Spam-Status: No\r\n" + MESSAGE,
        {},
    ),
    "a chain of ARC": (
        b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.org; s=one; b=AAAA\r\n"
        b"ARC-Message-Signature: i=1; a=ed25519-sha256; d=example.com; s=one; h=from; bh=AAAA; b=AAAA\r\n"
        b"ARC-Authentication-Results: i=1; mx.example.net; dkim=pass header.d=example.com; dmarc=pass\r\n" + MESSAGE,
        {},
    ),
}


@pytest.mark.parametrize("case", SPOOFS)
def test_who_only_writes_the_name_of_a_domain_does_not_speak_for_it(case: str) -> None:
    """GW-11, GW-13, FAULT-83, FAULT-84: the domain has SPF and DKIM, and neither says so."""
    message, arrival = SPOOFS[case]
    assert alignment(message, **arrival) is UNALIGNED
    assert alignment(message, {**DNS, **dmarc("none")}, **arrival) is UNALIGNED
    assert alignment(message, {**DNS, **dmarc("reject")}, **arrival) is FORBIDDEN
    assert alignment(message, {**DNS, **dmarc("quarantine")}, **arrival) is FORBIDDEN
    assert alignment(message, {**DNS, **dmarc("quarantine", "t=y")}, **arrival) is UNALIGNED


def test_a_domain_may_disown_a_host() -> None:
    """FAULT-76: SPF fails, no DKIM, p=reject."""
    spoof = {"sender": "ann@example.com", "peer": ELSEWHERE}
    assert alignment(MESSAGE, {**DNS, **dmarc("reject")}, **spoof) is DISOWNED
    assert alignment(MESSAGE, {**DNS, **dmarc("none")}, **spoof) is UNALIGNED
    softly = {**DNS, **dmarc("reject"), "example.com TXT": ["v=spf1 ~all"]}
    assert alignment(MESSAGE, softly, **spoof) is FORBIDDEN


@pytest.mark.parametrize(
    ("message", "table", "expected"),
    [
        (MESSAGE, {}, NO_MEANS),
        (MESSAGE, {"example.com TXT": ["v=verification"]}, NO_MEANS),
        (MESSAGE, {"example.com TXT": ["v=verification", "v=spf1 ?all"]}, UNALIGNED),
        (MESSAGE, dmarc("none"), NO_MEANS),
        (MESSAGE, dmarc("reject"), FORBIDDEN),
        (signed("example.org"), KEYS, NO_MEANS),  # a mailing service signs, not the domain
        (signed("example.com"), {}, NO_MEANS),  # a signature without a key is as good as none
        (signed("example.com"), {"one._domainkey.example.com TXT": [RECORD + "; t=y"]}, NO_MEANS),
        (signed("example.com") + b"More\r\n", {}, UNALIGNED),
        (signed("mail.example.com") + b"More\r\n", {}, UNALIGNED),
        (signed("example.org") + b"More\r\n", {}, NO_MEANS),
    ],
)
def test_a_domain_without_spf_and_dkim_has_no_means(message: bytes, table: Table, expected: Alignment) -> None:
    """GW-12."""
    assert alignment(message, table) is expected
    no_spf = {**table, "example.com TXT": table.get("example.com TXT", Outcome.EMPTY)}
    assert alignment(message, no_spf, sender="ann@example.com") is (UNALIGNED if "?all" in str(table) else expected)


@pytest.mark.parametrize(
    ("message", "trouble", "arrival"),
    [
        (signed("example.com"), "one._domainkey.example.com TXT", {}),
        (signed("mail.example.com"), "one._domainkey.mail.example.com TXT", {}),
        (signed("mail.example.com"), "_dmarc.mail.example.com TXT", {}),
        (MESSAGE, "example.com TXT", {"sender": "ann@example.com"}),
        (MESSAGE, "mail.example.com TXT", {"sender": "ann@mail.example.com"}),
        (MESSAGE, "_dmarc.example.com TXT", {}),
        (MESSAGE, "_dmarc.com TXT", {}),
        (MESSAGE, "example.com TXT", {}),
    ],
)
@pytest.mark.parametrize("policy", ["none", "reject"])
def test_trouble_that_could_change_the_answer_is_for_later(
    message: bytes, trouble: str, arrival: dict[str, str], policy: str
) -> None:
    """GW-14, FAULT-77."""
    is_moot = policy == "reject" and trouble == "example.com TXT" and not arrival  # whether it has SPF does not matter then
    table = {**DNS, **dmarc(policy), trouble: TROUBLE}
    assert alignment(message, table, **arrival) is (FORBIDDEN if is_moot else None)


@pytest.mark.parametrize(
    ("message", "troubles", "arrival", "expected"),
    [
        (signed("example.com"), ["example.com TXT", "_dmarc.example.com TXT"], {"sender": "ann@example.com"}, ALIGNED),
        (MESSAGE, ["_dmarc.example.com TXT", "_dmarc.com TXT"], {"sender": "ann@example.com", "peer": HERE}, ALIGNED),
        (
            signed("example.com"),
            ["one._domainkey.example.com TXT"],
            {"sender": "ann@example.com", "peer": HERE},
            ALIGNED,
        ),
        (signed("mail.example.com"), ["mail.example.com TXT"], {"sender": "ann@mail.example.com"}, ALIGNED),
        (
            signed("example.org"),
            ["one._domainkey.example.org TXT", "example.org TXT", "_dmarc.example.org TXT"],
            {"sender": "eve@example.org", "peer": HERE},
            UNALIGNED,
        ),
    ],
)
def test_trouble_elsewhere_does_not_matter(
    message: bytes, troubles: list[str], arrival: dict[str, str], expected: Alignment
) -> None:
    """GW-14: when one aligned mechanism passes, nobody cares about the other; nor about domains that have no say."""
    assert alignment(message, {**DNS, **dict.fromkeys(troubles, TROUBLE)}, **arrival) is expected


def test_what_decides_first_is_asked_alone() -> None:
    _, asked = proved(signed("example.org", signed("example.com")), sender="ann@example.com", peer=HERE)
    assert asked == ["one._domainkey.example.com TXT"]
    _, asked = proved(MESSAGE, sender="ann@example.com", peer=HERE)
    assert asked == ["example.com TXT"]


def test_however_many_signatures_there_are_the_questions_are_few() -> None:
    """FAULT-79: ten signatures of ten parts of the house, each of which says that it is a house of its own."""
    message = MESSAGE
    table = {**dmarc("none")}
    for n in range(20):
        message = signed(f"a.b.c.d.e.f.n{n}.example.com", message)
        table[f"one._domainkey.a.b.c.d.e.f.n{n}.example.com TXT"] = [RECORD]
        table |= dmarc("none", "psd=n", at=f"n{n}.example.com")
    proof, asked = proved(message, table)
    assert proof.alignment is NO_MEANS
    assert len(asked) <= 3 + 10 * (1 + 8) + 1


@pytest.mark.parametrize("author", ["[192.0.2.1]", "example..com", "", "a" * 300 + ".com", "exa\\mple.com"])
def test_an_author_without_a_domain_is_not_asked_about(author: str) -> None:
    proof, asked = proved(signed("example.com"), author=author)
    assert (proof.alignment, asked) == (UNALIGNED, [])


def test_what_was_found_is_told_in_words_without_an_address() -> None:
    message = signed("example.org", signed("mail.example.com") + b"More\r\n")
    proof, _ = proved(message, {**DNS, **dmarc("reject")}, sender="ann@example.com")
    assert proof.alignment is DISOWNED
    assert proof.checks == (
        "spf fail example.com",
        "dkim fail mail.example.com s=one (the body is not the one that was signed)",
        "dmarc reject example.com",
    )
    assert Proof(None).checks == ()
