"""Hostile mail in a real browser: nothing runs, nothing is fetched, and the frame holds (LEAK-86, AR-2).

A server of the test's own, on the loopback alone, counts whatever is asked of it; the mails ask it for everything that mail can
ask for. They are shown twice: as pages show them, and, as if nobody had taken anything out, under the frame's policy alone.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Browser, Page
from support.browsing import patience_ms
from support.pictures import a_picture, saved

from relay.web.bounds import SECURITY_HEADERS
from relay.web.site.layout import POLICY
from relay.web.site.mail_frame import FRAME_POLICY, frame

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PNG = b64encode(saved(a_picture(), "PNG")).decode()

HOSTILE = {
    "scripts": """<script>parent.caught=1;fetch('{base}/fetch')</script>
        <img src=x onerror="parent.caught=1;new Image().src='{base}/e'">
        <svg onload="parent.caught=1"><script>fetch('{base}/svg')</script></svg><body onload="fetch('{base}/load')">
        <iframe srcdoc="<script>parent.parent.caught=1;fetch('{base}/srcdoc')</script>"></iframe>
        <details open ontoggle="fetch('{base}/toggle')"><summary>x</summary></details>
        <a href="javascript:parent.caught=1" id=js>Click</a>""",
    "pictures": """<img src="{base}/pixel.gif" width=1 height=1><img srcset="{base}/set 1x">
        <picture><source srcset="{base}/source"><img></picture>
        <input type=image src="{base}/input"><table background="{base}/table"><tr><td background="{base}/cell">x</td></tr></table>
        <video poster="{base}/poster" src="{base}/video" autoplay></video><audio src="{base}/audio" autoplay></audio>
        <svg><image href="{base}/svg-image"/><use href="{base}/use#a"/></svg>
        <object data="{base}/object"></object><embed src="{base}/embed">""",
    "styles": """<style>@import url('{base}/import.css');@font-face{{font-family:x;src:url('{base}/font')}}
        body{{background:url('{base}/body');font-family:x}}p::before{{content:url('{base}/content')}}
        li{{list-style-image:url('{base}/list')}}
        input[value^=a]{{background:url('{base}/leak')}}a{{cursor:url('{base}/cursor'),auto}}</style>
        <link rel=stylesheet href="{base}/link.css"><link rel=preload as=image href="{base}/preload">
        <link rel=prefetch href="{base}/prefetch">
        <p style="background-image:url({base}/p)">x</p><ul><li>y</li></ul><p style="border-image:url({base}/border) 1">z</p>""",
    "ways out": """<meta http-equiv=refresh content="0;url={base}/refresh"><base href="{base}/base/">
        <form id=f action="{base}/form">
        <input name=p value=a autofocus><button>Go</button></form><iframe src="{base}/frame"></iframe>
        <frameset><frame src="{base}/f2"></frameset>
        <a id=out href="{base}/clicked" target=_top ping="{base}/ping">Pay here</a>
        <a id=blank href="{base}/blank" target=_blank>There</a>""",
    "overlay": """<div style="position:fixed;inset:0;width:5000px;height:5000px;z-index:99999;background:red">Sign in</div>
        <style>html,body{{position:fixed;top:-2000px;left:-2000px;width:9000px;height:9000px}}</style><p>under it</p>""",
    "direction": "<p>invoice\u202efdp.exe</p><bdo dir=rtl>txt.eciovni</bdo><p dir=rtl>\u2067abc</p>",
}


@dataclass
class Counting:
    """A server that keeps what was asked for beside the pages that it was given."""

    pages: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    caught: list[str] = field(default_factory=list)
    base: str = ""


@pytest.fixture
def counting() -> Iterator[Counting]:
    found = Counting()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content, headers = found.pages.get(self.path, (b"", {}))
            if self.path not in found.pages and self.path != "/favicon.ico":
                found.caught.append(self.path)
            self.send_response(200 if self.path in found.pages else 404)
            usual = {**SECURITY_HEADERS, "Content-Type": "text/html; charset=utf-8"}
            own = {name.lower(): value for name, value in headers.items()}
            for name, value in {**{name.lower(): value for name, value in usual.items()}, **own}.items():
                self.send_header(name, value)
            if "content-length" not in own:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_HEAD = do_GET  # noqa: N815  (http.server names them so)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_mail(html: str) -> bytes:
    return b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()


async def shown(browser: Browser, counting: Counting, html: str, *, as_it_came: bool) -> Page:
    """A page with that mail in its frame, as the pages of the product have it, once everything in it could act."""
    if as_it_came:
        counting.pages["/frame-of-mail"] = (
            html.encode(),
            {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"},
        )
    else:
        answer = await frame(a_mail(html), str, "en")
        counting.pages["/frame-of-mail"] = (bytes(answer.body), dict(answer.headers))
    outer = (
        '<!doctype html><html lang="en"><title>x</title><h1 id="ours">Ours</h1>'
        '<iframe id="mail" sandbox="" src="/frame-of-mail" title="The mail as HTML" width="600" height="300"></iframe>'
        '<p id="below">Below</p>'
    )
    counting.pages["/page"] = (outer.encode(), {"Content-Security-Policy": POLICY})
    page = await browser.new_page()
    page.set_default_timeout(patience_ms)
    page.on("dialog", lambda dialog: counting.caught.append(f"dialog {dialog.message}"))
    page.context.on("page", lambda opened: counting.caught.append(f"window {opened.url}") if opened is not page else None)
    await page.goto(f"{counting.base}/page", wait_until="load")
    await page.wait_for_timeout(400)
    return page


@pytest.mark.parametrize("as_it_came", [False, True], ids=["written anew", "under the policy alone"])
@pytest.mark.parametrize("kind", [one for one in HOSTILE if one != "direction"])
async def test_nothing_runs_nothing_is_fetched_and_the_frame_holds(
    browser: Browser, counting: Counting, kind: str, as_it_came: bool
) -> None:
    html = f"<p>Shown.</p>{HOSTILE[kind].format(base=counting.base)}"
    page = await shown(browser, counting, html, as_it_came=as_it_came)
    try:
        inside = next(one for one in page.frames if one is not page.main_frame)
        assert "Shown." in await inside.locator("html").inner_text()
        for link in await inside.locator("a, .link").all():
            await link.click(force=True, no_wait_after=True)
        await page.wait_for_timeout(300)
        assert counting.caught == []
        assert await page.evaluate("window.caught === undefined")
        assert page.url == f"{counting.base}/page"
        # What stands over everything in the frame stands over nothing of ours.
        for name in ("ours", "below"):
            top = await page.evaluate(
                "(id) => { const at = document.getElementById(id).getBoundingClientRect();"
                " return document.elementFromPoint(at.left + 5, at.top + 5).id; }",
                name,
            )
            assert top == name
    finally:
        await page.close()


async def test_pictures_that_came_with_it_are_drawn_when_somebody_asks_and_nothing_else(
    browser: Browser, counting: Counting
) -> None:
    html = f'<img id="mine" src="data:image/png;base64,{PNG}"><img src="{counting.base}/pixel.gif">'
    answer = await frame(a_mail(html), str, "en", with_pictures=True)
    counting.pages["/frame-of-mail"] = (bytes(answer.body), dict(answer.headers))
    page = await browser.new_page()
    try:
        await page.goto(f"{counting.base}/frame-of-mail")
        drawn = page.locator("img")
        assert await drawn.count() == 1
        assert counting.caught == []
        assert (await drawn.bounding_box() or {"width": 0})["width"] >= 1
    finally:
        await page.close()


async def test_a_very_large_mail_is_laid_out_in_bearable_time(browser: Browser, counting: Counting) -> None:
    html = f"<table>{('<tr>' + '<td>x</td>' * 100 + '</tr>') * 1_000}</table>"
    page = await shown(browser, counting, html, as_it_came=False)
    try:
        inside = next(one for one in page.frames if one is not page.main_frame)
        assert "It is longer than what is shown here" in await inside.locator("body").inner_text()
        assert await page.locator("#below").is_visible()
    finally:
        await page.close()


async def test_marks_of_direction_turn_nothing_outside_around(browser: Browser, counting: Counting) -> None:
    page = await shown(browser, counting, HOSTILE["direction"], as_it_came=False)
    try:
        assert await page.locator("#below").inner_text() == "Below"
        inside = next(one for one in page.frames if one is not page.main_frame)
        assert "invoice" in await inside.locator("body").inner_text()
    finally:
        await page.close()
