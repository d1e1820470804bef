"""A page of HTML that somebody sent, written anew so that a browser may show it and do nothing: no script, nothing fetched, no
link that leads anywhere, and no longer than is bearable (LEAK-86, AR-2).

It is read by a browser-grade parser, and our own serialiser writes allowed elements with understood attributes: nothing of the
sender's markup is copied. The document's own policy (mail_frame) would hold without this, and this without the policy.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from relay.message.files import is_picture, linked_picture
from relay.message.html.bounds import check_bounds
from relay.message.html.css import Names, Styles
from relay.message.html.markup import ATTRIBUTES, DROPPED, ELEMENTS, KEEPS_SPACE, RENAMED, TEXTS, VOID

nodes_max: Final = 60_000
"""Elements and texts that are shown: a browser lays that many cells out in a second."""
depth_max: Final = 100
"""Elements within elements that are shown; what lies deeper loses its markup."""
written_characters_max: Final = 2 * 1024 * 1024
picture_octets_max: Final = 4 * 1024 * 1024
"""Pictures that are put into the page, together."""
link_characters_max: Final = 300
"""Of the address that is told beside an inert link."""
_attribute_characters_max: Final = 2_000

_PICTURE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What is drawn from its octets alone. SVG is a document."""
_NOT_WRITTEN: Final = frozenset({"target", "link", "alink", "vlink", "type"})

Say = Callable[[str], str]
"""Turns an English sentence of ours into the reader's language."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that came with a mail."""

    media_type: str
    octets: bytes = field(repr=False)

    @property
    def can_be_shown(self) -> bool:
        return self.media_type in _PICTURE_TYPES and is_picture(self.octets)


@dataclass(frozen=True, slots=True)
class Inert:
    """What is left of a page: its styles, and its body without the tags of the body itself."""

    styles: str
    body: str
    has_pictures: bool
    """Pictures came with it, whether they are shown or not."""
    is_cut: bool
    """It went on."""


def inert(html: str, pictures: Mapping[str, Picture], say: Say, *, with_pictures: bool = False, mask: Say | None = None) -> Inert:
    """`html` as it may be shown. `pictures` by their Content-ID; they are shown only `with_pictures`, and nothing remote ever.
    `mask`: what its words pass through.

    Raises Unreadable for a page that would be too dear to parse (GW-30).
    """
    check_bounds(html)
    parser = LexborHTMLParser(html.encode("utf-8", "replace"))
    written = _Written(pictures, say, with_pictures, mask)
    written.read(parser)
    return Inert("\n".join(written.sheets), "".join(written.pieces), written.has_pictures, written.is_cut)


@dataclass
class _Written:
    pictures: Mapping[str, Picture]
    say: Say
    with_pictures: bool
    mask: Say | None
    sheets: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    has_pictures: bool = False
    is_cut: bool = False
    _characters: int = 0
    _picture_octets: int = 0
    _names: Names = field(default_factory=Names)
    _styles: Styles = field(init=False)
    _known: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Nothing is masked here: it was masked when it crossed, or is for somebody who may see it.
        self._styles = Styles(self._names, lambda _: False, lambda _: None)

    def read(self, parser: LexborHTMLParser) -> None:
        for style in parser.css("style"):
            child = style.child
            while child is not None:
                if sheet := self._styles.sheet(child.text_content or ""):
                    self.sheets.append(sheet)
                child = child.next
        body = parser.body
        if body is None:
            return
        # The body's own colours, on an element that can be ours.
        self._write(f"<div{self._attributes(body.attributes)}>")
        self._walk(body)
        self._write("</div>")

    def _walk(self, body: LexborNode) -> None:
        """Depth first, without recursion: each level waits with its next node and the tag that ends it."""
        waiting: list[tuple[LexborNode | None, str]] = []
        node = body.child
        nodes = 0
        while True:
            if node is None:
                if not waiting:
                    return
                node, end = waiting.pop()
                self._write(end)
                continue
            nodes += 1
            if nodes > nodes_max or self._characters > written_characters_max:
                self.is_cut = True
                for _, end in reversed(waiting):
                    self._write(end)
                return
            if node.is_text_node:
                self._write(_escaped(self._masked(node.text_content or "")))
            elif node.is_element_node and (tag := RENAMED.get(node.tag or "", node.tag or "")) not in DROPPED:
                end = self._open(tag, node.attributes, len(waiting))
                if tag not in VOID:
                    waiting.append((node.next, end))
                    node = node.child
                    continue
            node = node.next

    def _open(self, tag: str, attributes: Mapping[str, str | None], depth: int) -> str:
        """Write the start of an element; the result is the tag that ends it."""
        if tag == "img":
            self._image(attributes)
            return ""
        if tag not in ELEMENTS or depth > depth_max:
            return ""
        if tag == "a":
            self._write(f'<span class="link"{self._link(attributes)}{self._attributes(attributes, without={"title", "class"})}>')
            return "</span>"
        self._write(f"<{tag}{self._attributes(attributes)}>")
        if tag in VOID:
            return ""
        if tag in KEEPS_SPACE:
            self._write("\n")  # a reader swallows the first line end
        return f"</{tag}>"

    def _link(self, attributes: Mapping[str, str | None]) -> str:
        """Where a link would have led, to be read and not to be followed."""
        address = "".join(one for one in (attributes.get("href") or "").strip() if one.isprintable())
        return f' title="{escape(self._masked(address[:link_characters_max]))}"' if address else ""

    def _image(self, attributes: Mapping[str, str | None]) -> None:
        source = self._source((attributes.get("src") or "").strip())
        if source is not None:
            self._write(f'<img src="{escape(source)}"{self._attributes(attributes)}>')
            return
        words = self._masked((attributes.get("alt") or "").strip()[:_attribute_characters_max])
        label = self.say("Picture, not loaded")
        self._write(f'<span class="picture">[{_escaped(f"{label}: {words}" if words else label)}]</span>')

    def _source(self, source: str) -> str | None:
        """A link that holds the very picture; None where it is elsewhere, is not wanted, or too much."""
        picture = self._picture(source)
        if picture is None or not picture.can_be_shown:
            return None
        self.has_pictures = True
        self._picture_octets += len(picture.octets)
        if not self.with_pictures or self._picture_octets > picture_octets_max:
            return None
        return f"data:{picture.media_type};base64,{b64encode(picture.octets).decode()}"

    def _picture(self, source: str) -> Picture | None:
        scheme, colon, rest = source.partition(":")
        if not colon:
            return None
        match scheme.lower():
            case "cid":
                return self.pictures.get(rest.strip())
            case "data":
                octets = linked_picture(source)
                return Picture(rest.partition(";")[0].lower(), octets) if octets is not None else None
            case _:
                return None

    def _attributes(self, attributes: Mapping[str, str | None], without: frozenset[str] | set[str] = frozenset()) -> str:
        return "".join(self._attribute(name, value) for name, value in attributes.items() if name not in without)

    def _attribute(self, name: str, value: str | None) -> str:
        """One attribute as it stands in a tag. Values repeat all over a page, so each is worked out once."""
        known = self._known.get((name, value))
        if known is None:
            kept = self._kept(name, value or "")
            known = "" if kept is None else f' {name}="{escape(kept)}"'
            if len(self._known) < nodes_max:
                self._known[name, value] = known
        return known

    def _kept(self, name: str, value: str) -> str | None:
        if len(value) > _attribute_characters_max or name in _NOT_WRITTEN:
            return None
        if (shape := ATTRIBUTES.get(name)) is not None:
            return value.strip() if shape.fullmatch(value.strip()) else None
        if name in TEXTS:
            return self._masked(value) or None
        match name:
            case "style":
                return self._styles.declarations(value) or None
            case "class":
                return " ".join(known for one in value.split() if (known := self._names.classes.get(one))) or None
            case "id":
                return self._names.ids.get(value.strip())
            case _:
                return None

    def _masked(self, text: str) -> str:
        return self.mask(text) if self.mask is not None and text else text

    def _write(self, piece: str) -> None:
        self.pieces.append(piece)
        self._characters += len(piece)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
