"""Whether a domain stands for a message, by what a trusted server in front has found (GW-11, GW-13, CASE-51)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.proof.alignment import Alignment
from relay.proof.hearsay import alignment
from relay.proof.reported import reports

OURS = "mx.example.com"
DOMAIN = "alpine-tours.example"
RELATIVE = f"mail.{DOMAIN}"
ATTACKER = "attacker.example"
FROM = f"header.from={DOMAIN}"


def found(results: str) -> Alignment | None:
    return alignment(reports([f"{OURS}; {results}"], OURS), DOMAIN)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("none", Alignment.UNALIGNED),
        (f"dmarc=pass {FROM}", Alignment.ALIGNED),
        (f"dmarc=pass header.from={ATTACKER}", Alignment.UNALIGNED),
        ("dmarc=pass", Alignment.UNALIGNED),
        (f"dmarc=pass header.from={RELATIVE}", Alignment.UNALIGNED),
        (f"dkim=pass header.d={DOMAIN}", Alignment.ALIGNED),
        (f"dkim=pass header.i=@{RELATIVE}", Alignment.ALIGNED),
        (f"dkim=pass header.d={ATTACKER}", Alignment.UNALIGNED),
        ("dkim=pass header.d=example", Alignment.UNALIGNED),
        ("dkim=pass", Alignment.UNALIGNED),
        (f"dkim=fail header.d={DOMAIN}", Alignment.UNALIGNED),
        (f"dkim=fail header.d={DOMAIN}; dkim=pass header.d={ATTACKER} header.i=@{DOMAIN}", Alignment.UNALIGNED),
        (f"spf=pass smtp.mailfrom=bounces@{DOMAIN}", Alignment.ALIGNED),
        (f"spf=pass smtp.mailfrom=<> smtp.helo={RELATIVE}", Alignment.ALIGNED),
        (f"spf=pass smtp.mailfrom= smtp.helo={RELATIVE}", Alignment.ALIGNED),
        (f"spf=pass smtp.mailfrom={ATTACKER} smtp.helo={DOMAIN}", Alignment.UNALIGNED),
        (f"iprev=pass policy.iprev=192.0.2.1 header.d={DOMAIN}", Alignment.UNALIGNED),
        (f"arc=pass header.d={DOMAIN}; auth=pass smtp.auth=who@{DOMAIN}", Alignment.UNALIGNED),
    ],
)
def test_what_passed_for_the_author_domain_or_one_of_its_organisation_stands_for_a_message(
    results: str, expected: Alignment
) -> None:
    assert found(results) is expected


@pytest.mark.parametrize(
    "mail_from",
    [
        f"{DOMAIN}@{ATTACKER}",
        f"{DOMAIN}=x@{ATTACKER}",
        f"x=who@{DOMAIN}=y@{ATTACKER}",
        f'"{DOMAIN}"@{ATTACKER}',
        f'"who@{DOMAIN}"@{ATTACKER}',
        f'""@{ATTACKER} smtp.helo={DOMAIN}',
        f'"x; dkim=pass header.d={DOMAIN}"@{ATTACKER}',
        f'"\\"; dkim=pass header.d={DOMAIN}"@{ATTACKER}',
        f"(who@{DOMAIN})x@{ATTACKER}",
    ],
)
def test_whatever_stands_before_the_last_at_sign_is_no_domain(mail_from: str) -> None:
    """A sender chooses the local part of the return path, and servers write it down as it came."""
    assert found(f"spf=pass smtp.mailfrom={mail_from}") is Alignment.UNALIGNED


def test_the_return_path_of_mass_mail_is_read_to_its_end() -> None:
    assert found(f"spf=pass smtp.mailfrom=bounce+ana=poczta.example@{DOMAIN}") is Alignment.ALIGNED


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (f"dmarc=fail {FROM}", Alignment.UNALIGNED),
        (f"spf=softfail smtp.mailfrom={DOMAIN}; dkim=none; dmarc=fail {FROM}", Alignment.UNALIGNED),
        (f"spf=fail smtp.mailfrom={DOMAIN}; dkim=none; dmarc=fail {FROM}", Alignment.DISOWNED),
        # The domain wants a strict alignment.
        (f"dkim=pass header.d={RELATIVE}; dmarc=fail {FROM}", Alignment.UNALIGNED),
        (f"spf=pass smtp.mailfrom=who@{RELATIVE}; dmarc=fail {FROM}", Alignment.UNALIGNED),
        (f"dkim=pass header.d={DOMAIN}; dmarc=fail {FROM}", Alignment.ALIGNED),
        # What is said of others is nothing to it.
        (f"spf=fail smtp.mailfrom={ATTACKER}; dkim=none; dmarc=fail {FROM}", Alignment.UNALIGNED),
        (f"dmarc=fail header.from={ATTACKER}; spf=pass smtp.mailfrom={RELATIVE}", Alignment.ALIGNED),
        (f"dmarc=fail {FROM}; dmarc=pass header.from={ATTACKER}", Alignment.UNALIGNED),
        (f"dmarc=fail {FROM}; dmarc=pass {FROM}", Alignment.UNALIGNED),
    ],
)
def test_the_policy_of_the_author_domain_comes_before_what_its_relatives_passed(results: str, expected: Alignment) -> None:
    assert found(results) is expected


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=none; dmarc=none", Alignment.NO_MEANS),
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=none; dmarc=none {FROM}", Alignment.NO_MEANS),
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=pass header.d=list.{ATTACKER}", Alignment.NO_MEANS),
        # Nobody looked for what the author domain has.
        ("spf=none; dkim=none", Alignment.UNALIGNED),
        (f"spf=none smtp.mailfrom={ATTACKER}; dkim=none", Alignment.UNALIGNED),
        (f"spf=none smtp.mailfrom={RELATIVE}; dkim=none", Alignment.UNALIGNED),
        (f"spf=none smtp.mailfrom={DOMAIN}", Alignment.UNALIGNED),
        ("dkim=none", Alignment.UNALIGNED),
        # It has one of them, and that did not pass.
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=fail header.d={DOMAIN}", Alignment.UNALIGNED),
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=none; dkim=fail header.d={RELATIVE}", Alignment.UNALIGNED),
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=fail", Alignment.UNALIGNED),
        (f"spf=neutral smtp.mailfrom={DOMAIN}; dkim=none", Alignment.UNALIGNED),
        (f"spf=pass smtp.mailfrom={ATTACKER}; spf=none; dkim=none", Alignment.UNALIGNED),
    ],
)
def test_a_domain_has_no_means_only_where_its_own_were_looked_for(results: str, expected: Alignment) -> None:
    """GW-12: a return path of somebody else's domain, which has none, says nothing of the author domain."""
    assert found(results) is expected


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (f"dmarc=temperror {FROM}", None),
        (f"dkim=pass header.d={RELATIVE}; dmarc=temperror {FROM}", None),
        (f"spf=temperror smtp.mailfrom={DOMAIN}; dkim=none", None),
        (f"dkim=temperror header.d={RELATIVE}; spf=none smtp.mailfrom={DOMAIN}", None),
        (f"spf=temperror smtp.mailfrom={DOMAIN}; dkim=pass header.d={DOMAIN}", Alignment.ALIGNED),
        (f"spf=temperror smtp.mailfrom={ATTACKER}; dkim=none", Alignment.UNALIGNED),
        (f"dkim=temperror header.d={ATTACKER}; dmarc=fail {FROM}", Alignment.UNALIGNED),
    ],
)
def test_trouble_with_dns_is_no_verdict_where_it_could_change_the_answer(results: str, expected: Alignment | None) -> None:
    """GW-14."""
    assert found(results) is expected


ATOMS = st.text(st.sampled_from("ab.=+-_/{|}~!#$%&'*?^`"), min_size=1, max_size=20)
PIECES = st.sampled_from([DOMAIN, "=", "@", ";", " ", '"', "\\", "(", ")", "dkim=pass", f"header.d={DOMAIN}", "a", "\t"])


@given(st.lists(ATOMS | st.just(DOMAIN), min_size=1, max_size=4).map("".join), st.lists(PIECES, max_size=8).map("".join))
def test_no_local_part_makes_a_domain_of_itself(atom: str, quoted: str) -> None:
    """As it stands in a field, an atom bare and anything else between quotation marks (RFC 5321 §4.1.2)."""
    escaped = quoted.replace("\\", "\\\\").replace('"', '\\"')
    for local in (atom, f'"{escaped}"'):
        assert found(f"dkim=none; spf=pass smtp.mailfrom={local}@{ATTACKER}; dmarc=none") is Alignment.UNALIGNED
        assert found(f"spf=pass smtp.mailfrom={local}@{DOMAIN}; dmarc=none") is Alignment.ALIGNED


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_field_makes_reading_fail(text: str) -> None:
    found(text)
