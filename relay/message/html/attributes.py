"""The attributes of an element as they cross: allowed names, understood values, links and texts scrubbed (LEAK-40, LEAK-42)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple
from urllib.parse import unquote

from relay.message.charsets import without_controls
from relay.message.files import cleaned, is_picture, linked_picture, with_clean_pictures
from relay.message.html.css import Names, Styles, remembered
from relay.message.html.markup import ATTRIBUTES, TEXTS
from relay.message.links import scrubbed_link, scrubbed_mailto
from relay.message.masked import Kind, Noticed
from relay.message.masker import Masker


class RemoteImages(Enum):
    """What happens to images that the reader's program would fetch from somewhere (the `remote_images` setting, LEAK-45)."""

    REMOVE = "remove"
    KEEP = "keep"


_SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]{0,30}):")
_TELEPHONE: Final = re.compile(r"(?:tel|sms):[+\d().;\-\s/*#=a-z%]{1,60}", re.IGNORECASE)
_HIDDEN: Final = re.compile(
    r"display:\s*none|visibility:\s*hidden|mso-hide:\s*all|(?:font-size|max-height|opacity):\s*0(?![.\d])", re.IGNORECASE
)
_APART: Final = re.compile(
    r"display:\s*(?:block|flex|grid|table|list-item|inline-[a-z])|float:\s*(?:left|right)|position:\s*(?:absolute|fixed)",
    re.IGNORECASE,
)
_PIXEL: Final = re.compile(r"[0-3](?:px)?")
_CONTROLS: Final = re.compile(r"[\x00-\x20\x7f]+")
_scheme_characters_max: Final = 60
"""Controls included, which browsers take out."""
_remembered_max: Final = 20_000


class Attributes:
    """Scrubs the attributes of one page. `removals` grows with what was taken out.

    Values repeat all over a page, so each is worked out once.
    """

    def __init__(self, masker: Masker, cids: Mapping[str, str], remote_images: RemoteImages, names: Names) -> None:
        self.removals: list[Noticed] = []
        self.names = names
        self._masker = masker
        self._cids = cids
        self._remote_images = remote_images
        # None of these leads back here: a page is gone with its last use, and nobody has to search for it.
        self._tells = lru_cache(_remembered_max)(masker.tells)
        self._known: dict[tuple[str, str | None], str] = {}
        self.styles = Styles(names, self._tells, lambda old: _new_cid(cids, old))

    def written(self, attributes: Mapping[str, str | None]) -> str:
        """The attributes that cross, as they stand in a tag, each with a space before it."""
        pieces: list[str] = []
        for one in attributes.items():
            piece = self._known.get(one)
            pieces.append(self._worked_out(*one) if piece is None else piece)
        return "".join(pieces)

    def image_source(self, source: str) -> str | None:
        """Where an image may be taken from; None when it may not."""
        source = source.strip()
        scheme = _SCHEME.match(source)
        match scheme[1].lower() if scheme else "":
            case "cid":
                new = _new_cid(self._cids, source[4:])
                return f"cid:{new}" if new is not None else None
            case "data":
                return self._inline(source)
            case "http" | "https" if self._remote_images is RemoteImages.KEEP:
                return scrubbed_link(source, self._masker.names_in_link)
            case _:
                return None

    def _inline(self, link: str) -> str | None:
        """A picture of a known kind in the page itself, cleaned (LEAK-46)."""
        if not is_picture(linked_picture(link) or b""):
            return None
        clean = with_clean_pictures(link.encode(), lambda octets: cleaned(octets, self._masker.tells))
        if not clean.taken:
            return link
        self.removals.append(Kind.METADATA)
        return clean.octets.decode()

    def text(self, value: str) -> str:
        """A text that people read, masked."""
        masked = self._masker.mask(without_controls(value))
        self.removals += masked.removals
        return masked.text

    def _worked_out(self, name: str, value: str | None) -> str:
        kept = self._crossing(name, value or "")
        piece = "" if kept is None else f' {name}="{escape(kept)}"'
        if len(self._known) < _remembered_max:
            self._known[name, value] = piece
        return piece

    def _crossing(self, name: str, value: str) -> str | None:
        if (shape := ATTRIBUTES.get(name)) is not None:
            plain = value.strip()
            return plain if shape.fullmatch(plain) and not (plain.isalpha() and self._tells(plain)) else None
        if name in TEXTS:
            return self.text(value) or None
        match name:
            case "style":
                return self.styles.declarations(value) or None
            case "class":
                known = (self.names.classes.get(one) for one in value.split())
                return " ".join(one for one in known if one is not None) or None
            case "id" | "name":
                return self.names.ids.get(value.strip())
            case "background":
                return self._background(value)
            case "href":
                return self._href(value)
            case _:
                return None

    def _background(self, value: str) -> str | None:
        source = self.image_source(value)
        if source is None and value.strip():
            self.removals.append(Kind.IMAGE)
        return source

    def _href(self, value: str) -> str | None:
        seen = len(self.removals)
        kept = self.link(value)
        if kept is None and value.strip() and len(self.removals) == seen:
            self.removals.append(Kind.LINK)
        return kept

    def link(self, value: str) -> str | None:
        """Where a link may lead; None when it may not stay."""
        value = value.strip()
        if value.startswith("#"):
            return f"#{self.names.of_id(value[1:])}" if len(value) > 1 else value
        if value.startswith("//"):
            value = f"https:{value}"
        has_controls = _CONTROLS.search(value) is not None
        scheme = _SCHEME.match(_CONTROLS.sub("", value[:_scheme_characters_max]) if has_controls else value)
        match scheme[1].lower() if scheme else "":
            case "http" | "https":
                url = _CONTROLS.sub("%20", value) if has_controls else value
                kept = scrubbed_link(url, self._masker.names_in_link)
            case "tel" | "sms" if _TELEPHONE.fullmatch(value):
                kept = value
            case "mailto":
                kept = scrubbed_mailto(value, self._masker.alias_for, self._masker.masked_text)
                if kept is not None and self._masker.details.records:
                    # The mailboxes and the subject of a mailto link are nowhere else among the words.
                    self.removals += self._masker.mask(unquote(kept)).left
            case _:
                return None
        if kept is not None and kept != value:
            self.removals.append(Kind.LINK)
        return self._by_policy(kept)

    def _by_policy(self, link: str | None) -> str | None:
        """A link that leads to a telephone or out of the house, as its switch has it (LEAK-25)."""
        details = self._masker.details
        if link is None or not details.has_links or (kind := details.kind_of(link)) is None:
            return link
        noticed = details.noticed(kind)
        if noticed is not None:
            self.removals.append(noticed)
        return None if isinstance(noticed, Kind) else link


def _new_cid(cids: Mapping[str, str], old: str) -> str | None:
    return cids.get(unquote(old).strip()) or cids.get(old.strip())


class Look(NamedTuple):
    """How an element is seen, whatever element it is."""

    is_hidden: bool
    """Somebody who looks at the page does not see it."""
    is_apart: bool
    """Its style sets it apart from the words around it."""


_PLAIN: Final = Look(is_hidden=False, is_apart=False)


def look_of(attributes: Mapping[str, str | None]) -> Look:
    """How an element with these attributes is seen."""
    style = attributes.get("style")
    look = _styled(style) if style else _PLAIN
    return look if "hidden" not in attributes else look._replace(is_hidden=True)


@remembered
def _styled(style: str) -> Look:
    return Look(_HIDDEN.search(style) is not None, _APART.search(style) is not None)


def is_pixel(attributes: Mapping[str, str | None]) -> bool:
    """Whether an image is there to be fetched, not to be seen."""
    sizes = (attributes.get("width"), attributes.get("height"))
    return any(size is not None and _PIXEL.fullmatch(size.strip()) for size in sizes)
