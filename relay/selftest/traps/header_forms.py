"""Subjects, and headers that are written as no header should be: leaks.md section 1, LEAK-8 to LEAK-11."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from relay.selftest.traps.letters import MARKER, PLAIN, crlf, filled, letter, mail, multipart, part, usual_fields, word
from relay.selftest.traps.trap import Fate, Scene, Trap


def _subjects() -> Iterator[Trap]:
    def trap(name: str, value: Callable[[str], str], keeps: tuple[str, ...] = ("Fountain",)) -> Trap:
        def build(scene: Scene) -> bytes:
            return letter(scene, "See you.", f"Subject: Fountain {value(scene.writer.address)}")

        return Trap(f"LEAK-8 {name}", "LEAK-8", f"The subject holds the address: {name}.", build, keeps=(MARKER, *keeps))

    yield trap("plain", lambda address: f"and {address} again")
    yield trap("capitals", str.upper)
    yield trap("base64 word", word)
    yield trap("quoted-printable word", lambda address: word(address, encoding="q"))
    yield trap("word with a language", lambda address: word(address).replace("utf-8", "utf-8*de", 1))
    yield trap("split over words", lambda address: f"{word(address[:5])}\n {word(address[5:])}")
    yield trap("split at the sign", lambda address: f"{word(address.partition('@')[0])} {word('@' + address.partition('@')[2])}")
    yield trap(
        "words of different charsets",
        lambda address: (
            f"{word(address[:5], 'iso-8859-1', 'q')}\n {word(address[5:9], 'utf-16')}\n {word(address[9:], 'koi8-r')}"
        ),
    )
    yield trap("utf-16 word", lambda address: word(address, "utf-16"))
    yield trap("utf-16le word", lambda address: word(address, "utf-16-le", "Q"))
    yield trap("utf-7 word", lambda address: word(address.replace("@", "+AEA-"), encoding="q").replace("utf-8", "utf-7"))
    yield trap("utf-7 word whole", lambda address: f"=?UTF-7?Q?+{_utf7(address)}-?=")
    yield trap("zero-width", lambda address: word("\u200b".join(address)))
    yield trap("soft hyphens", lambda address: word("\u00ad".join(address)))
    yield trap("word without charset", lambda address: word(address).replace("utf-8", "", 1))
    yield trap("word of an unknown charset", lambda address: word(address).replace("utf-8", "x-unknown", 1))
    yield trap("word glued to text", lambda address: f"x{word(address)}x")
    yield trap("word without an end", lambda address: word(address)[:-2])
    yield trap("raw 8-bit beside it", lambda address: f"Größe {address} Żółw")
    yield trap("encoded line feed", lambda address: word(f"\r\nReply-To: {address}\r\n\r\nX-Injected: 1"))
    yield trap("percent", lambda address: address.replace("@", "%40"))
    yield trap("spelled", lambda address: address.replace("@", " (at) ").replace(".", " [dot] "))
    yield trap("entity", lambda address: address.replace("@", "&#64;"))


def _utf7(text: str) -> str:
    return word(text, "utf-16-be").split("?")[3].rstrip("=")


def _forms() -> Iterator[Trap]:
    def trap(name: str, build: Callable[[Scene], bytes], keeps: tuple[str, ...] = (MARKER,), fate: Fate = Fate.DELIVERED) -> Trap:
        return Trap(f"LEAK-9 {name}", "LEAK-9", f"The header has: {name}.", build, fate, keeps=keeps)

    yield trap("fold inside an address", lambda scene: letter(scene, "", f"Subject: {_folded_inside(scene.writer.address)}"))
    yield trap("fold at the sign", lambda scene: letter(scene, "", "Subject: " + scene.writer.address.replace("@", "\n @")))
    yield trap("fold with a tab", lambda scene: letter(scene, "", "Subject: " + scene.writer.address.replace("@", "@\n\t")))
    yield trap("fold inside the name", lambda scene: letter(scene, "", f"Subject: {_folded_at(scene.writer.address, '@', -3)}"))
    yield trap("fold inside the domain", lambda scene: letter(scene, "", f"Subject: {_folded_at(scene.writer.address, '@', 4)}"))
    yield trap(
        "unfolded with a space", lambda scene: letter(scene, "", f"Subject: {_folded_at(scene.writer.address, '@', 4, ' ')}")
    )
    yield trap("line of 940 octets", lambda scene: letter(scene, "", f"Subject: {'Fountain ' * 102}{scene.writer.address}"))
    yield trap("line of 1200 octets", lambda scene: letter(scene, "", f"Subject: {'Fountain ' * 130}{scene.writer.address}"))
    yield trap(
        "line of 1200 octets in one word", lambda scene: letter(scene, "", f"Subject: {'f' * 1180} {scene.writer.address}")
    )
    yield trap("300 fields", lambda scene: letter(scene, "", *(f"X-Field-{at}: {scene.writer.address}" for at in range(300))))
    yield trap("space before the colon", lambda scene: letter(scene, "", f"Reply-To : {scene.writer.second_address}"))
    yield trap("junk line among fields", lambda scene: letter(scene, "", f"this is {scene.writer.address} and no field"))
    yield trap("mbox line", lambda scene: crlf(f"From {scene.writer.address} Mon Jun  1 12:00:00 2026\n") + letter(scene, ""))
    yield trap("mbox line quoted", lambda scene: crlf(f">From {scene.writer.address} Mon Jun  1 2026\n") + letter(scene, ""))
    yield trap(
        "utf-8 fields", lambda scene: letter(scene, "", f"Subject: Żółw {scene.writer.address}", f"X-Ö: {scene.writer.name}")
    )
    yield trap("latin-1 field", _latin1)
    yield trap("field without a name", lambda scene: letter(scene, "", f": {scene.writer.address}"))
    yield trap("bare carriage return", lambda scene: letter(scene, "", f"X-A: b\rReply-To: {scene.writer.second_address}"))
    yield trap("subject twice", lambda scene: letter(scene, "", "Subject: Fountain", f"Subject: {scene.writer.address}"))
    yield trap(
        "nul in a field",
        lambda scene: letter(scene, "", f"Subject: {scene.writer.address.replace('@', chr(0) + '@')}"),
        fate=Fate.ANY_BUT_LEAKED,  # over SMTP its NUL octet is refused (FAULT-47)
    )


def _folded_inside(address: str) -> str:
    return f"Fountain {address[:5]}\n {address[5:]}"


def _folded_at(address: str, sign: str, places: int, fold: str = "\n ") -> str:
    """The address with a fold so many places behind the sign."""
    at = address.index(sign) + places
    return f"Fountain {address[:at]}{fold}{address[at:]}"


def _latin1(scene: Scene) -> bytes:
    return letter(scene, "", f"Subject: Gr\udcfc\udcdfe {scene.writer.address} \udce9")


def _protected() -> Iterator[Trap]:
    inner = "From: $name <$address>\nSubject: $address $canary\nTo: $their_name <$their_address>"

    def in_part(scene: Scene) -> bytes:
        fields = filled(scene, inner).split("\n")
        return multipart(scene, part(f"{MARKER}\n", f'{PLAIN}; protected-headers="v1"', *fields), part("Second.\n"))

    def hole(scene: Scene) -> bytes:
        headers = part(filled(scene, inner) + "\n", 'text/rfc822-headers; protected-headers="v1"', "Content-Disposition: inline")
        return multipart(scene, headers, part(f"{MARKER}\n"), parameters='; protected-headers="v1"')

    def on_multipart(scene: Scene) -> bytes:
        fields = filled(scene, inner.replace("From:", "X-From:").replace("Subject:", "HP-Outer: Subject:")).split("\n")
        return multipart(scene, part(f"{MARKER}\n"), part("Second.\n"), parameters='; hp="clear"', fields=fields[:2])

    for name, build in {"in a part": in_part, "memory hole": hole, "hp-outer": on_multipart}.items():
        yield Trap(f"LEAK-10 {name}", "LEAK-10", "Protected header fields name the writer.", build, keeps=(MARKER,))


def _doubled() -> Iterator[Trap]:
    def text_and_html(scene: Scene) -> bytes:
        fields = [*usual_fields(scene), f"Content-Type: {PLAIN}", "Content-Type: text/html; charset=utf-8"]
        body = f"<p>{MARKER}</p><!-- {scene.writer.address} --><p>{'&#64;'.join(scene.writer.address.split('@'))}</p>\n"
        return crlf("\n".join(fields) + "\n\n" + body)

    def multipart_and_text(scene: Scene) -> bytes:
        fields = [*usual_fields(scene), 'Content-Type: multipart/mixed; boundary="b"', f"Content-Type: {PLAIN}"]
        inner = f"--b\nContent-Type: text/plain\nX-Of: {scene.writer.address}\n\n{MARKER}\n--b--\n{scene.writer.address}\n"
        return crlf("\n".join(fields) + "\n\n" + inner)

    def charsets(scene: Scene) -> bytes:
        fields = [*usual_fields(scene), "Content-Type: text/plain; charset=utf-16", f"Content-Type: {PLAIN}"]
        return crlf("\n".join(fields) + f"\n\n{MARKER} {scene.writer.address}\n")

    def encodings(scene: Scene) -> bytes:
        two = ("Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: quoted-printable")
        fields = [*usual_fields(scene), f"Content-Type: {PLAIN}", *two]
        return crlf("\n".join(fields) + f"\n\n{MARKER} {scene.writer.address.replace('@', '=40')}\n")

    def versions(scene: Scene) -> bytes:
        return mail(scene, f"{MARKER}\n{scene.writer.address}\n", "MIME-Version: 1.0", f"MIME-Version: 1.0 ({scene.writer.name})")

    for name, build in {
        "two MIME-Version": versions,
        "text and html": text_and_html,
        "multipart and text": multipart_and_text,
        "two charsets": charsets,
        "two transfer encodings": encodings,
    }.items():
        yield Trap(f"LEAK-11 {name}", "LEAK-11", "Two fields say what the content is.", build, keeps=(MARKER,))


HEADER_FORMS: Final[tuple[Trap, ...]] = (*_subjects(), *_forms(), *_protected(), *_doubled())
