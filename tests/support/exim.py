"""A private Exim: takes any mail, hands what is for the gateway to it over TLS that it checks, and all else to the world."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from support.gateway import free_port
from support.listening import until_it_listens
from support.patience import patience_s

_BESIDE: Final = Path("/usr/local/lib/relay-tests/exim4/usr/sbin/exim4")
"""Where scripts/install_test_servers.sh unpacks it: Debian does not install it beside Postfix."""
_USER: Final = "Debian-exim"

_CONFIG: Final = """
exim_path = {program}
primary_hostname = peer.example.com
spool_directory = {directory}/spool
log_file_path = {directory}/log/%s
pid_file_path = {directory}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
acl_smtp_rcpt = everybody
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
message_size_limit = 30M
chunking_advertise_hosts =

begin acl
everybody:
  accept

begin routers
gateway:
  driver = manualroute
  domains = reply.example.com
  route_list = * 127.0.0.1::{gateway_port}
  transport = gateway
  self = send
world:
  driver = manualroute
  route_list = * 127.0.0.1::{next_hop}
  transport = world
  self = send

begin transports
gateway:
  driver = smtp
  allow_localhost
  hosts_require_tls = *
  tls_verify_certificates = {trusted}
  tls_verify_hosts = *
  tls_verify_cert_hostnames =
world:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *

begin retry
* * F,1h,5s
"""


@dataclass
class Exim:
    """An Exim in `directory`, which everybody may enter, with the certificate `certificate`; `trusted` is the gateway's."""

    directory: Path
    certificate: Path
    key: Path
    trusted: Path
    gateway_port: int
    next_hop: int
    port: int = field(default_factory=free_port)

    @property
    def log(self) -> str:
        file = self.directory / "log" / "main"
        return file.read_text(errors="replace") if file.exists() else ""

    @contextmanager
    def running(self) -> Iterator[None]:
        program = _program()
        assert program is not None
        for one in (self.directory, self.directory / "spool", self.directory / "log"):
            one.mkdir(parents=True, exist_ok=True)
            shutil.chown(one, _USER)
        shutil.chown(self.key, _USER)
        config = self.directory / "exim.conf"
        config.write_text(_CONFIG.format(program=program, **vars(self)))
        with (self.directory / "said").open("wb") as said:
            process = subprocess.Popen([program, "-C", str(config), "-bdf", "-q1m"], stdout=said, stderr=said)
        try:
            until_it_listens(self.port)
            yield
        finally:
            process.terminate()
            process.wait(patience_s)


def needs_exim() -> None:
    """Skips where there is none, or where we are not who may start it."""
    if _program() is None:
        pytest.skip("Exim is not installed (scripts/install_test_servers.sh)")
    if os.geteuid() != 0:
        pytest.skip("Exim is started by root alone")


def _program() -> str | None:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return None
    return str(_BESIDE) if _BESIDE.exists() else shutil.which("exim4", path="/usr/sbin")
