"""The text for a zone file (faults.md 4.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import dns.zone
import pytest

from relay.zone.records import FormerKey, Key, ReplyDomain, records, zone_text

HOUSE = ReplyDomain(
    domain="reply.example.com",
    hostname="mx.example.com",
    keys=(Key("relay._domainkey.reply.example.com", f"v=DKIM1; k=rsa; p={'A' * 392}"),),
    former=(FormerKey("old._domainkey.reply.example.com", "v=DKIM1; k=rsa; p=B", datetime(2026, 12, 14, tzinfo=UTC)),),
    tlsa=("3 1 1 " + "ab" * 32,),
    mta_sts_id="20261123",
    mta_sts_policy="version: STSv1\nmode: enforce\n",
)
REPORTS = "postmaster@reply.example.com"
TEXT = "\n".join(zone_text(HOUSE))


@pytest.mark.parametrize(
    "line",
    [
        "; mx.example.com. IN A 192.0.2.1",
        "reply.example.com. IN MX 10 mx.example.com.",
        'reply.example.com. IN TXT "v=spf1 a:mx.example.com -all"',
        'mx.example.com. IN TXT "v=spf1 a -all"',
        "; signs no more; keep it until 2026-12-14",
        f'_dmarc.reply.example.com. IN TXT "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=r; rua=mailto:{REPORTS}"',
        '_smtp._tls.reply.example.com. IN TXT "v=TLSRPTv1; rua=mailto:postmaster@reply.example.com"',
        '_mta-sts.reply.example.com. IN TXT "v=STSv1; id=20261123"',
        "; mta-sts.reply.example.com. IN CNAME mx.example.com.",
        ";   mode: enforce",
        '; mx.example.com. IN CAA 0 issue "ca.example"',
        f"; _25._tcp.mx.example.com. IN TLSA 3 1 1 {'ab' * 32}",
    ],
)
def test_what_is_certain_stands_there_and_what_is_not_is_a_comment(line: str) -> None:
    assert line in TEXT.splitlines()


def test_it_reads_as_a_zone_file_with_every_string_as_it_was() -> None:
    """RFC 1035 §5.1: the key is longer than one string may be."""
    head = "@ 300 IN SOA ns. root. 1 1 1 1 1\n@ 300 IN NS ns.\n"
    zone = dns.zone.from_text(head + TEXT.replace(" IN ", " 300 IN "), origin="example.com.", relativize=False)
    (found,) = zone.get_rdataset("relay._domainkey.reply.example.com.", "TXT") or ()
    assert b"".join(found.strings).decode() == HOUSE.keys[0].record
    assert max(map(len, found.strings)) == 255


def test_what_nobody_serves_or_has_is_not_promised() -> None:
    bare = replace(HOUSE, mta_sts_id="", mta_sts_policy="", tlsa=())
    text = "\n".join(zone_text(bare))
    assert '; _mta-sts.reply.example.com. IN TXT "v=STSv1; id=1"' in text
    assert "TLSA" not in text


@pytest.mark.parametrize(
    ("smarthost", "policy"),
    [
        ("out.example.net", "v=spf1 a:out.example.net -all"),
        ("1.9.9.9", "v=spf1 ip4:1.9.9.9 -all"),
        ("2a00:1450::7", "v=spf1 ip6:2a00:1450::7 -all"),
    ],
)
def test_a_smarthost_elsewhere_is_who_sends(smarthost: str, policy: str) -> None:
    found = {one.part: one.value for one in records(replace(HOUSE, smarthost=smarthost))}
    assert found["spf"] == policy
    assert "spf host" not in found


@pytest.mark.parametrize("smarthost", ["10.0.0.5", "fd00::5", "out", "64:ff9b::10.0.0.5"])
def test_a_smarthost_that_nobody_outside_knows_is_no_mechanism_and_a_person_fills_in_what_stands_for_it(smarthost: str) -> None:
    house = replace(HOUSE, smarthost=smarthost)
    (spf,) = [one for one in records(house) if one.part == "spf"]
    assert (spf.is_certain, smarthost in spf.value) == (False, False)
    lines = list(zone_text(house))
    assert '; reply.example.com. IN TXT "v=spf1 ip4:192.0.2.1 -all"' in lines
    assert any(f"instead of 192.0.2.1 the public address from which {smarthost} sends" in line for line in lines)


def test_a_host_of_the_same_name_as_the_domain_has_one_policy() -> None:
    found = [one for one in records(replace(HOUSE, hostname=HOUSE.domain)) if one.value.startswith("v=spf1")]
    assert [one.value for one in found] == ["v=spf1 a:reply.example.com -all"]
