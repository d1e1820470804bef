"""The demonstration's pages: hostile mail is shown, and does nothing."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser
from support.web import Web
from support.world import CUSTOMER_ADDRESS, CUSTOMER_ALIAS, PARTNER_ADDRESS, PARTNER_ALIAS

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
PLAIN = b"From: Zofia via Example Travel <customer-12ab3456cd78@reply.example.com>\r\nSubject: Hello\r\n\r\nHello\r\n"


async def page(path: str, *mails: bytes) -> LexborHTMLParser:
    async with Web(mails=mails).client(token=None) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return LexborHTMLParser(answer.text)


async def test_the_overview_says_who_is_who_and_how_to_write() -> None:
    text = (await page("/")).body.text()
    for word in (PARTNER_ADDRESS, CUSTOMER_ADDRESS, str(PARTNER_ALIAS), str(CUSTOMER_ALIAS), "swaks --server 127.0.0.1:2525"):
        assert word in text
    assert "Nothing yet" in text


async def test_the_program_on_the_page_can_be_run() -> None:
    blocks = [node.text() for node in (await page("/")).css("pre")]
    [program] = [block for block in blocks if "smtplib" in block]
    compile(program, "page", "exec")


async def test_mail_is_listed_the_newest_first() -> None:
    links = [(node.attributes["href"], node.text()) for node in (await page("/", PLAIN, HOSTILE)).css(".mails a")]
    assert [href for href, _ in links] == ["/sandbox/2", "/sandbox/1"]
    assert "Zofia via Example Travel" in links[1][1]


async def test_no_page_runs_a_script_or_loads_anything_from_elsewhere() -> None:
    for path in ("/", "/sandbox/1"):
        shown = await page(path, HOSTILE)
        assert shown.css("script, img, form, object, embed") == []
        links = [node.attributes.get(name) for name in ("href", "src") for node in shown.css(f"[{name}]")]
        assert all(link and link.startswith("/") and not link.startswith("//") for link in links)


async def test_the_html_of_a_mail_stands_in_a_frame_that_may_do_nothing() -> None:
    frame = (await page("/sandbox/1", HOSTILE)).css_first("iframe")
    assert frame.attributes["sandbox"] in {"", None}
    assert frame.attributes["src"] == "/sandbox/1/frame?pictures=yes"
    shown = await page("/sandbox/1/frame?pictures=yes", HOSTILE)
    assert shown.css("script, iframe") == []
    assert [node.attributes["src"] for node in shown.css("img")] == ["data:image/png;base64,iVBORw0KGgo="]
    assert (await page("/sandbox/1/frame", HOSTILE)).css("img") == []


async def test_a_mail_is_shown_with_its_headers_text_and_files() -> None:
    shown = await page("/sandbox/1", HOSTILE)
    headers = {node.text() for node in shown.css("dl.headers dt")}
    assert {"From", "Subject", "X-Evil"} <= headers
    assert shown.css_first("h1").text() == "</h1><script>alert(1)</script>"
    assert "</pre><script>alert(2)</script>" in shown.css_first("pre.text").text()
    assert [node.text() for node in shown.css("li")] == ["<b>.pdf application/pdf, 4 octets"]


async def test_the_source_is_downloaded_as_it_is() -> None:
    async with Web(mails=[HOSTILE]).client(token=None) as client:
        answer = await client.get("/sandbox/1/source")
        assert answer.content == HOSTILE
        assert answer.headers["content-type"] == "message/rfc822"
        assert re.fullmatch(r'attachment; filename="mail-1\.eml"', answer.headers["content-disposition"])
        assert (await client.get("/sandbox/2")).status_code == 404
        assert (await client.get("/sandbox/2/source")).status_code == 404
        assert (await client.get("/sandbox/x")).status_code == 422


async def test_what_is_no_mail_is_shown_all_the_same() -> None:
    shown = await page("/sandbox/1", b" ")
    assert shown.css_first("h1").text() == "(no subject)"
