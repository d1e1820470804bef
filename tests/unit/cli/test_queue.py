"""`relay queue`: what is under way, and stepping in (GW-55)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from support.archive import World
from support.booked import posted, written_down
from support.cli import House
from support.world import NOW

from relay.store import outbox, posting, queue
from relay.store.stepping import Step
from relay.store.tables import deliveries
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered
from relay.values import DeliveryId


@pytest.fixture
def due(world: World) -> str:
    """A delivery that waits for its second attempt."""
    [delivery] = world.accepted(world.crossing(world.opened("B-DUE")))
    failed = Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 <marco.bellini@alpine-tours.example> \x1b[31mover quota")
    world.write(lambda connection: outbox.record(connection, delivery.id, failed, now=NOW, next_due=NOW + timedelta(minutes=5)))
    return delivery.id


@pytest.fixture
def held(world: World) -> str:
    """A delivery that an operator held."""
    [delivery] = world.accepted(world.crossing(world.opened("B-HELD")))
    world.write(lambda connection: queue.hold(connection, delivery.id, Step("ops", NOW)))
    return delivery.id


def states(house: House) -> dict[str, str]:
    everything = [word for state in ("due", "held", "delivered", "failed", "dropped") for word in ("--state", state)]
    return {one["id"]: one["state"] for one in house.relay("queue", "list", *everything, "--json").json}


def test_what_is_under_way_is_listed_the_oldest_first(house: House, due: str, held: str) -> None:
    assert states(house) == {due: "due", held: "held"}
    listed = house.relay("queue", "list").out
    assert listed.splitlines()[0].split() == ["ID", "CARRIES", "STATE", "AGE", "ATTEMPTS", "NEXT", "TO", "LAST", "ANSWER"]
    assert due in listed
    assert "452" in listed


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--state", "held"), "held"),
        (("--domain", "alpine-tours.example"), "due held"),
        (("--domain", "elsewhere.example"), ""),
        (("--booking", "B-DUE"), "due"),
        (("--age", "4h"), "due held"),
        (("--age", "5000d"), ""),
        (("--limit", "1"), "due"),
    ],
)
def test_the_list_can_be_narrowed(house: House, due: str, held: str, words: tuple[str, ...], wanted: str) -> None:
    names = {due: "due", held: "held"}
    assert [names[one["id"]] for one in house.relay("queue", "list", *words, "--json").json] == wanted.split()


def test_held_messages_come_first_page_by_page(house: House, world: World, due: str, held: str) -> None:
    """GW-55: whoever asks page by page sees what waits for a decision as well, once."""
    waiting = [world.crossing(world.opened(f"B-{number}"), fate=Fate.HELD) for number in range(2)]
    for crossing in waiting:
        world.accepted(crossing)
    seen: list[str] = []
    while page := house.relay("queue", "list", "--limit", "1", *(("--after", seen[-1]) if seen else ()), "--json").json:
        seen += [one["id"] for one in page]
    assert seen == [*(f"{crossing.envelope.id}-0" for crossing in waiting), due, held]
    [one, *_] = house.relay("queue", "list", "--after", seen[0], "--json").json
    assert one["id"] == seen[1]


@pytest.mark.parametrize("words", [("--state", "lost"), ("--age", "old"), ("--limit", "0")])
def test_a_narrowing_that_means_nothing_is_wrong_usage(house: House, words: tuple[str, ...]) -> None:
    assert house.relay("queue", "list", *words).code == 2


def test_a_delivery_is_shown_with_its_attempts_and_without_addresses(house: House, due: str) -> None:
    """FAULT-95, LEAK-86"""
    shown = house.relay("queue", "show", due)
    assert "4.2.2 <<address>> \\x1b[31mover quota" in shown.out
    assert "bellini" not in shown.out
    body = house.relay("queue", "show", due, "--json").json
    assert [(one["outcome"], one["cause"], one["code"]) for one in body["attempted"]] == [("deferred", "mailbox_full", 452)]


def test_mail_about_a_booking_is_shown_like_any_delivery_and_traced(house: House, world: World) -> None:
    """GW-55"""
    mail = written_down(world)
    delivery = posted(world, mail)
    world.write(lambda connection: outbox.record(connection, delivery.id, Delivered(250, "ok <a@x.example>"), now=NOW))
    shown = house.relay("queue", "show", delivery.id, "--json").json
    assert (shown["message"], shown["carries"], shown["state"]) == (None, "notification", "delivered")
    assert [one["kind"] for one in house.relay("trace", mail.id, "--json").json] == ["caused", "answer"]
    assert "x.example" not in house.relay("trace", mail.id).out


def test_mail_about_a_booking_that_could_not_be_written_is_listed_shown_and_written_after_all(house: House, world: World) -> None:
    """Invariant 4"""
    mail = written_down(world)
    world.write(lambda connection: posting.park(connection, mail, "KeyError in letter.py:12", NOW))
    name = f"mail-{mail.id}"
    assert [one["id"] for one in house.relay("queue", "list", "--json").json] == [name]
    assert "N1: KeyError in letter.py:12" in house.relay("queue", "list").out
    shown = house.relay("queue", "show", name, "--json").json
    assert (shown["booking"], shown["says"], shown["to"], shown["why"]) == (
        *("GYG4K7Q2X9ABC", "N1", "partner"),
        "KeyError in letter.py:12",
    )
    assert "KeyError" in house.relay("queue", "show", name).out
    [alert] = house.relay("alerts", "--json").json
    assert (alert["alarm"], alert["notification"], alert["message"]) == ("notification_parked", mail.id, None)
    assert mail.id in house.relay("alerts").out
    assert house.relay("queue", "retry", name).code == 0
    assert house.relay("queue", "list", "--json").json == []
    assert house.relay("queue", "drop", name, "--because", "told").code == 1
    audited = house.relay("audit").out
    assert "mail about bookings: under way" in audited


def test_a_delivery_is_tried_at_once_held_and_released(house: House, due: str) -> None:
    assert house.relay("queue", "retry", due).code == 0
    assert house.relay("queue", "hold", due, "--by", "anna").code == 0
    assert states(house)[due] == "held"
    assert house.relay("queue", "retry", due).code == 1
    assert house.relay("queue", "release", due).code == 0
    assert states(house)[due] == "due"
    assert house.relay("queue", "release", due).code == 1


def test_what_is_released_gets_a_return_path_of_today(house: House, world: World, held: str) -> None:
    """GW-42: the old one would be believed for some days only."""
    world.write(lambda connection: connection.execute(update(deliveries).values(return_path="bounce-old-1-0@reply.example.com")))
    assert house.relay("queue", "release", held).code == 0
    tracked = world.read(lambda connection: queue.shown(connection, DeliveryId(held)))
    assert tracked.return_path.startswith(f"bounce-{held}-")


def test_dropping_needs_a_reason_and_the_reason_no_address(house: House, held: str) -> None:
    assert house.relay("queue", "drop", held).code == 2
    assert house.relay("queue", "drop", held, "--because", "asked by marco@tours.example").code == 1
    assert house.relay("queue", "drop", held, "--because", "asked by the writer").code == 0
    assert states(house)[held] == "dropped"


def test_a_held_recipient_without_a_delivery_waits_in_front_of_an_operator(house: House, world: World) -> None:
    """Invariant 4, GW-55"""
    crossing = world.crossing(world.opened(), fate=Fate.HELD)
    world.accepted(crossing)
    id_ = f"{crossing.envelope.id}-0"
    [waiting] = house.relay("queue", "list", "--json").json
    assert (waiting["id"], waiting["reason"], waiting["can_be_released"]) == (id_, "leak", True)
    assert waiting["findings"] == [{"kind": "address", "place": "part 2 application/pdf", "layer": "base64"}]
    assert "leak: 1 address" in house.relay("queue", "list").out
    assert "address  part 2 application/pdf  base64" in house.relay("queue", "show", id_).out
    assert "found: address in part 2 application/pdf (base64)" in house.relay("archive", "show", crossing.envelope.id).out
    assert "kind=address place=part 2 application/pdf" in house.relay("trace", crossing.envelope.id).out
    assert house.relay("queue", "show", id_, "--json").json == waiting
    assert house.relay("queue", "release", id_).code == 0
    [delivery] = house.relay("queue", "list", "--json").json
    assert (delivery["message"], delivery["carries"]) == (crossing.envelope.id, Carries.RENDITION.value)
    assert house.relay("queue", "release", id_).code == 1
    assert house.relay("queue", "show", id_).code == 1


def test_a_held_recipient_can_be_dropped_and_one_without_rendition_not_released(house: House, world: World) -> None:
    crossing = world.crossing(world.opened(), fate=Fate.HELD)
    nothing_made = tuple(replace(one, rendition=None) for one in crossing.passages)
    world.accepted(replace(crossing, passages=nothing_made))
    id_ = f"{crossing.envelope.id}-0"
    refused = house.relay("queue", "release", id_)
    assert refused.code == 1
    assert "nothing to let out" in refused.err
    assert house.relay("queue", "drop", id_, "--because", "spam").code == 0
    assert house.relay("queue", "list").out == "nothing is under way\n"


RETRIES = [("retry",), ("retry", "--confirmed")]
STEPS = [("show",), *RETRIES, ("hold",), ("release",), ("release", "--without-attachments"), ("return",)]


@pytest.mark.parametrize("words", [*STEPS, ("drop", "--because", "x")])
@pytest.mark.parametrize("id_", ["none", "none-0"])
def test_a_step_with_what_does_not_exist_is_1(house: House, words: tuple[str, ...], id_: str) -> None:
    done = house.relay("queue", words[0], id_, *words[1:])
    assert (done.code, done.out) == (1, "")
    assert done.err


def test_a_destination_is_suspended_listed_and_resumed(house: House, due: str) -> None:
    """GW-50: what waits there is due at once when mail goes there again."""
    domain = "alpine-tours.example"
    done = house.relay("queue", "suspend", domain, "--because", "they loop", "--by", "anna")
    assert f"nothing is sent to {domain}" in done.out
    [one] = house.relay("queue", "suspended", "--json").json
    assert (one["domain"], one["by"], one["because"], one["due"]) == (domain, "anna", "they loop", 1)
    assert domain in house.relay("queue", "suspended").out
    assert "suspended already" in house.relay("queue", "suspend", domain).err
    assert house.relay("queue", "resume", domain).out == f"1 deliveries to {domain} are due\n"
    assert house.relay("queue", "resume", domain).code == 1
    assert house.relay("queue", "suspended").out == "no destination is suspended\n"
