"""The pages behind links that decide: looking changes nothing, the form acts once, and only what was looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser
from support.bookings import NOW, a_booking, terms
from support.links import CHECKOUT, SECRET, FakeLinks, a_matter, opened

from relay.booking.booking import Actor, Cause, Stage
from relay.booking.lifecycle import NotAllowed
from relay.booking.link import Allows, form_token
from relay.booking.money import Money
from relay.booking.notification import To
from relay.booking.situation import Act, Wish
from relay.booking.terms import Discount, Line, Occasion
from relay.correspondence.house import House
from relay.correspondence.passed_on import CannotCross
from relay.errors import NotDone
from relay.values import Language
from relay.web import links as pages
from relay.web import pages as styles
from relay.web.booking_ports import Letter, Stale
from relay.web.bounds import SECURITY_HEADERS, BoundedBody, SecurityHeaders
from relay.web.link_ports import Opened, Said, Stands, TooMany

PATH = f"/bookings/{SECRET}"
HOUSE = House("Example Travel", "reply.example.com", "https://example.com/support")
HOSTILE = "<script>alert(1)</script> & \"more\" 'x'"
LETTER = Letter("Zofia", "Your request BOAT-1", "Dear Zofia,\n\n", "", ())


def following(links: FakeLinks) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(pages.router(links, HOUSE, lambda: NOW))
    app.include_router(styles.router())
    app.add_middleware(BoundedBody)
    app.add_middleware(SecurityHeaders)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relay.test")


def a_form(**fields: str) -> dict[str, str]:
    version = fields.pop("version", "1")
    return {"does": "act", "version": version, "token": form_token(SECRET, int(version)), **fields}


EVERY_LINK: list[Opened] = [
    opened(Allows.ACCEPT, Act.ACCEPT),
    opened(Allows.ACCEPT, Act.ACCEPT, To.CUSTOMER),
    opened(Allows.DECLINE, Act.DECLINE, letter=LETTER),
    opened(Allows.DECLINE, Act.WITHDRAW, To.CUSTOMER),
    opened(Allows.COUNTER, Act.COUNTER),
    opened(Allows.COUNTER, Act.COUNTER, To.CUSTOMER),
    opened(Allows.COUNTER, Act.PROPOSE),
    opened(Allows.DECLINE, Act.REFUSE, To.CUSTOMER),
    opened(Allows.CONTACT, None, letter=LETTER),
    opened(Allows.ANSWER, None, To.CUSTOMER),
    opened(Allows.PAY, None, To.CUSTOMER),
    opened(Allows.CANCEL, Act.CANCEL, To.CUSTOMER),
    opened(Allows.CANCEL, Act.CANCEL),
    opened(Allows.CANCEL, Act.TAKE_BACK),
    opened(Allows.CANCEL, Act.WITHDRAW, To.CUSTOMER),
    opened(Allows.ASK_AGAIN, None, To.CUSTOMER),
    opened(Allows.BOOKING, None, To.CUSTOMER),
]
NAMES = [f"{one.link.allows.value} {one.act.value if one.act else ''} {one.link.to.value}" for one in EVERY_LINK]


@pytest.mark.parametrize("link", EVERY_LINK, ids=NAMES)
async def test_programs_that_follow_links_change_nothing(link: Opened) -> None:
    """They look at every link of a mail, and some ask by HEAD; nothing in a query acts either."""
    links = FakeLinks({SECRET: link})
    async with following(links) as client:
        for method in ("GET", "HEAD", "OPTIONS"):
            for query in ("", "?does=act", f"?does=act&version=1&token={form_token(SECRET, 1)}", "?sent"):
                await client.request(method, PATH + query)
    assert (links.done, links.written) == ([], [])


@pytest.mark.parametrize("link", EVERY_LINK, ids=NAMES)
async def test_a_program_that_posts_without_having_looked_changes_nothing(link: Opened) -> None:
    forged = ({}, {"does": "act"}, {"does": "act", "version": "1"}, {**a_form(), "token": "0" * 32}, {**a_form(), "version": "2"})
    links = FakeLinks({SECRET: link})
    async with following(links) as client:
        for form in forged:
            answer = await client.post(PATH, data={**form, "text": "x", "reason": "x"})
            assert (answer.status_code, answer.headers["location"]) == (303, SECRET)
    assert (links.done, links.written) == ([], [])


@pytest.mark.parametrize("link", EVERY_LINK, ids=NAMES)
@pytest.mark.parametrize("language", Language)
async def test_every_page_can_be_read_and_used_without_scripts(link: Opened, language: Language) -> None:
    """OR-14: in the person's language, each field with its label, nothing loaded from elsewhere."""
    matter = replace(link.matter, recipient=replace(link.matter.recipient, language=language))
    async with following(FakeLinks({SECRET: replace(link, matter=matter)})) as client:
        answer = await client.get(PATH)
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.text)
    assert f'lang="{language.value}"' in (page.html or "")
    assert page.css("script, img, iframe, object, style, [style], [onclick]") == []
    assert len(page.css("h1")) == 1
    for one in page.css("input:not([type=hidden]), textarea, select"):
        name = one.attributes["id"]
        assert len(page.css(f"label[for='{name}']")) == 1
    assert all(one.attributes.get("method") == "post" and "action" not in one.attributes for one in page.css("form"))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    for name in SECURITY_HEADERS.keys() - {"Content-Security-Policy"}:
        assert name in answer.headers
    assert answer.headers["x-robots-tag"] == "noindex"
    # The browser is told nothing of where to go but home; paying leads to the provider.
    assert ("https:" in policy) is (link.link.allows is Allows.PAY)


@pytest.mark.parametrize(
    "link", [one for one in EVERY_LINK if one.act is not None], ids=[n for n, o in zip(NAMES, EVERY_LINK, strict=True) if o.act]
)
async def test_the_form_does_what_the_link_is_for_and_shows_it_afterwards(link: Opened) -> None:
    """SL-14, SL-22, SL-23, SL-25, OR-4, OR-5: what the page gave along is enough, and reloading does nothing more."""
    links = FakeLinks({SECRET: link})
    async with following(links) as client:
        page = LexborHTMLParser((await client.get(PATH)).text)
        [form, *_] = page.css("form.choice")
        fields = {str(one.attributes["name"]): str(one.attributes.get("value") or "") for one in form.css("input")}
        fields |= {"reason": "Full", "cause": Cause.OPERATIONAL.value}
        answer = await client.post(PATH, data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, SECRET)
        assert len(links.done) == 1
        again = await client.post(PATH, data=fields)
        assert again.status_code == 303
        after = await client.get(PATH)
    assert len(links.done) == 1
    assert after.status_code == 200
    assert LexborHTMLParser(after.text).css("form") == []
    assert links.done[0].version == 1


@pytest.mark.parametrize(
    ("stands", "status"), [(Stands.USED, 200), (Stands.CHANGED, 409), (Stands.CLOSED, 409), (Stands.OVER, 410)]
)
async def test_a_link_that_is_not_open_shows_how_it_stands_and_acts_on_nothing(stands: Stands, status: int) -> None:
    link = opened(stands=stands)
    link = replace(link, link=replace(link.link, used_at=NOW if stands is Stands.USED else None))
    links = FakeLinks({SECRET: link})
    async with following(links) as client:
        answer = await client.get(PATH)
        assert (await client.post(PATH, data=a_form())).status_code == 303
    assert answer.status_code == status
    assert links.done == []
    page = LexborHTMLParser(answer.text)
    assert page.css("form") == []
    assert "Boat tour" in page.text()
    if stands is Stands.USED:
        assert "1 June 2026" in page.text()
    if stands is not Stands.CHANGED:
        assert "not answered yet" in page.text()


async def test_a_link_of_older_terms_shows_what_has_changed() -> None:
    """SL-5: exactly the version that was read is accepted."""
    now = a_booking(Stage.COUNTERED, terms=terms(2, price=Money(12_000, "EUR")), turn=Actor.PARTNER)
    matter = replace(a_matter(now), before=a_booking())
    async with following(FakeLinks({SECRET: opened(stands=Stands.CHANGED, matter=matter)})) as client:
        page = LexborHTMLParser((await client.get(PATH)).text)
    assert "90.00" in page.css("del")[-1].text()
    assert "120.00" in page.css("ins")[-1].text()


async def test_an_unknown_link_says_so_in_the_language_of_the_browser() -> None:
    async with following(FakeLinks()) as client:
        for method in ("GET", "POST"):
            answer = await client.request(method, PATH, headers={"Accept-Language": "xx, de-AT;q=0.8"})
            assert answer.status_code == 404
            assert 'lang="de"' in answer.text


async def test_what_people_wrote_is_shown_as_text() -> None:
    hostile = a_booking(terms=terms(note=HOSTILE, place=HOSTILE, options=(HOSTILE,)))
    matter = replace(a_matter(hostile), other_name=HOSTILE)
    link = opened(Allows.DECLINE, Act.DECLINE, matter=matter, letter=Letter(HOSTILE, HOSTILE, HOSTILE, "", ()))
    async with following(FakeLinks({SECRET: link})) as client:
        answer = await client.get(PATH)
        sent_back = await client.post(PATH, data=a_form(does="write", text=" ", subject=HOSTILE))
    for one in (answer, sent_back):
        assert "<script" not in one.text
        assert "alert(1)" in one.text
        assert "<b>lunch" not in one.text
    assert sent_back.status_code == 422


async def test_declining_tells_why_and_when_else() -> None:
    """SL-24, OR-36, OR-37: a reason as written, other times in the activity's zone and the customer's language."""
    links = FakeLinks({SECRET: replace(opened(Allows.DECLINE, Act.DECLINE, letter=LETTER), reader=Language.DE)})
    async with following(links) as client:
        page = (await client.get(PATH)).text
        await client.post(
            PATH, data=a_form(reason="We are full\r\n<b>sorry</b>", other1="2026-06-22T10:00", other3="2026-06-23T15:30")
        )
    assert "write to the customer first" in page
    assert "Europe/Rome" in page
    [said] = links.done
    first, second, *others = said.text.split("\n")
    assert (first, second) == ("We are full", "<b>sorry</b>")
    assert "22. Juni 2026, 10:00 (Europe/Rome" in others[0]
    assert "23. Juni 2026, 15:30" in others[1]


async def test_the_form_to_decline_has_one_to_write_beside_it() -> None:
    """SL-24: a shortcut to contact; the link to decline stays what it was."""
    links = FakeLinks({SECRET: opened(Allows.DECLINE, Act.DECLINE, letter=LETTER)})
    async with following(links) as client:
        page = LexborHTMLParser((await client.get(PATH)).text)
        assert [one.attributes["value"] for one in page.css("input[name=does]")] == ["act", "write"]
        answer = await client.post(PATH, data=a_form(does="write", subject="Friday?", text="Could you come\r\non Friday?"))
        shown = await client.get(f"/bookings/{answer.headers['location']}")
    assert links.written == ["Friday?\n\nCould you come\non Friday?"]
    assert links.done == []
    assert "on its way" in shown.text


async def test_the_contact_form_is_filled_in_and_can_be_edited() -> None:
    """OR-24: recipient, subject, greeting, details."""
    async with following(FakeLinks({SECRET: opened(Allows.CONTACT, None, letter=LETTER)})) as client:
        page = LexborHTMLParser((await client.get(PATH)).text)
    assert "Zofia" in page.css_first("form").text()
    assert page.css_first("input[name=subject]").attributes["value"] == "Your request BOAT-1"
    assert page.css_first("textarea[name=text]").text().startswith("Dear Zofia,")


async def test_the_pay_page_leads_to_the_checkout() -> None:
    """SL-16: one click from the page, the amount on it."""
    booking = a_booking(Stage.AWAITING_PAYMENT)
    links = FakeLinks({SECRET: opened(Allows.PAY, None, To.CUSTOMER, matter=a_matter(booking, To.CUSTOMER))})
    async with following(links) as client:
        page = await client.get(PATH)
        answer = await client.post(PATH, data=a_form(does="pay"))
    assert "€90.00" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, CHECKOUT)


@pytest.mark.parametrize(("back", "sentence"), [(4_500, "€45.00 goes back"), (0, "Nothing of what was paid goes back")])
async def test_the_page_to_cancel_says_before_what_goes_back(back: int, sentence: str) -> None:
    """SL-B2, SL-29"""
    from support.bookings import paid

    from relay.booking.ledger import account

    booking = a_booking(Stage.CONFIRMED)
    matter = replace(a_matter(booking, To.CUSTOMER), amount=Money(back, "EUR"), account=account([paid()], "EUR"))
    async with following(FakeLinks({SECRET: opened(Allows.CANCEL, Act.CANCEL, To.CUSTOMER, matter=matter)})) as client:
        text = LexborHTMLParser((await client.get(PATH)).text).text()
    assert sentence in text
    assert ("5–10 working days" in text) is (back > 0)


async def test_a_partner_names_the_cause_of_a_cancellation() -> None:
    """GY-B2: what befell them alone they describe."""
    links = FakeLinks({SECRET: opened(Allows.CANCEL, Act.CANCEL)})
    async with following(links) as client:
        for form in ({}, {"cause": "whatever"}, {"cause": Cause.ISOLATED.value}):
            assert (await client.post(PATH, data=a_form(**form))).status_code == 422
        assert links.done == []
        await client.post(PATH, data=a_form(cause=Cause.ISOLATED.value, reason="The engine broke"))
    assert links.done == [Said(1, "The engine broke", None, Cause.ISOLATED)]


async def test_a_house_that_wants_a_reason_has_it_from_the_page() -> None:
    """T9"""
    links = FakeLinks({SECRET: opened(Allows.DECLINE, Act.DECLINE, matter=a_matter(decline_needs_reason=True))})
    async with following(links) as client:
        answer = await client.post(PATH, data=a_form(reason="  "))
    assert answer.status_code == 422
    assert "Please say why" in answer.text
    assert links.done == []


async def test_other_terms_are_offered_by_a_form() -> None:
    """SL-5 to SL-7: date, people, lines, a discount, what is said about it, until when; a comma is a decimal sign too."""
    links = FakeLinks({SECRET: opened(Allows.COUNTER, Act.COUNTER)})
    async with following(links) as client:
        page = LexborHTMLParser((await client.get(PATH)).text)
        assert page.css_first("input[name=begins]").attributes["value"] == "2026-06-21T11:00"
        assert page.css_first("input[name=price0]").attributes["value"] == "90.00"
        form = a_form(
            begins="2026-06-22T10:00",
            ends="2026-06-22T13:00",
            participants="3",
            what0="Boat tour",
            quantity0="2",
            price0="80,50",
            what1="Lunch",
            quantity1="",
            price1="12",
            discount_what="Early",
            discount="5",
            note="With lunch\r\non board",
            valid_until="2026-06-10T12:00",
        )
        await client.post(PATH, data=form)
    [said] = links.done
    assert said.terms is not None
    rome = a_booking().terms.occasion.zone  # type: ignore[union-attr]  it has one
    starts = datetime(2026, 6, 22, 8, 0, tzinfo=UTC)
    assert said.terms.occasion == Occasion(starts, starts + timedelta(hours=3), rome)
    assert said.terms.lines == (Line("Boat tour", 2, Money(8_050, "EUR")), Line("Lunch", 1, Money(1_200, "EUR"), is_extra=True))
    assert said.terms.discounts == (Discount("Early", Money(500, "EUR")),)
    assert (said.terms.participants, said.terms.note) == (3, "With lunch\non board")
    assert said.terms.valid_until == datetime(2026, 6, 10, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"begins": "tomorrow"}, {"begins": "2026-06-22T10:00"}, {"begins": "2026-06-22T10:00", "ends": "2026-06-21T10:00"}),
        *(
            {"what0": "Tour", "price0": "cheap"},
            {"what0": "Tour", "price0": "1.234"},
            {"what0": "Tour", "quantity0": "-1", "price0": "1"},
        ),
        *({"participants": "many"}, {"discount": "abc"}, {"what0": "x" * 5_000, "price0": "1"}, {"begins": "0001-01-01T00:00"}),
        *({"what0": "Tour", "price0": "9" * 40}, {"valid_until": "9999-12-31T23:59"}),
    ],
)
async def test_terms_that_cannot_be_meant_come_back_as_they_were_entered(wrong: dict[str, str]) -> None:
    links = FakeLinks({SECRET: opened(Allows.COUNTER, Act.COUNTER)})
    async with following(links) as client:
        answer = await client.post(PATH, data=a_form(**wrong, note="keep me"))
    assert answer.status_code == 422
    assert "keep me" in answer.text
    assert links.done == []


@pytest.mark.parametrize(
    "trouble",
    [Stale("BOAT-1", 2), NotAllowed(Wish(Act.ACCEPT, Actor.PARTNER, "p"), "no place", ()), NotDone("discount: too much")],
)
async def test_whoever_was_too_late_is_shown_the_page_again(trouble: Exception) -> None:
    """Two clicks at once, or somebody else was faster: nothing is done, and nothing is lost that was entered."""
    links = FakeLinks({SECRET: opened(Allows.DECLINE, Act.DECLINE)}, fails=trouble)
    async with following(links) as client:
        answer = await client.post(PATH, data=a_form(reason="keep me"))
    assert answer.status_code == 409
    assert "keep me" in answer.text


@pytest.mark.parametrize(
    ("trouble", "status", "sentence"),
    [(TooMany("20"), 429, "write again tomorrow"), (CannotCross("it tells"), 422, "write it differently")],
)
async def test_a_text_that_is_not_sent_comes_back(trouble: Exception, status: int, sentence: str) -> None:
    links = FakeLinks({SECRET: opened(Allows.CONTACT, None, letter=LETTER)}, fails=trouble)
    async with following(links) as client:
        answer = await client.post(PATH, data=a_form(does="write", text="keep me"))
    assert answer.status_code == status
    assert sentence in answer.text
    assert "keep me" in answer.text


async def test_a_page_that_was_opened_before_a_change_is_looked_at_again() -> None:
    matter = a_matter(a_booking(version=2))
    links = FakeLinks({SECRET: opened(matter=matter)})
    async with following(links) as client:
        answer = await client.post(PATH, data=a_form(version="1"))
        assert answer.status_code == 409
        assert "look again" in answer.text
        assert links.done == []
        await client.post(PATH, data=a_form(version="2"))
    assert len(links.done) == 1


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&" * 60_000, b"a=1&" * 10_000, b"does=act&does=write", b"does=" + b"x" * 60_000])
async def test_no_form_is_too_hostile(body: bytes) -> None:
    links = FakeLinks({SECRET: opened()})
    async with following(links) as client:
        answer = await client.post(PATH, content=body)
    assert answer.status_code == 303
    assert links.done == []


async def test_a_link_does_nothing_that_it_is_not_for() -> None:
    """Bound to its act: neither writing, nor paying, nor deciding by another one's form."""
    for allows, act, does in (
        *((Allows.ACCEPT, Act.ACCEPT, one) for one in ("write", "pay", "", "x")),
        *((Allows.BOOKING, None, one) for one in ("act", "write", "pay")),
        *((Allows.CONTACT, None, one) for one in ("act", "pay")),
        *((Allows.PAY, None, one) for one in ("act", "write")),
    ):
        links = FakeLinks({SECRET: opened(allows, act)})
        async with following(links) as client:
            await client.post(PATH, data=a_form(does=does, text="x"))
        assert (links.done, links.written) == ([], [])
