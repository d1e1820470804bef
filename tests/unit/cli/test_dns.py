"""`relay dns`: records printed, and looked up at a server (faults.md 4.4)."""

from __future__ import annotations

import json

import pytest
from support.certificate import self_signed
from support.cli import House
from support.dns import Zone, serving


@pytest.fixture
def ready(house: House) -> House:
    """With a name, and a key."""
    text = house.config.read_text().replace("[antivirus]", '[smtp]\nhostname = "mx.example.com"\n[antivirus]')
    house.config.write_text(text)
    house.relay("dkim", "generate")
    return house


def test_what_is_printed_is_what_is_found_right_once_it_is_published(ready: House) -> None:
    zone = Zone()
    for one in ready.relay("dns", "print", "--json").json:
        if one["certain"]:
            value = one["value"].removesuffix(".")
            zone.put(one["name"], one["type"], *zone.records.get(one["name"], {}).get(one["type"], []), value)
    zone.put("mx.example.com", "A", "1.4.4.8")
    zone.put("8.4.4.1.in-addr.arpa", "PTR", "mx.example.com")
    with serving(zone):
        asking(ready, zone)
        done = ready.relay("dns", "check")
        assert (done.code, done.err) == (0, "")
        assert {line[:7] for line in done.out.splitlines()} == {"ok     "}
        zone.records.pop("_dmarc.reply.example.com")
        zone.put("reply.example.com", "TXT", "v=spf1 -all")
        zone.failing.add("relay._domainkey.reply.example.com")
        wrong = ready.relay("dns", "check")
        programs = ready.relay("dns", "check", "--json")
    assert wrong.code == 1
    assert "3 of 8 records are not as they should be" in wrong.err
    assert "WRONG    spf: reply.example.com TXT\n           found     v=spf1 -all\n           expected  v=spf1 a:mx" in wrong.out
    assert "MISSING  dmarc: _dmarc.reply.example.com TXT\n           found     nothing" in wrong.out
    assert programs.code == 1
    states = {one["record"]: one["state"] for one in json.loads(programs.out)}
    assert (states["spf"], states["dmarc"], states["dkim"], states["mx"]) == ("wrong", "missing", "trouble", "right")


def asking(house: House, zone: Zone) -> None:
    house.config.write_text(house.config.read_text().replace("[smtp]", f'dns_servers = ["{zone.server}"]\n[smtp]'))


def test_the_text_is_that_of_a_zone_file_and_a_key_that_waits_is_in_it(ready: House) -> None:
    ready.relay("dkim", "rotate", "--selector", "next")
    text = ready.relay("dns", "print").out
    assert "reply.example.com. IN MX 10 mx.example.com.\n" in text
    assert "\nrelay._domainkey.reply.example.com. IN TXT ( " in text
    assert "\nnext._domainkey.reply.example.com. IN TXT ( " in text


def test_a_certificate_gives_the_record_that_pins_it(ready: House) -> None:
    certificate, key = self_signed(ready.directory)
    text = ready.config.read_text().replace("[smtp]", f'[smtp]\ntls_certificate = "{certificate}"\ntls_key = "{key}"')
    ready.config.write_text(text)
    assert "; _25._tcp.mx.example.com. IN TLSA 3 1 1 " in ready.relay("dns", "print").out


def test_without_a_key_it_says_how_to_make_one(house: House) -> None:
    assert "relay dkim generate" in house.relay("dns", "print").err


def test_a_policy_that_is_served_has_its_record_and_stands_beside_it(ready: House) -> None:
    """RFC 8461 §3.1: the id changes with the policy."""
    plain = ready.relay("dns", "print").out
    ready.config.write_text(ready.config.read_text().replace("[smtp]", '[smtp]\nmta_sts = "testing"'))
    text = ready.relay("dns", "print").out
    assert '; _mta-sts.reply.example.com. IN TXT "v=STSv1; id=1"' in plain
    assert '\n_mta-sts.reply.example.com. IN TXT "v=STSv1; id=' in text
    assert ";   mode: testing\n;   mx: mx.example.com\n" in text
