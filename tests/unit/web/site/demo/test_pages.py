"""The demonstration's pages: who is who, one click into each role, and mailboxes in which hostile mail does nothing."""

from __future__ import annotations

import re

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from support.demo import FakeSandbox
from support.site import Browser
from support.world import CUSTOMER_ALIAS, PARTNER_ALIAS

from relay.demo.people import MARCO, ZOFIA
from relay.web.site.demo.ports import Character, Enclosure

HOSTILE = (
    b'From: "Eve </title><script>alert(1)</script>" <eve@x.example>\r\n'
    b"Subject: =?utf-8?q?=3C/h1=3E=3Cscript=3Ealert(1)=3C/script=3E?=\r\n"
    b'X-Evil: "><img src=http://evil.example/x>\r\n'
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\n</pre><script>alert(2)</script>\r\n"
    b'--b\r\nContent-Type: text/html\r\n\r\n<p>"&quot;></iframe><script>alert(3)</script><img src="cid:pic"></p>\r\n'
    b"--b\r\nContent-Type: image/png\r\nContent-ID: <pic>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    b'--b\r\nContent-Type: application/pdf; name="<b>.pdf"\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n--b--\r\n'
)
PLAIN = (
    f"From: Marco via Example Travel <{PARTNER_ALIAS}>\r\nSubject: Hello\r\nMessage-ID: <1@reply.example.com>\r\n\r\nHello\r\n"
).encode()
FORM = {"to": str(PARTNER_ALIAS), "subject": "Where?", "text": "Where do we meet?", "enclosure": "nothing", "answers": ""}


@pytest.fixture
def sandbox() -> FakeSandbox:
    return FakeSandbox()


async def page(sandbox: FakeSandbox, path: str) -> LexborHTMLParser:
    answer = await Browser(sandbox.app()).get(path)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


async def test_the_first_page_says_who_is_who_what_to_try_and_how_to_write(sandbox: FakeSandbox) -> None:
    text = " ".join((await page(sandbox, "/")).body.text().split())
    for word in (MARCO.address, ZOFIA.address, str(PARTNER_ALIAS), str(CUSTOMER_ALIAS), "swaks --server 127.0.0.1:2525"):
        assert word in text
    for step in ("Relay a message", "Have one refused", "Read the notice", "Find it as support"):
        assert step in text


async def test_the_program_on_the_page_can_be_run(sandbox: FakeSandbox) -> None:
    [program] = [node.text() for node in (await page(sandbox, "/")).css("pre.program")]
    compile(program, "page", "exec")


@pytest.mark.parametrize(
    ("who", "leads_to"),
    [("partner", "/partner/alpine-tours"), ("customer", "/my"), ("support", "/support"), ("operator", "/operator")],
)
async def test_one_click_is_a_session_in_that_role(sandbox: FakeSandbox, who: str, leads_to: str) -> None:
    answer = await Browser(sandbox.app()).send(f"/demo/as/{who}")
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    secret = answer.cookies["relay-session"]
    assert await sandbox.visitors.viewer(secret) is not None


async def test_whoever_plays_somebody_can_become_somebody_else(sandbox: FakeSandbox) -> None:
    secret = await sandbox.begin(Character.PARTNER, "")
    answer = await Browser(sandbox.app(), secret).send("/demo/as/customer", {"to": "/my/1"})
    assert answer.headers["location"] == "/my/1"
    assert answer.cookies["relay-session"] != secret


async def test_the_cookie_of_a_session_that_is_over_is_in_nobodys_way(sandbox: FakeSandbox) -> None:
    browser = Browser(sandbox.app(), "over")
    shown = LexborHTMLParser((await browser.get("/")).text)
    tokens = {node.attributes["value"] for node in shown.css("input[name=form_token]")}
    async with browser._client() as client:
        answer = await client.post("/demo/as/partner", data={"form_token": tokens.pop()})
    assert answer.status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_no_click_leads_to_another_site(sandbox: FakeSandbox, to: str) -> None:
    assert (await Browser(sandbox.app()).send("/demo/as/customer", {"to": to})).headers["location"] == "/my"


async def test_a_mailbox_holds_what_came_for_its_owner_the_newest_first(sandbox: FakeSandbox) -> None:
    sandbox.contents = [(ZOFIA.address, PLAIN), (MARCO.address, PLAIN), (ZOFIA.address, HOSTILE), ("else@x.example", PLAIN)]
    links = [node.attributes["href"] for node in (await page(sandbox, "/demo/mailbox/customer")).css(".mails a")]
    assert links == ["/demo/mails/3", "/demo/mails/1"]
    assert len((await page(sandbox, "/")).css(".mails a")) == 4
    assert (await Browser(sandbox.app()).get("/demo/mailbox/support")).status_code == 404


async def test_what_is_written_goes_out_as_that_person_and_what_was_answered_is_shown(sandbox: FakeSandbox) -> None:
    sent = {**FORM, "enclosure": "film", "as_stranger": "yes"}
    answer = await Browser(sandbox.app()).send("/demo/mailbox/customer", sent)
    assert answer.headers["location"] == "/demo/answers/1"
    [letter] = sandbox.written
    assert (letter.writer, letter.to, letter.enclosure) == (Character.CUSTOMER, str(PARTNER_ALIAS), Enclosure.FILM)
    assert letter.as_stranger
    assert "250 2.6.0 Accepted" in (await page(sandbox, "/demo/answers/1")).body.text()


@pytest.mark.parametrize(
    ("says", "came_to", "told"),
    [
        ((550, "5.7.1 no"), None, "Refused at once"),
        ((250, "ok"), None, "Taken over"),
        ((250, "ok"), MARCO.address, "It arrived"),
        ((250, "ok"), ZOFIA.address, "a notice came back"),
    ],
)
async def test_the_page_tells_what_became_of_it(
    sandbox: FakeSandbox, says: tuple[int, str], came_to: str | None, told: str
) -> None:
    sandbox.says = says
    await Browser(sandbox.app()).send("/demo/mailbox/customer", FORM)
    if came_to is not None:
        sandbox.contents.append((came_to, PLAIN))
    assert told in (await page(sandbox, "/demo/answers/1")).body.text()


@pytest.mark.parametrize(
    ("field", "value"),
    [("subject", ""), ("text", ""), ("enclosure", "virus"), ("to", "nowhere"), ("subject", "x" * 201), ("text", "x" * 5_001)],
)
async def test_what_cannot_be_sent_stays_in_the_form(sandbox: FakeSandbox, field: str, value: str) -> None:
    answer: httpx.Response = await Browser(sandbox.app()).send("/demo/mailbox/customer", {**FORM, field: value})
    assert answer.status_code == 422
    shown = LexborHTMLParser(answer.text)
    assert shown.css(".wrong")
    assert sandbox.written == []


async def test_a_reply_goes_to_whoever_wrote_in_the_same_thread(sandbox: FakeSandbox) -> None:
    sandbox.contents = [(ZOFIA.address, PLAIN)]
    shown = await page(sandbox, "/demo/mails/1")
    fields = {node.attributes["name"]: node.attributes.get("value") for node in shown.css("main form input[name]")}
    assert fields["to"] == str(PARTNER_ALIAS)
    assert fields["answers"] == "<1@reply.example.com>"
    assert fields["subject"] == "Re: Hello"


async def test_hostile_mail_runs_nothing_and_loads_nothing_from_elsewhere(sandbox: FakeSandbox) -> None:
    sandbox.contents = [(ZOFIA.address, HOSTILE)]
    for path in ("/", "/demo/mails/1"):
        shown = await page(sandbox, path)
        assert [node.attributes.get("src") for node in shown.css("script")] == ["/site.js"]
        assert shown.css("img, object, embed") == []
        links = [node.attributes.get(name) for node in shown.css("[href], [src]") for name in ("href", "src")]
        assert [link for link in links if link and (link.startswith("//") or "evil" in link)] == []
    shown = await page(sandbox, "/demo/mails/1")
    assert shown.css_first("iframe").attributes["sandbox"] in {"", None}
    assert shown.css_first("h1").text() == "</h1><script>alert(1)</script>"
    frame = await Browser(sandbox.app()).get("/demo/mails/1/frame")
    assert "<script" not in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox")


async def test_the_source_is_downloaded_as_it_is(sandbox: FakeSandbox) -> None:
    sandbox.contents = [(ZOFIA.address, HOSTILE)]
    browser = Browser(sandbox.app())
    answer = await browser.get("/demo/mails/1/source")
    assert answer.content == HOSTILE
    assert answer.headers["content-type"] == "message/rfc822"
    assert re.fullmatch(r'attachment; filename="mail-1\.eml"', answer.headers["content-disposition"])
    for path in ("/demo/mails/2", "/demo/mails/2/source", "/demo/mails/2/frame", "/demo/mails/x", "/demo/answers/1"):
        assert (await browser.get(path)).status_code == 404


async def test_what_is_no_mail_is_shown_all_the_same(sandbox: FakeSandbox) -> None:
    sandbox.contents = [(ZOFIA.address, b" ")]
    assert (await page(sandbox, "/demo/mails/1")).css_first("h1").text() == "(no subject)"
