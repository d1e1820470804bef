"""`relay demo` as a visitor starts it: a process, with a state and ports of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from support.gateway import RELAY, free_port
from support.patience import patience_s


class Demonstration:
    """Runs while it is entered."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.smtp_port, self.web_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def words(self) -> list[str]:
        """The command, with its configuration written."""
        config = self.directory / "relay.toml"
        config.write_text(
            f'[relay]\nstate_dir = "{self.directory}/var"\nbrand = "Example Travel"\n'
            f'[smtp]\nlisten = ["127.0.0.1:{self.smtp_port}"]\n'
            f'[web]\nlisten = "127.0.0.1:{self.web_port}"\nbase_url = "{self.url}"\n',
            encoding="utf-8",
        )
        return [RELAY, "demo", "--config", str(config)]

    def once(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.words, "--once"], capture_output=True, text=True, timeout=60, check=False)

    def open(self) -> None:
        """Start it and wait until its exchange is over. Raises AssertionError."""
        log = self.directory / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(self.words, stdout=out, stderr=out, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        until = time.monotonic() + 2 * patience_s
        while b"Ctrl-C ends it" not in log.read_bytes():
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        assert httpx.get(self.url, timeout=patience_s).is_success

    def close(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(patience_s) == 0
