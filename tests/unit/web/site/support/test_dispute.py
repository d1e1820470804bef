"""The pages of a dispute over a real database: AR-1 access audit, AR-2, SV-5, GY-26, GW-55, LEAK-86, invariant 1."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.disputing import RAW, RENDITION, DisputeHouse, fields_of, words_of
from support.world import CUSTOMER_ADDRESS, NOW, PARTNER_ADDRESS

from relay.booking.booking import RequiredAction, Stage
from relay.booking.ledger import Entry, Kind
from relay.booking.money import Money
from relay.conversation import Standing
from relay.store import held, legal_holds
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.casework import Looked
from relay.transit.crossing import Fate
from relay.values import MessageId, Role
from relay.web.bounds import body_octets_max
from relay.web.site.support.changes import BLACK, rows

REASON = "the customer says it never came"
HTML = (
    b"From: Zofia <customer-1@reply.example.com>\r\nSubject: Photos\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    b'<p onclick="x()">Hello <a href="https://evil.example/">there</a> stranger@else.example</p><script>alert(1)</script>'
    b'\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="../plan\xe2\x80\xaefdp.pdf"\r\n\r\n'
    b"%PDF-1\r\n--b--\r\n"
)


@pytest.fixture
async def house(migrated: Path, tmp_path: Path) -> AsyncIterator[DisputeHouse]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield DisputeHouse(store)
    await store.close()


def page_of(message: str, tab: str = "", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"tab": tab, **more}.items() if value)
    return f"/support/messages/{message}?{query}"


async def opened_original(house: DisputeHouse, message: str, tab: str = "original") -> str:
    """The key that a senior gets for a reason."""
    answer = await house.senior.send(f"/support/messages/{message}/original", {"reason": REASON, "tab": tab, "share": "0"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return parse_qs(urlsplit(answer.headers["location"]).query)["key"][0]


async def test_the_screen_shows_a_message_as_it_was_delivered_and_nobodys_address(house: DisputeHouse) -> None:
    """AR-2"""
    conversation = house.opened()
    message, _ = house.came(conversation)
    answer = await house.support.get(f"/support/bookings/{conversation.reference}")
    assert answer.status_code == HTTPStatus.OK
    words = words_of(answer.text)
    assert "Customer → Provider" in words
    assert "Where do we meet? Write to [address]" in words
    assert "+ quoted" in words
    assert "1 × address, text/plain taken out" in words
    assert "z•••@p•••" in words
    for secret in (CUSTOMER_ADDRESS, PARTNER_ADDRESS, "Kowalska", "Bellini", "poczta"):
        assert secret not in answer.text
    assert f"/support/messages/{message}" in answer.text
    assert (await house.support.get(f"/support/conversations/{conversation.reference}")).status_code == HTTPStatus.OK


async def test_only_who_holds_the_office_sees_it_and_each_look_is_in_the_trace(house: DisputeHouse) -> None:
    """AR-1 access audit"""
    conversation = house.opened()
    message, _ = house.came(conversation)
    for path in (f"/support/bookings/{conversation.reference}", page_of(message), "/support/genuine"):
        assert (await house.operator.get(path)).status_code == HTTPStatus.NOT_FOUND
    assert house.audit.entries == []
    await house.support.get(f"/support/bookings/{conversation.reference}")
    await house.support.get(page_of(message))
    seen = [(one.account, one.what, one.object_) for one in house.audit.entries]
    assert seen == [
        ("eva", Looked.VIEW, f"conversation {conversation.reference}"),
        ("eva", Looked.VIEW, f"message {message}"),
    ]
    assert (await house.support.get("/support/bookings/NOTHING")).status_code == HTTPStatus.NOT_FOUND
    assert len(house.audit.entries) == 2


async def test_jumps_lead_to_what_is_blocked_held_and_new(house: DisputeHouse) -> None:
    """AR-2 timeline"""
    conversation = house.opened()
    path = f"/support/bookings/{conversation.reference}"
    await house.support.get(path)
    refused, _ = house.came(conversation, fate=Fate.REFUSED, at=NOW + timedelta(hours=2))
    waits, _ = house.came(conversation, fate=Fate.HELD, at=NOW + timedelta(hours=3))
    page = LexborHTMLParser((await house.support.get(path)).text)
    jumps = {node.text(strip=True): node.attributes["href"] for node in page.css(".jumps a")}
    assert jumps["Blocked1"].endswith(f"#m-{refused}-0")
    assert {name.rstrip("0123456789").strip() for name in jumps} == {"New since you looked", "Blocked", "Held"}
    assert page.css_first(f"#m-{waits}-0 a[href*='release']") is not None
    found = await house.support.get(f"{path}?message={refused}")
    assert found.headers["location"].endswith(f"#m-{refused}-0")


async def test_an_infected_message_is_flagged_and_never_shown_or_handed_out(house: DisputeHouse) -> None:
    """AR-1 infected"""
    conversation = house.opened()
    message, _ = house.came(conversation, fate=Fate.REFUSED, reason="virus")
    page = (await house.senior.get(f"/support/bookings/{conversation.reference}")).text
    assert "Infected" in page
    assert "meet" not in words_of(page)
    asked = await house.senior.send(f"/support/messages/{message}/original", {"reason": REASON})
    assert asked.status_code == HTTPStatus.NOT_FOUND
    for tab in ("customer", "provider", "original", "changes", "headers", "source", "delivery", "checks"):
        shown = await house.senior.get(page_of(message, tab))
        assert shown.status_code == HTTPStatus.OK
        assert "meet" not in words_of(shown.text)
    for path in ("frame", "files/1", "source.eml"):
        assert (await house.senior.get(f"/support/messages/{message}/{path}")).status_code == HTTPStatus.NOT_FOUND


async def test_each_tab_is_there_and_none_tells_support_an_address(house: DisputeHouse) -> None:
    """AR-2 tabs, invariant 1"""
    conversation = house.opened()
    message, _ = house.came(conversation)
    for tab in ("customer", "provider", "original", "changes", "headers", "source", "delivery", "checks"):
        answer = await house.support.get(page_of(message, tab))
        assert answer.status_code == HTTPStatus.OK
        assert LexborHTMLParser(answer.text).css_first(".tabs a[aria-current]") is not None
        for secret in (CUSTOMER_ADDRESS, PARTNER_ADDRESS, "marco@tours.example", "poczta"):
            assert secret not in answer.text
    provider = words_of((await house.support.get(page_of(message, "provider"))).text)
    assert "Where do we meet? Write to [address]" in provider
    customer = words_of((await house.support.get(page_of(message, "customer"))).text)
    assert "Write to <address>" in customer
    assert "They were told nothing about it." in customer
    assert "for who holds that office" in words_of((await house.support.get(page_of(message, "original"))).text)


async def test_who_was_refused_sees_the_notice_on_their_side(house: DisputeHouse) -> None:
    conversation = house.opened()
    message, _ = house.came(conversation, fate=Fate.REFUSED, reason="several_customers")
    page = words_of((await house.support.get(page_of(message, "customer"))).text)
    assert "Notice to the writer: under way" in page
    assert "Nothing of it reached them." in words_of((await house.support.get(page_of(message, "provider"))).text)


async def test_the_original_is_read_with_a_reason_for_ten_minutes_and_by_seniors_alone(house: DisputeHouse) -> None:
    """AR-1 access audit"""
    conversation = house.opened()
    message, _ = house.came(conversation)
    denied = await house.support.send(f"/support/messages/{message}/original", {"reason": REASON})
    assert denied.status_code == HTTPStatus.NOT_FOUND
    silent = await house.senior.send(f"/support/messages/{message}/original", {"reason": "x", "tab": "source", "share": "0"})
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Say why" in silent.text
    assert not any(one.what is Looked.REVEAL for one in house.audit.entries)
    key = await opened_original(house, message)
    assert [one.reason for one in house.audit.entries if one.what is Looked.REVEAL] == [REASON]
    assert CUSTOMER_ADDRESS in (await house.senior.get(page_of(message, "original", key=key))).text
    assert CUSTOMER_ADDRESS in (await house.senior.get(page_of(message, "source", key=key))).text
    assert CUSTOMER_ADDRESS in (await house.senior.get(page_of(message, "changes", key=key))).text
    # The key is that session's, that message's, and ends.
    assert CUSTOMER_ADDRESS not in (await house.support.get(page_of(message, "original", key=key))).text
    other, _ = house.came(conversation, raw=RAW + b"2")
    assert CUSTOMER_ADDRESS not in (await house.senior.get(page_of(other, "original", key=key))).text
    assert CUSTOMER_ADDRESS not in (await house.senior.get(page_of(message, "original", key=f"9{key}"))).text
    house.now += timedelta(minutes=10)
    assert CUSTOMER_ADDRESS not in (await house.senior.get(page_of(message, "original", key=key))).text


async def test_files_and_sources_are_handed_out_with_a_trace(house: DisputeHouse) -> None:
    """AR-1 access audit"""
    conversation = house.opened()
    message, _ = house.came(conversation, rendition=HTML)
    file = await house.support.get(f"/support/messages/{message}/files/1")
    assert file.content == b"%PDF-1"
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment; filename=")
    assert "\u202e" not in file.headers["content-disposition"]
    assert "/" not in file.headers["content-disposition"].replace("*=UTF-8''", "").replace("%2F", "")
    assert (await house.support.get(f"/support/messages/{message}/files/2")).status_code == HTTPStatus.NOT_FOUND
    assert (await house.support.get(f"/support/messages/{message}/files/1?form=original")).status_code == HTTPStatus.NOT_FOUND
    assert (await house.support.get(f"/support/messages/{message}/source.eml")).status_code == HTTPStatus.NOT_FOUND
    key = await opened_original(house, message)
    source = await house.senior.get(f"/support/messages/{message}/source.eml?form=original&key={key}")
    assert source.content == RAW
    downloads = [one.object_ for one in house.audit.entries if one.what is Looked.DOWNLOAD]
    assert downloads == [
        *(f"message {message} file 1 delivered", f"message {message} file 2 delivered"),
        f"message {message} source original",
    ]


async def test_the_html_of_a_message_stands_in_a_frame_of_its_own(house: DisputeHouse) -> None:
    """LEAK-86, AR-2"""
    conversation = house.opened()
    message, _ = house.came(conversation, rendition=HTML)
    page = LexborHTMLParser((await house.support.get(page_of(message, "provider"))).text)
    frame = page.css_first("iframe")
    assert frame.attributes["sandbox"] in {"", None}
    document = await house.support.get(frame.attributes["src"] or "")
    assert document.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    shown = LexborHTMLParser(document.text)
    assert shown.css("script, a[href], [onclick]") == []
    assert "stranger@else.example" not in document.text


async def test_an_address_is_shown_once_to_who_says_why(house: DisputeHouse) -> None:
    """AR-1 access audit, invariant 1"""
    conversation = house.opened()
    path = f"/support/bookings/{conversation.reference}/address/customer"
    assert (await house.support.get(path)).status_code == HTTPStatus.NOT_FOUND
    assert CUSTOMER_ADDRESS not in (await house.senior.get(path)).text
    assert (await house.senior.send(path, {"reason": ""})).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = await house.senior.send(path, {"reason": REASON})
    assert CUSTOMER_ADDRESS in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert [(one.what, one.reason) for one in house.audit.entries] == [(Looked.REVEAL, REASON)]
    assert CUSTOMER_ADDRESS not in (await house.senior.get(path)).text


async def test_the_window_is_extended_closed_and_opened_again_on_what_was_looked_at(house: DisputeHouse) -> None:
    """GY-26: a conversation without a booking."""
    conversation = house.opened()
    here = f"/support/bookings/{conversation.reference}"
    form = fields_of((await house.support.get(f"{here}/act/extend")).text)
    done = await house.support.send(f"{here}/act/extend", form)
    assert done.headers["location"] == f"{here}?told=extend"
    assert "The window is extended." in (await house.support.get(f"{here}?told=extend")).text
    stale = await house.support.send(f"{here}/act/extend", form)
    assert stale.status_code == HTTPStatus.CONFLICT
    assert "somebody else was faster" in stale.text
    assert (await house.support.send(f"{here}/act/extend", {**form, "until": "soon"})).status_code == HTTPStatus.CONFLICT
    fresh = fields_of((await house.support.get(f"{here}/act/extend")).text)
    wrong = await house.support.send(f"{here}/act/extend", {**fresh, "until": "soon"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'aria-invalid="true"' in wrong.text
    closing = fields_of((await house.support.get(f"{here}/act/close")).text)
    await house.support.send(f"{here}/act/close", closing)
    found = await house.ports.conversations.one(conversation.reference)
    assert found.standing(house.now) is Standing.CLOSED
    again = fields_of((await house.support.get(f"{here}/act/reopen")).text)
    await house.support.send(f"{here}/act/reopen", again)
    found = await house.ports.conversations.one(conversation.reference)
    assert found.standing(house.now) is Standing.OPEN
    assert (await house.support.get(f"{here}/act/nothing")).status_code == HTTPStatus.NOT_FOUND
    assert (await house.browser().get(f"{here}/act/close")).status_code == HTTPStatus.NOT_FOUND


async def test_a_message_that_was_held_is_let_out_or_returned_by_a_page_that_says_what_it_does(house: DisputeHouse) -> None:
    """GW-55"""
    conversation = house.opened()
    message, _ = house.came(conversation, fate=Fate.HELD)
    path = f"/support/queue/{message}-0/release?booking={conversation.reference}"
    page = await house.support.get(path)
    assert "It goes to the other party as it stands now." in page.text
    assert "part 2 application/pdf" in page.text
    done = await house.support.send(path)
    assert done.headers["location"].startswith(f"/support/bookings/{conversation.reference}?told=released")
    share = await house.store.read(lambda connection: held.one(connection, MessageId(message), 0))
    assert share is None
    assert (await house.support.send(path)).status_code == HTTPStatus.NOT_FOUND


async def test_a_mail_under_way_is_stopped_and_let_out_again(house: DisputeHouse) -> None:
    conversation = house.opened()
    _, (delivery,) = house.came(conversation)
    stop = f"/support/queue/{delivery.id}/hold?booking={conversation.reference}"
    assert (await house.support.get(stop)).status_code == HTTPStatus.OK
    assert (await house.support.send(stop)).headers["location"].startswith("/support/bookings/")
    queued = await house.ports.queue.one(delivery.id)
    assert queued.state == "held"
    again = await house.support.send(stop)
    assert again.status_code == HTTPStatus.CONFLICT
    assert "It was not done." in again.text


async def test_support_cannot_cancel_what_is_done_and_refers_with_one_click(house: DisputeHouse) -> None:
    """SV-5"""
    booking = house.bookings.put(Stage.CONFIRMED, action=RequiredAction.DONE)
    house.opened(booking.reference)
    path = f"/support/bookings/{booking.reference}/act/cancel"
    page = await house.support.get(path)
    assert page.status_code == HTTPStatus.CONFLICT
    assert "binds them to the provider" in page.text
    forced = await house.support.send(path, {"version": "1", "reason": "please"})
    assert forced.status_code == HTTPStatus.CONFLICT
    form = fields_of(page.text, f"/support/bookings/{booking.reference}/act/refer")
    done = await house.support.send(f"/support/bookings/{booking.reference}/act/refer", form)
    assert done.headers["location"].endswith("?told=refer")
    assert [one.act for one in house.bookings.steps[booking.reference]] == ["refer to the partner"]
    assert house.bookings.steps[booking.reference][0].by == "account eva"


async def test_support_cancels_and_refunds_the_version_that_was_looked_at(house: DisputeHouse) -> None:
    """SV-6, SL-28"""
    paid = Entry(Kind.PAID, Money(9_000, "EUR"), NOW, "e1", "p1", "card")
    booking = house.bookings.put(Stage.CONFIRMED, paid, action=RequiredAction.OPEN)
    house.opened(booking.reference)
    here = f"/support/bookings/{booking.reference}"
    refund = fields_of((await house.support.get(f"{here}/act/refund")).text)
    assert refund["amount"] == "90.00"
    wrong = await house.support.send(f"{here}/act/refund", {**refund, "amount": "a lot"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="a lot"' in wrong.text
    too_much = await house.support.send(f"{here}/act/refund", {**refund, "amount": "90.01"})
    assert too_much.status_code == HTTPStatus.CONFLICT
    assert (await house.support.send(f"{here}/act/refund", {**refund, "amount": "10,50"})).headers["location"].endswith("refund")
    cancel = fields_of((await house.support.get(f"{here}/act/cancel")).text)
    stale = await house.support.send(f"{here}/act/cancel", {**cancel, "version": "1", "reason": "storm"})
    assert stale.status_code == HTTPStatus.CONFLICT
    assert "storm" in stale.text
    assert (await house.support.send(f"{here}/act/cancel", {**cancel, "reason": "storm"})).headers["location"].endswith("cancel")
    assert house.bookings.kept[booking.reference].stage is Stage.CANCELLED


async def test_notes_and_evidence_go_into_the_case(house: DisputeHouse) -> None:
    """AR-2 side panel"""
    conversation = house.opened()
    message, _ = house.came(conversation)
    house.cases.references.add(conversation.reference)
    here = f"/support/bookings/{conversation.reference}"
    await house.cases.open(conversation.reference, "guide did not show", "eva", None, "eva")
    page = (await house.support.get(here)).text
    assert "guide did not show" in page
    kept = await house.support.send(f"{here}/evidence", {"case": "1", "message": message})
    assert kept.headers["location"].endswith(f"#m-{message}-0")
    assert "In the basket" in (await house.support.get(here)).text
    assert (await house.support.send(f"{here}/notes", {"case": "1", "note": ""})).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await house.support.send(f"{here}/notes", {"case": "1", "note": "called the guide"})
    assert "called the guide" in (await house.support.get(here)).text
    assert (await house.browser().send(f"{here}/notes", {"case": "1", "note": "x"})).status_code == HTTPStatus.NOT_FOUND


async def test_the_whole_case_is_reached_by_keys(house: DisputeHouse) -> None:
    """AR-2 keyboard"""
    conversation = house.opened()
    house.came(conversation)
    house.cases.references.add(conversation.reference)
    await house.cases.open(conversation.reference, "guide did not show", "eva", None, "eva")
    page = LexborHTMLParser((await house.senior.get(f"/support/bookings/{conversation.reference}")).text)
    row = page.css_first("[data-keys] [data-row][id^=m-]")
    assert row.css_first("a[data-open]") is not None
    assert {node.attributes["data-key"] for node in row.css("[data-key]")} == {"r", "e"}
    assert page.css_first("textarea[data-key=n]") is not None
    assert page.css_first("input[type=search]") is not None


async def test_a_mail_that_somebody_shows_is_compared(house: DisputeHouse) -> None:
    """AR-2 box"""
    conversation = house.opened()
    message, _ = house.came(conversation)
    shown = await house.support.send("/support/genuine", {}, files={"mail": ("a.eml", RENDITION, "message/rfc822")})
    assert "Identical: octet for octet" in shown.text
    assert f"/support/messages/{message}" in shown.text
    changed = RENDITION.replace(b"bridge", b"station")
    shown = await house.support.send("/support/genuine", {}, files={"mail": ("a.eml", changed, "message/rfc822")})
    page = LexborHTMLParser(shown.text)
    assert [node.text() for node in page.css("ins")] == ["> At the station."]
    assert [node.text() for node in page.css("del")] == ["> At the bridge."]
    proof = hashlib.sha256(RAW).hexdigest()
    named = {"text": proof, "booking": conversation.reference}
    assert "Identical" in (await house.support.send("/support/genuine", named)).text
    assert "Not ours" in (await house.support.send("/support/genuine", {**named, "text": "Give me a hundred euros"})).text


async def test_what_cannot_be_compared_is_asked_for_again(house: DisputeHouse) -> None:
    for fields, told in (
        ({}, "Choose a mail, or paste a text"),
        ({"text": "hello"}, "the booking has to be named"),
        ({"text": "hello", "booking": "NOTHING"}, "There is no booking with this reference"),
    ):
        answer = await house.support.send("/support/genuine", fields)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert told in answer.text
        assert fields.get("text", "") in answer.text


async def test_a_mail_may_be_as_large_as_those_that_are_taken_over_and_other_forms_may_not(house: DisputeHouse) -> None:
    large = RENDITION + b"x" * (2 * body_octets_max)
    answer = await house.support.send("/support/genuine", {}, files={"mail": ("a.eml", large, "message/rfc822")})
    assert answer.status_code == HTTPStatus.OK
    beyond = b"x" * (house.message_octets_max + 1)
    answer = await house.support.send("/support/genuine", {}, files={"mail": ("a.eml", beyond, "message/rfc822")})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    far = b"x" * (house.message_octets_max + 2 * body_octets_max)
    answer = await house.support.send("/support/genuine", {}, files={"mail": ("a.eml", far, "message/rfc822")})
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    elsewhere = await house.support.send("/support/bookings/X/notes", {}, files={"mail": ("a.eml", large, "message/rfc822")})
    assert elsewhere.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_what_was_taken_out_is_black_to_who_may_not_read_it() -> None:
    """AR-2, the tab Changes"""
    [row] = [one for one in rows("Call me: 600 700 800\nBye", "Call me: [phone]\nBye", reveal=False) if one.is_changed]
    assert "".join(one.text for one in row.left) == f"Call me: {BLACK}"
    assert "".join(one.text for one in row.right) == "Call me: [phone]"
    [row] = [one for one in rows("Call me: 600 700 800\nBye", "Call me: [phone]\nBye", reveal=True) if one.is_changed]
    assert "".join(one.text for one in row.left) == "Call me: 600 700 800"
    assert rows("same", "same", reveal=True) == ()


async def test_the_other_side_is_told_in_the_readers_language_and_roles_are_turned(house: DisputeHouse) -> None:
    conversation = house.opened()
    message, _ = house.came(conversation, writer=Role.PARTNER)
    page = LexborHTMLParser((await house.support.get(page_of(message))).text)
    current = page.css_first(".tabs a[aria-current]")
    assert current.text(strip=True) == "As the customer saw it"


async def test_the_header_says_that_it_is_under_legal_hold_and_who_answers_for_that(house: DisputeHouse) -> None:
    """AR-1 holds, AR-2"""
    conversation = house.opened()
    address = f"/support/bookings/{conversation.reference}"
    before = await house.support.get(address)
    assert "Legal hold" not in words_of(before.text)
    wanted = legal_holds.Placing(reason="claim", owner="Eva", review_at=NOW + timedelta(days=9), reference=conversation.reference)
    house.world.write(lambda connection: legal_holds.place(connection, wanted, by="eva", now=NOW))
    shown = words_of((await house.support.get(address)).text)
    assert "HOLD Legal hold 1 · Eva · to be reviewed" in shown
    assert "Legal hold: nothing of it is erased" in shown
