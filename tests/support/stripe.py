"""A Stripe for tests, on a port of its own of the loopback interface: checkouts, refunds, idempotency keys, disputes, messages.

What people do at Stripe are methods here: `pay`, `decline`, `dispute`. What Stripe would tell is kept in `events`; `messages` are
they as they would be sent, signed. Source: https://docs.stripe.com/api
"""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from stripe import WebhookSignature

KEY: Final = "sk_test_only_for_tests"
SECRET: Final = "whsec_only_for_tests"
_shortest_s: Final = 30 * 60
_longest_s: Final = 24 * 3600


class Trouble(Enum):
    """What happens to a request instead of an answer."""

    LOST = "done, and the answer is lost"
    CUT = "cut before it is read"
    BROKEN = "status 500, nothing done"
    BUSY = "status 429, nothing done"


class Refusal(Exception):
    """An error of Stripe's, with its HTTP status."""

    def __init__(self, status: int, code: str, kind: str = "invalid_request_error") -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": f"what {code} means, in words"}}


@dataclass
class FakeStripe:
    """Everything that Stripe knows. `balance`: what refunds are paid from. Without it they fail; they wait if `refunds_wait`."""

    port: int = 0
    balance: int = 10**9
    refunds_wait: bool = False
    delay_s: float = 0.0
    troubles: deque[Trouble] = field(default_factory=deque)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and idempotency key of each request that was read."""
    told: list[dict[str, Any]] = field(default_factory=list)
    """What was asked for, in the same order."""
    _answers: dict[str, tuple[Mapping[str, Any], int, dict[str, Any]]] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # What people do at Stripe

    def pay(self, session: str, *, later: bool = False) -> str:
        """Whoever looks at that page pays; with `later` it takes days until that is decided. The payment's id."""
        with self._lock:
            one = self._open(session)
            intent = self._intent(one)
            one["status"], one["payment_status"] = "complete", "unpaid" if later else "paid"
            if later:
                self._tell("checkout.session.completed", one)
                self._tell("payment_intent.processing", intent)
            else:
                self._captured(intent)
                self._tell("checkout.session.completed", one)
            return str(intent["id"])

    def settle(self, session: str, *, well: bool) -> None:
        """What was to be decided later is decided."""
        with self._lock:
            one = self.sessions[session]
            intent = self.intents[one["payment_intent"]]
            if well:
                one["payment_status"] = "paid"
                self._captured(intent)
            else:
                self._tell("payment_intent.payment_failed", {**intent, "latest_charge": self._new("ch")})
            self._tell(f"checkout.session.async_payment_{'succeeded' if well else 'failed'}", one)

    def decline(self, session: str) -> None:
        """A card is refused; whoever looks at the page may try another."""
        with self._lock:
            intent = self._intent(self._open(session))
            self._tell("payment_intent.payment_failed", {**intent, "latest_charge": self._new("ch")})

    def run_out(self, session: str) -> None:
        """Nobody paid in time."""
        with self._lock:
            self._expired(self._open(session))

    def refund_by_hand(self, intent: str, amount: int) -> str:
        """Somebody of the house gives money back on Stripe's own pages."""
        return str(self._refund({"payment_intent": intent, "amount": amount})["id"])

    def bounce(self, refund: str, reason: str = "expired_or_canceled_card") -> None:
        """A bank does not take it, days later."""
        with self._lock:
            one = self.refunds[refund]
            one["status"], one["failure_reason"] = "failed", reason
            self._tell("refund.updated", one)
            self._tell("refund.failed", one)

    def top_up(self, amount: int) -> None:
        """The balance suffices again, and what waited goes."""
        with self._lock:
            self.balance += amount
            for one in self.refunds.values():
                if one["status"] == "pending" and one["amount"] <= self.balance:
                    self.balance -= one["amount"]
                    one["status"], one["pending_reason"] = "succeeded", None
                    self._tell("refund.updated", one)

    def dispute(self, intent: str, amount: int) -> str:
        """The customer's bank takes it back for now."""
        with self._lock:
            one = {"id": self._new("du"), "object": "dispute", "amount": amount, "currency": self.intents[intent]["currency"]}
            one |= {"payment_intent": intent, "status": "needs_response"}
            self._tell("charge.dispute.created", one)
            self._tell("charge.dispute.funds_withdrawn", one)
            return str(one["id"])

    def decide(self, dispute: str, *, won: bool) -> None:
        """The bank decides about a dispute."""
        with self._lock:
            [one, *_] = [event["data"]["object"] for event in self.events if event["data"]["object"]["id"] == dispute]
            one = {**one, "status": "won" if won else "lost"}
            if won:
                self._tell("charge.dispute.funds_reinstated", one)
            self._tell("charge.dispute.closed", one)

    def forget_keys(self) -> None:
        """A day has passed."""
        self._answers.clear()

    # What it tells

    def messages(self, secret: str = SECRET, at: float | None = None) -> list[tuple[bytes, dict[str, str]]]:
        """Body and headers of what would be sent, in the order in which it happened."""
        return [signed(event, secret, at) for event in self.events]

    def send(self, to: str, tries: int = 5) -> list[int]:
        """Everything, to that URL, each until it is taken; the statuses that were answered."""
        statuses = []
        for body, headers in self.messages():
            for _ in range(tries):
                asked = urllib.request.Request(to, body, headers)
                try:
                    with urllib.request.urlopen(asked, timeout=10) as answer:
                        status = answer.status
                except urllib.error.HTTPError as error:
                    error.close()
                    status = error.code
                statuses.append(status)
                if status < 300:
                    break
        return statuses

    # What it is asked for

    def answer(self, method: str, path: str, given: Mapping[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        """Status and body. Whoever asks with the same key gets the same answer; in other words, an error."""
        with self._lock:
            self.asked.append((method, path, key))
            self.told.append(dict(given))
            if key and key in self._answers:
                before, status, body = self._answers[key]
                if before != given:
                    refusal = Refusal(400, "", "idempotency_error")
                    return refusal.status, refusal.body
                return status, body
            try:
                status, body = 200, dict(self._done(method, path, given))
            except Refusal as refusal:
                status, body = refusal.status, refusal.body
            if key:
                self._answers[key] = (given, status, json.loads(json.dumps(body)))
            return status, body

    def _done(self, method: str, path: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if (method, path) == ("POST", "/v1/checkout/sessions"):
            return self._started(given)
        if (method, path) == ("POST", "/v1/refunds"):
            return self._refund(given)
        if (method, path) == ("GET", "/v1/refunds"):
            found = [one for one in self.refunds.values() if one["payment_intent"] == given["payment_intent"]]
            return {"object": "list", "data": found[: int(given.get("limit", 10))], "has_more": False}
        if one := re.fullmatch(r"/v1/refunds/(\w+)", path):
            if one[1] not in self.refunds:
                raise Refusal(404, "resource_missing")
            return self.refunds[one[1]]
        if one := re.fullmatch(r"/v1/checkout/sessions/(\w+)(/expire)?", path):
            session = self.sessions.get(one[1])
            if session is None:
                raise Refusal(404, "resource_missing")
            return self._expired(self._open(one[1])) if one[2] else session
        raise Refusal(404, "unknown_url")

    def _started(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        [line] = given["line_items"].values()
        price, now, ends = line["price_data"], int(time.time()), int(given["expires_at"])
        if not now + _shortest_s <= ends <= now + _longest_s:
            raise Refusal(400, "expires_at_out_of_range")
        if int(price["unit_amount"]) < 50:
            raise Refusal(400, "amount_too_small")
        id_ = self._new("cs_test")
        self.sessions[id_] = {
            "id": id_,
            "object": "checkout.session",
            "url": f"{self.url}/c/pay/{id_}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(price["unit_amount"]) * int(line["quantity"]),
            "currency": price["currency"],
            "expires_at": ends,
            "client_reference_id": given["client_reference_id"],
            "metadata": given["metadata"],
            "_of_intent": given["payment_intent_data"]["metadata"],
        }
        return self.sessions[id_]

    def _expired(self, session: dict[str, Any]) -> Mapping[str, Any]:
        session["status"] = "expired"
        self._tell("checkout.session.expired", session)
        if session["payment_intent"]:
            self._tell("payment_intent.canceled", {**self.intents[session["payment_intent"]], "status": "canceled"})
        return session

    def _open(self, session: str) -> dict[str, Any]:
        if self.sessions[session]["status"] != "open":
            raise Refusal(400, "")
        return self.sessions[session]

    def _intent(self, session: dict[str, Any]) -> dict[str, Any]:
        if session["payment_intent"] is None:
            id_ = session["payment_intent"] = self._new("pi")
            amounts = {"amount": session["amount_total"], "amount_received": 0, "currency": session["currency"]}
            self.intents[id_] = {"id": id_, "object": "payment_intent", **amounts, "metadata": session["_of_intent"]}
        return self.intents[session["payment_intent"]]

    def _captured(self, intent: dict[str, Any]) -> None:
        intent["amount_received"], intent["latest_charge"] = intent["amount"], self._new("ch")
        self._tell("payment_intent.succeeded", intent)

    def _refund(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        intent, amount = self.intents.get(given["payment_intent"]), int(given["amount"])
        if intent is None:
            raise Refusal(404, "resource_missing")
        gone = sum(
            one["amount"] for one in self.refunds.values() if one["payment_intent"] == intent["id"] and one["status"] != "failed"
        )
        if gone + amount > intent["amount_received"]:
            raise Refusal(400, "charge_already_refunded" if gone == intent["amount_received"] else "amount_too_large")
        if amount > self.balance and not self.refunds_wait:
            raise Refusal(400, "balance_insufficient")
        goes = amount <= self.balance
        self.balance -= amount if goes else 0
        id_ = self._new("re")
        one = self.refunds[id_] = {
            "id": id_,
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "status": "succeeded" if goes else "pending",
            "pending_reason": None if goes else "insufficient_funds",
            "metadata": given.get("metadata", {}),
        }
        self._tell("charge.refunded", {"id": intent["latest_charge"], "object": "charge", "payment_intent": intent["id"]})
        self._tell("refund.created", one)
        return one

    def _new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06}"

    def _tell(self, kind: str, about: Mapping[str, Any]) -> None:
        shown = {name: value for name, value in about.items() if not name.startswith("_")}
        event = {"id": self._new("evt"), "object": "event", "type": kind, "created": int(time.time()), "livemode": False}
        self.events.append(event | {"data": {"object": json.loads(json.dumps(shown))}})


def signed(event: Mapping[str, Any], secret: str = SECRET, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """A message with its signature, made at `at` (seconds since 1970; now)."""
    body = json.dumps(event)
    made = WebhookSignature.generate_signature_header(body, secret, None if at is None else int(at))
    return body.encode(), {"content-type": "application/json; charset=utf-8", "stripe-signature": made}


@contextmanager
def stripe_server() -> Iterator[FakeStripe]:
    """A Stripe that answers until the end of the block."""
    fake = FakeStripe()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    server.daemon_threads = True
    fake.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: FakeStripe) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One connection to it."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(nested(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._answer(nested(parse_qsl(body.decode())))

        def _answer(self, given: Mapping[str, Any]) -> None:
            trouble = fake.troubles.popleft() if fake.troubles else None
            key = self.headers.get("Idempotency-Key", "")
            if trouble is Trouble.CUT:
                self.close_connection = True
                return None
            time.sleep(fake.delay_s)
            if trouble in {Trouble.BROKEN, Trouble.BUSY}:
                refusal = Refusal(500 if trouble is Trouble.BROKEN else 429, "", "api_error")
                return self._write(refusal.status, refusal.body)
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                return self._write(401, Refusal(401, "").body)
            status, body = fake.answer(self.command, urlsplit(self.path).path, given, key)
            if trouble is Trouble.LOST:
                self.close_connection = True
                return None
            return self._write(status, body)

        def _write(self, status: int, body: Mapping[str, Any]) -> None:
            octets = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 -- its name in the base class

    return Handler


def nested(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}: how Stripe is asked."""
    whole: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = re.findall(r"[^\[\]]+", name)
        at = whole
        for step in path:
            at = at.setdefault(step, {})
        at[last] = value
    return whole
