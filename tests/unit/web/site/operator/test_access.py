"""Who may use the API, who may sign in, where events go, and what a partner may offer: decided by operators."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from support.booking_web import A_TRY
from support.operators import Operators
from support.world import PARTNER_ADDRESS

from relay.booking.partner import PaymentAccount, Tier
from relay.web.site.viewer import Office

PAGES = ("tokens", "accounts", "settings", "traffic", "webhooks", "partners", "releases", "releases/profiles")


@pytest.mark.parametrize("page", PAGES)
async def test_these_pages_are_there_for_operators_and_for_no_other_office(page: str) -> None:
    """AR-1: none of the offices implies another."""
    house = Operators()
    assert (await house.browser().get(f"/operator/{page}")).status_code == HTTPStatus.OK
    others = [one for one in Office if one is not Office.OPERATOR]
    assert (await house.browser(*others).get(f"/operator/{page}")).status_code == HTTPStatus.NOT_FOUND


async def test_the_secret_of_a_token_is_shown_once_and_it_is_worth_nothing_once_revoked() -> None:
    house = Operators()
    browser = house.browser()
    made = await browser.send("/operator/tokens", {"name": "a shop", "scope": ["bookings:read", "queue:read", "nonsense"]})
    assert "relay_5ec2e7" in made.text
    assert house.tokens.kept["t1"].scopes == ("bookings:read", "queue:read")
    assert "relay_5ec2e7" not in (await browser.get("/operator/tokens")).text
    revoked = await browser.send("/operator/tokens/t1/revoke")
    assert revoked.headers["location"] == "/operator/tokens?told=revoked"
    assert "1 revoked token" in (await browser.get("/operator/tokens")).text
    assert (await browser.send("/operator/tokens/t9/revoke")).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "scope": ["queue:read"]}, "Say who or what will use it."),
        ({"name": "a shop"}, "Tick what it may do."),
        ({"name": "x" * 60, "scope": ["queue:read"]}, "a token needs a name"),
    ],
)
async def test_a_token_that_cannot_be_comes_back_with_what_was_entered(fields: dict[str, Any], sentence: str) -> None:
    answer = await Operators().browser().send("/operator/tokens", fields)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in answer.text
    assert f'value="{fields["name"]}"' in answer.text
    assert answer.text.count(" checked") == len(fields.get("scope", []))


async def test_an_account_is_disabled_and_enabled_and_nobody_disables_their_own() -> None:
    house = Operators()
    browser = house.browser()
    assert (await browser.send("/operator/accounts/anna/disable")).status_code == HTTPStatus.SEE_OTHER
    assert house.accounts.kept["anna"].disabled_at is not None
    assert "Enable Anna" in (await browser.get("/operator/accounts")).text
    await browser.send("/operator/accounts/anna/enable")
    assert house.accounts.kept["anna"].disabled_at is None
    own = await browser.send("/operator/accounts/eva/disable")
    assert own.status_code == HTTPStatus.CONFLICT
    assert house.accounts.kept["eva"].disabled_at is None


async def test_settings_say_where_they_come_from_and_of_secrets_whether_they_are_set() -> None:
    browser = Operators().browser()
    text = " ".join((await browser.get("/operator/settings")).text.split())
    for expected in ("&#34;reply.example.com&#34;", "environment", '<span class="badge ">set</span>', "not set"):
        assert expected in text
    assert "further_key_file" not in (await browser.get("/operator/settings?changed=yes")).text


async def test_traffic_is_drawn_and_stands_beside_as_a_table_without_a_style_of_its_own() -> None:
    house = Operators()
    text = (await house.browser().get("/operator/traffic?span=month")).text
    for expected in ("<svg", "<rect", "Failed or bounced", "The conversation was closed", "Each day"):
        assert expected in text
    assert "style=" not in text
    assert [one.value for one in house.operation.spans] == ["month"]


async def test_a_webhook_is_added_with_its_secret_once_and_changed() -> None:
    house = Operators()
    browser = house.browser()
    added = await browser.send(
        "/operator/webhooks", {"url": "https://shop.example/hook", "events": "booking.accept, booking.paid"}
    )
    assert "whsec_c2VjcmV0" in added.text
    assert house.core.webhooks.kept["e1"].events == ("booking.accept", "booking.paid")
    assert "whsec_" not in (await browser.get("/operator/webhooks/e1")).text
    for step, told in (("disable", "disabled"), ("enable", "enabled")):
        answer = await browser.send(f"/operator/webhooks/e1/{step}")
        assert answer.headers["location"] == f"/operator/webhooks/e1?told={told}"
        assert house.core.webhooks.kept["e1"].is_enabled is (step == "enable")
    assert "whsec_YW5vdGhlcg==" in (await browser.send("/operator/webhooks/e1/rotate")).text
    assert (await browser.send("/operator/webhooks/e1/change", {"events": ""})).status_code == HTTPStatus.SEE_OTHER
    wrong = await browser.send("/operator/webhooks/e1/change", {"events": "Booking!"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await browser.send("/operator/webhooks/e1/remove")
    assert house.core.webhooks.kept == {}


async def test_what_was_sent_is_listed_and_sent_again() -> None:
    house = Operators()
    house.core.webhooks.sent = [A_TRY]
    browser = house.browser()
    await browser.send("/operator/webhooks", {"url": "https://shop.example/hook"})
    text = (await browser.get("/operator/webhooks/e1?state=failed")).text
    for expected in ("booking.confirmed", "given up", "timeout", "2 attempts"):
        assert expected in text
    again = await browser.send("/operator/webhooks/e1/again/s1")
    assert again.headers["location"] == "/operator/webhooks/e1?told=again"


async def test_a_partner_is_activated_and_what_they_lack_for_custom_requests_is_named() -> None:
    """SL-2, SL-B6"""
    house = Operators()
    browser = house.browser()
    [id_] = house.core.catalogue.partners.kept
    sent = {"tier": "gold", "account": "pending"}
    assert (await browser.send(f"/operator/partners/{id_}", sent)).status_code == HTTPStatus.SEE_OTHER
    partner = house.core.catalogue.partners.kept[id_]
    assert (partner.tier, partner.account, partner.is_active) == (Tier.GOLD, PaymentAccount.PENDING, False)
    text = (await browser.get(f"/operator/partners/{id_}")).text
    assert "an active payment account" in text
    assert PARTNER_ADDRESS not in text
    assert not any(one.reveal() in text for one in partner.addresses)
    listed = (await browser.get("/operator/partners")).text
    assert "not active" in listed
    assert house.core.catalogue.partners.by == ["account eva"]
    nonsense = await browser.send(f"/operator/partners/{id_}", {"tier": "platinum", "account": "active"})
    assert nonsense.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
