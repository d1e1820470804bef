"""The product as its operators run it: a process with a configuration file, spoken to over sockets and by its commands."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from support.smtp import Answer, SmtpClient
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

RELAY = str(Path(sys.executable).parent / "relay")
starts_within_s = 120
stops_within_s = 30
_SHARES = 8
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw"))
PORTS = range(20_000 + _WORKER % _SHARES, 32_000, _SHARES)
"""Those of this worker: what another one is about to listen at is free, until it does."""
_DEALT = itertools.cycle(random.sample(PORTS, len(PORTS)))


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens at now.

    It lies below those that the system deals out: any client's connection might be given one of these before a server has it.
    For the same reason it is not one that was given lately.
    """
    while True:
        port = next(_DEALT)
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            return port


class Process(Protocol):
    """What a test does with a process: `subprocess.Popen` is one."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


@dataclass
class Gateway:
    """One installation in `directory`, handing on to the smarthost at `sink_port`. Start it, stop it, kill it, start it again."""

    directory: Path
    sink_port: int
    changed: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    smtp_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    workers: int = 1
    host: str = "127.0.0.1"
    """Where it listens."""
    sink_host: str = "127.0.0.1"
    within: tuple[str, ...] = ()
    """What its commands are run by, such as `ip netns exec NAME`."""
    process: Process | None = None

    @property
    def config(self) -> Path:
        return self.directory / "relay.toml"

    @property
    def log(self) -> Path:
        return self.directory / "relay.log"

    def write_config(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        sections: dict[str, dict[str, object]] = {
            "relay": {
                "domain": DOMAIN,
                "brand": "Example Travel",
                "state_dir": str(self.directory / "var"),
                "support_url": "https://example.com/support",
            },
            "smtp": {"listen": [f"{self.host}:{self.smtp_port}"]},
            # Tests write more than people do; the rates have tests of their own.
            "policy": {"writer_rate": "off", "conversation_rate": "off"},
            "authentication": {"mode": "off"},
            "antivirus": {"mode": "off"},
            "dkim": {"key_file": str(self.directory / "var" / "dkim.pem")},
            "outbound": {"route": f"smarthost:{self.sink_host}:{self.sink_port}"},
            "database": {"url": f"sqlite:///{self.directory}/var/relay.db"},
            "web": {"listen": f"{self.host}:{self.web_port}", "base_url": f"http://{self.host}:{self.web_port}"},
        }
        for section, values in self.changed.items():
            sections.setdefault(section, {}).update(values)
        lines = []
        for section, values in sections.items():
            lines.append(f"[{section}]")
            # JSON's strings, numbers, booleans and lists are TOML's too.
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it takes mail and answers on the web."""
        self.write_config()
        command = ["serve", "--config", str(self.config)]
        if self.workers > 1:
            command += ["--workers", str(self.workers)]
        self.process = self.begun(command)
        patience = time.monotonic() + starts_within_s
        for port in (self.smtp_port, self.web_port):
            while True:
                if self.process.poll() is not None or time.monotonic() > patience:
                    self.close()
                    raise AssertionError(f"the gateway did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
                try:
                    socket.create_connection((self.host, port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)

    def begun(self, command: list[str]) -> Process:
        """A process of the product that carries out `command`, with what it says in the log."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*self.within, RELAY, *command],
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, **self.environment},
            )

    def stop(self) -> int:
        """SIGTERM, and the exit code; the log must hold no traceback."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(stops_within_s)
        self.process = None
        assert "Traceback" not in self.log.read_text(errors="replace"), self.log.read_text(errors="replace")[-4000:]
        return code

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flush."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(stops_within_s)
        self.process = None

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(stops_within_s)
            self.process = None

    def is_ready(self) -> bool:
        """Whether it says that it can do its work."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == HTTPStatus.OK
        finally:
            connection.close()

    def command(self, *words: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        """One of the product's commands, with this installation's configuration."""
        done = subprocess.run(
            [*self.within, RELAY, *words, "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.directory,
            env={**os.environ, **self.environment},
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *words: str) -> Any:
        """What a command prints with `--json`."""
        return json.loads(self.command(*words, "--json").stdout)

    def open_conversation(
        self,
        reference: str,
        *more: str,
        partner: str = PARTNER_ADDRESS,
        customer: str = CUSTOMER_ADDRESS,
        partner_name: str = "Marco Bellini",
        customer_name: str = "Zofia Kowalska",
        activity_end: str = "2099-06-10T18:00:00+00:00",
    ) -> Any:
        """A conversation, by the command line of the contract: its aliases and window."""
        return self.json(
            *("conversation", "open", "--reference", reference),
            *("--partner-email", partner, "--partner-name", partner_name),
            *("--customer-email", customer, "--customer-name", customer_name),
            *("--activity-end", activity_end, *more),
        )

    async def opened(self, reference: str = "GYG4K7Q2X9ABC", *more: str, **people: str) -> Any:
        """A conversation, off the loop."""
        return await self.off_loop("open_conversation", reference, *more, **people)

    async def sent(self, mail: bytes, *recipients: str, sender: str = PARTNER_ADDRESS) -> Answer:
        """What it says to a mail in a session of its own."""
        async with SmtpClient(self.smtp_port) as client:
            await client.hello()
            return await client.deliver(re.sub(rb"(?m)^\.", b"..", mail), *recipients, sender=f"<{sender}>")

    async def handed_on(self, mail: bytes, client_ip: str, *recipients: str, sender: str = PARTNER_ADDRESS) -> list[Answer]:
        """What it says by LMTP, for each recipient, to a mail that came from `client_ip`; from an untold one if empty."""
        async with SmtpClient(0, path=self.directory / "lmtp.sock") as client:
            await client.command("LHLO front.example")
            if client_ip:
                assert (await client.command(f"XFORWARD ADDR={client_ip} HELO=mail.alpine-tours.example")).code == 250
            answers: list[Answer] = [await client.deliver(mail, *recipients, sender=f"<{sender}>")]
            return answers + await client.answers(len(recipients) - 1)

    async def off_loop(self, what: str, *args: Any, **kwargs: Any) -> Any:
        """One of the methods here without stopping the loop in which the test's sink runs."""
        return await asyncio.to_thread(getattr(self, what), *args, **kwargs)
