"""A private Postfix, set up by the lines of docs/postfix.md: what they promise is what the tests try."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from support.gateway import free_port
from support.listening import until_it_listens

_PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "postfix.md"
_BLOCK: Final = re.compile(r"^```(main\.cf|master\.cf)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(file: str, way_in: str) -> str:
    """The lines for `file` on the page: those for everybody and those of one way in, "lmtp" or "smtp"."""
    found = [
        lines for name, way, lines in _BLOCK.findall(_PAGE.read_text(encoding="utf-8")) if name == file and way in {"", way_in}
    ]
    assert len(found) == 2, f"{_PAGE} has not the lines for {file}"
    return "".join(found)


@dataclass
class Postfix:
    """A Postfix in `directory`, which everybody may enter. `replaced` puts what is of this test into the lines of the page."""

    directory: Path
    way_in: str
    next_hop: int
    """The port on 127.0.0.1 to which all mail goes that is not for the gateway, in the place of the internet."""
    replaced: Mapping[str, str]
    more: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    way_out: int = field(default_factory=free_port)

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    @contextmanager
    def running(self) -> Iterator[None]:
        config = self._configured()
        subprocess.run(["postfix", "-c", str(config), "start"], check=True, capture_output=True)
        try:
            for port in (self.port, self.way_out):
                until_it_listens(port)
            yield
        finally:
            subprocess.run(["postfix", "-c", str(config), "stop"], check=False, capture_output=True)

    def _configured(self) -> Path:
        config = self.directory / "config"
        for one in (config, self.directory / "queue", self.directory / "data"):
            one.mkdir(parents=True)
        shutil.chown(self.directory / "data", "postfix")
        (self.directory / "log").touch()
        ours = {
            "compatibility_level": "3.6",
            "queue_directory": self.directory / "queue",
            "data_directory": self.directory / "data",
            "maillog_file": self.directory / "log",
            "maillog_file_prefixes": self.directory,
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "myhostname": "front.example.com",
            "mydestination": "",
            # Nobody is at home: the tests' client is a stranger like any other.
            "mynetworks": "192.0.2.0/24",
            "relayhost": f"[127.0.0.1]:{self.next_hop}",
            "smtp_dns_support_level": "disabled",
            "smtp_host_lookup": "native",
            "alias_maps": "",
            "local_recipient_maps": "",
            **self.more,
        }
        lines = page("main.cf", self.way_in) + "".join(f"{name} = {value}\n" for name, value in ours.items())
        (config / "main.cf").write_text(self._with_ours(lines))
        (config / "master.cf").write_text("".join(f"{line}\n" for line in self._services()))
        return config

    def _services(self) -> Iterator[str]:
        """Debian's and those of the page, none in a chroot, since this one has no files of its own there."""
        page_lines = self._with_ours(page("master.cf", self.way_in)).splitlines()
        for line in [*Path("/etc/postfix/master.cf.proto").read_text().splitlines(), *page_lines]:
            words = line.split()
            if line[:1] in {"", "#"} or words[0] == "pickup":
                continue
            if line[0] in " \t":
                yield line
                continue
            if words[:2] == ["smtp", "inet"]:
                words[0] = f"127.0.0.1:{self.port}"
            words[4] = "n"
            yield " ".join(words)

    def _with_ours(self, lines: str) -> str:
        for shown, meant in {**self.replaced, "127.0.0.1:2526": f"127.0.0.1:{self.way_out}"}.items():
            lines = lines.replace(shown, meant)
        return lines


def needs_postfix() -> None:
    """Skips where there is none, or where we are not who may start it."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin") is None or not Path("/etc/postfix/master.cf.proto").exists():
        pytest.skip("Postfix is not installed (Debian: postfix)")
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root alone")
