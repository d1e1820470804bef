"""What tells who somebody is, wherever it stands in a text (LEAK-22 to LEAK-29)."""

from __future__ import annotations

import pytest
from support.masking import HERS, HIS, a_masker
from support.world import a_party

from relay.errors import Unreadable
from relay.message import identifiers as module
from relay.message.identifiers import Identifiers
from relay.message.identity import Identity
from relay.message.normal import Normal
from relay.message.treatment import Treatment
from relay.values import NameShown, RealAddress, Role

ANN = Identity.of(a_party(Role.PARTNER, addresses=(HERS,)), NameShown.FIRST, hosts=("mx.sender.example",))
BOB = Identity.of(a_party(Role.CUSTOMER, addresses=(HIS,)), NameShown.FIRST)
IDENTIFIERS = Identifiers(ANN, BOB, Treatment.MASK, ("example.com",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see you at ten", []),
        (f"write to {HERS}.", [(HERS, Role.PARTNER)]),
        ("write to ann.writer at writer-tours dot example", [("ann.writer at writer-tours dot example", Role.PARTNER)]),
        (f"me {HERS}, you {HIS}", [(HERS, Role.PARTNER), (HIS, Role.CUSTOMER)]),
        ("sent by mx.sender.example", [("mx.sender.example", Role.PARTNER)]),
        ("write to fritz@anders.example", [("fritz@anders.example", None)]),
        ("write to fritz (at) anders.example", [("fritz (at) anders.example", None)]),
        ("YW5uLndyaXRlckB3cml0ZXItdG91cnMuZXhhbXBsZQ==", [("YW5uLndyaXRlckB3cml0ZXItdG91cnMuZXhhbXBsZQ==", Role.PARTNER)]),
        ("ann.writer%40writer-tours.example", [("ann.writer%40writer-tours.example", Role.PARTNER)]),
        (f"\u202e{HERS[::-1]}\u202c", [(HERS[::-1], Role.PARTNER)]),
        ("help@example.com", [("help@example.com", "stays")]),
    ],
)
def test_an_identifier_is_found_in_every_form(text: str, found: list[tuple[str, Role | str | None]]) -> None:
    seen = IDENTIFIERS.found(Normal(text), (), title=False)
    assert [(text[one.start : one.end], "stays" if one.stays else one.whose and one.whose.role) for one in seen] == found


def test_a_title_may_have_been_folded_in_the_middle_of_a_word() -> None:
    """LEAK-9."""
    text = "Re: ann.writer@writer-to urs.example"
    assert [one.whose for one in IDENTIFIERS.found(Normal(text), (), title=True)] == [ANN]


def test_a_mailbox_belongs_to_the_party_who_is_reached_there() -> None:
    assert IDENTIFIERS.whose_mailbox(RealAddress(HERS.replace("@", "+x@"))) == ANN
    assert IDENTIFIERS.whose_mailbox(RealAddress(BOB.alias)) == BOB
    assert IDENTIFIERS.whose_mailbox(RealAddress("fritz@anders.example")) is None


@pytest.mark.parametrize("bound", [500, pytest.param(module.findings_max, marks=pytest.mark.slow)])
@pytest.mark.parametrize("one", ["x@y.example ", "https://x.example/ ", "mx.writer-tours.example "])
def test_more_addresses_than_anybody_writes_are_refused(one: str, bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "findings_max", bound)
    a_masker().mask(one * bound)
    with pytest.raises(Unreadable):
        a_masker().mask(one * (bound + 1))
