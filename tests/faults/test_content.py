"""Mail that is broken, hostile, or odd: one clear answer each, nobody revealed, and all goes on."""

from __future__ import annotations

import base64
import io
import time
import zipfile
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from support.accounts import a_conversation, books, counts, findings, settled
from support.gateway import Gateway
from support.mails import PARTNER_TELLS, a_mail, read, shows, text_of, with_files
from support.nursery import Nursling
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.store import blobs
from relay.store.engine import reading
from relay.store.tables import messages
from relay.store.tally import End

pytestmark = pytest.mark.slow

PASSES, TOLD, KEPT = (CUSTOMER_ADDRESS,), (PARTNER_ADDRESS,), ()
SECONDS_MAX = 20
"""For one message, on a machine that is busy with other tests: what has no bound takes minutes."""


@dataclass(frozen=True)
class Case:
    """A mail of the partner's to the customer. `goes_to`: the reader, the writer as a notice, or nobody."""

    row: str
    name: str
    mail: bytes
    codes: str = "250 2.6.0"
    goes_to: tuple[str, ...] | None = PASSES


def mail(fields: str = "", body: str | bytes = "At ten, at the fountain.\r\n", kind: str = "text/plain; charset=utf-8") -> bytes:
    """From the partner; `fields` are further header fields, with their line ends."""
    head = f"From: Marco Bellini <{PARTNER_ADDRESS}>\r\nTo: x@reply.example\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"
    octets = body if isinstance(body, bytes) else body.encode()
    return f"{head}{fields}Content-Type: {kind}\r\n\r\n".encode("latin-1") + octets


def parts(*bodies: str, boundary: str = "b", kind: str = "mixed", end: bool = True) -> bytes:
    written = "".join(f"--{boundary}\r\n{body}\r\n" for body in bodies) + (f"--{boundary}--\r\n" if end else "")
    return mail(body=written, kind=f'multipart/{kind}; boundary="{boundary}"')


def nested(depth: int) -> bytes:
    body = "Content-Type: text/plain\r\n\r\nAt ten.\r\n"
    for level in range(depth):
        body = f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n{body}\r\n--b{level}--\r\n'
    return mail(body=f"--c\r\n{body}\r\n--c--\r\n", kind='multipart/mixed; boundary="c"')


def zipped(name: str, content: bytes, *, times: int = 1, encrypted: bool = False) -> bytes:
    """A ZIP archive; `encrypted` sets the flag that says so."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            archive.writestr(f"{number}-{name}", content)
    written = bytearray(octets.getvalue())
    if encrypted:
        written[6] |= 1
        central = written.rindex(b"PK\x01\x02")
        written[central + 8] |= 1
    return bytes(written)


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\nAt ten.\r\n"
TEXT = "Content-Transfer-Encoding: base64\r\n"
FORWARDED = f"From: Marco <{PARTNER_ADDRESS}>\r\nSubject: inner\r\nContent-Type: text/plain\r\n\r\nWrite to {PARTNER_ADDRESS}\r\n"
TELLING = ("Reply-To", "Sender", "Return-Receipt-To", "Disposition-Notification-To", "X-Confirm-Reading-To")
IN_MAIL = "Content-Type: message/rfc822\r\n\r\n"
CASES = (
    Case("FAULT-55", "a line of the header without a colon", mail("this is no field\r\n"), goes_to=None),
    Case("FAULT-55", "a first line that is folded", b" folded\r\n" + mail(), goes_to=None),
    Case("FAULT-56", "From with an address in its name", mail().replace(b"Marco Bellini <", b"a@b.example <")),
    Case(
        "FAULT-57",
        "fields that come twice",
        mail("Subject: Second\r\nTo: y@z.example\r\nDate: x\r\nDate: y\r\nCc: q@z.example\r\n"),
    ),
    Case(
        "FAULT-58",
        "a line end in an encoded word",
        mail("Comments: =?utf-8?q?a=0D=0AX-Evil:_1?=\r\n").replace(
            b"Subject: Plan", b"Subject: =?utf-8?q?Plan=0D=0AX-Evil:_1=00?="
        ),
    ),
    Case(
        "FAULT-58", "a charset of its own", mail().replace(b"Subject: Plan", b"Subject: =?x-none?q?Plan?= =?utf-8?b?unterminated")
    ),
    Case(
        "FAULT-59",
        "fields that name the writer",
        mail(
            "".join(f"{name}: {PARTNER_ADDRESS}\r\n" for name in TELLING),
        ),
    ),
    Case("FAULT-60", "nested a hundred deep", nested(101), goes_to=None),
    Case("FAULT-60", "a thousand parts", parts(*[PLAIN] * 1001), goes_to=None),
    Case("FAULT-60", "no boundary", mail(body="At ten.\r\n", kind="multipart/mixed"), goes_to=None),
    Case("FAULT-60", "a boundary that never comes", mail(body="At ten.\r\n", kind='multipart/mixed; boundary="b"'), goes_to=None),
    Case("FAULT-60", "a boundary of 3 KB", parts(PLAIN, PLAIN, boundary="b" * 3000), goes_to=None),
    Case(
        "FAULT-60",
        "a boundary that begins another",
        parts(PLAIN, 'Content-Type: multipart/mixed; boundary="bb"\r\n\r\n--bb\r\n' + PLAIN + "\r\n--bb--"),
        goes_to=None,
    ),
    Case("FAULT-60", "no end", parts(PLAIN, PLAIN, end=False)),
    Case("FAULT-61", "Base64 with noise and without padding", mail(TEXT, body="QXQg!!dGVu\r\n*LCBhdCB0aGUgZm91bnRhaW4\r\n")),
    Case(
        "FAULT-61",
        "quoted-printable that ends in the middle",
        mail("Content-Transfer-Encoding: quoted-printable\r\n", body="At ten, at =\r\nthe fountain=\r\n"),
    ),
    Case("FAULT-61", "uuencode", mail(body="See:\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n")),
    Case("FAULT-61", "yenc", mail(body="See:\r\n=ybegin line=128 size=3 name=a.bin\r\n\x8d\x8b\x9e\r\n=yend size=3\r\n")),
    Case("FAULT-63", "a mail in a mail", parts(PLAIN, f"Content-Type: message/rfc822\r\n\r\n{FORWARDED}")),
    Case(
        "FAULT-63",
        "a mail in a mail in a mail",
        parts(
            PLAIN,
            f"{IN_MAIL}Subject: x\r\nMIME-Version: 1.0\r\n{IN_MAIL}{FORWARDED}",
        ),
    ),
    Case(
        "FAULT-63",
        "a piece of a message",
        mail(body="half of it\r\n", kind='message/partial; id="x"; number=1; total=2'),
        goes_to=TOLD,
    ),
    Case(
        "FAULT-63",
        "a mail whose body lies elsewhere",
        mail(body="Content-Type: text/plain\r\n", kind='message/external-body; access-type=URL; URL="http://x.example/"'),
        goes_to=TOLD,
    ),
    # Beside a text, what a mail program would have to fetch is left out with a mark (LEAK-54); the rest passes.
    Case(
        "FAULT-63",
        "a part that lies elsewhere",
        parts(
            PLAIN,
            'Content-Type: message/external-body; access-type=URL; URL="http://x.example/"\r\n\r\nContent-Type: text/plain\r\n',
        ),
        goes_to=PASSES,
    ),
    Case(
        "FAULT-64",
        "encrypted by S/MIME",
        mail(
            TEXT,
            body=base64.b64encode(bytes(range(256))).decode() + "\r\n",
            kind="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        ),
        goes_to=TOLD,
    ),
    Case(
        "FAULT-64",
        "encrypted by PGP",
        parts(
            "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
            "Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ==\r\n-----END PGP MESSAGE-----",
            kind="encrypted",
        ),
        goes_to=TOLD,
    ),
    Case(
        "FAULT-65",
        "an archive that unpacks to far too much",
        with_files(mail(), ("photos.zip", zipped("a.bin", bytes(30_000_000), times=4))),
        goes_to=TOLD,
    ),
    Case(
        "FAULT-65",
        "an archive nobody can look into",
        with_files(mail(), ("photos.zip", zipped("a.txt", b"x", encrypted=True))),
        goes_to=TOLD,
    ),
    Case(
        "FAULT-68",
        "a program that says it is a picture",
        with_files(mail(), ("photo.png", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(400))).replace(
            b"application/octet-stream", b"image/png"
        ),
        goes_to=TOLD,
    ),
    Case("FAULT-69", "8-bit octets in the header", mail().replace(b"Subject: Plan", "Subject: Gęślą jaźń".encode())),
    Case(
        "FAULT-70",
        "fifty servers on its way",
        mail("Received: from a by b; Mon, 01 Jun 2026 12:00:00 +0000\r\n" * 51),
        goes_to=KEPT,
    ),
    Case("FAULT-48", "a line of half a megabyte", mail(body="a long line " * 40_000 + "\r\n")),
)


async def test_every_odd_mail_has_one_clear_answer(nursling: Nursling, sink: Sink) -> None:
    """Each row stands beside its case; invariants 1, 4 and 12.

    Where a row leaves open whether it passes or is refused, one of the two has happened, and nothing else.
    """
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        wrong: list[str] = []
        for case in CASES:
            before = len(sink.received)
            began = time.monotonic()
            answer = await nursling.sent(case.mail, alias)
            await settled(engine)
            went_to = tuple(recipient for one in sink.received[before:] for recipient in one.recipients)
            told = f"{case.row}, {case.name}: {answer.codes} to {went_to}"
            if time.monotonic() - began > SECONDS_MAX:
                wrong.append(f"{told}: too slow")
            if case.goes_to is None:
                good = (answer.codes, went_to) in {
                    ("250 2.6.0", PASSES),
                    ("250 2.6.0", TOLD),
                    ("550 5.6.0", ()),
                    ("554 5.6.0", ()),
                }
            else:
                good = (answer.codes, went_to) == (case.codes, case.goes_to)
            if not good:
                wrong.append(told)
            for one in sink.received[before:]:
                if one.recipients == PASSES and (seen := [*shows(one.content, *PARTNER_TELLS), *repeated(one.content)]):
                    wrong.append(f"{told}: shows {seen}")
        assert wrong == []
        assert findings(engine) == ()
        assert sum(counts(engine).values()) >= len(CASES) - 8


def repeated(octets: bytes) -> list[str]:
    """Fields that stand twice in what goes out, or were put there by what an encoded word held (FAULT-57, FAULT-58)."""
    names = [name.lower() for name in read(octets)]
    return sorted({name for name in names if names.count(name) > 1 or name.startswith("x-evil")})


MACHINES = (
    "Auto-Submitted: auto-replied\r\n",
    "Auto-Submitted: auto-generated\r\n",
    "Precedence: bulk\r\n",
    "List-Id: <list.example>\r\n",
    "X-Autoreply: yes\r\n",
)


async def test_a_machine_and_a_stranger_are_never_answered_by_mail(nursling: Nursling, sink: Sink) -> None:
    """FAULT-71, FAULT-72, GW-53: what a person would be told of is a 5xx in the session for them."""
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        own = str(a_conversation(engine).partner.alias)  # a mail to one's own alias is refused (GW-7)
        for machine in MACHINES:
            assert (await nursling.sent(mail(machine), own)).code // 100 == 5, machine
        assert (await nursling.sent(mail(), own, sender="")).code // 100 == 5
        stranger = mail().replace(PARTNER_ADDRESS.encode(), b"mallory@elsewhere.example")
        assert (await nursling.sent(stranger, own, sender="mallory@elsewhere.example")).codes == "550 5.7.1"
        assert (await nursling.sent(mail(), own)).codes == "250 2.6.0"
        assert await settled(engine) == {End.NOTICE: 1}
        assert [one.recipients for one in sink.received] == [TOLD]
        assert findings(engine) == ()


async def test_dots_at_the_beginning_of_lines_make_the_whole_way(gateway: Gateway, sink: Sink) -> None:
    """FAULT-53: `.`, `..`, `.x`, and a dot as the first octet; archived as they came, read as they were written."""
    with books(gateway.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        lines = ".\n..\n.x\n...\nAt ten.\n.\nend\n"
        written = a_mail(to=alias, text=lines)
        assert (await gateway.sent(written, alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        with reading(engine) as connection:
            [name] = connection.execute(select(messages.c.raw)).scalars()
            assert blobs.read(connection, {name})[name] == written
        assert text_of(sink.received[0].content).replace("\r\n", "\n").startswith(lines)
        assert findings(engine) == ()


@pytest.mark.parametrize("sent", [b"", b"Subject: a\r\n", mail() + b".\r", mail() + b"\n."])
async def test_a_client_that_dies_in_data_leaves_nothing(nursling: Nursling, sink: Sink, sent: bytes) -> None:
    """FAULT-50: nothing is stored, and nobody is told."""
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        for ends in ("abort", "close"):
            async with SmtpClient(nursling.smtp_port) as client:
                await client.hello()
                await client.begin(alias, sender=f"<{PARTNER_ADDRESS}>")
                await client.command("DATA")
                await client.send(sent)
                await getattr(client, ends)()
        assert (await nursling.sent(mail(), alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        assert findings(engine) == ()
