"""Payments and refunds at localstripe, which is none of ours: what it says is read as Stripe's is.

It knows no checkouts, keeps no idempotency keys and tells nothing of refunds: that is what support/stripe.py is for.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from support.gateway import free_port
from support.listening import until_it_listens
from support.patience import patience_s
from support.stripe import KEY, SECRET

from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.payments.happening import Happening
from relay.payments.provider import Refunded, Return
from relay.payments.stripe import Stripe

pytestmark = pytest.mark.slow

_SERVER: Final = """
import sys
from aiohttp import web
from localstripe.resources import store
from localstripe.server import app
store.dump_to_disk = lambda: None  # it would write into /tmp
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
"""Its own command listens on every interface."""

Told = tuple[bytes, dict[str, str]]


@pytest.fixture(scope="module")
def localstripe() -> Iterator[str]:
    """Where it answers."""
    pytest.importorskip("localstripe", reason="localstripe is not installed")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _SERVER, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until_it_listens(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def told() -> Iterator[tuple[str, Queue[Told]]]:
    """Where it sends its messages, and those that came."""
    came: Queue[Told] = Queue()

    class Endpoint(BaseHTTPRequestHandler):
        """Takes all of them."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 -- its name in the base class

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asked(at: str, path: str, **given: str) -> dict[str, Any]:
    request = urllib.request.Request(at + path, urlencode(given).encode(), {"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=patience_s) as answer:
        found = answer.read()
    return dict(json.loads(found)) if found else {}


def paid(at: str, card: str = "4242424242424242") -> str:
    expires = {"card[exp_month]": "12", "card[exp_year]": str(time.gmtime().tm_year + 1), "card[cvc]": "123"}
    method = asked(at, "/v1/payment_methods", type="card", **{"card[number]": card}, **expires)
    intent = {"amount": "9000", "currency": "eur", "payment_method": method["id"], "metadata[relay_booking]": "BOAT-1"}
    made = asked(at, "/v1/payment_intents", **intent)
    asked(at, f"/v1/payment_intents/{made['id']}/confirm")
    return str(made["id"])


async def test_a_payment_that_it_tells_of_is_read_and_refunded_in_parts(localstripe: str, told: tuple[str, Queue[Told]]) -> None:
    """T12, T23"""
    url, came = told
    asked(localstripe, "/_config/webhooks/relay", url=url, secret=SECRET)
    stripe = Stripe(KEY, SECRET, localstripe)
    payment = paid(localstripe)
    [happening] = stripe.read(*came.get(timeout=patience_s))
    assert isinstance(happening, Happening)
    assert (happening.kind, happening.payment, happening.booking) == (Kind.PAID, payment, "BOAT-1")
    assert happening.amount == Money(9_000, "EUR")
    first = Return("r1", "BOAT-1", payment, Money(2_500, "EUR"))
    refunded = await stripe.refund(first)
    assert isinstance(refunded, Refunded)
    again = Return("r1", "BOAT-1", payment, Money(2_500, "EUR"), is_repeated=True)
    assert await stripe.refund(again) == refunded
    await stripe.close()
