"""Ordinary mail between two who never learn who the other is, from the confirmation to a week after (GY-1 to GY-30).

python docs/scenarios/getyourguide.py
"""

from __future__ import annotations

from datetime import timedelta

from stage import say, stage

PARTNER, CUSTOMER = "guide@walks.example", "tom@mail.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

with stage("A walk through the old town") as house:
    guide = {"id": "walks", "name": "Old Town Walks", "languages": ["es"], "time_zone": "Europe/Madrid", "addresses": [PARTNER]}
    house.ask("POST", "/partners", guide)
    price = {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 2_500, "currency": "EUR"}, "people": 1}
    house.ask(
        "POST",
        "/offers",
        {
            "id": "walk",
            "partner": "walks",
            "title": {"en": "Old town walk"},
            "kind": "one_day",
            "time_zone": "Europe/Madrid",
            "currency": "EUR",
            "switches": {"mode": "instant"},
            "variants": [{"id": "walk-en", "title": {"en": "In English"}, "prices": [price]}],
        },
    )
    start = (house.now + 5 * DAY).replace(hour=9, minute=0, second=0, microsecond=0)

    def slot(name: str, days: int) -> dict[str, object]:
        begins = start + days * DAY
        occasion = {
            "starts_at": begins.isoformat(),
            "ends_at": (begins + 2 * HOUR).isoformat(),
            "time_zone": "Europe/Madrid",
        }
        return {"id": name, "occasion": occasion, "capacity": 1}

    house.ask("POST", "/offers/walk/variants/walk-en/slots", {"slots": [slot("thursday", 0), slot("friday", 1)]})
    wish = {
        "offer": "walk",
        "variant": "walk-en",
        "customer": {"name": "Tom Baker", "address": CUSTOMER, "language": "en"},
        "slot": "thursday",
        "choices": [{"price": "adult"}],
    }
    booking = house.ask("POST", "/bookings", wish)
    reference = booking["reference"]
    partner_alias, customer_alias = booking["partner"]["alias"], booking["customer"]["alias"]

    say("before it is paid no mail passes (GY-6)")
    house.write(CUSTOMER, partner_alias, "Where?", "Where do we meet?\n")
    assert "confirmed" in house.mail(CUSTOMER, "").text

    say("the last place is taken: nobody else gets it (invariant 10)")
    say(house.ask("POST", "/bookings", wish, expect=409)["detail"])

    paid = {"act": "take_payment", "actor": "operator", "by": "till", "amount": {"minor": 2_500, "currency": "EUR"}}
    house.ask("POST", f"/bookings/{reference}/acts", paid)
    confirmed = house.mail(CUSTOMER, reference)
    assert partner_alias in confirmed.text, "the alias in the mail is that of the API (GY-17)"
    house.mail(PARTNER, reference)

    say("now both write, each from their own mail program (GY-3, GY-12)")
    house.write(CUSTOMER, partner_alias, "Where?", "Where do we meet? My mail is tom@mail.example\n")
    asked = house.mail(PARTNER, "Where?")
    assert "tom@mail.example" not in asked.content.decode("utf-8", "replace")
    house.write(PARTNER, customer_alias, "Re: Where?", "At the fountain. guide@walks.example\n", answers=asked)
    answered = house.mail(CUSTOMER, "Where?")
    assert "guide@walks.example" not in answered.content.decode("utf-8", "replace")

    say("the walk is moved by a day, by agreement: the aliases stay (GY-17, T20)")
    acts = f"/bookings/{reference}/acts"
    house.ask("POST", acts, {"act": "propose", "actor": "partner", "by": "guide", "terms": {"slot": "friday"}})
    proposed = house.mail(CUSTOMER, reference)
    house.press(proposed.buttons[0])
    house.mail(CUSTOMER, reference)
    house.mail(PARTNER, reference)
    moved = house.ask("GET", f"/bookings/{reference}")
    assert moved["partner"]["alias"] == partner_alias

    house.move(start + DAY + 3 * HOUR - house.now, "the walk is over (GY-16)")
    house.mail(CUSTOMER, reference)
    house.write(CUSTOMER, partner_alias, "My hat", "Did you find my hat?\n")
    house.mail(PARTNER, "My hat")

    house.move(8 * DAY, "a week later nothing passes any more, and the writer is told (GY-15, GY-25)")
    house.write(PARTNER, customer_alias, "Your hat", "Here it is.\n")
    assert "https://example.com/support" in house.mail(PARTNER, "").text
    house.rest()
    say("The end.")
