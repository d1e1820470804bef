"""What speaks for an author, kept with the message (AR-1)."""

from __future__ import annotations

from dataclasses import replace

from support.archive import World

from relay.lookup import Answer, Lookup, Outcome, Query, Type
from relay.proof.alignment import Alignment
from relay.proof.dkim import signatures_max
from relay.proof.dmarc import labels_max
from relay.proof.spf import queries_max
from relay.store import archive, evidence
from relay.transit.evidence import Evidence

FOUND = Evidence(
    Alignment.ALIGNED,
    ("spf none poczta.example", "dkim pass poczta.example"),
    (
        Lookup(Query("s._domainkey.poczta.example", Type.TXT), Answer(Outcome.FOUND, ("v=DKIM1; p=\x00\xe9",), secure=True)),
        Lookup(Query("poczta.example", Type.TXT), Answer(Outcome.NO_NAME)),
    ),
)


def test_it_is_shown_with_the_message_as_it_was_found(world: World) -> None:
    crossing = world.crossing(world.opened())
    crossing = replace(crossing, envelope=replace(crossing.envelope, evidence=FOUND))
    world.accepted(crossing)
    assert world.read(lambda connection: archive.shown(connection, crossing.envelope.id)).envelope == crossing.envelope


def test_all_that_one_proof_may_ask_is_kept() -> None:
    """AR-1: on what a verdict rests."""
    walk = 1 + labels_max
    of_the_author = walk + 2  # whether it exists (RFC 9989 §3.2.13), and whether it has SPF at all
    assert queries_max + of_the_author + walk + signatures_max * (1 + walk) < evidence.asked_max


def test_what_strangers_publish_is_kept_to_a_bound() -> None:
    """Invariant 12."""
    many = Lookup(Query("poczta.example", Type.TXT), Answer(Outcome.FOUND, ("x" * 60_000,) * 100))
    text = evidence.written(Evidence(Alignment.UNALIGNED, (), (many,) * 1_000))
    kept = evidence.read(text).asked
    assert len(kept) == evidence.asked_max
    assert len(text) < 2 * evidence.characters_max
    assert kept[0].answer.records == ("x" * evidence.record_characters_max,) * evidence.records_max
    assert kept[-1].answer == Answer(Outcome.FOUND)
