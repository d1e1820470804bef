"""A voucher with something to do first: who may cancel it, and who may not any more (SV-1 to SV-21).

python docs/scenarios/slevomat.py
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stage import say, stage

PARTNER, CUSTOMER = "hotel@pension.example", "jana@mail.example"
DAY = timedelta(days=1)

with stage("A weekend for two, with a contract to sign") as house:
    hotel = {"id": "hotel", "name": "Pension Lipa", "languages": ["en"], "time_zone": "Europe/Prague", "addresses": [PARTNER]}
    house.ask("POST", "/partners", hotel)
    price = {"key": "stay", "title": {"en": "Two nights for two"}, "unit": {"minor": 19_900, "currency": "EUR"}, "people": 2}
    house.ask(
        "POST",
        "/offers",
        {
            "id": "weekend",
            "partner": "hotel",
            "title": {"en": "Weekend for two"},
            "kind": "goods",
            "time_zone": "Europe/Prague",
            "currency": "EUR",
            "promotion": "P-4711",
            "switches": {"mode": "voucher"},
            "required_action": {"kind": "sign", "instruction": {"en": "Sign the travel contract that the pension sends you."}},
            "valid_until": (house.now + 180 * DAY).isoformat(),
            "variants": [{"id": "lake", "title": {"en": "Room with a view"}, "prices": [price]}],
        },
    )
    wish = {
        "offer": "weekend",
        "variant": "lake",
        "customer": {"name": "=cmd|' /C calc'!A0", "address": CUSTOMER, "language": "en"},
        "participants": 2,
        "choices": [{"price": "stay"}],
    }

    def bought() -> str:
        """A voucher that is paid."""
        reference = str(house.ask("POST", "/bookings", wish)["reference"])
        amount = {"minor": 19_900, "currency": "EUR"}
        pay = {"act": "take_payment", "actor": "operator", "by": "till", "amount": amount}
        house.ask("POST", f"/bookings/{reference}/acts", pay)
        voucher = house.mail(CUSTOMER, reference)
        assert "Sign the travel contract" in voucher.text, "SV-11"
        house.mail(PARTNER, reference)
        return reference

    def act(reference: str, what: str, actor: str, *, expect: int | None = None, **more: object) -> Any:
        return house.ask("POST", f"/bookings/{reference}/acts", {"act": what, "actor": actor, "by": actor, **more}, expect=expect)

    one, other = bought(), bought()

    say("the pension ticks that the contract is signed (SV-14), and Jana's voucher says so (SV-18)")
    act(one, "action_done", "partner")
    house.mail(CUSTOMER, one)

    say("support may not cancel it any more (SV-5), and sends Jana to the pension")
    refused = act(one, "cancel", "support", expect=409)
    say(f"{refused['detail']}")
    act(one, "refer", "support")
    referred = house.mail(CUSTOMER, one)
    assert "local-partner-" in referred.text, "the alias of the pension stands in the mail"

    say("the other one is not signed: support cancels it, and the money goes back (SV-6)")
    act(other, "cancel", "support", reason="The customer fell ill.")
    house.mail(CUSTOMER, other)
    house.mail(PARTNER, other)

    say("lists: by promotion, by variant, by what is done (SV-7 to SV-9, SV-17)")
    for query, expected in (
        ("promotion=P-4711&action=done", [one]),
        ("variant=lake&action=open&stage=cancelled", [other]),
        ("promotion=P-0000", []),
    ):
        found = [shown["reference"] for shown in house.ask("GET", f"/bookings?{query}")["items"]]
        assert found == expected, (query, found)
    table = house.ask("GET", f"/bookings.csv?reference={one}")
    say(f"and as a table, which no spreadsheet takes for a formula (SV-10):\n{table}")
    assert one in table
    assert other not in table
    assert CUSTOMER not in table
    assert '"=' not in table

    say("Jana has been there: the voucher is redeemed, and a week later the conversation closes")
    act(one, "redeem", "partner")
    house.mail(CUSTOMER, one)
    house.move(8 * DAY, "a week and a day")
    assert house.ask("GET", f"/conversations/{one}")["standing"] in {"over", "closed"}
    house.rest()
    say("The end.")
