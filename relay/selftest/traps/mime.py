"""How a mail is put together: leaks.md section 4."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Final

from relay.selftest.traps.letters import (
    BOUNDARY,
    HTML,
    MARKER,
    PLAIN,
    crlf,
    filled,
    joined,
    mail,
    multipart,
    part,
    percent,
    usual_fields,
    with_file,
    word,
)
from relay.selftest.traps.trap import CANARY, Fate, Scene, Trap

_levels: Final = 60
_parts: Final = 600
_NUL: Final = "\0"

_PART_FIELDS: Final = {
    "Content-Description": "Content-Description: Letter of $name, $address $canary",
    "Content-ID": "Content-ID: <$canary@$host>",
    "Content-Location": "Content-Location: https://www.$domain/$canary.txt",
    "private fields": "X-Attachment-Id: $canary\nX-Apple-Part-Url: $canary@$host\nX-Author: $name <$address>",
    "dates": 'Content-Disposition: attachment; filename="a.txt";\n creation-date="$canary $address"; size=12; x-author="$name"',
    "parameters": 'Content-Type: text/plain; charset=utf-8; x-unix-mode=0644; x-mac-creator="$canary"; name="$address.txt"',
    "parameter of a charset": 'Content-Type: text/plain; charset="utf-8 $address $canary"',
    "address fields": "From: $name <$address>\nTo: $their_address\nReply-To: $second\nMessage-ID: <1@$domain>",
}
_FILE_NAMES: Final = {
    "address": 'filename="letter of $address.txt"',
    "quoted without need": 'filename="$local\\@$domain.txt"',
    "unquoted": "filename=$address.txt",
    "2231": "filename*=utf-8''$percent.txt",
    "2231 pieces": 'filename*0="$local"; filename*1="@$domain"; filename*2=.txt',
    "2231 pieces mixed": "filename*1=%40; filename*0*=utf-8''$local; filename*1*=%40; filename*2=$domain; filename*3=\".txt\"",
    "2231 with a language": "filename*=iso-8859-1'de'$percent%20Gr%FC%DFe.txt",
    "both forms": "filename=\"a.txt\"; filename*=utf-8''$percent.txt",
    "Windows path": 'filename="C:\\\\Users\\\\$local\\\\$canary\\\\list.txt"',
    "Unix path": 'filename="/home/$local/$canary/../list.txt"',
    "line feed": "filename*=utf-8''a%0D%0AX-Injected%3A%20$percent.txt",
    "last name": 'filename="passport_$last.txt"',
    "full name": 'filename="$name.txt"',
    "direction": "filename*=utf-8''$local%E2%80%AE@$domain%E2%80%AC.txt",
    "percent": 'filename="$percent.txt"',
    "domain": 'filename="www.$domain.txt"',
    "nothing but the address": 'filename="$address"',
    "folded inside the domain": 'filename="letter of $local@www.\n $domain.txt"',
    "folded at the sign": 'filename="letter of $local\n @$domain.txt"',
}
_TEXT_FILES: Final = {
    "text": ("text/plain; charset=utf-8", "list.txt", "Nine is fine.\n$address\n$their_address\n"),
    "csv": ("text/csv; charset=utf-8", "list.csv", "name;mail\n$name;$address\nNine is fine.;$second\n"),
    "html": ("text/html; charset=utf-8", "page.html", "<p>Nine is fine.</p><!-- $canary --><p>$name &lt;$address&gt;</p>"),
    "xml": ("application/xml", "list.xml", "<a mail='$address'><b>Nine is fine.</b><c>$percent</c></a>"),
    "json": ("application/json", "list.json", '{"mail": "$address", "text": "Nine is fine.", "two": "$local\\u0040$domain"}'),
    "undeclared": ("application/octet-stream", "list.txt", "Nine is fine.\n$address\n"),
    "undeclared csv": ("application/octet-stream", "list.csv", "Nine is fine.;$address\n"),
    "markdown": ("text/markdown", "read.md", "Nine is fine. [me](mailto:$address)\n"),
    "log": ("text/plain", "mail.log", "Nine is fine.\nReceived: from $host ($host [$ip]) for <$address>\n"),
    "track": (
        "application/gpx+xml",
        "tour.gpx",
        "<gpx><author><name>$name</name><email id='x' domain='$domain'/></author></gpx>",
    ),
    "ini": ("text/plain; charset=us-ascii", "a.ini", "Nine is fine.\n[user]\nmail=$address\n"),
}
_INNER: Final = (
    "Return-Path: <$address>\nReceived: from $host ([$ip]) by mx.$domain; Mon, 01 Jun 2026 12:00:00 +0200\n"
    "From: $name <$address>\nTo: $their_name <$their_address>\nCc: $second\nSubject: Fine, $address\n"
    "Message-ID: <$canary@$domain>\nX-Mailer: $canary\nDate: Mon, 01 Jun 2026 12:00:00 +0200 ($canary)\nMIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=utf-8\n\nNine is fine.\n$name\n$address\n"
)
_FINE: Final = "Nine is fine."


def _fields() -> Iterator[Trap]:
    for name, template in _PART_FIELDS.items():

        def build(scene: Scene, template: str = template) -> bytes:
            fields = filled(scene, template).split("\n")
            head = "\n".join(fields if fields[0].startswith("Content-Type") else (f"Content-Type: {PLAIN}", *fields))
            return multipart(scene, part(f"{MARKER}\n"), crlf(f"{head}\n\n{_FINE}\n"))

        yield Trap(f"LEAK-50 {name}", "LEAK-50", f"A part has: {name}.", build, keeps=(MARKER, _FINE))

    def around(scene: Scene) -> bytes:
        body = f"{scene.writer.address} {CANARY}\r\n".encode() + joined(part(f"{MARKER}\n"), part(f"{_FINE}\n"))
        return mail(
            scene, body + f"{scene.writer.address} {CANARY}\r\n".encode(), content=f'multipart/mixed; boundary="{BOUNDARY}"'
        )

    def boundary(scene: Scene) -> bytes:
        edge = f"{CANARY}_{scene.writer.domain}"
        return mail(scene, joined(part(f"{MARKER}\n"), boundary=edge), content=f'multipart/mixed; boundary="{edge}"')

    def image_by_id(scene: Scene) -> bytes:
        inner = f"inline-{CANARY}@{scene.writer.host}"
        html = part(
            f'<p>{MARKER}</p><img src="cid:{percent(inner)}"><img src="https://{scene.writer.domain}/{CANARY}.gif">', HTML
        )
        gif = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
        picture = part(gif, "image/gif", f"Content-ID: <{inner}>", encoding="base64")
        other = part(gif, "image/gif", f"Content-Location: https://{scene.writer.domain}/{CANARY}.gif", encoding="base64")
        return multipart(scene, html, picture, other, subtype="related", parameters=f'; start="<{CANARY}@x>"; type="text/html"')

    for name, made in {"preamble and epilogue": around, "boundary": boundary, "Content-ID of a picture": image_by_id}.items():
        yield Trap(f"LEAK-50 {name}", "LEAK-50", f"The parts: {name}.", made, keeps=(MARKER,))


def _names() -> Iterator[Trap]:
    for name, template in _FILE_NAMES.items():

        def build(scene: Scene, template: str = template) -> bytes:
            disposition = filled(scene, f"Content-Disposition: attachment; {template}")
            return multipart(scene, part(f"{MARKER}\n"), part(f"{_FINE}\n", PLAIN, disposition))

        yield Trap(f"LEAK-51 {name}", "LEAK-51", f"The name of a file: {name}.", build, keeps=(MARKER, _FINE))

    def in_words(scene: Scene) -> bytes:
        name = f"{word(scene.writer.address[:6])} {word(scene.writer.address[6:] + '.txt', 'iso-8859-1', 'q')}"
        content = f'text/plain; charset=utf-8; name="{name}"'
        return multipart(
            scene, part(f"{MARKER}\n"), part(f"{_FINE}\n", content, f'Content-Disposition: attachment; filename="{name}"')
        )

    yield Trap("LEAK-51 encoded words", "LEAK-51", "The name in encoded words.", in_words, keeps=(MARKER, _FINE))


def _texts() -> Iterator[Trap]:
    for name, (content, filename, template) in _TEXT_FILES.items():

        def build(scene: Scene, content: str = content, filename: str = filename, template: str = template) -> bytes:
            return with_file(scene, crlf(filled(scene, template)), content, filename)

        keeps = (MARKER, _FINE) if _FINE in template else (MARKER,)
        yield Trap(f"LEAK-52 {name}", "LEAK-52", f"An attached text: {name}.", build, keeps=keeps)

    def wide(scene: Scene) -> bytes:
        text = filled(scene, f"{_FINE}\r\n$address\r\n$their_address\r\n")
        return with_file(scene, text.encode("utf-16"), "text/plain; charset=utf-16", "list.txt")

    def wide_undeclared(scene: Scene) -> bytes:
        return with_file(
            scene, filled(scene, f"{_FINE}\r\n$address\r\n").encode("utf-16"), "application/octet-stream", "list.txt"
        )

    yield Trap("LEAK-52 UTF-16", "LEAK-52", "An attached text in UTF-16.", wide, keeps=(MARKER, _FINE))
    yield Trap("LEAK-52 UTF-16 undeclared", "LEAK-52", "The same as mere octets.", wide_undeclared, keeps=(MARKER, _FINE))


def inner(scene: Scene) -> bytes:
    """A whole mail of the writer to the reader's real address, as it would be attached."""
    return crlf(filled(scene, _INNER))


def _messages() -> Iterator[Trap]:
    def attached(
        content: str, wrap: Callable[[bytes], bytes] = bytes, *fields: str, encoding: str = "8bit"
    ) -> Callable[[Scene], bytes]:
        return lambda scene: multipart(scene, part(f"{MARKER}\n"), part(wrap(inner(scene)), content, *fields, encoding=encoding))

    def nested(octets: bytes) -> bytes:
        for _ in range(3):
            octets = b"Subject: again\r\nContent-Type: message/rfc822\r\n\r\n" + octets
        return octets

    def digest(scene: Scene) -> bytes:
        one = b"\r\n" + inner(scene)
        body = b"".join(b"--=_d\r\n" + each + b"\r\n" for each in (one, one)) + b"--=_d--\r\n"
        return multipart(scene, part(f"{MARKER}\n"), part(body, 'multipart/digest; boundary="=_d"'))

    def as_file(name: str, content: str) -> Callable[[Scene], bytes]:
        return lambda scene: with_file(scene, inner(scene).replace(CANARY.encode(), b"1"), content, name)

    for name, build in {
        "plain": attached("message/rfc822"),
        "base64": attached("message/rfc822", encoding="base64"),
        "quoted-printable": attached("message/rfc822", encoding="quoted-printable"),
        "with a name": attached("message/rfc822; name=a.eml", bytes, 'Content-Disposition: attachment; filename="a.eml"'),
        "inline": attached("message/rfc822", bytes, "Content-Disposition: inline"),
        "global": attached("message/global"),
        "news": attached("message/news"),
        "nested": attached("message/rfc822", nested),
        "digest": digest,
        "file": as_file("mail.eml", "application/octet-stream"),
        "file of an unknown kind": as_file("mail.bin", "application/x-something"),
        "file as text": as_file("mail.txt", "text/plain; charset=utf-8"),
        "file as e-mail": as_file("mail.eml", "application/email"),
    }.items():
        yield Trap(f"LEAK-53 {name}", "LEAK-53", f"A mail is attached: {name}.", build, keeps=(MARKER, _FINE))
    yield Trap(
        "LEAK-53 header fields",
        "LEAK-53",
        "The header of a mail is attached.",
        attached("text/rfc822-headers", lambda octets: octets.partition(b"\r\n\r\n")[0] + b"\r\n"),
        keeps=(MARKER,),
    )


def _elsewhere() -> Iterator[Trap]:
    external = 'message/external-body; access-type=mail-server; server="$address"; name="$canary"'
    by_url = 'message/external-body; access-type=URL; URL="https://www.$domain/$canary"'
    for name, content in {"mail server": external, "url": by_url}.items():

        def build(scene: Scene, content: str = content) -> bytes:
            phantom = f"Content-Type: text/plain\nContent-ID: <{CANARY}@{scene.writer.host}>\n\n{scene.writer.address}\n"
            return multipart(scene, part(f"{MARKER}\n"), part(phantom, filled(scene, content)))

        yield Trap(f"LEAK-54 external body: {name}", "LEAK-54", "A part lies elsewhere.", build, keeps=(MARKER,))

    def partial(scene: Scene) -> bytes:
        content = f'message/partial; number=1; total=2; id="{CANARY}@{scene.writer.domain}"'
        return mail(scene, inner(scene), content=content)

    yield Trap("LEAK-54 partial", "LEAK-54", "Half a message.", partial, Fate.REFUSED)


def _unclosed(scene: Scene) -> bytes:
    return multipart(scene, part(f"{MARKER}\n"), part(f"{scene.writer.address}\n")).removesuffix(f"--{BOUNDARY}--\r\n".encode())


def _without_boundary(scene: Scene) -> bytes:
    return mail(scene, joined(part(f"{MARKER}\n{scene.writer.address}\n")), content="multipart/mixed")


def _other_boundary(scene: Scene) -> bytes:
    return mail(scene, joined(part(f"{MARKER}\n{scene.writer.address}\n")), content="multipart/mixed; boundary=nowhere")


def _in_base64(scene: Scene) -> bytes:
    body = base64.encodebytes(joined(part(f"{MARKER}\n"), part(f"{scene.writer.address}\n"))).replace(b"\n", b"\r\n")
    return mail(scene, body, content=f'multipart/mixed; boundary="{BOUNDARY}"', encoding="base64")


def _in_quoted_printable(scene: Scene) -> bytes:
    body = joined(part(f"{MARKER}\n"), part(f"{scene.writer.address}\n")).replace(b"@", b"=40")
    return mail(
        scene, body.replace(b"=_", b"=3D_"), content=f'multipart/mixed; boundary="{BOUNDARY}"', encoding="quoted-printable"
    )


def _base64(scene: Scene, text: str, content: str = PLAIN) -> bytes:
    """In Base64 octets cross that the SMTP session refuses as they stand (FAULT-47)."""
    return mail(scene, base64.encodebytes(crlf(text)).replace(b"\n", b"\r\n"), content=content, encoding="base64")


def _nul(scene: Scene) -> bytes:
    return _base64(scene, f"{MARKER}\n{scene.writer.address.replace('@', f'{_NUL}@{_NUL}').replace('a', f'{_NUL}a')}\n")


def _nul_in_html(scene: Scene) -> bytes:
    torn = _NUL.join(scene.writer.address)
    return _base64(scene, f"<p>{MARKER}</p><p>{torn}</p>", HTML)


def _deep(scene: Scene) -> bytes:
    body = part(f"{MARKER}\n{scene.writer.address}\n")
    for level in range(_levels):
        edge = f"=_level{level}"
        body = part(joined(body, boundary=edge), f'multipart/mixed; boundary="{edge}"', f"X-Of: {scene.writer.address}")
    return multipart(scene, part(f"{MARKER}\n"), body)


def _many(scene: Scene) -> bytes:
    return multipart(scene, part(f"{MARKER}\n"), *(part(f"{at} {scene.writer.address}\n") for at in range(_parts)))


def _bare_line_feeds(scene: Scene) -> bytes:
    return multipart(scene, part(f"{MARKER}\n"), part(f"{scene.writer.address}\n")).replace(b"\r\n", b"\n")


def _headless_part(scene: Scene) -> bytes:
    return multipart(scene, part(f"{MARKER}\n"), crlf(f"\n{scene.writer.address}\n"), crlf(scene.writer.address))


def _no_type(scene: Scene) -> bytes:
    return mail(scene, f"{MARKER}\n{scene.writer.address}\n", content=f"text; x={CANARY}")


def _boundary_in_boundary(scene: Scene) -> bytes:
    inner_part = part(
        joined(part(f"{scene.writer.address}\n"), boundary=BOUNDARY + "x"), f'multipart/mixed; boundary="{BOUNDARY}x"'
    )
    return multipart(scene, part(f"{MARKER}\n"), inner_part)


def _header_only(scene: Scene) -> bytes:
    return crlf("\n".join((*usual_fields(scene), f"X-A: {scene.writer.address}")) + "\n")


def _broken() -> Iterator[Trap]:
    for name, build in {
        "boundary never closed": _unclosed,
        "no boundary": _without_boundary,
        "boundary that never occurs": _other_boundary,
        "multipart in base64": _in_base64,
        "multipart in quoted-printable": _in_quoted_printable,
        "NUL in an address": _nul,
        "bare line feeds": _bare_line_feeds,
        "parts without a header": _headless_part,
        "type without a subtype": _no_type,
        "boundary that begins like another": _boundary_in_boundary,
    }.items():
        yield Trap(f"LEAK-55 {name}", "LEAK-55", f"Broken: {name}.", build, keeps=(MARKER,))
    yield Trap("LEAK-55 NUL in a page", "LEAK-55", "Broken: NUL in a page.", _nul_in_html, keeps=(MARKER,))
    yield Trap("LEAK-55 60 levels", "LEAK-55", "Multiparts within multiparts.", _deep, keeps=(MARKER,), is_deep=True)
    yield Trap("LEAK-55 600 parts", "LEAK-55", "More parts than anybody sends.", _many, keeps=(MARKER, f"{_parts - 1} "))
    yield Trap("LEAK-55 no body", "LEAK-55", "A header and nothing else.", _header_only)


def _clean() -> Iterator[Trap]:
    for name, (content, filename, text) in {
        "text": ("text/plain; charset=utf-8", "list.txt", "Nine  is fine,\t9:30 @ the fountain.\n\n.\nEnd"),
        "csv": ("text/csv", "list.csv", '"a";"b @ c"\n1;2\n'),
        "octets": ("application/octet-stream", "a.bin", "\x00\x01\x02 kept as it is \x7f"),
        "calendar of nobody": ("application/json", "a.json", '{"a": [1, 2.50, "b"]}'),
    }.items():

        def build(scene: Scene, content: str = content, filename: str = filename, text: str = text) -> bytes:
            return with_file(scene, crlf(text), content, filename)

        same = base64.b64encode(crlf(text)).decode()[:60]
        yield Trap(f"LEAK-56 {name}", "LEAK-56", f"A clean file keeps its octets: {name}.", build, keeps=(MARKER, filename, same))


MIME: Final[tuple[Trap, ...]] = (
    *_fields(),
    *_names(),
    *_texts(),
    *_messages(),
    *_elsewhere(),
    *_broken(),
    *_clean(),
)
