"""Appointments on request: a studio with staff, who look at each request before they say yes (OR-1 to OR-38).

python docs/scenarios/appointments.py
"""

from __future__ import annotations

from datetime import timedelta

from stage import say, stage

TEAM, GIULIA, CUSTOMER = "desk@studio.example", "giulia@studio.example", "anna@mail.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

with stage("A massage on request") as house:
    staff = {"id": "giulia", "name": "Giulia Rossi", "address": GIULIA, "language": "it"}
    studio = {"id": "studio", "name": "Studio Rossi", "languages": ["it"], "time_zone": "Europe/Rome", "addresses": [TEAM]}
    house.ask("POST", "/partners", {**studio, "staff": [staff]})
    price = {"key": "hour", "title": {"en": "One hour"}, "unit": {"minor": 6_000, "currency": "EUR"}}
    oil = {"key": "oil", "title": {"en": "Warm oil"}, "unit": {"minor": 500, "currency": "EUR"}}
    house.ask(
        "POST",
        "/offers",
        {
            "id": "massage",
            "partner": "studio",
            "title": {"en": "Massage"},
            "kind": "one_day",
            "time_zone": "Europe/Rome",
            "currency": "EUR",
            "place": "Via Roma 1",
            "switches": {"mode": "on_request", "pay": "on_site"},
            "variants": [{"id": "classic", "title": {"en": "Classic"}, "prices": [price], "options": [oil], "duration": "PT1H"}],
        },
    )
    start = (house.now + 3 * DAY).replace(hour=9, minute=0, second=0, microsecond=0)
    at = {"starts_at": start.isoformat(), "ends_at": (start + HOUR).isoformat(), "time_zone": "Europe/Rome"}
    wish = {
        "offer": "massage",
        "variant": "classic",
        "customer": {"name": "Anna Schmidt", "address": CUSTOMER, "language": "de"},
        "occasion": at,
        "choices": [{"price": "hour"}, {"price": "oil"}],
        "staff": "giulia",
    }
    say("Anna tries to book at once, and is told that it is asked for (OR-2)")
    say(house.ask("POST", "/bookings", {**wish, "way": "check_out"}, expect=409)["detail"])
    first = house.ask("POST", "/bookings", {**wish, "way": "request"})["reference"]
    house.mail(GIULIA, first)
    house.mail(CUSTOMER, first)

    say("Giulia writes to her through the form: no address crosses, and the request counts as contacted (OR-24)")
    acts = f"/bookings/{first}/acts"
    house.ask("POST", acts, {"act": "contact", "actor": "partner", "by": "giulia", "reason": "Is your back sore, or your neck?"})
    house.mail(CUSTOMER, first)
    assert not house.ask("GET", "/bookings?contacted=false")["items"]

    say("she books it (OR-25, OR-16, OR-17): the options that were chosen stand in the mail")
    booked = house.ask("POST", acts, {"act": "accept", "actor": "partner", "by": "giulia", "terms_version": 1})
    assert booked["status"]["stage"] == "confirmed", booked["status"]
    assert "Warm oil" in house.mail(CUSTOMER, first).text
    house.mail(GIULIA, first)

    say("a second request is declined, with a reason that Anna reads (OR-36, OR-37)")
    second = house.ask("POST", "/bookings", wish)["reference"]
    house.mail(GIULIA, second)
    house.mail(CUSTOMER, second)
    decline = {"act": "decline", "actor": "partner", "by": "giulia", "reason": "We are on holiday that week."}
    house.ask("POST", f"/bookings/{second}/acts", decline)
    assert "We are on holiday that week." in house.mail(CUSTOMER, second).text

    say("a third waits until its time begins, and expires by itself (OR-34)")
    third = house.ask("POST", "/bookings", wish)["reference"]
    house.mail(GIULIA, third)
    house.mail(CUSTOMER, third)
    house.move(start - house.now + timedelta(minutes=1), "its time begins")
    house.until(lambda: house.ask("GET", f"/bookings/{third}")["status"]["stage"] == "expired", "it does not expire")
    assert third not in str(house.ask("GET", "/bookings")["items"]), "hidden by default (OR-31)"
    assert third in str(house.ask("GET", "/bookings?expired=true")["items"])

    say("it cannot be moved; Anna asks again, and the data are copied (OR-35)")
    moved = {"act": "reschedule", "actor": "support", "by": "support", "terms": {"occasion": at}}
    say(house.ask("POST", f"/bookings/{third}/acts", moved, expect=409)["detail"])
    later = {
        "starts_at": (start + 7 * DAY).isoformat(),
        "ends_at": (start + 7 * DAY + HOUR).isoformat(),
        "time_zone": "Europe/Rome",
    }
    again = house.ask("POST", f"/bookings/{third}/ask-again", {"occasion": later})
    assert again["asked_again_of"] == third

    house.move(HOUR, "the first one is over")
    house.until(lambda: house.ask("GET", f"/bookings/{first}")["status"]["stage"] == "completed", "it is not completed")
    house.rest()
    house.move(8 * DAY, "and a week later its conversation is closed")
    assert house.ask("GET", f"/conversations/{first}")["standing"] in {"over", "closed"}
    say("The end.")
