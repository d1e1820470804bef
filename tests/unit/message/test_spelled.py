"""Known identifiers read in canonical form (LEAK-26, LEAK-29)."""

from __future__ import annotations

import pytest
from support.masking import HER_GMAIL, HERS
from support.world import a_party

from relay.message.identity import Identity
from relay.message.normal import Joined, folded
from relay.message.spelled import Spellings
from relay.values import NameShown, Role

HER = Identity.of(a_party(Role.PARTNER, addresses=(HERS, HER_GMAIL)), NameShown.FIRST, hosts=("192.0.2.7",))
SPELLINGS = Spellings([HER])


def mailboxes_in(text: str) -> list[str]:
    plain = folded(text)
    return [plain[one.start : one.end] for one in SPELLINGS.mailboxes(Joined(plain), [])]


def hosts_in(text: str) -> list[str]:
    plain = folded(text)
    return [plain[one.start : one.end] for one in SPELLINGS.hosts(Joined(plain))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to\nann.writer@writer-tours.example\nBest", "ann.writer@writer-tours.example"),
        ("meet at ann.writer at writer-tours dot example", "ann.writer at writer-tours dot example"),
        ("ann.writer(at)writer-tours(dot)example.", "ann.writer(at)writer-tours(dot)example"),
        ("a n n", None),
        ("annwriter77 [at] gmail [dot] com", "annwriter77 [at] gmail [dot] com"),
        ("the four of us.\nannwriter77 (at) gmail.com", "annwriter77 (at) gmail.com"),
        ("a.n.n.writer77 at googlemail.com", "a.n.n.writer77 at googlemail.com"),
        ("info (at) writer-tours (dot) example", "info (at) writer-tours (dot) example"),
        ("x-ann.writer=writer-tours.example", "ann.writer=writer-tours.example"),
        ("ann.writer_writer-tours.example#EXT#@tenant.example", "ann.writer_writer-tours.example"),  # a guest at Microsoft
        ("https://x.example/personal/ann_writer_writer-tours_example/a", "ann_writer_writer-tours_example"),  # her folder there
        ("annwriter77_gmail_com_backup", None),
        ("what a writer at work; writer-tours", None),
        ("ann.writer at gmail.com", None),
        ("gmail is at fault. example", None),
        ("static.writer-tours data.example", None),
    ],
)
def test_a_mailbox_is_seen_in_any_spelling_and_nowhere_else(text: str, found: str | None) -> None:
    assert mailboxes_in(text) == ([found] if found else [])


def test_what_is_known_already_is_not_looked_at_again() -> None:
    assert list(SPELLINGS.mailboxes(Joined(HERS), [(0, len(HERS))])) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("writer-tours.example", "writer-tours.example"),
        ("our pages:\n-writer-tours.example", "writer-tours.example"),  # a list
        ("our page -writer-tours.example", "writer-tours.example"),
        ("a_writer-tours.example_b", "writer-tours.example"),
        ("www.writer-tours.example/a?b=1).", "www.writer-tours.example/a?b=1"),
        ("mx.a-b.writer-tours.example.mail.protection.example:25/x", "mx.a-b.writer-tours.example.mail.protection.example:25/x"),
        ("writer-\n> tours.example\nBest", "writer-\n> tours.example"),
        ("[192.0.2.7]", "192.0.2.7"),
        ("writer–tours.example", "writer–tours.example"),
        ("me–writer-tours.example", "writer-tours.example"),
        ("writer-tours[.]example/a", "writer-tours[.]example/a"),
        ("writer−tours (dot) example", "writer−tours (dot) example"),
        ("writer-tours punkt example", "writer-tours punkt example"),
        ("writer-toursdotexample writer-tours. example point", None),
        ("192.0.2.77 1192.0.2.7 writer-tours.examples my-writer-tours.example writer-tours", None),
    ],
)
def test_a_host_is_seen_with_its_labels_and_its_path(text: str, found: str | None) -> None:
    assert hosts_in(text) == ([found] if found else [])


def test_a_text_without_an_anchor_cannot_hold_an_identifier() -> None:
    assert not SPELLINGS.might_hold("a text about writers, gmale and tours")
    assert SPELLINGS.might_hold("x.writer-tours.y")


def test_an_address_in_a_return_path_is_seen_in_both_orders() -> None:
    assert SPELLINGS.in_return_path("b+ann.writer=writer-tours.example") is HER
    assert SPELLINGS.in_return_path("srs0=a=b=writer-tours.example=ann.writer") is HER
    assert SPELLINGS.in_return_path("b+bob=writer.example") is None
