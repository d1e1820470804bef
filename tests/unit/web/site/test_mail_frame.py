"""Mail on pages: hostile HTML becomes words and looks, and nothing else (LEAK-86, AR-2)."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest
from selectolax.lexbor import LexborHTMLParser

from relay.web.site import inert as inert_module
from relay.web.site.inert import Picture, inert
from relay.web.site.mail_frame import FRAME_POLICY, frame, mail_shown, plain_name, words_shown

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
GIF = b"GIF89a" + b"\0" * 40
FORBIDDEN = "script,svg,math,iframe,object,embed,form,input,link,base,video,audio,template,noscript,meta[http-equiv]"


def a_mail(html: str, *more: bytes, text: str = "") -> bytes:
    parts = [f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}".encode()]
    if text:
        parts.insert(0, f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode())
    body = b"".join(b"\r\n--b\r\n" + part for part in (*parts, *more))
    return (
        b"From: a@x.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n"
        + body
        + b"\r\n--b--\r\n"
    )


def attached(media_type: str, octets: bytes, *headers: str) -> bytes:
    head = "\r\n".join((f"Content-Type: {media_type}", "Content-Transfer-Encoding: base64", *headers))
    return head.encode() + b"\r\n\r\n" + b64encode(octets)


async def document(content: bytes, *, with_pictures: bool = False) -> str:
    return bytes((await frame(content, str, "en", with_pictures=with_pictures)).body).decode()


async def written(html: str, *more: bytes, with_pictures: bool = False) -> LexborHTMLParser:
    return LexborHTMLParser(await document(a_mail(html, *more), with_pictures=with_pictures))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        '<img src=x onerror="alert(1)">',
        '<svg><script>alert(1)</script><animate onbegin="alert(1)"/></svg>',
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
        '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
        '<iframe src="https://evil.example/"></iframe>',
        '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/y">',
        '<form action="https://evil.example/take"><input name="p"><button formaction="javascript:alert(1)">Go</button></form>',
        '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
        '<base href="https://evil.example/">',
        '<link rel="stylesheet" href="https://evil.example/x.css">',
        '<link rel="dns-prefetch" href="//evil.example">',
        '<img src="https://evil.example/pixel.gif" width="1" height="1">',
        '<img srcset="https://evil.example/a 1x">',
        '<table background="https://evil.example/a.png"><tr><td background="//evil.example/b">x</td></tr></table>',
        '<body background="https://evil.example/c.png" onload="alert(1)">x</body>',
        '<video poster="https://evil.example/p" src="https://evil.example/v" autoplay></video><audio src="//evil.example/a">',
        '<a href="javascript:alert(1)" ping="https://evil.example/ping">x</a>',
        '<style>@import "https://evil.example/x.css"; @font-face { font-family: x; src: url(https://evil.example/f) }</style>',
        "<style>body { background: url(https://evil.example/x) } @media all { p { content: url(//evil.example/y) } }</style>",
        '<p style="background-image: url(https://evil.example/a.png)">x</p>',
        '<p style="background: u\\72l(https://evil.example/a.png)">x</p>',
        '<p style="position: fixed; top: 0; left: 0; width: 100vw; height: 100vh; z-index: 9999">Sign in here</p>',
        "<style></style><script>alert(1)</script></style>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><script>alert(1)</script></template>",
        '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+">',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<xmp><script>alert(1)</script></xmp>",
        "<!--[if mso]><script>alert(1)</script><![endif]-->",
    ],
)
async def test_nothing_that_runs_fetches_or_leads_anywhere_is_left(hostile: str) -> None:
    for with_pictures in (False, True):
        page = await written(hostile, with_pictures=with_pictures)
        assert page.css(FORBIDDEN) == []
        assert page.css("img") == []
        for node in page.css("*"):
            for name, value in node.attributes.items():
                assert not name.startswith("on")
                assert name not in {"href", "src", "srcset", "background", "action", "formaction", "ping", "poster", "data"}
                assert name == "title" or "url(" not in (value or "")
        styles = "".join(node.text() for node in page.css("style"))
        for word in ("url(", "@import", "@font-face", "position", "\\"):
            assert word not in styles
        assert not any("position" in (node.attributes["style"] or "") for node in page.css("[style]"))


async def test_a_link_is_read_and_not_followed() -> None:
    page = await written('<p>See <a href="https://shop.example/a?b=1">our shop</a></p>')
    assert page.css("a") == []
    assert [(node.text(), node.attributes["title"]) for node in page.css(".link")] == [("our shop", "https://shop.example/a?b=1")]


async def test_the_frame_has_a_policy_of_its_own() -> None:
    without = await frame(a_mail("<p>x</p>"), str, "en")
    assert without.headers["content-security-policy"] == FRAME_POLICY
    directives = dict(one.strip().partition(" ")[::2] for one in FRAME_POLICY.split(";"))
    assert directives["sandbox"] == ""
    assert directives["default-src"] == "'none'"
    assert "img-src" not in directives
    assert without.headers["x-frame-options"] == "SAMEORIGIN"
    shown = await frame(a_mail("<p>x</p>"), str, "en", with_pictures=True)
    assert shown.headers["content-security-policy"].endswith("img-src data:")


async def test_pictures_that_came_with_it_are_shown_when_somebody_asks() -> None:
    html = '<p>Map: <img src="cid:map" alt="The way"> <img src="https://evil.example/x.png" alt="Logo"></p>'
    content = a_mail(html, attached("image/png", PNG, "Content-ID: <map>"))
    assert mail_shown(content).has_pictures
    without = LexborHTMLParser(await document(content))
    assert [node.text() for node in without.css(".picture")] == ["[Picture, not loaded: The way]", "[Picture, not loaded: Logo]"]
    page = LexborHTMLParser(await document(content, with_pictures=True))
    assert [node.attributes["src"] for node in page.css("img")] == [f"data:image/png;base64,{b64encode(PNG).decode()}"]
    assert [node.text() for node in page.css(".picture")] == ["[Picture, not loaded: Logo]"]


async def test_what_is_no_picture_is_not_shown_as_one() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    for part in (attached("image/svg+xml", svg, "Content-ID: <map>"), attached("image/png", svg, "Content-ID: <map>")):
        assert (await written('<img src="cid:map">', part, with_pictures=True)).css("img") == []
    gif = f'<img src="data:image/gif;base64,{b64encode(GIF).decode()}">'
    assert len((await written(gif, with_pictures=True)).css("img")) == 1
    assert (await written(gif)).css("img") == []


def test_pictures_are_shown_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inert_module, "picture_octets_max", len(PNG) + 1)
    page = inert('<img src="cid:a"><img src="cid:a">', {"a": Picture("image/png", PNG)}, str, with_pictures=True)
    assert page.body.count("<img") == 1


async def test_looks_are_kept() -> None:
    page = await written(
        "<style>.big { font-size: 2em }</style><body bgcolor='#eee'><table width='600'><tr><td style='color: red' class='big'>Red"
    )
    assert page.css_first("td").attributes == {"style": "color:red", "class": "c1"}
    assert ".c1{font-size:2em}" in "".join(node.text() for node in page.css("style"))
    assert page.css_first("table").attributes["width"] == "600"
    assert page.css_first("body > div").attributes["bgcolor"] == "#eee"


async def test_a_large_table_is_cut_in_bearable_time() -> None:
    began = time.monotonic()
    page = await document(
        a_mail(f"<table>{'<tr>' + '<td>x</td>' * 100 + '</tr>' * 1}{('<tr>' + '<td>x</td>' * 100 + '</tr>') * 1000}</table>")
    )
    assert time.monotonic() - began < 10
    assert "It is longer than what is shown here" in page
    assert page.count("<td>") <= inert_module.nodes_max
    assert LexborHTMLParser(page).css("table table") == []


async def test_depth_is_bounded() -> None:
    page = await document(a_mail("<table><tr><td>" * 2_000 + "deep"))
    assert page.count("<table>") <= inert_module.depth_max
    assert "deep" in page
    assert "too large or too deeply nested" in await document(a_mail("<div>" * 200_000 + "deep"))


async def test_names_that_turn_around_are_shown_as_they_are() -> None:
    assert plain_name("invoice\u202efdp.exe") == "invoicefdp.exe"
    content = a_mail(
        "<p>x</p>",
        attached("application/octet-stream", b"MZ", "Content-Disposition: attachment; filename*=utf-8''in%E2%80%AEfdp.exe"),
    ).replace(b"Subject: Hello", "Subject: Refund \u202edaid".encode())
    shown = mail_shown(content)
    assert shown.subject == "Refund daid"
    assert [file.name for file in shown.files] == ["infdp.exe"]


def test_a_mail_is_its_text_its_files_and_whether_there_is_html() -> None:
    inner = b"From: a@x.example\r\nSubject: Inner\r\n\r\nInner words\r\n"
    content = a_mail(
        "<p>Hello</p>", attached("application/pdf", b"%PDF-1"), b"Content-Type: message/rfc822\r\n\r\n" + inner, text="Hello"
    )
    shown = mail_shown(content)
    assert (shown.text.strip(), shown.has_html, shown.has_pictures) == ("Hello", True, False)
    assert [(file.number, file.media_type) for file in shown.files] == [(1, "application/pdf"), (2, "message/rfc822")]
    assert words_shown(a_mail("<p>Only <b>HTML</b></p>")).split() == ["Only", "HTML"]


def test_what_is_no_mail_is_shown_all_the_same() -> None:
    shown = mail_shown(b" ")
    assert (shown.is_mail, shown.has_html, shown.files) == (False, False, ())
