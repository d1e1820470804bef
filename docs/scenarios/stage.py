"""Where the scenarios take place: a house of its own in a temporary directory, with a clock that can be moved.

The gateway runs as its operators run it. Who plays a partner or a customer gets their mail from a small receiving server here,
and writes by SMTP; whoever plays the marketplace speaks HTTP. Nothing leaves the machine.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

RELAY: Final = str(Path(sys.executable).parent / "relay")
NOT_HERE: Final = 77
"""The exit code of a scenario that cannot be played on this machine; the reason is on standard error."""
_PORTS: Final = range(12_000, 20_000)
_DEALT: Final = itertools.cycle(random.sample(_PORTS, len(_PORTS)))
patience_s: Final = 60.0
lines_shown: Final = 60
DOMAIN: Final = "reply.example.com"
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that left the house."""

    number: int
    recipient: str
    content: bytes = field(repr=False)

    @property
    def parsed(self) -> Message:
        return message_from_bytes(self.content, policy=default)

    @property
    def subject(self) -> str:
        return str(self.parsed["Subject"])

    @property
    def text(self) -> str:
        """Its plain text."""
        part = self.parsed.get_body(("plain",))  # type: ignore[attr-defined]  # the policy makes an EmailMessage of it
        return "" if part is None else str(part.get_content())

    @property
    def buttons(self) -> tuple[str, ...]:
        """Where its buttons lead, the main one first."""
        return tuple(link for link in _LINK.findall(self.text) if "/bookings/" in link)


class Postbox:
    """Takes whatever the house sends, and shows it."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002  aiosmtpd's name
        content = envelope.original_content or b""
        self.mails += [Mail(len(self.mails) + 1, recipient, content) for recipient in envelope.rcpt_tos]
        return "250 2.0.0 taken"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()


class Stage:
    """One house. `now` is what its clock shows."""

    def __init__(self, directory: Path, clock_library: Path, settings: Mapping[str, Mapping[str, object]]) -> None:
        self.directory = directory
        self.postbox = Postbox()
        self._smtp, self._web = free_port(), free_port()
        self._offset = timedelta()
        self._displaced = directory / "clock"
        self._read: set[int] = set()
        self._settings = settings
        self._environment = {
            **os.environ,
            "LD_PRELOAD": str(clock_library),
            "FAKETIME_TIMESTAMP_FILE": str(self._displaced),
            "FAKETIME_NO_CACHE": "1",
            # What counts seconds goes on as it did.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset  # noqa: TID251  nobody gives a play its clock

    def open(self) -> None:
        """Start the house, and wait until it answers."""
        self.postbox.open()
        self._displaced.write_text("+0\n")
        self._config.write_text(self._toml(), encoding="utf-8")
        with (self.directory / "log").open("wb") as log:
            command = [RELAY, "serve", "--config", str(self._config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)  # noqa: S603  our own
        self.until(self._answers, "the gateway does not answer")
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        made = self.command("token", "create", "--name", "scenario", *scopes, "--json")
        self._token = str(json.loads(made)["token"])

    def close(self) -> None:
        """Stop it in good order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(patience_s)
        self.postbox.close()

    def command(self, *words: str) -> str:
        """What a command of the house prints. Raises RuntimeError where it does not do it."""
        done = subprocess.run(  # noqa: S603  our own
            [RELAY, *words, "--config", str(self._config)], capture_output=True, text=True, env=self._environment, check=False
        )
        if done.returncode:
            raise RuntimeError(f"relay {' '.join(words)}: {done.stderr}")
        return done.stdout

    def ask(self, method: str, path: str, body: object = None, *, expect: int | None = None) -> Any:
        """What the API answers. Raises RuntimeError where it is not `expect`, by default any success."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        status, content = self._spoken(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        if status != expect if expect is not None else status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {status} {content}")
        return json.loads(content) if content.startswith(("{", "[")) else content

    def page(self, link: str) -> str:
        """A page of the house's, as a browser that follows `link` gets it."""
        status, content = self._spoken("GET", _path(link), None, {})
        if status != http.client.OK:
            raise RuntimeError(f"the page answers {status}")
        return content

    def press(self, link: str, **fields: str) -> str:
        """The button of that page: what is in its form, with `fields` filled in, is sent."""
        from urllib.parse import urlencode

        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page(link)))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, content = self._spoken("POST", _path(link), urlencode({**hidden, **fields}), headers)
        if status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"the button answers {status}: {content}")
        return content

    def write(self, sender: str, to: str, subject: str, text: str, *, answers: Mail | None = None) -> None:
        """A mail that somebody writes in their own mail program."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = f"<{time.time_ns()}@{sender.partition('@')[2]}>"
        if answers is not None:
            mail["In-Reply-To"] = str(answers.parsed["Message-ID"])
        mail.set_content(text)
        say(f"{sender} writes to {to}: {text.strip().splitlines()[0]}")
        with smtplib.SMTP("127.0.0.1", self._smtp) as server:
            server.send_message(mail, sender, [to])

    def move(self, span: timedelta, why: str) -> None:
        """The house's clock goes forward."""
        self._offset += span
        self._displaced.write_text(f"+{int(self._offset.total_seconds())}\n")
        say(f"the clock goes forward by {span} to {self.now:%Y-%m-%d %H:%M} UTC: {why}")

    def mail(self, recipient: str, about: str) -> Mail:
        """The next mail to `recipient` whose subject holds `about`, shown; in whatever order those to others come."""
        found: list[Mail] = []

        def is_here() -> bool:
            found[:] = [one for one in self._unread() if one.recipient == recipient and about in one.subject]
            return bool(found)

        self.until(is_here, f"no mail to {recipient} about {about!r}")
        self._read.add(found[0].number)
        show(found[0])
        return found[0]

    def rest(self) -> list[Mail]:
        """Whatever else has left by now, shown."""
        left = self._unread()
        for one in left:
            self._read.add(one.number)
            show(one)
        return left

    def _unread(self) -> list[Mail]:
        return [one for one in self.postbox.mails if one.number not in self._read]

    @property
    def _config(self) -> Path:
        return self.directory / "relay.toml"

    def _toml(self) -> str:
        sections: dict[str, dict[str, object]] = {
            "relay": {"domain": DOMAIN, "brand": "Example Travel", "state_dir": str(self.directory / "var")},
            "smtp": {"listen": [f"127.0.0.1:{self._smtp}"]},
            "authentication": {"mode": "off"},
            "antivirus": {"mode": "off"},
            "dkim": {"key_file": str(self.directory / "var" / "dkim.pem")},
            "outbound": {"route": f"smarthost:127.0.0.1:{self.postbox.port}"},
            "database": {"url": f"sqlite:///{self.directory}/var/relay.db"},
            "web": {"listen": f"127.0.0.1:{self._web}", "base_url": f"http://127.0.0.1:{self._web}"},
        }
        for section, values in self._settings.items():
            sections.setdefault(section, {}).update(values)
        lines = []
        for section, values in sections.items():
            # JSON's strings, numbers, booleans and lists are TOML's too.
            lines += [f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
        return "\n".join(lines) + "\n"

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError((self.directory / "log").read_text(errors="replace")[-2000:])
        try:
            return self._spoken("GET", "/healthz", None, {})[0] == http.client.OK
        except OSError:
            return False

    def _spoken(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._web, timeout=patience_s)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8")
        finally:
            connection.close()

    def until(self, holds: Callable[[], object], otherwise: str) -> None:
        """Wait until it `holds`. Raises RuntimeError, which says `otherwise`, where it does not."""
        deadline = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > deadline:
                log = (self.directory / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{otherwise}; the log ends:\n{log}")
            time.sleep(0.05)


SCOPES: Final = (
    *("conversations:read", "conversations:write", "archive:read", "queue:read"),
    *("bookings:read", "bookings:write", "bookings:operate", "catalogue:read", "catalogue:write"),
)


@contextmanager
def stage(title: str, **settings: Mapping[str, object]) -> Iterator[Stage]:
    """A house for one scenario; `settings` by section. Ends the program with NOT_HERE where its clock cannot be moved."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if shutil.which("faketime") is None or not libraries:
        print("libfaketime is not installed (Debian: apt install faketime): the clock cannot be moved", file=sys.stderr)
        raise SystemExit(NOT_HERE)
    print(f"# {title}")
    with tempfile.TemporaryDirectory(prefix="scenario-") as directory:
        one = Stage(Path(directory), libraries[0], settings)
        try:
            one.open()
            yield one
        finally:
            one.close()


def say(what: str) -> None:
    """A line of the plot."""
    print(f"\n-> {what}", flush=True)


def show(mail: Mail) -> None:
    """A mail as its recipient reads it."""
    lines = mail.text.strip().splitlines()
    print(f"\n[{mail.number}] From: {mail.parsed['From']}\n    To: {mail.recipient}\n    Subject: {mail.subject}")
    print("\n".join(f"    | {line}" for line in lines[:lines_shown]), flush=True)


def free_port() -> int:
    """A port of the loopback interface that nobody listens at now, and that the system gives to no connection meanwhile."""
    while True:
        port = next(_DEALT)
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            return port


def _path(link: str) -> str:
    return "/" + link.split("/", 3)[3]
