"""Files that tell more than people see in them: leaks.md section 5."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from relay.selftest.traps.boxes import a_heic, an_mp4
from relay.selftest.traps.documents import (
    a_calendar,
    a_card,
    a_docx,
    a_pdf,
    a_tnef,
    an_mp3,
    an_odt,
    an_old_calendar,
    an_rtf,
    zipped,
)
from relay.selftest.traps.letters import BOUNDARY, HTML, MARKER, PLAIN, crlf, filled, mail, multipart, part, with_file
from relay.selftest.traps.ole import a_doc
from relay.selftest.traps.pictures import SEEN, a_gif, a_jpeg, a_png, a_tiff, a_webp
from relay.selftest.traps.trap import CANARY, Fate, Scene, Trap

_FINE: Final = "Nine is fine."
_SEEN: Final = SEEN.decode()
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

File = Callable[[Scene], bytes]

_PICTURES: Final[dict[str, tuple[File, str, str]]] = {
    "JPEG": (a_jpeg, "image/jpeg", "photo.jpg"),
    "PNG": (a_png, "image/png", "photo.png"),
    "WebP": (a_webp, "image/webp", "photo.webp"),
    "GIF": (a_gif, "image/gif", "photo.gif"),
    "JPEG as octets": (a_jpeg, "application/octet-stream", "photo.bin"),
    "JPEG as PNG": (a_jpeg, "image/png", "photo.png"),
    "PNG as text": (a_png, "text/plain", "photo.txt"),
    "TIFF": (a_tiff, "image/tiff", "photo.tif"),
    "HEIC": (a_heic, "image/heic", "photo.heic"),
}
_DRAWN: Final = frozenset({"TIFF", "HEIC", "MP3", "film"})
"""The files in which `SEEN` can be read as it stands."""
_DOCUMENTS: Final[dict[str, tuple[str, File, str, str]]] = {
    "PDF": ("LEAK-61", a_pdf, "application/pdf", "tour.pdf"),
    "PDF in UTF-16": ("LEAK-61", lambda scene: a_pdf(scene, encoding="utf-16"), "application/pdf", "tour.pdf"),
    "PDF packed": ("LEAK-61", lambda scene: a_pdf(scene, packed=True), "application/pdf", "tour.pdf"),
    "PDF packed in UTF-16": (
        "LEAK-61",
        lambda scene: a_pdf(scene, encoding="utf-16", packed=True),
        "application/pdf",
        "tour.pdf",
    ),
    "PDF as octets": ("LEAK-61", a_pdf, "application/octet-stream", "tour.bin"),
    "docx": ("LEAK-62", a_docx, _WORD, "tour.docx"),
    "docx as octets": ("LEAK-62", a_docx, "application/octet-stream", "tour.docx"),
    "odt": ("LEAK-62", an_odt, "application/vnd.oasis.opendocument.text", "tour.odt"),
}
_OLD: Final[dict[str, tuple[File, str, str]]] = {
    "OLE": (a_doc, "application/msword", "tour.doc"),
    "RTF": (an_rtf, "application/rtf", "tour.rtf"),
    "MP3": (an_mp3, "audio/mpeg", "tour.mp3"),
    "film": (an_mp4, "video/mp4", "tour.mp4"),
}


def _list(scene: Scene) -> str:
    return filled(scene, "Nine is fine.\n$name\n$address\n$their_address\n")


def _tar(scene: Scene) -> bytes:
    octets = io.BytesIO()
    with tarfile.open(fileobj=octets, mode="w") as archive:
        member = tarfile.TarInfo("list.txt")
        content = _list(scene).encode()
        member.size, member.uname = len(content), scene.writer.address
        archive.addfile(member, io.BytesIO(content))
    return octets.getvalue()


_CLEANED_ARCHIVES: Final[dict[str, tuple[File, tuple[str, ...]]]] = {
    "name of a member": (lambda scene: zipped([(f"{scene.writer.address}/{scene.writer.last_name}.txt", _FINE)]), (_FINE,)),
    "comment": (lambda scene: zipped([("a.txt", _FINE)], comment=f"by {scene.writer.address}".encode()), (_FINE,)),
    "document in an archive": (lambda scene: zipped([("tour.docx", a_docx(scene)), ("tour.pdf", a_pdf(scene))]), (_FINE,)),
    "picture in an archive": (lambda scene: zipped([("photo.jpg", a_jpeg(scene)), ("photo.tif", a_tiff(scene))]), (_SEEN,)),
}
"""By name: the archive, and what can be read in it afterwards. Nothing goes but what software wrote."""
_HELD_ARCHIVES: Final[dict[str, File]] = {
    "text inside": lambda scene: zipped([("list.txt", _list(scene))]),
    "stored": lambda scene: zipped([("list.txt", _list(scene))], method=0),
    "archive in an archive": lambda scene: zipped([("inner.zip", zipped([("list.txt", _list(scene))]))]),
    "mail in an archive": lambda scene: zipped([("mail.eml", crlf(f"From: {scene.writer.address}\n\n{_FINE}\n"))]),
    "text in UTF-16": lambda scene: zipped([("list.txt", _list(scene).encode("utf-16"))]),
    "gzip": lambda scene: gzip.compress(_list(scene).encode(), mtime=0),
    "tar": _tar,
    "tar packed": lambda scene: gzip.compress(_tar(scene), mtime=0),
}


def _attached() -> Iterator[Trap]:
    def trap(row: str, name: str, file: tuple[File, str, str], fate: Fate, keeps: tuple[str, ...]) -> Trap:
        content, media_type, filename = file

        def build(scene: Scene) -> bytes:
            return with_file(scene, content(scene), media_type, filename)

        return Trap(f"{row} {name}", row, f"A file tells who made it: {name}.", build, fate, keeps)

    def drawn(name: str) -> tuple[str, ...]:
        return (MARKER, _SEEN) if name in _DRAWN else (MARKER,)

    for name, picture in _PICTURES.items():
        yield trap("LEAK-60", name, picture, Fate.DELIVERED, drawn(name))
    for name, (row, content, media_type, filename) in _DOCUMENTS.items():
        yield trap(row, name, (content, media_type, filename), Fate.DELIVERED, (MARKER, _FINE))
    for name, old in _OLD.items():
        yield trap("LEAK-63", name, old, Fate.DELIVERED, drawn(name) if name in _DRAWN else (MARKER, _FINE))
    for name, (archive, keeps) in _CLEANED_ARCHIVES.items():
        yield trap("LEAK-64", name, (archive, "application/zip", "files.zip"), Fate.DELIVERED, (MARKER, *keeps))
    for name, archive in _HELD_ARCHIVES.items():
        yield trap("LEAK-64", name, (archive, "application/zip", "files.zip"), Fate.HELD, ())

    def inline_picture(scene: Scene) -> bytes:
        html = part(f'<p>{MARKER}</p><img src="cid:1@x">', HTML)
        picture = part(a_jpeg(scene), 'image/jpeg; name="photo.jpg"', "Content-ID: <1@x>", encoding="base64")
        return multipart(scene, html, picture, subtype="related")

    yield Trap("LEAK-60 inline", "LEAK-60", "A picture in the page.", inline_picture, keeps=(MARKER,))

    def visible(scene: Scene) -> bytes:
        return with_file(scene, a_pdf(scene).replace(b"Nine is fine.", b"Tour of nine."), "application/pdf", "tour.pdf")

    yield Trap("LEAK-65 text in a PDF", "LEAK-65", "What a page says stays.", visible, keeps=(MARKER, "Tour of nine."))


def _invitations() -> Iterator[Trap]:
    def inline(method: str) -> File:
        def build(scene: Scene) -> bytes:
            calendar = part(a_calendar(scene, method), f"text/calendar; charset=utf-8; method={method}; x-of={CANARY}")
            return multipart(scene, part(f"{MARKER}\n"), calendar, subtype="alternative")

        return build

    def attached(media_type: str, name: str) -> File:
        return lambda scene: with_file(scene, a_calendar(scene), media_type, name)

    def alone(scene: Scene) -> bytes:
        return mail(scene, a_calendar(scene), content="text/calendar; charset=utf-8; method=REQUEST")

    times = ("DTSTART:20260610T090000Z", "SUMMARY:Nine is fine.", "LOCATION:At the fountain")
    for name, build in {
        "request": inline("REQUEST"),
        "reply": inline("REPLY"),
        "cancellation": inline("CANCEL"),
        "file": attached("text/calendar; charset=utf-8", "invite.ics"),
        "file as octets": attached("application/octet-stream", "invite.ics"),
        "file of the old type": attached("application/ics", "invite.ics"),
        "old form": lambda scene: with_file(scene, an_old_calendar(scene), "text/x-vcalendar", "invite.vcs"),
        "alone": alone,
    }.items():
        keeps = times if name == "alone" else (MARKER, *times)
        yield Trap(f"LEAK-66 {name}", "LEAK-66", f"An invitation: {name}.", build, keeps=keeps)


def _cards() -> Iterator[Trap]:
    def attached(media_type: str, name: str) -> File:
        return lambda scene: with_file(scene, a_card(scene), media_type, name)

    def alone(scene: Scene) -> bytes:
        return mail(scene, a_card(scene), content="text/vcard; charset=utf-8")

    for name, build in {
        "vCard": attached("text/vcard; charset=utf-8", "me.vcf"),
        "old type": attached("text/x-vcard", "me.vcf"),
        "directory": attached("text/directory; profile=vCard", "me.vcf"),
        "octets": attached("application/octet-stream", "me.vcf"),
        "alone": alone,
    }.items():
        keeps = () if name == "alone" else (MARKER,)
        yield Trap(f"LEAK-67 {name}", "LEAK-67", f"A contact card: {name}.", build, keeps=keeps)


def _wrapped() -> Iterator[Trap]:
    def beside(scene: Scene) -> bytes:
        return with_file(scene, a_tnef(scene), "application/ms-tnef", "winmail.dat")

    def as_octets(scene: Scene) -> bytes:
        return with_file(scene, a_tnef(scene), "application/octet-stream", "winmail.dat")

    def alone(scene: Scene) -> bytes:
        whole = part(a_tnef(scene), 'application/ms-tnef; name="winmail.dat"', encoding="base64")
        head, _, body = whole.partition(b"\r\n\r\n")
        return mail(scene, body, content=head.split(b"\r\n")[0].decode().partition(": ")[2], encoding="base64")

    for name, build in {"beside a body": beside, "as octets": as_octets, "alone": alone}.items():
        keeps = (_FINE,) if name == "alone" else (MARKER, _FINE)
        yield Trap(f"LEAK-68 {name}", "LEAK-68", f"winmail.dat: {name}.", build, keeps=keeps)


@cache
def _certificate(address: str, company: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate that names its owner. The key is no secret, and always the same: a trap is the same octets every time."""
    key = ec.derive_private_key(417, ec.SECP256R1())
    owner = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, company), x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, address)]
    )
    builder = x509.CertificateBuilder(owner, owner, key.public_key(), 417)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
    return builder.sign(key, hashes.SHA256()), key


def _signed(scene: Scene, *options: pkcs7.PKCS7Options) -> bytes:
    content = part(f"{MARKER}\n{scene.writer.address}\n", PLAIN)
    certificate, key = _certificate(scene.writer.address, scene.writer.company)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def _secured() -> Iterator[Trap]:
    def opaque(scene: Scene) -> bytes:
        whole = part(_signed(scene), "application/pkcs7-mime", encoding="base64").partition(b"\r\n\r\n")[2]
        content = 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'
        return mail(scene, whole, content=content, encoding="base64")

    def clear(scene: Scene) -> bytes:
        signature = part(
            _signed(scene, pkcs7.PKCS7Options.DetachedSignature),
            'application/pkcs7-signature; name="smime.p7s"',
            'Content-Disposition: attachment; filename="smime.p7s"',
            encoding="base64",
        )
        parameters = '; protocol="application/pkcs7-signature"; micalg=sha-256'
        signed = part(f"{MARKER}\n{scene.writer.address}\n")
        return multipart(scene, signed, signature, subtype="signed", parameters=parameters)

    def pgp(scene: Scene) -> bytes:
        armour = (
            "-----BEGIN PGP SIGNATURE-----\nVersion: $canary\nComment: $address\n\niQEz$base64\n-----END PGP SIGNATURE-----\n"
        )
        signature = part(
            filled(scene, armour), 'application/pgp-signature; name="signature.asc"', f"Content-Description: {CANARY}"
        )
        signed = part(f"{MARKER}\n{scene.writer.address}\n")
        return multipart(scene, signed, signature, subtype="signed", parameters='; protocol="application/pgp-signature"')

    def key(scene: Scene) -> bytes:
        armour = (
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: $address\n\nmQEN$base64\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
        )
        return with_file(scene, crlf(filled(scene, armour)), "application/pgp-keys", f"publickey - {scene.writer.address}.asc")

    def certificate(scene: Scene) -> bytes:
        octets = _certificate(scene.writer.address, scene.writer.company)[0].public_bytes(Encoding.DER)
        return with_file(scene, octets, "application/octet-stream", "me.cer")

    def encrypted(scene: Scene) -> bytes:
        armour = (
            "-----BEGIN PGP MESSAGE-----\nVersion: $canary\nComment: $address\n\nhQEM$base64\n=abcd\n-----END PGP MESSAGE-----\n"
        )
        control = part("Version: 1\n", "application/pgp-encrypted")
        content = part(filled(scene, armour), 'application/octet-stream; name="encrypted.asc"')
        return mail(
            scene,
            b"--" + BOUNDARY.encode() + b"\r\n" + control + b"\r\n--" + BOUNDARY.encode() + b"\r\n" + content
            + b"\r\n--" + BOUNDARY.encode() + b"--\r\n",
            content=f'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="{BOUNDARY}"',
        )  # fmt: skip

    for name, build in {"S/MIME opaque signed": opaque, "S/MIME clear signed": clear, "PGP/MIME signed": pgp}.items():
        yield Trap(f"LEAK-69 {name}", "LEAK-69", f"Signed: {name}.", build, keeps=(MARKER,))
    yield Trap("LEAK-69 key attached", "LEAK-69", "A public key names its owner.", key, keeps=(MARKER,))
    yield Trap("LEAK-69 certificate attached", "LEAK-69", "A certificate names its owner.", certificate, keeps=(MARKER,))
    yield Trap("LEAK-69 PGP/MIME encrypted", "LEAK-69", "Nobody can look into it.", encrypted, Fate.REFUSED, is_encrypted=True)


FILES: Final[tuple[Trap, ...]] = (*_attached(), *_invitations(), *_cards(), *_wrapped(), *_secured())
