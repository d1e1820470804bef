"""The servers that are compared: ours, as its commands set it up, and a private Postfix as a plain store-and-forward relay."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import mails

start_s_max: Final = 60.0
stop_s_max: Final = 60.0
customer: Final = "paul.reader@home.example"
PROGRAM: Final = Path(sys.executable).with_name("relay")
"""The gateway's command in the environment that runs the bench."""
UNIT: Final = Path(__file__).resolve().parent.parent / "systemd" / "relay.service"
"""How the gateway is started where it is installed: it is measured in that environment."""


class Missing(Exception):
    """What is to be measured is not on this machine; its text says what to install."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server under way: the root of its processes, and the port on which it takes mail for `recipient`."""

    pid: int
    port: int
    recipient: str


class Server(Protocol):
    """Something that takes mail on one port and hands it on to the sink's."""

    name: str

    def running(self, sink: int) -> AbstractContextManager[Running]:
        """Runs it for as long as the context lasts; raises Missing where it cannot."""
        ...


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listened a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Return once something listens there. Raises RuntimeError when nothing does in time, or `process` has ended."""
    until = time.monotonic() + start_s_max
    while time.monotonic() < until and (process is None or process.poll() is None):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def stopped(process: subprocess.Popen[bytes]) -> None:
    """Have a process end in good order; by force when it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(stop_s_max)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(slots=True)
class Relay:
    """The gateway on its embedded default, with so many workers; `clamd` is the scanner's place, none for no scanning.

    `program` is the command to be measured.
    """

    name: str
    directory: Path
    workers: int = 1
    clamd: str | None = None
    program: Path = PROGRAM
    _recipient: str = field(default="", init=False)

    @contextmanager
    def running(self, sink: int) -> Iterator[Running]:
        port = free_port()
        config = self._configured(port, sink)
        recipient = self._recipient or self._opened(config)
        command = self._command("serve", "--config", str(config), "--workers", str(self.workers))
        with (self.directory / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **_environment_of_unit()})
        try:
            wait_for(port, process)
            yield Running(process.pid, port, recipient)
        finally:
            stopped(process)

    def _command(self, *words: str) -> list[str]:
        return [str(self.program), *words]

    def _configured(self, port: int, sink: int) -> Path:
        state = self.directory / "state"
        state.mkdir(parents=True, exist_ok=True)
        config = self.directory / "relay.toml"
        scanning = 'mode = "off"' if self.clamd is None else f'mode = "required"\nclamd = "{self.clamd}"'
        config.write_text(f"""
[relay]
domain = "reply.example.com"
state_dir = "{state}"
[smtp]
listen = ["127.0.0.1:{port}"]
[policy]
attachments_max = "40 MiB"
writer_rate = "off"
conversation_rate = "off"
[authentication]
mode = "off"
[antivirus]
{scanning}
[dkim]
key_file = "{state}/dkim.pem"
[outbound]
route = "smarthost:127.0.0.1:{sink}"
[database]
url = "sqlite:///{state}/relay.db"
[web]
listen = "127.0.0.1:{free_port()}"
""")
        return config

    def _opened(self, config: Path) -> str:
        words = ["conversation", "open", "--reference", "BENCH", "--activity-end", "2098-01-01T00:00:00Z", "--json"]
        words += ["--partner-email", mails.writer, "--partner-name", "Anna Writer", "--customer-email", customer]
        words += ["--customer-name", "Paul Reader", "--config", str(config)]
        # The writer is the partner, so she writes to the customer's alias.
        opened = subprocess.run(self._command(*words), check=True, capture_output=True)
        self._recipient = str(json.loads(opened.stdout)["customer_alias"])
        return self._recipient


def _environment_of_unit() -> dict[str, str]:
    """What the unit sets, by its lines `Environment=NAME=VALUE`."""
    words = (
        line.removeprefix("Environment=").partition("=")
        for line in UNIT.read_text().splitlines()
        if line.startswith("Environment=")
    )
    return {name: value for name, _, value in words}


@dataclass(slots=True)
class Postfix:
    """A private Postfix that relays whatever it gets to the sink. It needs root, as Postfix does."""

    directory: Path
    name: str = "Postfix"

    @contextmanager
    def running(self, sink: int) -> Iterator[Running]:
        if shutil.which("postfix") is None or os.geteuid() != 0:
            raise Missing("Postfix (Debian: postfix) and root")
        port = free_port()
        config = self._configured(port, sink)
        subprocess.run(["postfix", "-c", str(config), "start"], check=True, capture_output=True)
        try:
            wait_for(port)
            pid = int((self.directory / "queue/pid/master.pid").read_text())
            yield Running(pid, port, customer)
        finally:
            subprocess.run(["postfix", "-c", str(config), "stop"], check=False, capture_output=True)

    def _configured(self, port: int, sink: int) -> Path:
        config = self.directory / "config"
        for one in (config, self.directory / "queue", self.directory / "data"):
            one.mkdir(parents=True, exist_ok=True)
            one.chmod(0o755)
        shutil.chown(self.directory / "data", "postfix")
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.directory / "queue",
            "data_directory": self.directory / "data",
            "maillog_file": "",
            "inet_interfaces": "loopback-only",
            "inet_protocols": "ipv4",
            "myhostname": "reply.example.com",
            "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "relayhost": f"[127.0.0.1]:{sink}",
            "smtp_dns_support_level": "disabled",
            "smtp_host_lookup": "native",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "alias_maps": "",
            "local_recipient_maps": "",
            "message_size_limit": "60000000",
            "default_destination_concurrency_limit": "20",
            "smtp_tls_security_level": "none",
        }
        (config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        (config / "master.cf").write_text("\n".join(_services(port)) + "\n")
        return config


def _services(port: int) -> Iterator[str]:
    """The distribution's services, none in a chroot, mail taken on `port` alone."""
    for line in Path("/etc/postfix/master.cf.proto").read_text().splitlines():
        words = line.split()
        if line[:1] in ("", "#", " ") or words[0] == "pickup":
            continue
        if words[:2] == ["smtp", "inet"]:
            words[0] = f"127.0.0.1:{port}"
        words[4] = "n"
        yield " ".join(words)


@contextmanager
def clamd(directory: Path) -> Iterator[str]:
    """A scanner that knows one signature, as `[antivirus] clamd` names it."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise Missing("clamd (Debian: clamav-daemon)")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "bench.ndb").write_text("Bench.Test:0:*:" + b"nothing has these octets in it".hex() + "\n")
    place, config = directory / "clamd.sock", directory / "clamd.conf"
    config.write_text(
        f"Foreground yes\nLocalSocket {place}\nDatabaseDirectory {directory}\nTemporaryDirectory {directory}\n"
        "StreamMaxLength 60M\nMaxScanSize 100M\nMaxFileSize 100M\nAlertExceedsMax yes\nMaxThreads 10\n"
    )
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([program, "--config-file", str(config)], stdout=log, stderr=log)
    try:
        until = time.monotonic() + start_s_max
        while not place.exists():
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("clamd does not start: " + (directory / "log").read_text()[-500:])
            time.sleep(0.05)
        yield f"unix:{place}"
    finally:
        stopped(process)


def tools(directory: Path, sources: Sequence[str] = ("source", "sink")) -> None:
    """Compile the source and the sink of mail. Raises Missing without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing("a C compiler (Debian: gcc)")
    here = Path(__file__).parent
    for one in sources:
        made = [
            compiler,
            "-O2",
            "-Wall",
            "-Wextra",
            "-D_GNU_SOURCE",
            "-pthread",
            "-o",
            str(directory / one),
            str(here / f"{one}.c"),
        ]
        subprocess.run(made, check=True)
