"""Team and senders of a partner on pages, in memory: GW-5, GY-B5, SV-B5, OR-3, LEAK-86."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import pytest
from support.catalogue import GARDA, GIULIA
from support.partner_site import PartnerSite

from relay.booking.partner import Partner
from relay.values import Language, RealAddress

HERE = "/partner/p1/team"
NEW = {"name": "Luca Verdi", "address": "luca@garda.example", "language": "it"}


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


def garda(site: PartnerSite) -> Partner:
    return site.catalogue.partners.kept["p1"]


async def test_addresses_are_shown_to_who_sees_the_team_alone(site: PartnerSite) -> None:
    """OR-3, LEAK-86"""
    page = (await site.team.get(HERE)).text
    for address in ("giulia@garda.example", "team@garda.example", "channel@system.example"):
        assert address in page
    page = (await site.giulia.get(HERE)).text
    assert "Giulia Rossi" in page
    assert "garda.example" not in page
    assert "system.example" not in page
    assert '<form method="post" action="/partner' not in page


async def test_somebody_is_added_changed_and_removed(site: PartnerSite) -> None:
    """SV-B5: several logins."""
    answer = await site.team.send(f"{HERE}/staff", {**NEW, "sees_team": "yes"})
    assert answer.headers["location"] == f"{HERE}?told=added"
    luca = garda(site).staff[-1]
    assert (luca.name, luca.address.reveal(), luca.language, luca.sees_team) == ("Luca Verdi", NEW["address"], Language.IT, True)
    fields = {f"{name}_s1": value for name, value in {**NEW, "language": "de"}.items()}
    await site.team.send(f"{HERE}/staff/s1", fields)
    assert [one.id for one in garda(site).staff][:2] == ["s1", "s2"]
    first = garda(site).staff[0]
    assert (first.name, first.language, first.sees_team) == ("Luca Verdi", Language.DE, False)
    answer = await site.team.send(f"{HERE}/staff/s1/remove")
    assert answer.headers["location"] == f"{HERE}?told=removed"
    assert garda(site).member(GIULIA.id) is None
    assert site.catalogue.partners.by == ["partner"] * 3
    assert (await site.team.send(f"{HERE}/staff/s1/remove")).status_code == HTTPStatus.NOT_FOUND
    assert (await site.team.send(f"{HERE}/staff/s1", fields)).status_code == HTTPStatus.NOT_FOUND


async def test_a_further_sender_is_added_and_removed(site: PartnerSite) -> None:
    """GW-5, GY-B5"""
    await site.team.send(f"{HERE}/senders", {"senders": "bot@system.example"})
    assert [one.reveal() for one in garda(site).senders] == ["channel@system.example", "bot@system.example"]
    again = await site.team.send(f"{HERE}/senders", {"senders": "Bot+1@system.example"})
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "It is there already." in again.text
    await site.team.send(f"{HERE}/senders/remove", {"address": "channel@system.example"})
    assert [one.reveal() for one in garda(site).senders] == ["bot@system.example"]


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("senders", {"senders": "nobody"}, "This is no mail address."),
        ("senders", {"senders": "x" * 400 + "@a.example"}, "This is no mail address."),
        ("addresses", {"addresses": "customer-12ab3456cd78@reply.example.com"}, "This is an address of our house."),
        ("addresses", {"addresses": "a@below.reply.example.com"}, "This is an address of our house."),
        ("addresses/remove", {"address": "team@garda.example"}, "This is not possible"),
        ("staff", {**NEW, "name": ""}, "A name is needed."),
        ("staff", {**NEW, "address": "x"}, "This is no mail address."),
        ("staff/s1", {"name_s1": "", "address_s1": "g@garda.example"}, "A name is needed."),
    ],
)
async def test_what_cannot_be_is_named_and_nothing_changes(
    site: PartnerSite, path: str, fields: dict[str, str], says: str
) -> None:
    answer = await site.team.send(f"{HERE}/{path}", fields)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert says in answer.text
    assert garda(site) == GARDA


async def test_only_who_sees_the_whole_team_changes_it(site: PartnerSite) -> None:
    for path, fields in (
        ("staff", NEW),
        ("staff/s1", {f"{name}_s1": value for name, value in NEW.items()}),
        ("staff/s2/remove", {}),
        ("senders", {"senders": "bot@system.example"}),
        ("addresses/remove", {"address": "team@garda.example"}),
    ):
        assert (await site.giulia.send(f"{HERE}/{path}", fields)).status_code == HTTPStatus.NOT_FOUND
    assert (await site.team.send("/partner/p9/team/staff", NEW)).status_code == HTTPStatus.NOT_FOUND
    assert (await site.team.send(f"{HERE}/others", {"others": "a@b.example"})).status_code == HTTPStatus.NOT_FOUND
    assert garda(site) == GARDA


async def test_what_a_name_holds_is_text(site: PartnerSite) -> None:
    evil = replace(GIULIA, name="<script>x</script>", address=RealAddress("a'b@garda.example"))
    site.catalogue.partners.kept["p1"] = replace(GARDA, staff=(evil,))
    assert "<script>x" not in (await site.team.get(HERE)).text
