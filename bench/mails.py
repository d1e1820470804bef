"""The mails of the bench: what a person's web mail writes, 10 kB of it, and the same with a large voucher attached."""

from __future__ import annotations

import base64
import io
import quopri
import random
from typing import Final

import pikepdf

writer: Final = "anna.writer@mail.example"
mark: Final = "bench-aaaaaa"
"""Becomes the number of the copy (bench/mark.h)."""

_WORDS: Final = (
    "we meet at the fountain in front of the town hall at ten please bring shoes and water the lower path is shorter when it"
    " rains merci à bientôt für Straße und Führung gracias mañana grupo zwölf Gäste château réservation dziękuję proszę"
).split()
_PARAGRAPH_WORDS: Final = 30


def _paragraph(draw: random.Random) -> str:
    return " ".join(draw.choice(_WORDS) for _ in range(_PARAGRAPH_WORDS)).capitalize() + "."


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode()).decode()


def _alternative(octets: int, draw: random.Random) -> str:
    """A reply as text and as a page of together about so many octets, with a quote and a signature that name their writer."""
    plain: list[str] = []
    rows: list[str] = []
    while sum(map(len, plain)) + sum(map(len, rows)) < octets:
        plain.append(_paragraph(draw))
        rows.append(
            f'<p style="margin:0 0 10px 0;font-family:Arial,sans-serif;color:#222">{plain[-1]}'
            f' <a href="https://tickets.example/t/{draw.randrange(10**6)}">here</a></p>'
        )
    said = f"On Mon, 1 Jun 2026 at 10:00, Anna Writer <{writer}> wrote:"
    text = "\n\n".join(plain) + f"\n\n{said}\n" + "".join(f"> {one}\n" for one in plain[:2]) + f"\n-- \nAnna Writer\n{writer}\n"
    page = (
        '<html><head><meta charset="utf-8"><style>p{line-height:1.4}</style></head><body>'
        + "\n".join(rows)
        + f"<div>{said.partition('<')[0]}"
        f'<a href="mailto:{writer}">{writer}</a> wrote:<blockquote>{"".join(rows[:2])}</blockquote></div>'
        '<img src="https://count.example/open.gif" width="1" height="1"></body></html>'
    )
    parts = "".join(
        f"--alt\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{_quoted(body)}\n"
        for kind, body in (("plain", text), ("html", page))
    )
    return parts + "--alt--\n"


def _header(recipient: str, kind: str, draw: random.Random) -> str:
    trace = "".join(
        f"Received: from out{hop}.mail.example (out{hop}.mail.example [192.0.2.{hop}])\n\tby in{hop}.mail.example with ESMTPS"
        f" id {draw.getrandbits(64):x};\n\tMon, 01 Jun 2026 10:1{hop}:00 +0000\n"
        for hop in range(3)
    )
    return (
        f"{trace}X-Mailer: Post 12\nX-Originating-IP: [198.51.100.7]\nMIME-Version: 1.0\nFrom: Anna Writer <{writer}>\n"
        f"To: <{recipient}>\nSubject: Re: where we meet {mark}\nDate: Mon, 01 Jun 2026 10:15:00 +0000\n"
        f"Message-ID: <{mark}.{draw.getrandbits(64):x}@mail.example>\nContent-Type: {kind}\n\n"
    )


def letter(recipient: str, octets: int = 10_000) -> bytes:
    """A reply of about so many octets to `recipient`, as DATA carries it."""
    draw = random.Random(octets)
    head = _header(recipient, 'multipart/alternative; boundary="alt"', draw)
    return _as_data(head + _alternative(int((octets - len(head)) * 0.72), draw))


def letter_with_voucher(recipient: str, octets: int) -> bytes:
    """The same with a PDF attached that brings it to about so many octets."""
    draw = random.Random(octets)
    voucher = base64.encodebytes(_pdf(int((octets - 10_000) * 57 / 78), draw)).decode()
    return _as_data(
        _header(recipient, 'multipart/mixed; boundary="mix"', draw)
        + '--mix\nContent-Type: multipart/alternative; boundary="alt"\n\n'
        + _alternative(5_000, draw)
        + '--mix\nContent-Type: application/pdf; name="voucher.pdf"\nContent-Disposition: attachment; filename="voucher.pdf"\n'
        f"Content-Transfer-Encoding: base64\n\n{voucher}--mix--\n"
    )


def _pdf(octets: int, draw: random.Random) -> bytes:
    """A page with one picture of so many octets, which nothing compresses."""
    document = pikepdf.new()
    side = max(1, int((octets / 3) ** 0.5))
    picture = document.make_stream(
        draw.randbytes(side * side * 3),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=side,
        Height=side,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
    )
    page = document.add_blank_page(page_size=(600, 800))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Picture=picture))
    page.Contents = document.make_stream(b"q 600 0 0 800 0 0 cm /Picture Do Q")
    whole = io.BytesIO()
    document.save(whole, compress_streams=False, deterministic_id=True)
    return whole.getvalue()


def _as_data(message: str) -> bytes:
    lines = message.encode().split(b"\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"
