"""`relay dkim`: keys, their records, and their change (GW-45)."""

from __future__ import annotations

import json
import stat

import pytest
from support.cli import House
from support.dns import Zone, serving


def with_second_key(house: House) -> None:
    text = house.config.read_text().replace("[dkim]\n", '[dkim]\ned25519_selector = "ed"\n')
    house.config.write_text(text.replace('dkim.pem"\n', f'dkim.pem"\ned25519_key_file = "{house.directory}/ed.pem"\n'))


def asking(house: House, zone: Zone) -> None:
    house.config.write_text(house.config.read_text().replace("[antivirus]", f'dns_servers = ["{zone.server}"]\n[antivirus]'))


def test_a_key_is_made_for_its_owner_alone_with_its_dns_record(house: House) -> None:
    made = house.relay("dkim", "generate", "--json").json
    assert stat.S_IMODE((house.directory / "dkim.pem").stat().st_mode) == 0o600
    assert made["name"] == "relay._domainkey.reply.example.com"
    assert made["value"].startswith("v=DKIM1; k=rsa; p=MIIB")


def test_the_record_of_a_key_is_shown_and_nothing_is_written(house: House) -> None:
    missing = house.relay("dkim", "show")
    assert missing.code == 1
    assert "relay dkim generate" in missing.err
    assert not (house.directory / "dkim.pem").exists()
    made = house.relay("dkim", "generate", "--json").json
    (shown,) = house.relay("dkim", "show", "--json").json
    assert (shown["state"], shown["name"], shown["value"]) == ("in use", made["name"], made["value"])
    lines = house.relay("dkim", "show").out.splitlines()
    assert lines[0] == "; in use"
    assert lines[1].startswith("relay._domainkey.reply.example.com. IN TXT ( ")


def test_a_file_that_holds_no_key_is_told_in_one_line(house: House) -> None:
    (house.directory / "dkim.pem").write_text("no key")
    done = house.relay("dkim", "show")
    assert done.code != 0
    assert "unexpected" not in done.err
    assert len(done.err.splitlines()) == 1


def test_a_key_is_not_replaced_by_accident(house: House) -> None:
    house.relay("dkim", "generate")
    before = (house.directory / "dkim.pem").read_bytes()
    done = house.relay("dkim", "generate")
    assert done.code == 1
    assert "relay dkim rotate" in done.err
    assert (house.directory / "dkim.pem").read_bytes() == before
    assert house.relay("dkim", "generate", "--force").code == 0
    assert (house.directory / "dkim.pem").read_bytes() != before


def test_a_second_key_is_made_where_the_configuration_names_its_selector(house: House) -> None:
    refused = house.relay("dkim", "generate", "--ed25519")
    assert (refused.code, "ed25519_selector" in refused.err) == (1, True)
    with_second_key(house)
    house.relay("dkim", "generate")
    assert "relay dkim generate --ed25519" in house.relay("dkim", "show").err
    made = house.relay("dkim", "generate", "--ed25519", "--json").json
    assert (made["name"], made["value"][:24]) == (
        "ed._domainkey.reply.example.com",
        "v=DKIM1; k=ed25519; p=" + made["value"][22:24],
    )
    assert [one["name"] for one in house.relay("dkim", "show", "--json").json][1:] == [made["name"]]


def test_another_key_is_used_once_dns_has_its_record_and_not_before(house: House) -> None:
    with_second_key(house)
    house.relay("dkim", "generate", "--ed25519")
    house.relay("dkim", "generate")
    before = (house.directory / "ed.pem").read_bytes()
    with serving(Zone()) as zone:
        zone.ttl_s = 0
        asking(house, zone)
        made = house.relay("dkim", "rotate", "--ed25519", "--selector", "ed2", "--json").json
        assert (made["step"], made["name"]) == ("made", "ed2._domainkey.reply.example.com")
        for there in ([], ["v=DKIM1; k=ed25519; p=AAAA"]):
            zone.put(made["name"], "TXT", *there)
            waiting = house.relay("dkim", "rotate", "--ed25519")
            assert (waiting.code, "not used yet" in waiting.err) == (1, True)
            assert made["value"] in waiting.out
            assert (house.directory / "ed.pem").read_bytes() == before
        other = house.relay("dkim", "rotate", "--ed25519", "--selector", "ed3")
        assert (other.code, "ed2 waits already" in other.err) == (1, True)
        zone.failing.add(made["name"])
        assert "trouble" in house.relay("dkim", "rotate", "--ed25519").err
        zone.failing.clear()
        zone.put(made["name"], "TXT", made["value"])
        done = house.relay("dkim", "rotate", "--ed25519")
    assert done.code == 0
    assert "ed2 signs from the next reload on: systemctl reload relay" in done.out
    assert "keep the record at ed._domainkey.reply.example.com until 2" in done.out
    states = {one["name"]: (one["state"], one["keep_until"] is not None) for one in house.relay("dkim", "show", "--json").json}
    assert states == {
        "relay._domainkey.reply.example.com": ("in use", False),
        "ed2._domainkey.reply.example.com": ("in use", False),
        "ed._domainkey.reply.example.com": ("retired", True),
    }


@pytest.mark.parametrize("selector", ["../x", "a b", "Relay", "a.b", "a" * 64])
def test_a_selector_that_is_none_is_wrong_usage_and_nothing_is_made(house: House, selector: str) -> None:
    house.relay("dkim", "generate")
    done = house.relay("dkim", "rotate", "--selector", selector)
    assert (done.code, "1 to 63 lower-case letters" in " ".join(done.err.split())) == (2, True)
    assert not (house.directory / "dkim.pem.next").exists()


def test_the_selector_of_the_other_signature_is_taken(house: House) -> None:
    """RFC 6376 §3.6.2.2: of two keys in one place a verifier takes any."""
    with_second_key(house)
    house.relay("dkim", "generate", "--ed25519")
    house.relay("dkim", "generate")
    for option, taken in (("--ed25519", "relay"), ("--json", "ed")):
        done = house.relay("dkim", "rotate", option, "--selector", taken)
        assert (done.code, "was used before" in done.err) == (1, True)


def test_the_end_of_a_change_is_told_to_programs_too(house: House) -> None:
    with_second_key(house)
    house.relay("dkim", "generate", "--ed25519")
    made = house.relay("dkim", "rotate", "--ed25519", "--json").json
    with serving(Zone()) as zone:
        zone.put(made["name"], "TXT", made["value"])
        asking(house, zone)
        done = house.relay("dkim", "rotate", "--ed25519", "--json").json
    assert (done["step"], done["name"], done["old"]["name"]) == ("in use", made["name"], "ed._domainkey.reply.example.com")


@pytest.mark.parametrize("given", ['ed25519_selector = "relay"', 'ed25519_selector = "ed"\ned25519_key_file = "{key}"'])
def test_two_keys_never_share_a_record_or_a_file(house: House, given: str) -> None:
    more = given.format(key=house.directory / "dkim.pem")
    house.config.write_text(house.config.read_text().replace("[dkim]\n", f"[dkim]\n{more}\n"))
    done = house.relay("config", "check", "--json")
    assert done.code == 78
    assert "must differ" in json.loads(done.out)["faults"][0]
