"""A tailor-made tour: asked for, discussed, offered anew, accepted, paid, moved, and over (SL-1 to SL-31).

Custom requests: the partner takes the demand and runs it alone; nothing is booked before it is paid. Run it with

    python docs/scenarios/sharryland.py
"""

from __future__ import annotations

from datetime import datetime, timedelta

from stage import say, stage

PARTNER, CUSTOMER = "team@garda-boats.example", "zofia@poczta.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


with stage("A tailor-made boat tour", booking={"reminders": ["2h", "24h"]}) as house:
    say("the house takes on a partner, who is not Gold yet, and cannot offer custom requests (SL-2)")
    partner = {
        "id": "garda",
        "name": "Garda Boats",
        "languages": ["it", "en"],
        "time_zone": "Europe/Rome",
        "addresses": [PARTNER],
        "tier": "basic",
        "account": "active",
    }
    house.ask("POST", "/partners", partner)
    adult = {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 9_000, "currency": "EUR"}, "people": 1}
    offer = {
        "id": "boat",
        "partner": "garda",
        "title": {"en": "Boat tour", "it": "Giro in barca"},
        "kind": "one_day",
        "time_zone": "Europe/Rome",
        "currency": "EUR",
        "place": "Malcesine, old harbour",
        "switches": {"mode": "custom_request"},
        "variants": [{"id": "boat-morning", "title": {"en": "In the morning"}, "prices": [adult], "duration": "PT3H"}],
    }
    refused = house.ask("POST", "/offers", offer, expect=409)
    say(f"refused: {refused['detail']}")
    house.ask("PATCH", "/partners/garda", {"tier": "gold"})
    house.ask("POST", "/offers", offer)

    say("Zofia asks for a date of her own, with a wish (SL-3, SL-4)")
    start = (house.now + 20 * DAY).replace(hour=8, minute=0, second=0, microsecond=0)
    occasion = {"starts_at": instant(start), "ends_at": instant(start + 3 * HOUR), "time_zone": "Europe/Rome"}
    wish = {
        "offer": "boat",
        "variant": "boat-morning",
        "customer": {"name": "Zofia Kowalska", "address": CUSTOMER, "language": "pl", "time_zone": "Europe/Warsaw"},
        "occasion": occasion,
        "participants": 2,
        "choices": [{"price": "adult", "quantity": 2}],
        "extras": [{"text": "Lunch on board", "quantity": 2, "unit": {"minor": 0, "currency": "EUR"}}],
        "note": "We are two, and one of us does not swim. Write to me at zofia@poczta.example!",
    }
    booking = house.ask("POST", "/bookings", wish)
    reference = booking["reference"]
    house.mail(PARTNER, reference)
    house.mail(CUSTOMER, reference)

    house.move(2 * HOUR + timedelta(minutes=1), "nobody has answered (SL-11)")
    house.mail(PARTNER, reference)

    say("the partner answers with other terms: lunch has a price, and there is a discount (SL-5 to SL-7)")
    terms = {
        "lines": [
            {"text": "Adult", "quantity": 2, "unit": {"minor": 9_000, "currency": "EUR"}, "is_extra": False},
            {"text": "Lunch on board", "quantity": 2, "unit": {"minor": 2_500, "currency": "EUR"}},
        ],
        "discounts": [{"text": "Early bird", "basis_points": 1_000}],
        "valid_until": instant(house.now + 3 * DAY),
    }
    house.ask("POST", f"/bookings/{reference}/acts", {"act": "counter", "actor": "partner", "by": "giulia", "terms": terms})
    offered = house.mail(CUSTOMER, reference)

    say("Zofia accepts by the button of the mail: looking changes nothing, pressing does (SL-5)")
    house.press(offered.buttons[0])
    house.mail(CUSTOMER, reference)
    assert house.ask("GET", f"/bookings/{reference}")["status"]["stage"] == "awaiting_payment"

    house.move(25 * HOUR, "it is not paid: both are told, with different words (SL-20)")
    house.mail(CUSTOMER, reference)
    house.mail(PARTNER, reference)

    say("the money is seen in the account: it is booked, and both may write to each other (SL-18, GY-1)")
    due = house.ask("GET", f"/bookings/{reference}")["amounts"]["total"]
    paid = {"act": "take_payment", "actor": "partner", "by": "giulia", "amount": {"minor": due["minor"], "currency": "EUR"}}
    booked = house.ask("POST", f"/bookings/{reference}/acts", paid)
    house.mail(CUSTOMER, reference)
    house.mail(PARTNER, reference)
    alias_of_partner, alias_of_customer = booked["partner"]["alias"], booked["customer"]["alias"]

    house.write(CUSTOMER, alias_of_partner, "Shoes", "Dzień dobry, which shoes should we bring?\n")
    question = house.mail(PARTNER, "Shoes")
    assert CUSTOMER not in question.content.decode("utf-8", "replace")
    house.write(PARTNER, alias_of_customer, "Re: Shoes", "Rubber soles, please. Giulia\n", answers=question)
    answer = house.mail(CUSTOMER, "Shoes")
    assert PARTNER not in answer.content.decode("utf-8", "replace")

    house.move(start + 3 * HOUR - house.now + timedelta(minutes=1), "the tour is over")
    house.mail(CUSTOMER, reference)
    assert house.ask("GET", f"/bookings/{reference}")["status"]["stage"] == "completed"

    house.move(8 * DAY, "a week later the conversation is closed (GY-15)")
    house.write(CUSTOMER, alias_of_partner, "My hat", "I left my hat on the boat.\n")
    house.mail(CUSTOMER, "")
    house.rest()
    say("The end.")
