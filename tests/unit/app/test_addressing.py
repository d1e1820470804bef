"""What the configuration says of addresses, as the edges take it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from support.archive import World

from relay.app import addressing
from relay.app.keys import Secrets
from relay.inbound.antivirus import Place
from relay.settings import Settings
from relay.store.engine import open_engine
from relay.store.schema import migrate
from relay.store.tables import deliveries
from relay.transit.return_path import ReturnPaths
from relay.values import DeliveryId, Role

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def settings(**sections: dict[str, object]) -> Settings:
    return Settings(**sections)  # type: ignore[arg-type]  # what pydantic checks


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("unix:/run/clamav/clamd.ctl", Place(path="/run/clamav/clamd.ctl")),
        ("tcp:127.0.0.1:3310", Place(host="127.0.0.1", port=3310)),
        ("tcp:[::1]:3310", Place(host="::1", port=3310)),
    ],
)
def test_the_scanner_is_found_where_the_configuration_says(written: str, expected: Place) -> None:
    assert addressing.scanner_place(settings(antivirus={"clamd": written})) == expected


def test_mail_that_was_sent_under_another_secret_is_noticed(tmp_path: Path) -> None:
    """FAULT-73: a node without the others' secret.key would refuse their bounces as forged."""
    engine = open_engine(f"sqlite:///{tmp_path / 'relay.db'}")
    migrate(engine)
    world = World(engine)
    ours, foreign = (ReturnPaths(key, "reply.example.com") for key in (b"1" * 32, b"2" * 32))
    assert world.read(lambda connection: addressing.knows_its_bounces(connection, foreign))
    world.accepted(world.crossing(world.opened()))
    sent_under = update(deliveries).values(return_path=ours.mint(DeliveryId("d1"), NOW))
    world.write(lambda connection: connection.execute(sent_under))
    assert world.read(lambda connection: addressing.knows_its_bounces(connection, ours))
    assert not world.read(lambda connection: addressing.knows_its_bounces(connection, foreign))
    engine.dispose()


def test_return_paths_are_made_under_the_installations_own_secret(tmp_path: Path) -> None:
    """GW-42"""
    ours = settings(relay={"state_dir": tmp_path, "domain": "reply.example.com"})
    made = addressing.return_paths(ours).mint(DeliveryId("d1"), NOW)
    assert made.endswith("@reply.example.com")
    assert addressing.return_paths(ours).read(made.partition("@")[0], NOW) == "d1"
    assert addressing.return_paths(ours).key == Secrets.at(tmp_path).return_paths


def test_aliases_have_the_prefixes_of_the_configuration() -> None:
    """GW-1"""
    made = addressing.mint(settings(relay={"partner_prefix": "guide-", "customer_prefix": "guest-"}), lambda: "id")
    assert made.prefixes == {Role.PARTNER: "guide-", Role.CUSTOMER: "guest-"}
    assert len(made.hex_digits()) == 12
