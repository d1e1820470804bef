"""What a part of a message is for: the tables by which the body of a rendition is built."""

from __future__ import annotations

import codecs
import re
from enum import Enum
from typing import Final

from relay.message.mail import ATTACHED_MESSAGES, Entity
from relay.message.recognised import CMS, CMS_SIGNATURE, OUTLOOK, PGP_ENCRYPTED, PGP_KEY, PGP_SIGNATURE, TNEF, UNDECLARED, X509


class Kind(Enum):
    """What happens to a part."""

    TEXT = "text"
    HTML = "html"
    CALENDAR = "calendar"
    CARD = "card"
    MESSAGE = "message"
    """A message inside the message: rebuilt by the same rules (LEAK-53)."""
    KEY = "key"
    """Signatures, keys, certificates: they name their owner (GW-46, LEAK-69)."""
    ENCRYPTED = "encrypted"
    """What nobody but the recipient can read; where policy lets it pass, it has to arrive unharmed (GW-46, CASE-22)."""
    DROPPED = "dropped"
    """Mail about mail, and containers that only their maker's programs open (LEAK-54, LEAK-80)."""
    FILE = "file"
    """Everything else keeps its octets (LEAK-56)."""


BY_TYPE: Final = {
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "text/calendar": Kind.CALENDAR,
    "text/x-vcalendar": Kind.CALENDAR,
    "application/ics": Kind.CALENDAR,
    "text/vcard": Kind.CARD,
    "text/x-vcard": Kind.CARD,
    "text/directory": Kind.CARD,
    "application/vcard": Kind.CARD,
    "application/x-vcard": Kind.CARD,
    **dict.fromkeys(ATTACHED_MESSAGES, Kind.MESSAGE),
    "message/delivery-status": Kind.DROPPED,
    "message/global-delivery-status": Kind.DROPPED,
    "message/disposition-notification": Kind.DROPPED,
    "message/global-disposition-notification": Kind.DROPPED,
    "message/feedback-report": Kind.DROPPED,
    "message/partial": Kind.DROPPED,
    "message/external-body": Kind.DROPPED,
    "message/global-headers": Kind.DROPPED,
    "text/rfc822-headers": Kind.DROPPED,
    TNEF: Kind.DROPPED,
    OUTLOOK: Kind.MESSAGE,
    PGP_ENCRYPTED: Kind.ENCRYPTED,
    PGP_KEY: Kind.KEY,
    PGP_SIGNATURE: Kind.KEY,
    CMS: Kind.ENCRYPTED,
    CMS_SIGNATURE: Kind.KEY,
    X509: Kind.KEY,
    "application/autocrypt-setup": Kind.KEY,
    "application/pkcs10": Kind.KEY,
    "application/pkix-crl": Kind.KEY,
    "application/x-pem-file": Kind.KEY,
    "application/pkcs12": Kind.KEY,
    "application/x-pkcs12": Kind.KEY,
    "application/x-pkcs7-certificates": Kind.KEY,
    "application/x-x509-ca-cert": Kind.KEY,
    "application/x-x509-user-cert": Kind.KEY,
    "application/json": Kind.TEXT,
    "application/ld+json": Kind.TEXT,
    "application/xml": Kind.TEXT,
    "application/x-yaml": Kind.TEXT,
    "image/svg+xml": Kind.TEXT,
    "application/rtf": Kind.TEXT,
    "application/x-rtf": Kind.TEXT,
}
"""Types that are not `text/…` (TEXT) or anything else (FILE)."""

BY_ENDING: Final = {
    ".eml": Kind.MESSAGE,
    ".ics": Kind.CALENDAR,
    ".vcs": Kind.CALENDAR,
    ".vcf": Kind.CARD,
    ".txt": Kind.TEXT,
    ".csv": Kind.TEXT,
    ".xml": Kind.TEXT,
    ".svg": Kind.TEXT,
    ".json": Kind.TEXT,
    ".rtf": Kind.TEXT,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".asc": Kind.TEXT,
    ".p7s": Kind.KEY,
    ".p7c": Kind.KEY,
    ".p7b": Kind.KEY,
    ".p12": Kind.KEY,
    ".pfx": Kind.KEY,
    ".crt": Kind.KEY,
    ".cer": Kind.KEY,
    ".der": Kind.KEY,
    "winmail.dat": Kind.DROPPED,
}
"""The end of a file's name, for files that declare themselves as mere octets and were not recognised by their content."""

EXOTIC: Final = frozenset({"text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext", "application/rtf", "text/rtf"})
"""Alternatives that few programs show; they go while a usual one says the same (LEAK-47)."""
KEPT_MULTIPARTS: Final = frozenset({"multipart/mixed", "multipart/alternative", "multipart/related"})

_MEDIA_TYPE: Final = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_NOT_CONTROLS: Final = bytes(set(range(256)) - set(range(32)) - {0x7F} | set(b"\t\n\f\r"))
_ASCII: Final = bytes(range(128))
_letters_of_a_code_page_share: Final = 0.3
_TOP_LEVEL: Final = frozenset({"text", "image", "audio", "video", "application", "font", "model"})


def kind_of(entity: Entity) -> Kind:
    """What happens to a part that is no multipart."""
    name = (entity.filename or "").casefold()
    if entity.media_type in UNDECLARED or name == "winmail.dat":
        for ending, kind in BY_ENDING.items():
            if name.endswith(ending):
                return kind
    if entity.media_type == CMS and entity.parameters.get("smime-type", "").casefold() == "certs-only":
        return Kind.KEY
    found = BY_TYPE.get(entity.media_type)
    if found is not None:
        return found
    return Kind.TEXT if entity.media_type.startswith("text/") or is_plain_text(entity.payload) else Kind.FILE


def is_plain_text(octets: bytes) -> bool:
    """Whether a file that nobody declared is text all the same, without controls (LEAK-52): UTF-8, UTF-16 that says so, or
    mostly ASCII with letters of some code page, as spreadsheets write their tables."""
    try:
        if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            octets = octets.decode("utf-16").encode()
        else:
            octets.decode()
    except UnicodeError:
        if len(octets.translate(None, _ASCII)) > len(octets) * _letters_of_a_code_page_share:
            return False
    return not octets.translate(None, _NOT_CONTROLS)


def media_type_of(entity: Entity) -> str:
    """The media type as it may cross: one of the known top-level types in a proper form, else octets (CASE-43)."""
    declared = entity.media_type
    if _MEDIA_TYPE.fullmatch(declared) and declared.partition("/")[0] in _TOP_LEVEL:
        return declared
    return "application/octet-stream"
