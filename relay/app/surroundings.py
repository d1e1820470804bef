"""What the doctor examines around the gateway: certificate, scanner, DNS, the way out, disk and clock."""

from __future__ import annotations

import asyncio
import base64
import ctypes
import socket
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from relay.app.asking import answered
from relay.errors import Unavailable
from relay.internet import is_public
from relay.lookup import Answer, Asking, Outcome, Query, Type
from relay.machine import clock, free_octets
from relay.settings import Enforcement, Scanning, Settings, Smarthost, Tcp
from relay.web.diagnosis import Finding, Health

_connect_s: Final = 3.0
_dns_s: Final = 6.0
_scan_s: Final = 120.0
renewed_before: Final = timedelta(days=14)
"""A certificate that ends sooner should have been renewed: by then the usual programs have tried several times."""
signatures_age_max: Final = timedelta(days=3)
"""Of the scanner's database, which changes daily."""
_TIME_ERROR: Final = 5
"""What adjtimex(2) answers while the clock follows nothing."""
_timex_octets: Final = 256
"""More than a struct timex is anywhere."""


def tls(settings: Settings) -> Finding:
    """Whether STARTTLS can be offered, with a certificate of our name, and for how long."""
    file, key = settings.smtp.tls_certificate, settings.smtp.tls_key
    if file is None or key is None:
        return Finding("tls", Health.WARNING, "no certificate, so no STARTTLS", "give smtp.tls_certificate and smtp.tls_key")
    from relay.inbound.tls import covers, expiry, server_context

    server_context(file, key)
    ends, now = expiry(file), clock()
    if ends <= now:
        return Finding("tls", Health.FAILED, f"{file} ended on {ends:%Y-%m-%d}", "renew it; it is taken up by itself")
    if ends - now < renewed_before:
        return Finding("tls", Health.WARNING, f"{file} ends on {ends:%Y-%m-%d}", "see why it was not renewed")
    if key.stat().st_mode & 0o007:
        return Finding("tls", Health.WARNING, f"{key} can be read by other users", f"chmod o= {key}")
    if not covers(file, settings.smtp_hostname):
        told = f"{file} is not for {settings.smtp_hostname}: whoever checks names sends nothing here (MTA-STS)"
        return Finding("tls", Health.WARNING, told, "have it made for smtp.hostname")
    return Finding("tls", Health.FINE, f"{file} and its key can be used until {ends:%Y-%m-%d}")


def payments(settings: Settings) -> Finding:
    """Whether there is somebody who takes payments, with secrets that nobody else reads. Nobody outside is asked."""
    from relay.app.paying import providers

    chosen = providers(settings).chosen
    for file in (settings.payments.stripe_key_file, settings.payments.stripe_webhook_secret_file):
        if chosen.has_checkout and file is not None and file.stat().st_mode & 0o077:
            return Finding("payments", Health.WARNING, f"{file} can be read by other users", f"chmod 600 {file}")
    if not chosen.has_checkout:
        return Finding("payments", Health.FINE, "people take the money and enter it")
    return Finding("payments", Health.FINE, f"{chosen.name} has a key and a secret for its messages")


def exposure(settings: Settings) -> Finding:
    """Whether writers are proven, and who else can connect where they are not."""
    if settings.authentication.mode is Enforcement.ENFORCE:
        return Finding("authentication", Health.FINE, "every writer has to be proven")
    listens = [one for one in (*settings.smtp.listen, *settings.smtp.lmtp_listen) if isinstance(one, Tcp)]
    if wide := [str(one) for one in listens if _is_open(one.host)]:
        told = f"off, and everybody can connect to {', '.join(wide)}: whoever does writes as anybody"
        return Finding(
            "authentication", Health.FAILED, told, 'authentication.mode = "enforce", or listen on the loopback interface'
        )
    return Finding("authentication", Health.WARNING, "off, where only this machine or its network can connect")


def antivirus(settings: Settings) -> Finding:
    """Whether the scanner knows the viruses of today, and finds one in the largest message that is taken (FAULT-66)."""
    if settings.antivirus.mode is Scanning.OFF:
        return Finding("antivirus", Health.WARNING, "off: attachments pass unscanned")
    from relay.app.addressing import scanner_place
    from relay.inbound.antivirus import Clamd, Infected, Version

    at = scanner_place(settings)
    message_max = settings.smtp.message_max

    async def asked() -> tuple[Version, Infected | str]:
        version = await Clamd(at, connect_s=_connect_s, total_s=_connect_s).version()
        try:
            found = await Clamd(at, connect_s=_connect_s, total_s=_scan_s).scan(sample(message_max))
        except Unavailable as why:
            return version, str(why)
        return version, found if isinstance(found, Infected) else ""

    version, found = asyncio.run(asked())
    limits = f"a message of {message_max} octets (smtp.message_max)"
    if isinstance(found, str) and found:
        return Finding("antivirus", Health.FAILED, f"{limits} cannot be scanned: {found}", "raise StreamMaxLength in clamd.conf")
    if isinstance(found, str):
        told = f"a virus passes in {limits}"
        return Finding("antivirus", Health.FAILED, told, "raise MaxFileSize and MaxScanSize in clamd.conf; AlertExceedsMax yes")
    if "limits.exceeded" in found.signature.lower():
        told = f"{limits} is taken for a virus: it exceeds the scanner's limits"
        return Finding("antivirus", Health.FAILED, told, "raise MaxFileSize and MaxScanSize in clamd.conf")
    told = f"{version.engine} finds a virus in {limits}; database {version.database or 'of your own'}"
    if version.database_at is not None and clock() - version.database_at > signatures_age_max:
        return Finding("antivirus", Health.WARNING, f"{told}, of {version.database_at:%Y-%m-%d}", "see whether freshclam runs")
    return Finding("antivirus", Health.FINE, told)


def sample(octets: int) -> bytes:
    """A mail of nearly that size with the harmless file that every scanner finds as its last attachment (EICAR).

    The file is put together here, since scanners take away whatever has it as it is.
    """
    eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!" + b"$H+H*"
    attached = (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n"
    )
    begin = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n' + attached
    end = b"--x\r\n" + attached + base64.encodebytes(eicar).replace(b"\n", b"\r\n") + b"--x--\r\n"
    line = b"QUFB" * 19 + b"\r\n"
    return begin + line * max(1, (octets - len(begin) - len(end)) // len(line)) + end


def dns(settings: Settings) -> Finding:
    """Whether anybody answers; what the zone says is for `relay dns check`."""
    needed = settings.authentication.mode is Enforcement.ENFORCE or not isinstance(settings.outbound.route, Smarthost)
    if not needed and not settings.authentication.dns_servers:
        return Finding("dns", Health.FINE, "nothing is looked up with this configuration")
    told = answered(settings, _asked(settings.relay.domain), _dns_s)
    if told.outcome is Outcome.TROUBLE:
        remedy = "mend the resolver (authentication.dns_servers, or /etc/resolv.conf): until it answers, mail is put off"
        return Finding("dns", Health.FAILED, f"no answer about {settings.relay.domain}", remedy)
    if told.outcome is not Outcome.FOUND:
        remedy = "see `relay dns print` and `relay dns check`"
        return Finding("dns", Health.WARNING, f"answers, and {settings.relay.domain} has no MX record", remedy)
    validated = "validated by DNSSEC" if told.secure else "not validated by DNSSEC"
    return Finding(
        "dns", Health.FINE, f"answers about {settings.relay.domain}, {validated}; `relay dns check` looks at each record"
    )


def _asked(domain: str) -> Asking[Answer]:
    return (yield Query(domain, Type.MX))


def way_out(settings: Settings) -> Finding:
    """Whether our mail is taken."""
    route = settings.outbound.route
    if not isinstance(route, Smarthost):
        return Finding("way out", Health.FINE, "by MX: each message to the hosts of its recipient's domain")
    try:
        with socket.create_connection((route.server.host, route.server.port), _connect_s) as connection:
            greeting = connection.recv(200)
    except OSError as error:
        told = f"{route.server} cannot be reached: {error.strerror or type(error).__name__}"
        return Finding("way out", Health.FAILED, told, "mail waits until it can")
    if not greeting.startswith(b"220"):
        return Finding("way out", Health.FAILED, f"{route.server} does not greet as SMTP servers do")
    return Finding("way out", Health.FINE, f"{route.server} answers")


def disk(settings: Settings) -> Finding:
    """Whether mail is taken, and for how long still."""
    directory, wanted = settings.relay.state_dir, settings.smtp.disk_free_min
    try:
        free = free_octets(directory)
    except OSError as error:
        return Finding("disk", Health.FAILED, f"{directory}: {error.strerror}")
    told = f"{free // 2**20} MiB are free for {directory}"
    if free < wanted:
        return Finding("disk", Health.FAILED, f"{told}: no mail is taken below {wanted // 2**20} MiB", "make room")
    if free < 4 * wanted:
        return Finding("disk", Health.WARNING, f"{told}; no mail is taken below {wanted // 2**20} MiB", "make room soon")
    return Finding("disk", Health.FINE, told)


def time_server(_: Settings) -> Finding:
    """Whether the clock follows somebody: windows, signatures and certificates go by it."""
    read_only = ctypes.create_string_buffer(_timex_octets)
    try:
        state = ctypes.CDLL(None).adjtimex(read_only)
    except (OSError, AttributeError):
        state = -1
    if state == _TIME_ERROR:
        return Finding("clock", Health.WARNING, "it follows no time server", "run chrony or systemd-timesyncd")
    return Finding("clock", Health.FINE, "it follows a time server" if state >= 0 else "the system does not say what it follows")


def _is_open(host: str) -> bool:
    """Whether strangers may reach it there: at every address, a public one, or a name."""
    try:
        at = ip_address(host)
    except ValueError:
        return host != "localhost"
    return at.is_unspecified or is_public(at)
