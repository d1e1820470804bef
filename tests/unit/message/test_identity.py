"""Who must not be recognised (leaks.md, the known set of a party)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.world import a_party

from relay.conversation import KnownDomain
from relay.message.identity import Identity, NameParts, is_public, resembles
from relay.message.mail import Mailbox
from relay.values import NameShown, RealAddress, Role


def an_identity(
    *addresses: str, name: str = "Ann Writer", names: NameShown = NameShown.FIRST, hosts: tuple[str, ...] = ()
) -> Identity:
    return Identity.of(a_party(Role.PARTNER, name=name, addresses=addresses or ("ann@writer-tours.example",)), names, hosts)


@pytest.mark.parametrize(
    ("known", "local", "domain"),
    [
        ("Ann@Writer-Tours.example", "ann", "writer-tours.example"),
        ("ann@x.example", "ann+any.tag", "x.example"),
        ("ann+tag@x.example", "ann", "x.example"),
        ("ann.w@gmail.com", "a.nnw+x", "googlemail.com"),
        ("annw@googlemail.com", "ann.w", "gmail.com"),
        ("ann@müller.example", "ann", "xn--mller-kva.example"),
        ("ann@xn--mller-kva.example", "ann", "muller.example"),  # the normal form has no accents
        ("ann@straße.example", "ann", "xn--strae-oqa.example"),
        ("ann@xn--strae-oqa.example", "ann", "strasse.example"),
    ],
)
def test_a_known_address_is_known_in_all_its_variants(known: str, local: str, domain: str) -> None:
    assert an_identity(known).knows(local, domain)


@pytest.mark.parametrize(
    ("local", "domain"), [("bigann", "x.example"), ("ann", "y.example"), ("a.nn", "x.example"), ("ann", "x.example.org")]
)
def test_an_address_that_only_resembles_a_known_one_is_not_known(local: str, domain: str) -> None:
    assert not an_identity("ann@x.example").knows(local, domain)


def test_all_that_is_or_was_tied_to_a_party_tells_who_they_are() -> None:
    """GW-5, LEAK-22: whole domains too, and what was taken back, which stands in older mail."""
    party = replace(
        a_party(Role.PARTNER, addresses=("ann@gmail.com",)),
        former_addresses=(RealAddress("ann@former.example"),),
        domains=(KnownDomain("desk.fare.example"),),
        former_domains=(KnownDomain("müller.example", with_subdomains=True),),
    )
    identity = Identity.of(party, NameShown.FIRST)
    own = ("former.example", "fare.example", "xn--mller-kva.example", "muller.example")
    assert identity.own_domains == own
    assert identity.beside(("reply.fare.example",)).own_domains == (own[0], "desk.fare.example", *own[2:])
    assert identity.knows("ann", "former.example")


@pytest.mark.parametrize(
    ("name", "address", "alike"),
    [
        ("Ann Writer", "x@elsewhere.example", True),
        ("WRITER, Änn-Marie Ann", "x@elsewhere.example", True),
        ("Ann", "x@elsewhere.example", False),  # many are called so
        ("", "any@mail.writer-tours.example", True),
        ("", "any@bigwriter-tours.example", False),
        ("", "annwriter+tag@elsewhere.example", True),
        ("", "ann@elsewhere.example", False),
        ("Bert Stone", "bert@elsewhere.example", False),
    ],
)
def test_an_unknown_author_resembles_a_party_by_name_domain_or_local_part(name: str, address: str, alike: bool) -> None:
    """GW-6, invariant 1: whoever may be the other one is not shown to the one who would be asked."""
    party = a_party(Role.PARTNER, name="Ann Writer", addresses=("ann@writer-tours.example", "ann.writer@gmail.com"))
    assert resembles(Mailbox(name, RealAddress(address), address), party) is alike


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("ann@writer-tours.example", ("writer-tours.example",)),
        ("ann@mail.writer-tours.example", ("writer-tours.example",)),
        ("ann@staff.writer-tours.example", ("writer-tours.example",)),
        ("ann@staff.writer-tours.co.uk", ("writer-tours.co.uk",)),
        ("ann@staff.writer.myshopify.com", ("writer.myshopify.com",)),
        ("ann@staff.müller.example", ("xn--mller-kva.example", "muller.example")),
        ("ann@staff.müller.公司.cn", ("xn--mller-kva.xn--55qx5d.cn", "muller.公司.cn")),
        ("ann@myshopify.com", ()),  # as good as a public provider's
        ("ann@co.uk", ()),
        ("ann@[192.0.2.1]", ("[192.0.2.1]",)),
        ("ann@gmail.com", ()),
        ("ann@mail.telepac.pt", ()),  # a provider's mailboxes below its own domain
        ("ann@www.gmx.co.uk", ()),
        ("ann@writer.web.de", ("writer.web.de",)),  # theirs, below a provider's
        ("ann@poczta.fm", ()),
        ("ann@localhost", ()),
        ("ann@müller.example", ("xn--mller-kva.example", "muller.example")),
    ],
)
def test_the_domain_of_a_known_address_is_the_partys_own_unless_anybody_can_have_a_mailbox_there(
    address: str, own: tuple[str, ...]
) -> None:
    assert an_identity(address).own_domains == own


@pytest.mark.parametrize(
    ("house", "own"),
    [
        ("elsewhere.example", ("house.example",)),
        ("house.example", ("staff.house.example",)),
        ("reply.house.example", ("staff.house.example",)),
        ("Reply.House.example", ("staff.house.example",)),
        ("staff.house.example", ()),
        ("reply.staff.house.example", ()),
    ],
)
def test_nobody_owns_what_holds_a_domain_of_the_house(house: str, own: tuple[str, ...]) -> None:
    assert an_identity("ann@staff.house.example").beside((house,)).own_domains == own


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("x.example", True),
        ("mx1.x.example", True),
        ("x.example.mail.protection.example", True),
        ("ax.example", False),
        ("x.examples", False),
    ],
)
def test_hosts_around_an_own_domain_are_owned(domain: str, expected: bool) -> None:
    assert an_identity("ann@x.example").owns(domain) is expected


@pytest.mark.parametrize(
    ("name", "names", "parts"),
    [
        ("Ann Writer", NameShown.FIRST, NameParts("ann", ("Writer",), first_is_withheld=False)),
        ("Ann Writer", NameShown.FULL, NameParts("", (), first_is_withheld=False)),
        ("Ann Writer", NameShown.NONE, NameParts("ann", ("Writer",), first_is_withheld=True)),
        ("Ann", NameShown.FIRST, NameParts("", (), first_is_withheld=False)),
        ("Ann", NameShown.NONE, NameParts("", ("Ann",), first_is_withheld=False)),
        ("Old Town Tours (Kraków)", NameShown.FIRST, NameParts("old", ("Town", "Tours", "Kraków"), first_is_withheld=False)),
        ("Seán O'Neill-Smith", NameShown.FIRST, NameParts("sean", ("O'Neill-Smith",), first_is_withheld=False)),
    ],
)
def test_what_of_a_name_is_withheld_follows_from_how_names_are_shown(name: str, names: NameShown, parts: NameParts) -> None:
    assert an_identity(name=name, names=names).name == parts


def test_hosts_are_taken_without_brackets_and_only_when_they_could_be_hosts() -> None:
    assert an_identity(hosts=("[192.0.2.7]", "Laptop.Lan", "localhost", "")).hosts == ("192.0.2.7", "laptop.lan")


def test_an_identity_does_not_print_its_addresses() -> None:
    assert "writer" not in repr(an_identity("ann@writer.example", name="Ann Writer")).lower().replace("nameparts", "")


def test_a_public_provider_is_known_by_any_spelling_of_its_domain() -> None:
    assert is_public(("nobody.example", "gmail.com"))
    assert not is_public(("nobody.example",))
