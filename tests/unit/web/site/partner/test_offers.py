"""Offers of a partner and their editor, in memory: SL-2, SL-8, SL-9, SL-B2, SL-B6, OR-1, OR-7 to OR-10, OR-B1, OR-B2, SV-2, SV-3,
SV-12, SV-B5."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from http import HTTPStatus

import httpx
import pytest
from support.booking_web import FakeCatalogue
from support.catalogue import BOAT, EN, GARDA, MORNING
from support.partner_site import PartnerSite

from relay.booking.cancellation import Policy, Tier
from relay.booking.catalogue import Offer, OfferId, OfferKind, VariantId
from relay.booking.offer import DeadlinePolicy, Mode, Pay, Rules, Switches
from relay.booking.partner import PartnerId, PaymentAccount
from relay.booking.partner import Tier as Profile
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.texts import Text, Texts
from relay.values import Language
from relay.web.site.forms import Entered
from relay.web.site.partner.offer_form import hours_text, offer_entered, offer_form, variant_form, with_said

HERE = "/partner/p1/offers/o1"
VARIANT = f"{HERE}/variants/v1"
_FIELD = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:([^<]*)</textarea>)?", re.DOTALL)


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


def fields_of(answer: httpx.Response) -> dict[str, str]:
    """What a browser would send of the form of a page, without its token."""
    form = answer.text.split('<form method="post" action="/partner')[1].split("</form>")[0]
    fields: dict[str, str] = {}
    for tag, attributes, text in _FIELD.findall(form):
        named = re.search(r'name="([^"]*)"', attributes)
        if named is None or named[1] == "form_token":
            continue
        value = re.search(r'value="([^"]*)"', attributes)
        if tag == "textarea":
            fields[named[1]] = unescape(text).removeprefix("\n")
        elif tag == "select":
            options = form.split(f'name="{named[1]}"')[1].split("</select>")[0]
            chosen = re.search(r'<option value="([^"]*)" selected>', options) or re.search(r'<option value="([^"]*)">', options)
            fields[named[1]] = unescape(chosen[1]) if chosen is not None else ""
        elif 'type="checkbox"' not in attributes or " checked" in attributes:
            fields[named[1]] = unescape(value[1]) if value is not None else "yes"
    return fields


async def saved(site: PartnerSite, path: str = HERE, lang: str = "en", **changes: str | None) -> httpx.Response:
    """The form of that page as it is, with `changes`; None takes a tick away."""
    page = await site.team.get(f"{path}?lang={lang}")
    assert page.status_code == HTTPStatus.OK, page.text
    fields = {**fields_of(page), **changes}
    return await site.team.send(f"{path}?lang={lang}", {name: value for name, value in fields.items() if value is not None})


def offer(site: PartnerSite) -> Offer:
    return site.catalogue.offers.kept["o1"]


async def test_a_form_that_is_sent_as_it_is_changes_nothing(site: PartnerSite) -> None:
    """Whatever was set by others, and what the form has no field for, stays."""
    switches = Switches(
        mode=Mode.RESERVE,
        pay=Pay.ON_SITE,
        deadline_policy=DeadlinePolicy.FIRM,
        cancellation=Policy((Tier(10, 10_000), Tier(5, 3_333))),
        lead_time=timedelta(hours=1, minutes=7),
        margin=timedelta(hours=5),
    )
    action = Requirement(RequirementKind.SIGN, Texts((Text(EN, "Sign"), Text(Language.IT, "Firmare"))), timedelta(hours=30))
    before = replace(BOAT, switches=switches, requirement=action, how_to_redeem=Texts.of(EN, "Show it."), staff_note="Two\nlines")
    site.catalogue.offers.kept["o1"] = before
    for lang in ("en", "it", "fr"):
        assert (await saved(site, lang=lang)).status_code == HTTPStatus.SEE_OTHER
        assert offer(site) == before
    variant = site.catalogue.variants.kept["v1"]
    for lang in ("en", "it"):
        assert (await saved(site, VARIANT, lang)).status_code == HTTPStatus.SEE_OTHER
        assert site.catalogue.variants.kept["v1"] == variant


async def test_on_request_is_one_toggle_among_the_booking_conditions_and_off_by_default(site: PartnerSite) -> None:
    """OR-1, OR-8: by the same field that the API has."""
    page = await site.team.get(HERE)
    assert 'name="on_request" value="yes">' in page.text
    assert page.text.index("Booking conditions") < page.text.index('name="on_request"')
    answer = await saved(site, on_request="yes")
    assert answer.headers["location"] == f"{HERE}?lang=en&told=saved"
    assert offer(site).switches.mode is Mode.ON_REQUEST
    assert site.catalogue.offers.by[-1] == "partner"
    await saved(site, on_request=None)
    assert offer(site).switches.mode is Mode.INSTANT


async def test_such_services_carry_an_icon_and_a_word_in_the_list_each_variant_its_own(site: PartnerSite) -> None:
    """OR-9, OR-10, SL-9"""
    second = replace(MORNING, id=VariantId("v2"), title=Texts.of(EN, "At night"), switches=Switches(mode=Mode.ON_REQUEST))
    site.catalogue.variants.kept["v2"] = second
    page = (await site.team.get("/partner/p1/offers")).text
    assert page.count("On request only") == 1
    assert page.index("At night") < page.index("On request only")
    assert '<span class="badge new"><svg class="hand"' in page
    await saved(site, VARIANT, mode="on request")
    assert site.catalogue.variants.kept["v1"].switches.mode is Mode.ON_REQUEST
    assert offer(site).switches.mode is None


@pytest.mark.parametrize(
    ("profile", "account", "says"),
    [
        (Profile.BASIC, PaymentAccount.ACTIVE, "Gold profile</strong> <small>Now: Basic profile"),
        (Profile.GOLD, PaymentAccount.PENDING, "Active payment account</strong> <small>Now: made, and not verified yet"),
        (Profile.GOLD, PaymentAccount.NONE, "Active payment account</strong> <small>Now: none yet"),
    ],
)
async def test_custom_requests_are_refused_with_what_is_missing_by_name(
    site: PartnerSite, profile: Profile, account: PaymentAccount, says: str
) -> None:
    """SL-2, SL-B6: and what was entered besides is kept for the next try."""
    site.catalogue.partners.kept["p1"] = replace(GARDA, tier=profile, account=account)
    assert says in (await site.team.get(HERE)).text
    answer = await saved(site, custom="yes", place="At the mole")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This cannot be switched on" in answer.text
    assert says in answer.text
    assert 'value="At the mole"' in answer.text
    assert offer(site) == BOAT
    wrong = await saved(site, VARIANT, mode="custom request")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert site.catalogue.variants.kept["v1"] == MORNING


async def test_what_a_partner_loses_later_is_said_and_the_switch_stays(site: PartnerSite) -> None:
    """SL-2"""
    await saved(site, custom="yes")
    assert offer(site).switches.mode is Mode.CUSTOM_REQUEST
    site.catalogue.partners.kept["p1"] = replace(GARDA, account=PaymentAccount.NONE)
    assert "something is missing now: no new ones come in" in (await site.team.get(HERE)).text
    assert "No new requests: something is missing" in (await site.team.get("/partner/p1/offers")).text
    assert (await saved(site, staff_note="Ask Giulia")).status_code == HTTPStatus.SEE_OTHER
    assert (offer(site).switches.mode, offer(site).staff_note) == (Mode.CUSTOM_REQUEST, "Ask Giulia")


async def test_the_rules_of_an_offer_are_set_and_left_to_the_house_again(site: PartnerSite) -> None:
    """SL-B2, OR-7, OR-B1, OR-B2, SV-B5"""
    rules = {"pay": "on site", "deadline_policy": "firm", "days_after": "3", "days_before": "2", "customer_cancels": "no"}
    spans = {"lead_time": "48", "horizon": "30", "pause": "5", "request_for": "1,5"}
    tiers = {"cancellation_by": "own", "tier_days_0": "10", "tier_percent_0": "100", "tier_days_1": "5", "tier_percent_1": "50"}
    answer = await saved(site, staff_note="Bring ropes", **rules, **spans, **tiers)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    now = offer(site).switches.over(Rules(Mode.INSTANT))
    assert (now.pay, now.deadline_policy, now.customer_cancels) == (Pay.ON_SITE, DeadlinePolicy.FIRM, False)
    assert (now.term.days_after, now.term.days_before) == (3, 2)
    assert (now.lead_time, now.horizon) == (timedelta(hours=48), timedelta(days=30))
    assert (now.pause, now.request_for) == (timedelta(minutes=5), timedelta(minutes=90))
    assert now.cancellation == Policy((Tier(10, 10_000), Tier(5, 5_000)))
    assert offer(site).staff_note == "Bring ropes"
    blank = dict.fromkeys((*rules, *spans, *tiers), "")
    await saved(site, **blank)
    assert offer(site).switches == Switches()


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({"lead_time": "soon"}, "A number is needed."),
        ({"days_after": "-1"}, "A number is needed."),
        ({"days_after": "99999"}, "A number is needed."),
        ({"horizon": "99999"}, "One of the values is not possible."),
        ({"cancellation_by": "own", "tier_days_0": "5", "tier_percent_0": "200"}, "The line with most days comes first"),
        ({"cancellation_by": "own", "tier_days_0": "5", "tier_percent_0": "x"}, "The line with most days comes first"),
        (
            {"cancellation_by": "own", "tier_days_0": "1", "tier_percent_0": "9", "tier_days_1": "5", "tier_percent_1": "50"},
            "The line",
        ),
        ({"place": "x" * 501}, "This is too long."),
        ({"action_kind": "sign", "action_text": ""}, "Write what the customer has to do."),
        ({"action_kind": "sign", "action_text": "Sign", "action_hours": "99999"}, "A number is needed."),
    ],
)
async def test_what_cannot_be_meant_is_named_and_nothing_is_lost(site: PartnerSite, entered: dict[str, str], says: str) -> None:
    answer = await saved(site, staff_note="kept", **entered)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert says in answer.text
    assert "kept</textarea>" in answer.text
    assert offer(site) == BOAT


async def test_the_required_action_stands_in_how_to_redeem_in_each_language_for_new_bookings(site: PartnerSite) -> None:
    """SV-2, SV-3, SV-12"""
    page = (await site.team.get(HERE)).text
    assert page.index("<legend>How to redeem") < page.index('name="action_kind"')
    assert "Who has booked already keeps what they read then." in page
    await saved(site, how_to_redeem="Show the code.", action_kind="sign", action_text="Sign the contract.", action_hours="48")
    await saved(site, lang="de", action_text="Vertrag unterschreiben.")
    action = offer(site).requirement
    assert action == Requirement(
        RequirementKind.SIGN,
        Texts((Text(EN, "Sign the contract."), Text(Language.DE, "Vertrag unterschreiben."))),
        timedelta(hours=48),
    )
    assert offer(site).how_to_redeem == Texts.of(EN, "Show the code.")
    await saved(site, lang="en", action_text="")
    assert (kept := offer(site).requirement) is not None
    assert kept.instruction == Texts.of(Language.DE, "Vertrag unterschreiben.")
    await saved(site, action_kind="")
    assert offer(site).requirement is None


@pytest.mark.parametrize("name", ["title", "place", "how_to_redeem"])
async def test_nobody_publishes_their_address_with_an_offer(site: PartnerSite, name: str) -> None:
    """Invariant 1: the pages of offers are for the other side, and for everybody."""
    before = offer(site)
    answer = await saved(site, **{name: "Ask giulia@garda.example"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Your text tells who or where you are" in answer.text
    assert offer(site) == before


async def test_a_title_is_edited_in_one_language_and_stays_in_the_others(site: PartnerSite) -> None:
    await saved(site, lang="it", title="Gita in barca")
    assert offer(site).title == Texts((Text(EN, "Boat tour"), Text(Language.IT, "Gita in barca")))
    await saved(site, lang="it", title="")
    assert offer(site).title == Texts.of(EN, "Boat tour")
    wrong = await saved(site, lang="en", title="")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "A title of 1 to 500 characters is needed." in wrong.text


async def test_a_price_list_gets_a_line_changes_one_and_loses_one(site: PartnerSite) -> None:
    """SL-9: the key of a line stays, so that what was chosen can be asked for again."""
    answer = await saved(
        site, VARIANT, price_amount_0="45,50", price_title_1="Child", price_amount_1="20", option_title_0="", option_amount_0=""
    )
    assert answer.status_code == HTTPStatus.SEE_OTHER
    now = site.catalogue.variants.kept["v1"]
    assert [(one.title.said[0].text, one.unit.minor, one.people) for one in now.prices] == [
        ("Adult", 4550, 1),
        ("Child", 2000, 1),
    ]
    assert now.prices[0].key == "adult"
    assert now.options == ()
    for bad in ({"price_amount_0": "free"}, {"price_amount_0": "-1"}, {"price_title_2": "x"}, {"price_people_0": "many"}):
        wrong = await saved(site, VARIANT, **bad)
        assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Each line needs a title and an amount" in wrong.text
    assert site.catalogue.variants.kept["v1"] == now


async def test_nobody_overwrites_what_they_have_not_seen(site: PartnerSite) -> None:
    page = await site.team.get(HERE)
    site.catalogue.offers.kept["o1"] = replace(BOAT, place="Somewhere else")
    answer = await site.team.send(HERE, {**fields_of(page), "staff_note": "mine"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Somebody has changed it since you opened this page." in answer.text
    assert offer(site).staff_note == ""
    again = await site.team.send(HERE, fields_of(answer))
    assert again.status_code == HTTPStatus.SEE_OTHER
    assert offer(site).staff_note == "mine"


@pytest.mark.parametrize("kind", list(OfferKind))
async def test_an_offer_of_each_kind_is_added_closed_with_its_first_variant(site: PartnerSite, kind: OfferKind) -> None:
    """SL-8, SL-B6"""
    fields = {
        "title": "Wine",
        "kind": kind.value,
        "zone": "Europe/Rome",
        "currency": "eur",
        "place": "",
        "variant_title": "A bottle",
        "price_title": "Bottle",
        "price": "19,90",
    }
    answer = await site.team.send("/partner/p1/offers/new", fields)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    [made] = [one for one in site.catalogue.offers.kept.values() if one.id != "o1"]
    assert (made.kind, made.currency, made.is_closed, made.partner) == (kind, "EUR", True, "p1")
    [variant] = [one for one in site.catalogue.variants.kept.values() if one.offer == made.id]
    assert variant.prices[0].unit.minor == 1990
    editor = await site.team.get(answer.headers["location"])
    assert editor.status_code == HTTPStatus.OK
    assert 'name="closed" value="yes" checked' in editor.text
    assert ('name="valid_until" type="date"' in editor.text) is (kind is OfferKind.GOODS)


async def test_an_offer_that_cannot_be_is_not_added(site: PartnerSite) -> None:
    answer = await site.team.send(
        "/partner/p1/offers/new", {"title": "", "zone": "Nowhere", "currency": "x", "variant_title": "v"}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    for says in ("A title of 1 to 500", "There is no such time zone.", "Three capital letters"):
        assert says in answer.text
    assert list(site.catalogue.offers.kept) == ["o1"]


async def test_a_variant_is_added_with_its_own_way_of_being_booked(site: PartnerSite) -> None:
    """OR-10"""
    page = await site.team.get(f"{HERE}/variants/new")
    answer = await site.team.send(f"{HERE}/variants/new", {**fields_of(page), "title": "At night", "mode": "on request"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    [made] = [one for one in site.catalogue.variants.kept.values() if one.id != "v1"]
    assert (made.offer, made.title.said[0].text, made.switches.mode) == ("o1", "At night", Mode.ON_REQUEST)


async def test_only_who_sees_the_whole_team_changes_what_it_offers(site: PartnerSite) -> None:
    """OR-3: others read the list, with the note for staff (OR-7)."""
    site.catalogue.offers.kept["o1"] = replace(BOAT, staff_note="Bring ropes")
    page = await site.giulia.get("/partner/p1/offers")
    assert "Bring ropes" in page.text
    assert f'href="{HERE}"' not in page.text
    for path in (HERE, "/partner/p1/offers/new", VARIANT):
        assert (await site.giulia.get(path)).status_code == HTTPStatus.NOT_FOUND
        assert (await site.giulia.send(path, {"title": "x"})).status_code == HTTPStatus.NOT_FOUND


async def test_another_partners_offer_is_not_there(site: PartnerSite) -> None:
    other = replace(BOAT, id=OfferId("o9"), partner=PartnerId("p9"))
    site.catalogue.offers.kept["o9"] = other
    for path in ("/partner/p1/offers/o9", "/partner/p1/offers/o9/variants/v1", f"{HERE}/variants/v9", "/partner/p9/offers"):
        assert (await site.team.get(path)).status_code == HTTPStatus.NOT_FOUND
    assert (await site.team.send("/partner/p1/offers/o9", {"title": "x"})).status_code == HTTPStatus.NOT_FOUND
    assert site.catalogue.offers.kept["o9"] == other


def test_spans_and_texts_are_written_as_people_read_them() -> None:
    assert [hours_text(one, timedelta(hours=1)) for one in (None, timedelta(), timedelta(minutes=90))] == ["", "0", "1.5"]
    assert with_said(None, EN, "") is None
    assert with_said(Texts.of(EN, "x"), Language.IT, "y") == Texts((Text(EN, "x"), Text(Language.IT, "y")))
    assert offer_form(BOAT, Rules(Mode.RESERVE), EN)["mode"] == "reserve"
    assert variant_form(MORNING, EN)["duration"] == "3"
    sent = Entered({"title": ["Boat tour"], "on_request": ["yes"]}, {})
    form, changed = offer_entered(sent, BOAT, GARDA, Rules(Mode.ON_REQUEST), EN)
    assert (form.wrong, changed.switches.mode) == ({}, None)  # it is the house's way anyway
    assert isinstance(FakeCatalogue().house, Rules)
