"""Surgery on HTML: a page is read as a browser reads it, and written anew from what is allowed (leaks.md section 3).

Nothing of the original's markup is copied: our own serialiser writes allowed elements with understood attributes, and the texts
after they were searched as one. What the reader's program sees is therefore what was checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from relay.errors import Unreadable
from relay.message.html.attributes import Attributes, Look, RemoteImages, is_pixel, look_of
from relay.message.html.bounds import check_bounds
from relay.message.html.css import Names
from relay.message.html.flow import Flow
from relay.message.html.markup import BLOCKS, DOCTYPES, DROPPED, ELEMENTS, KEEPS_SPACE, RENAMED, VOID
from relay.message.html.nesting import OUTSIDE, below, is_ambiguous
from relay.message.masked import Kind, Masked, Noticed
from relay.message.masker import Masker

__all__ = ["RemoteImages", "scrubbed_html"]

nodes_max: Final = 1_000_000
depth_max: Final = 400
"""Elements within elements that are written. Programs give up at 512, and some recurse; what lies deeper loses its markup."""
passes_max: Final = 4
"""How often a page is read again that its first reader could have understood in two ways."""
_head_characters_max: Final = 4_000
_body_piece: Final = 2
"""Where the start of the body stands among the pieces."""


def scrubbed_html(
    html: str, masker: Masker, cids: Mapping[str, str], remote_images: RemoteImages = RemoteImages.REMOVE
) -> Masked:
    """The page as the other party may see it: a complete document in UTF-8. Scrubbing it again changes nothing.

    `cids` gives new Content-IDs for old ones, without angle brackets; images with others are taken out. Raises Unreadable for
    pages beyond the bounds (GW-30).
    """
    page = _Page.read(html, masker, cids, remote_images)
    written, removals = page.written(), tuple(page.removals)
    for _ in range(passes_max if page.is_ambiguous else 0):
        again = _Page.read(
            written, masker, dict.fromkeys(cids.values(), "") | {new: new for new in cids.values()}, remote_images
        ).written()
        if again == written:
            break
        written = again
    return Masked(written, removals)


class _Level(NamedTuple):
    """One element whose content is being written: the node after it, the tag that ends it, and how its texts are read."""

    following: LexborNode | None
    end: str
    is_block: bool
    around: int = OUTSIDE
    """What is open there, see `nesting`."""
    keeps_space: bool = False
    is_hidden: bool = False


@dataclass
class _Page:
    """One page on its way: `pieces` are tags, and empty places for the texts, which stand in the flow."""

    masker: Masker
    attributes: Attributes
    doctype: str
    flow: Flow = field(default_factory=Flow)
    removals: list[Noticed] = field(default_factory=list)
    is_ambiguous: bool = False
    """Something was taken out whose presence decided how the rest is nested."""
    _pieces: list[str] = field(default_factory=list)
    _slots: list[int] = field(default_factory=list)
    _head: list[str] = field(default_factory=list)
    _has_dropped: bool = False

    @classmethod
    def read(cls, html: str, masker: Masker, cids: Mapping[str, str], remote_images: RemoteImages) -> _Page:
        check_bounds(html)
        parser = LexborHTMLParser(html.encode("utf-8", "replace"))
        page = cls(masker, Attributes(masker, cids, remote_images, Names()), _doctype(html))
        page._read_styles(parser)
        for link in parser.css("a[href^='#']"):
            page.attributes.link(link.attributes.get("href") or "")
        root = parser.root
        body = parser.body
        page._pieces.append(f"<html{page._attributes_of(root)}>" if root is not None else "<html>")
        page._pieces.append("")  # the head
        page._pieces.append(f"<body{page._attributes_of(body)}>" if body is not None else "<body>")
        if body is not None:
            page._walk(body)
        page._pieces.append("</body></html>")
        return page

    def written(self) -> str:
        """The document, after its texts were searched."""
        self.removals += self.flow.scrub(self.masker)
        self.removals += self.attributes.removals
        if self._has_dropped:
            self.removals.append(Kind.MARKUP)
        for slot, text in zip(self._slots, self.flow.texts, strict=True):
            self._pieces[slot] = _escaped(text)
        for first, last in self.flow.footers:
            self._remove_markup(self._slots[first], self._slots[last])
        self._pieces[1] = f'<head><meta charset="utf-8">{"".join(self._head)}</head>'
        return self.doctype + "".join(self._pieces)

    def _read_styles(self, parser: LexborHTMLParser) -> None:
        for style in parser.css("style"):
            text = "".join(child.text_content or "" for child in _children(style))
            media = style.attributes.get("media") or ""
            if media and media.lower() not in {"all", "screen"}:
                text = f"@media {media} {{{text}}}"
            if sheet := self.attributes.styles.sheet(text):
                self._head.append(f"<style>{sheet}</style>")

    def _attributes_of(self, node: LexborNode) -> str:
        return self.attributes.written(node.attributes)

    def _walk(self, body: LexborNode) -> None:
        """Depth first, without recursion: each level waits with its next node and with what is to be done at its end."""
        waiting: list[_Level] = []
        level = _Level(None, "", is_block=True)
        node = body.child
        for _ in range(nodes_max):
            if node is None:
                if not waiting:
                    return
                self._pieces.append(level.end)
                if level.is_block:
                    self.flow.line_break()
                node, level = level.following, waiting.pop()
                continue
            inner = None
            if node.is_text_node:
                self._text(node.text_content or "", level)
            elif node.is_element_node:
                inner = self._enter(node, level, len(waiting))
            if inner is None:
                node = node.next
            else:
                waiting.append(level)
                node, level = node.child, inner
        raise Unreadable("the page has too many elements")

    def _enter(self, node: LexborNode, level: _Level, depth: int) -> _Level | None:
        """Write what stands before the content of an element; the result is the level of its content, where that crosses."""
        tag = node.tag or ""
        if tag in DROPPED:
            self._drop(tag)
            return None
        attributes = node.attributes
        tag = RENAMED.get(tag, tag)
        look = look_of(attributes)
        is_block = tag in BLOCKS or look.is_apart
        if is_block:
            self.flow.line_break()
        end = self._open(tag, attributes, depth, level, look)
        if tag in VOID:
            return None
        around = below(tag, level.around) if end else level.around
        keeps_space = level.keeps_space or tag in KEEPS_SPACE
        return _Level(node.next, end, is_block, around, keeps_space, level.is_hidden or look.is_hidden)

    def _text(self, text: str, level: _Level) -> None:
        if not text:
            return
        # A reader swallows the first line end of <pre>: one more keeps it.
        if text.startswith("\n") and self._pieces[-1].startswith("<pre"):
            self._pieces.append("\n")
        self._slots.append(len(self._pieces))
        self._pieces.append("")
        self.flow.add(text, keeps_space=level.keeps_space, is_hidden=level.is_hidden)

    def _open(self, tag: str, attributes: Mapping[str, str | None], depth: int, level: _Level, look: Look) -> str:
        """Write the start of an element; the result is the tag that ends it."""
        if tag == "img":
            self._image(attributes, level, look)
            return ""
        if tag not in ELEMENTS or depth > depth_max:
            # Those of Office have a prefix, and no influence on how anything is read.
            self.is_ambiguous = self.is_ambiguous or ":" not in tag
            return ""
        if level.around and not self.is_ambiguous:
            self.is_ambiguous = is_ambiguous(tag, level.around, in_quirks=not self.doctype)
        self._pieces.append(f"<{tag}{self.attributes.written(attributes)}>")
        return "" if tag in VOID else f"</{tag}>"

    def _drop(self, tag: str) -> None:
        self._has_dropped = True
        if tag in {"object", "applet", "template", "svg", "math"}:
            self.is_ambiguous = True
        if tag in BLOCKS:
            self.flow.line_break()

    def _image(self, attributes: Mapping[str, str | None], level: _Level, seen: Look) -> None:
        source = self.attributes.image_source(attributes.get("src") or "")
        if source is not None:
            rest = {name: value for name, value in attributes.items() if name != "src"}
            self._pieces.append(f'<img src="{escape(source)}"{self.attributes.written(rest)}>')
            return
        self.removals.append(Kind.IMAGE)
        words = attributes.get("alt")
        if is_pixel(attributes) or words == "" or seen.is_hidden:
            return
        phrase = self.masker.phrases.image
        told = self.attributes.text(words) if words else ""
        # Words on a coloured ground are made legible by the style of the image that they stand for.
        look = self.attributes.styles.of_words(attributes.get("style") or "")
        self._pieces.append(f'<span style="{escape(look)}">' if look else "<span>")
        self._text(f"[{phrase}: {told}]" if told else f"[{phrase}]", level)
        self._pieces.append("</span>")

    def _remove_markup(self, first: int, last: int) -> None:
        """Take away the elements that lie wholly between two pieces, of which only empty texts are left."""
        while first > _body_piece + 1 and _is_start(self._pieces[first - 1]) and not _is_words(self._pieces[first]):
            first -= 1
        while last + 2 < len(self._pieces) and _is_end(self._pieces[last + 1]) and not _is_words(self._pieces[last]):
            last += 1
        opened: list[int] = []
        for at in range(first, last + 1):
            piece = self._pieces[at]
            if _is_start(piece):
                opened.append(at)
            elif _is_end(piece):
                if opened:
                    self._pieces[opened.pop()] = self._pieces[at] = ""
            elif not _is_words(piece):
                self._pieces[at] = ""


def _children(node: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    child = node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _is_start(piece: str) -> bool:
    return piece.startswith("<") and not _is_end(piece) and _name_of(piece) not in VOID


def _is_end(piece: str) -> bool:
    return piece.startswith("</")


def _is_words(piece: str) -> bool:
    return bool(piece) and not piece.startswith("<")


def _name_of(tag: str) -> str:
    return tag[1:].partition(" ")[0].rstrip(">")


def _doctype(html: str) -> str:
    head = html[:_head_characters_max]
    return next((f"{written}\n" for pattern, written in DOCTYPES if pattern.search(head)), "")


def _escaped(text: str) -> str:
    """Text between tags. A carriage return would become a line feed in the reader's program."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
