from __future__ import annotations

import pytest

from relay.proof.dmarc_record import Policy, Published, published, record_octets_max

NONE, QUARANTINE, REJECT = Policy


def a_record(own: Policy, existing: Policy, missing: Policy, is_suffix: bool | None = None) -> Published:
    return Published(own, existing, missing, is_strict_for_dkim=False, is_strict_for_spf=False, is_suffix=is_suffix)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("v=DMARC1; p=reject", a_record(REJECT, REJECT, REJECT)),
        ("v = DMARC1 ;p = Quarantine;", a_record(QUARANTINE, QUARANTINE, QUARANTINE)),
        ("v=DMARC1; p=reject; sp=none", a_record(REJECT, NONE, NONE)),
        ("v=DMARC1; p=none; np=reject", a_record(NONE, NONE, REJECT)),
        ("v=DMARC1; p=none; sp=quarantine; np=reject", a_record(NONE, QUARANTINE, REJECT)),
        ("v=DMARC1; p=reject; sp=quarantine; np=none; t=y", a_record(QUARANTINE, NONE, NONE)),
        ("v=DMARC1; p=reject; t=n", a_record(REJECT, REJECT, REJECT)),
        ("v=DMARC1; p=reject; psd=y", a_record(REJECT, REJECT, REJECT, is_suffix=True)),
        ("v=DMARC1; p=reject; psd=n", a_record(REJECT, REJECT, REJECT, is_suffix=False)),
        ("v=DMARC1; p=reject; psd=u", a_record(REJECT, REJECT, REJECT)),
        ("v=DMARC1", a_record(NONE, NONE, NONE)),
        ("v=DMARC1; rua=mailto:a@example.com", a_record(NONE, NONE, NONE)),
        ("v=DMARC1; p=rejekt; sp=reject", a_record(NONE, NONE, NONE)),
        ("v=DMARC1; p=reject; np=all", a_record(NONE, NONE, NONE)),
        ("v=DMARC1; p=reject; rubbish; pct=0; new=1", a_record(REJECT, REJECT, REJECT)),
    ],
)
def test_a_policy_record_is_read(record: str, expected: Published) -> None:
    """RFC 9989 §4.7, §4.8, §4.10.1."""
    assert published([record]) == expected


@pytest.mark.parametrize(
    ("modes", "expected"),
    [("", (False, False)), ("adkim=s;", (True, False)), ("aspf=S;", (False, True)), ("adkim=r; aspf=x;", (False, False))],
)
def test_alignment_is_relaxed_unless_it_says_strict(modes: str, expected: tuple[bool, bool]) -> None:
    found = published([f"v=DMARC1; {modes} p=none"])
    assert found is not None
    assert (found.is_strict_for_dkim, found.is_strict_for_spf) == expected


@pytest.mark.parametrize(
    "records",
    [
        [],
        ["v=spf1 -all"],
        ["v=dmarc1; p=reject"],
        ["v=DMARC2; p=reject"],
        ["p=reject; v=DMARC1"],
        ["v=DMARC1; p=reject", "v=DMARC1; p=none"],
        ["v=DMARC1; p=reject; n=" + "x" * record_octets_max],
    ],
)
def test_what_is_no_policy_or_several_is_as_good_as_none(records: list[str]) -> None:
    """RFC 9989 §4.7, §4.10."""
    assert published(records) is None


def test_other_records_beside_a_policy_do_not_matter() -> None:
    assert published(["v=spf1 -all", "v=DMARC1; p=reject", "x=1"]) == a_record(REJECT, REJECT, REJECT)
