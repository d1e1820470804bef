from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from support.asking import Table, answered

from relay.lookup import Outcome
from relay.message.parse import parse
from relay.outbound.signing import Signer
from relay.outbound.signing_key import Algorithm, SigningKey, generate_key
from relay.proof.canonical import fields
from relay.proof.dkim import head_octets_max, presented, signatures_max, verified
from relay.proof.dkim_results import RESULTS, CheckedSignature, Reason, Result
from relay.proof.dkim_signature import signature_octets_max

NOW = datetime.now(UTC)  # noqa: TID251 - dkimpy reads the clock itself, and refuses signatures of the future
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
P = base64.b64encode(RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
P_ED25519 = base64.b64encode(ED25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
RECORD = f"v=DKIM1; k=rsa; p={P}"
DNS: Table = {
    "one._domainkey.example.com TXT": [RECORD],
    "ed._domainkey.example.com TXT": [f"v=DKIM1; k=ed25519; p={P_ED25519}"],
}
BODY = b"Hello  \r\n\r\nwhere  do we meet?\r\n\r\n\r\n"
MESSAGE = (
    b"Received: from a by b;\r\n\tnow\r\nFrom: Ann <ann@example.com>\r\nTo: b@example.org\r\n"
    b"Subject:  Where do\r\n we   meet? \r\n"
    b"Date: Fri, 01 May 2026 08:00:00 +0000\r\nContent-Type: text/plain\r\n\r\n" + BODY
)
TAGS = {
    "v": "1",
    "a": "rsa-sha256",
    "c": "relaxed/relaxed",
    "d": "example.com",
    "s": "one",
    "h": "from:to:subject:date:content-type",
}


def signed(message: bytes = MESSAGE, **changes: str | None) -> bytes:
    """The message as dkimpy's canonical forms sign it, with any tags: what a signer of bad faith may write as well."""
    said = {name: value for name, value in {**TAGS, **changes}.items() if value is not None}
    policy = dkim.CanonicalizationPolicy.from_c_value(said.get("c", "simple").encode())
    headers, body = dkim.rfc822_parse(message)
    body = policy.canonicalize_body(body)
    said.setdefault("bh", base64.b64encode(hashlib.sha256(body[: int(said["l"])] if "l" in said else body).digest()).decode())
    own = " " + "; ".join(f"{name}={value}" for name, value in said.items()) + "; b="
    names = [name.strip().lower().encode() for name in said["h"].split(":")]
    lines = dkim.select_headers(policy.canonicalize_headers(headers), names)
    ((name, value),) = policy.canonicalize_headers([(b"DKIM-Signature", own.encode() + b"\r\n")])
    content = b"".join(n + b":" + v for n, v in lines) + name + b":" + value.removesuffix(b"\r\n")
    if said["a"].startswith("ed25519"):
        signature = ED25519.sign(hashlib.sha256(content).digest())
    else:
        signature = RSA.sign(content, padding.PKCS1v15(), hashes.SHA256())
    return b"DKIM-Signature:" + own.encode() + base64.b64encode(signature) + b"\r\n" + message


def checked(message: bytes, table: Table = DNS, now: datetime = NOW) -> list[CheckedSignature]:
    found, _ = answered(verified(presented(message, now)), table)
    return list(found)


def reasons(message: bytes, table: Table = DNS, now: datetime = NOW) -> list[Reason]:
    return [one.reason for one in checked(message, table, now)]


@pytest.mark.parametrize("forms", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed", None])
@pytest.mark.parametrize(("algorithm", "selector"), [("rsa-sha256", "one"), ("ed25519-sha256", "ed")])
def test_what_was_signed_verifies_in_each_canonical_form(forms: str | None, algorithm: str, selector: str) -> None:
    """RFC 6376 §3.4, RFC 8463."""
    message = signed(a=algorithm, s=selector, c=forms)
    assert checked(message) == [CheckedSignature("example.com", selector, Reason.VERIFIED)]
    assert checked(message)[0].result is Result.PASS


def test_what_we_sign_verifies() -> None:
    """GW-45: with one key, and with one of each kind."""
    keys = [SigningKey.from_pem(generate_key(kind), f"relay-{kind.value}", kind) for kind in Algorithm]
    message = Signer("reply.example.com", tuple(keys)).signed(MESSAGE, NOW)
    found = checked(message, {f"{key.selector}._domainkey.reply.example.com TXT": [key.record] for key in keys})
    assert found == [CheckedSignature("reply.example.com", key.selector, Reason.VERIFIED) for key in keys]


def test_a_message_without_signature_presents_none() -> None:
    assert presented(MESSAGE, NOW) == ()
    assert presented(b"", NOW) == ()
    assert presented(b"\r\n" + signed(), NOW) == ()


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\n\r\n"])
def test_a_message_may_have_no_body(end: bytes) -> None:
    head = MESSAGE.partition(b"\r\n\r\n")[0]
    assert reasons(signed(head + b"\r\n\r\n").removesuffix(b"\r\n\r\n") + end) == [Reason.VERIFIED]


TAMPERED = [
    (b"where  do we", b"when  do we", Reason.BODY_CHANGED),
    (b"meet?\r\n\r\n\r\n", b"meet?\r\nCall me\r\n", Reason.BODY_CHANGED),
    (b"Subject:  Where", b"Subject:  When", Reason.HEADER_CHANGED),
    (b"ann@example.com", b"bob@example.com", Reason.HEADER_CHANGED),
    (b"To: b@example.org\r\n", b"", Reason.HEADER_CHANGED),
    (b"c=relaxed/relaxed", b"c=simple/relaxed", Reason.HEADER_CHANGED),
    (b"h=from:to", b"h=from:cc:to", Reason.HEADER_CHANGED),
    (b"d=example.com", b"d=example.com; z=", Reason.HEADER_CHANGED),
    (b"s=one", b"s=two", Reason.NO_KEY),
]


@pytest.mark.parametrize("subject", [b"Subject: Pay at once\r\n", b"SUBJECT : Pay at once\r\n"])
def test_a_signature_that_leaves_out_the_subject_proves_nothing_under_any(subject: bytes) -> None:
    """FAULT-84: an old message could be sent again under another subject, or under one where it had none."""
    without = MESSAGE.replace(b"Subject:  Where do\r\n we   meet? \r\n", b"")
    message = signed(without, h="from:to:date")
    assert reasons(message) == [Reason.VERIFIED]
    assert reasons(subject + message) == [Reason.SUBJECT_UNSIGNED]
    assert reasons(signed(without, h="from:to:date:subject")) == [Reason.VERIFIED]
    assert reasons(subject + signed(without, h="from:to:date:subject")) == [Reason.HEADER_CHANGED]


@pytest.mark.parametrize(("here", "there", "expected"), TAMPERED)
def test_what_was_changed_on_the_way_does_not_verify(here: bytes, there: bytes, expected: Reason) -> None:
    """FAULT-84."""
    message = signed()
    assert here in message
    assert reasons(message.replace(here, there)) == [expected]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (b"Hello  \r\n", b"Hello\r\n"),
        (b"meet?\r\n\r\n\r\n", b"meet?\r\n"),
        (b"Subject:  Where do\r\n we   meet? \r\n", b"SUBJECT : Where\tdo we meet?\r\n"),
        (b"Received: from", b"Received: by another from"),
        (b"Received: from", b"X-Scanned: yes\r\nReceived: from"),
    ],
)
def test_what_the_canonical_form_forgives_is_forgiven(here: bytes, there: bytes) -> None:
    message = signed()
    assert here in message
    assert reasons(message.replace(here, there)) == [Reason.VERIFIED]
    assert reasons(signed(c="simple/simple").replace(here, there))[0] in (
        {Reason.VERIFIED} if here == b"Received: from" or there == b"meet?\r\n" else {Reason.BODY_CHANGED, Reason.HEADER_CHANGED}
    )


@pytest.mark.parametrize("name", ["From: eve@example.org", "To: x", "Cc: x", "Subject: x", "Content-Type: text/html"])
@pytest.mark.parametrize("at_top", [True, False])
def test_a_second_field_of_what_readers_take_the_first_of_breaks_a_signature(name: str, *, at_top: bool) -> None:
    """RFC 6376 §8.15: under another subject an old message still fits its signature: the lowest field is the signed one."""
    message = signed(MESSAGE.replace(b"To:", b"Cc: c@example.org\r\nTo:"), h="from:to:cc:subject:date:content-type")
    added = f"{name}\r\n".encode()
    message = added + message if at_top else message.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1)
    assert reasons(message) == [Reason.FIELD_ADDED]


def test_fields_with_one_name_are_taken_from_the_bottom_up() -> None:
    """RFC 6376 §5.4.2."""
    twice = MESSAGE.replace(b"Date:", b"Comments: one\r\nComments: two\r\nDate:")
    message = signed(twice, h="from:to:subject:date:comments:comments:comments:content-type")
    assert reasons(message) == [Reason.VERIFIED]
    assert reasons(message.replace(b"one\r\nComments: two", b"two\r\nComments: one")) == [Reason.HEADER_CHANGED]
    once = signed(twice, h="from:to:subject:date:comments")
    assert reasons(once.replace(b"Comments: one", b"Comments: eins")) == [Reason.VERIFIED]
    assert reasons(once.replace(b"Comments: two", b"Comments: zwei")) == [Reason.HEADER_CHANGED]


@pytest.mark.parametrize("name", [b"Reply-To", b"Date"])
def test_a_field_signed_once_more_than_it_occurs_cannot_be_added(name: bytes) -> None:
    """RFC 6376 §5.4.2: oversigned."""
    message = signed(h="from:from:to:to:subject:subject:date:date:reply-to:content-type")
    assert reasons(message) == [Reason.VERIFIED]
    assert reasons(message.replace(b"To:", name + b": x\r\nTo:")) == [Reason.HEADER_CHANGED]


@pytest.mark.parametrize(
    "line",
    [
        b"no field at all\r\n",
        b"--a: delimiter\r\n",
        b"Na me: x\r\n",
        b"X: a\nSubject: b\r\n",
        b"X: a\rSubject: b\r\n",
        b": x\r\n",
        "Gruß: x\r\n".encode(),
    ],
)
def test_in_a_malformed_header_nothing_verifies(line: bytes) -> None:
    """Where programs differ about where the header ends, one would show as the body what another took for the header."""
    for place in (b"Received:", b"To:"):
        assert reasons(signed().replace(place, line + place)) == [Reason.MALFORMED_HEADER]


lines = b"From: a@b.example\r\n|X-A: 1\r\n|Content-Type: multipart/mixed; boundary=b\r\n|Content-Transfer-Encoding: base64\r\n"
odd = st.sampled_from([*lines.split(b"|"), *b"To|:| |\t|\r\n|--|--b|x|\xc3\xa9|\x0b|\x85".split(b"|"), b"A" * 24 + b"\r\n"])


@given(st.lists(odd, max_size=10).map(b"".join))
@settings(max_examples=150, deadline=None)
def test_where_a_signature_counts_the_header_is_the_one_that_the_message_is_read_with(head: bytes) -> None:
    """Otherwise text that nobody signed could stand in a message that verifies."""
    message = b"DKIM-Signature: v=1\r\nFrom: a@b.example\r\n" + head + b"\r\n\r\nbody\r\n"
    if presented(message, NOW)[0].signature is not Reason.MALFORMED_HEADER:
        names = [one.key.decode() for one in fields(message.partition(b"\r\n\r\n")[0])]
        assert [one.key for one in parse(message).root.fields] == names


LENGTH = len(dkim.CanonicalizationPolicy.from_c_value(b"relaxed/relaxed").canonicalize_body(BODY))


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (LENGTH, Reason.VERIFIED),
        (LENGTH - 1, Reason.BODY_BEYOND),
        (0, Reason.BODY_BEYOND),
        (LENGTH + 1, Reason.BODY_CHANGED),
    ],
)
def test_a_signature_of_some_of_the_body_is_no_pass(octets: int, expected: Reason) -> None:
    """FAULT-81."""
    assert reasons(signed(l=str(octets))) == [expected]


def test_what_is_appended_to_a_signed_length_is_no_pass() -> None:
    """FAULT-81."""
    assert reasons(signed(l=str(LENGTH)) + b"More\r\n") == [Reason.BODY_BEYOND]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, Reason.EXPIRED), (0, Reason.VERIFIED), (1, Reason.VERIFIED)])
def test_a_signature_counts_until_it_expires(seconds: int, expected: Reason) -> None:
    """FAULT-81."""
    now = NOW.replace(microsecond=0)
    assert reasons(signed(t="1", x=str(int(now.timestamp()) + seconds)), now=now) == [expected]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (Outcome.NO_NAME, Reason.NO_KEY),
        (Outcome.EMPTY, Reason.NO_KEY),
        (Outcome.TROUBLE, Reason.NO_ANSWER),
        ([f"v=DKIM1; t=y; p={P}"], Reason.TESTING),
        ([f"v=DKIM1; t=s; p={P}"], Reason.VERIFIED),
        (["v=DKIM1; p="], Reason.KEY_REVOKED),
        ([f"v=DKIM1; k=ed25519; p={P_ED25519}"], Reason.KEY_UNFIT),
        (["v=spf1 -all", RECORD], Reason.VERIFIED),
        (["v=DKIM1; p=", RECORD], Reason.VERIFIED),
        (["v=spf1 -all", "v=DKIM1; p="], Reason.KEY_UNREADABLE),
        (["v=spf1 -all"] * 3 + [RECORD], Reason.KEY_UNREADABLE),
    ],
)
def test_the_key_decides(records: list[str] | Outcome, expected: Reason) -> None:
    """RFC 6376 §6.1.2; DNS in trouble is no verdict (GW-14, FAULT-77), and a test counts for nothing (FAULT-81)."""
    assert reasons(signed(), {"one._domainkey.example.com TXT": records}) == [expected]


def test_a_key_may_be_for_its_domain_alone() -> None:
    """RFC 6376 §3.6.1: t=s."""
    strict: Table = {"one._domainkey.example.com TXT": [f"v=DKIM1; t=s; p={P}"]}
    below = signed(i="ann@mail.example.com")
    assert reasons(below) == [Reason.VERIFIED]
    assert reasons(below, strict) == [Reason.FOREIGN_IDENTITY]
    assert reasons(signed(i="ann@example.com"), strict) == [Reason.VERIFIED]


def test_a_signature_that_cannot_be_read_asks_nothing_and_says_what_it_claims() -> None:
    message = b"DKIM-Signature: v=1; d=Example.COM; s=One; rubbish\r\nDKIM-Signature: v=1; d=example.com; s=Two\r\n" + MESSAGE
    found, asked = answered(verified(presented(message, NOW)), DNS)
    assert list(found) == [CheckedSignature("", "", Reason.UNREADABLE), CheckedSignature("example.com", "two", Reason.UNREADABLE)]
    assert asked == []


@pytest.mark.parametrize(("bad", "good"), [("rsa-sha256 one", "ed25519-sha256 ed"), ("ed25519-sha256 ed", "rsa-sha256 one")])
def test_each_signature_has_a_result_of_its_own(bad: str, good: str) -> None:
    """FAULT-80, FAULT-82."""
    (a, s), (a_good, s_good) = bad.split(), good.split()
    message = signed(signed(a=a, s=s).replace(b"bh=", b"bh=AAAA"), a=a_good, s=s_good)
    assert reasons(message) == [Reason.VERIFIED, Reason.BODY_CHANGED]
    first = message.index(MESSAGE)
    one, two = message[:first].splitlines(keepends=True)
    assert reasons(two + one + MESSAGE) == [Reason.BODY_CHANGED, Reason.VERIFIED]


def test_of_very_many_signatures_the_top_most_are_checked() -> None:
    """FAULT-79."""
    message = signed(h="from:" + ":".join(f"x{n}" for n in range(1_000)))
    for n in range(48):
        message = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=n%d; h=from; bh=AAAA; b=AAAA\r\n" % n + message
    found, asked = answered(verified(presented(signed(message), NOW)), DNS)
    assert [one.reason for one in found] == [Reason.VERIFIED] + [Reason.BODY_CHANGED] * (signatures_max - 1)
    assert asked == ["one._domainkey.example.com TXT"]


@pytest.mark.parametrize("names", [10_000, 200_000])
def test_a_signature_field_without_measure_is_not_read(names: int) -> None:
    """FAULT-79: ten thousand names, a megabyte."""
    message = signed(h="from:" + ":".join("abcd" for _ in range(names)))
    assert len(message) > signature_octets_max
    assert reasons(message) == ([Reason.UNREADABLE] if len(message) < head_octets_max else [])


@pytest.mark.parametrize("junk", [b"\r\n " * 80_000, b" \t" * 120_000, b":" * 250_000, b"a=;" * 80_000])
def test_a_hostile_header_takes_linear_time(junk: bytes) -> None:
    """FAULT-79: a reader that backtracks needs minutes for this, and would be seen here without a clock."""
    assert reasons(b"DKIM-Signature: " + junk + b"\r\n" + MESSAGE) == [Reason.UNREADABLE]
    assert len(reasons(b"X: " + junk + b"\r\n" + signed())) <= 1


def test_each_reason_has_a_result() -> None:
    assert RESULTS.keys() == set(Reason)


def reference(message: bytes) -> bool:
    """What dkimpy makes of the first signature."""
    try:
        return bool(dkim.verify(message, dnsfunc=lambda *_, **__: RECORD.encode()))
    except (dkim.DKIMException, ValueError):
        return False


values = st.lists(st.sampled_from([b"a", b"B", b" ", b"  ", b"\t", b"\r\n ", b"=", b";", b"\xc3\xa9"]), max_size=8).map(
    lambda pieces: re.sub(rb"(\r\n[ \t]*)+(?=\r\n|$)", b"", b"".join(pieces))
)
others = st.lists(st.tuples(st.sampled_from([b"X-One", b"x-two ", b"Received", b"comments"]), values), max_size=5)
bodies = st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"  \r\n", b"\r\n\r\n", b"word", b"."]), max_size=12).map(b"".join)


@given(
    others=others,
    body=bodies,
    forms=st.sampled_from([b"simple/simple", b"simple/relaxed", b"relaxed/simple", b"relaxed/relaxed"]),
    place=st.floats(0, 1, exclude_max=True),
    put=st.sampled_from([b"", b" ", b"x", b"\r\n", b";"]),
)
@settings(max_examples=40, deadline=None)
def test_the_reference_signs_and_finds_as_we_do(
    others: list[tuple[bytes, bytes]], body: bytes, forms: bytes, place: float, put: bytes
) -> None:
    """Whatever is signed verifies here and there; whatever is changed, we never pass what dkimpy does not."""
    head = b"".join(name + b":" + value + b"\r\n" for name, value in others).replace(b"x-two :", b"X-Two:")
    message = head + b"From: ann@example.com\r\nSubject: Where\r\n\r\n" + (body or b"x") + b"\r\n"
    canonicalize = tuple(forms.split(b"/"))
    own = dkim.sign(
        message, b"one", b"example.com", PEM, canonicalize=canonicalize, include_headers=[b"from", b"subject", b"x-one"]
    )
    assert reference(own + message)
    assert reasons(own + message) == [Reason.VERIFIED]
    at = int(place * len(own + message))
    changed = (own + message)[:at] + put + (own + message)[at + 1 :]
    if Reason.VERIFIED in reasons(changed):
        assert reference(changed)


def test_a_clock_that_is_a_little_behind_does_not_lose_mail() -> None:
    """t= in the future proves nothing against a signature."""
    assert reasons(signed(t=str(int((NOW + timedelta(hours=2)).timestamp())))) == [Reason.VERIFIED]
