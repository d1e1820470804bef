"""Reserve now, pay later: deadlines, margins, blocks and releases (ST-1 to ST-24).

python docs/scenarios/secutix.py
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stage import say, stage

PARTNER, CUSTOMER = "box@opera.example", "luc@mail.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

with stage("A seat at the opera") as house:
    opera = {"id": "opera", "name": "Opera", "languages": ["fr"], "time_zone": "Europe/Paris", "addresses": [PARTNER]}
    house.ask("POST", "/partners", opera)
    price = {"key": "seat", "title": {"en": "A seat"}, "unit": {"minor": 8_000, "currency": "EUR"}, "people": 1}
    house.ask(
        "POST",
        "/offers",
        {
            "id": "tosca",
            "partner": "opera",
            "title": {"en": "Tosca"},
            "kind": "one_day",
            "time_zone": "Europe/Paris",
            "currency": "EUR",
            "switches": {
                "mode": "reserve",
                "deadline_policy": "firm",
                "term": {"days_after": 5, "days_before": 2},
                "margin": "PT6H",
                "may_be_reinstated": True,
            },
            "variants": [{"id": "stalls", "title": {"en": "Stalls"}, "prices": [price]}],
        },
    )
    start = (house.now + 30 * DAY).replace(hour=19, minute=0, second=0, microsecond=0)
    evening = {"starts_at": start.isoformat(), "ends_at": (start + 3 * HOUR).isoformat(), "time_zone": "Europe/Paris"}
    house.ask("POST", "/offers/tosca/variants/stalls/slots", {"slots": [{"id": "premiere", "occasion": evening, "capacity": 2}]})

    def reserved(**more: object) -> str:
        customer = {"name": "Luc Petit", "address": CUSTOMER, "language": "fr"}
        wish = {"offer": "tosca", "variant": "stalls", "customer": customer, "slot": "premiere", "choices": [{"price": "seat"}]}
        reference = str(house.ask("POST", "/bookings", {**wish, "way": "reserve", **more})["reference"])
        house.mail(CUSTOMER, reference)
        return reference

    def act(reference: str, what: str, actor: str, *, expect: int | None = None, **more: object) -> Any:
        return house.ask("POST", f"/bookings/{reference}/acts", {"act": what, "actor": actor, "by": actor, **more}, expect=expect)

    def stage_of(reference: str) -> str:
        return str(house.ask("GET", f"/bookings/{reference}")["status"]["stage"])

    say("Luc reserves by himself, and the box office reserves for him by phone (ST-2, ST-16)")
    online = reserved()
    phone = reserved(actor="operator", channel="phone", hold="option")
    assert house.ask("GET", f"/bookings/{online}/forecast")["items"], "what comes is told, and why"

    say("an operator blocks the option: it is never released until it is unblocked (ST-B4)")
    act(phone, "block", "operator")

    house.move(5 * DAY + HOUR, "the deadline has passed; the margin has not (ST-23)")
    house.until(lambda: house.ask("GET", "/bookings?overdue=true")["items"], "nothing is overdue")
    assert stage_of(online) == "awaiting_payment"
    house.move(6 * HOUR, "now it has: the firm one is released, the blocked one is kept (ST-21, T16)")
    house.until(lambda: stage_of(online) == "expired", "it is not released")
    assert stage_of(phone) == "awaiting_payment"
    house.rest()

    say("an operator takes it up again, until tomorrow (T19), and it is paid at the till (ST-12)")
    act(online, "reinstate", "operator", until=(house.now + DAY).isoformat())
    house.mail(CUSTOMER, online)
    paid = act(online, "take_payment", "operator", amount={"minor": 8_000, "currency": "EUR"})
    assert paid["status"]["stage"] == "confirmed"
    house.mail(CUSTOMER, online)
    house.mail(PARTNER, online)

    say("the release screen: the option is let go with the others that are ticked (ST-22, ST-B3)")
    act(phone, "unblock", "operator")
    house.until(lambda: stage_of(phone) == "expired", "what is unblocked and overdue is released")
    house.rest()

    say("the other seat is free again; Luc gives his own back, and says why (ST-13, ST-14)")
    last = reserved()
    act(last, "cancel", "customer", reason="We have to work")
    house.mail(PARTNER, last)
    counts = house.ask("GET", "/bookings/counts")
    say(f"what became of them all (ST-24): {counts['stages']}")

    house.move(start + 4 * HOUR - house.now, "the curtain has fallen")
    house.until(lambda: stage_of(online) == "completed", "it is not completed")
    house.move(8 * DAY, "a week later")
    assert house.ask("GET", f"/conversations/{online}")["standing"] in {"over", "closed"}
    house.rest()
    say("The end.")
