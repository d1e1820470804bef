"""How mail goes out, as the configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from support.names import Table

from relay.app import sending
from relay.errors import WrongConfiguration
from relay.machine import clock
from relay.outbound.mta_sts import Policies
from relay.outbound.mx import MailExchangers, undemanding
from relay.outbound.routes import Host, SelfTestApart, Smarthost, Tls
from relay.outbound.tls_report import Tallies
from relay.settings import Settings
from relay.store.store import Store

NO_STORE = cast("Store", None)
SELF_TEST = Host("127.0.0.1", 2600, Tls.OFF)


def settings(**outbound: object) -> Settings:
    return Settings(outbound={"self_test": "127.0.0.1:2600", **outbound})  # type: ignore[arg-type]  # what pydantic checks


def nobody() -> Table:
    raise AssertionError("a smarthost needs no DNS")


def by_mx(**outbound: object) -> MailExchangers:
    way_out = sending.way_out(settings(route="mx", **outbound), NO_STORE, Tallies(clock), lambda: Table({}))
    assert isinstance(way_out, SelfTestApart)
    assert way_out.host == SELF_TEST
    assert isinstance(way_out.others, MailExchangers)
    return way_out.others


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("smarthost:out.example.com", Host("out.example.com", 25, Tls.REQUIRED)),
        ("smarthost:[::1]:2526", Host("::1", 2526, Tls.REQUIRED)),
    ],
)
def test_mail_is_taken_where_the_configuration_says(written: str, expected: Host) -> None:
    way_out = sending.way_out(settings(route=written, tls="required"), NO_STORE, Tallies(clock), nobody)
    assert way_out == SelfTestApart(SELF_TEST, Smarthost(expected))


def test_by_mx_domains_are_followed_in_what_they_demand_unless_the_house_does_not_want_it() -> None:
    usual = by_mx()
    assert isinstance(usual.demands, Policies)
    assert (usual.port, usual.tls, usual.dane, usual.terrain.private) == (25, Tls.OPPORTUNISTIC, True, False)
    assert usual.terrain.own == {"reply.example.com"}
    assert usual.terrain.is_here("127.0.0.1")
    changed = by_mx(mta_sts=False, dane=False, mx_port=2525, tls="required", private_destinations=True)
    assert changed.demands is undemanding
    assert (changed.port, changed.tls, changed.dane, changed.terrain.private) == (2525, Tls.REQUIRED, False, True)


def test_strangers_hosts_are_asked_gently_and_a_server_of_our_own_bears_all() -> None:
    """FAULT-93: five connections at first, a hundred messages over one."""
    ours, strangers = sending.limits(settings()), sending.limits(settings(route="mx"))
    assert (strangers.connections_per_destination_first, strangers.messages_per_connection_max) == (5, 100)
    assert ours.connections_per_destination_first == ours.connections_per_destination_max


def test_certificates_are_checked_by_the_authorities_of_the_configuration() -> None:
    made = sending.connector(settings(authorities="/etc/relay/ca.pem"), Tallies(clock))
    assert made.authorities == Path("/etc/relay/ca.pem")


def test_without_a_dns_server_nothing_goes_out_by_mx(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> None:
        raise OSError("DNS: the system names no servers; set authentication.dns_servers")

    monkeypatch.setattr(sending, "Resolver", nowhere)
    with pytest.raises(WrongConfiguration, match=r"authentication\.dns_servers"):
        sending.resolver(settings(route="mx"))
