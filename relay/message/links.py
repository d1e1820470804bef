"""Links: rewriters unwrapped to their target, and what names somebody taken out of the rest (LEAK-26, LEAK-40)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from relay.message.encoded import decodings, might_be_packed, unpacked

link_characters_max: Final = 8_000
"""A longer link is dropped, except for data: links, which never come here."""
layers_max: Final = 5
"""Rewriters around rewriters that are unwrapped."""

Reveals = Callable[[str], bool]
"""Whether a plain text names somebody who must not be named."""


class Packing(Enum):
    """How a rewriter packs the target."""

    PERCENT = "percent"
    PROOFPOINT = "proofpoint"
    """Version 2: `-` for `%`, `_` for `/`."""
    BASE64 = "base64"


@dataclass(frozen=True, slots=True)
class Rewriter:
    """A service that replaces links in mail by links to itself; most of them add the recipient's address."""

    host: re.Pattern[str]
    parameter: str
    packing: Packing
    path: str


def _rewriter(host: str, parameter: str, packing: Packing = Packing.PERCENT, path: str = "") -> Rewriter:
    return Rewriter(re.compile(rf"(?:[a-z0-9-]+\.)*(?:{host})"), parameter, packing, path)


REWRITERS: Final = (
    _rewriter(r"safelinks\.protection\.(?:outlook\.com|office365\.us)|safelinks\.protection\.partner\.outlook\.cn", "url"),
    _rewriter(r"google\.[a-z.]{2,7}", "url", path="/url"),
    _rewriter(r"google\.[a-z.]{2,7}", "q", path="/url"),
    _rewriter(r"urldefense\.proofpoint\.com", "u", Packing.PROOFPOINT, path="/v2/"),
    _rewriter(r"urldefense\.proofpoint\.com", "u", path="/v1/"),
    _rewriter(r"linkprotect\.cudasvc\.com", "a", path="/url"),
    _rewriter(r"(?:l|lm)\.facebook\.com|l\.instagram\.com", "u"),
    _rewriter(r"slack-redir\.net", "url", path="/link"),
    _rewriter(r"deref-mail\.com|deref-gmx\.(?:net|com)|deref-web(?:-02)?\.de|deref-1und1\.de", "redirectUrl"),
    _rewriter(r"protection\.sophos\.com", "u", Packing.BASE64),
    _rewriter(r"clicktime\.symantec\.com|clicktime\.cloud\.postoffice\.net", "u"),
    _rewriter(r"protect2?\.fireeye\.com", "u", path="/v1/"),
    _rewriter(r"link\.edgepilot\.com", "u"),
    _rewriter(r"antiphishing\.vadesecure\.com", "url"),
)
_HOST_LABELS: Final = frozenset(
    "outlook office365 google proofpoint urldefense cudasvc facebook instagram slack-redir deref-mail deref-gmx deref-web "
    "deref-web-02 deref-1und1 sophos symantec postoffice fireeye edgepilot vadesecure cisco yahoo".split()
)
"""One of these is a label of every rewriter's host; other links are not looked at further."""
_TARGET_IN_PATH: Final = (
    re.compile(r"https?://urldefense(?:\.us|\.com)?(?:\.proofpoint\.com)?/v3/__(?P<target>.+?)__;", re.IGNORECASE | re.DOTALL),
    re.compile(r"https?://secure-web\.cisco\.com/[^/]+/(?P<target>https?%3a.+)", re.IGNORECASE | re.DOTALL),
    re.compile(r"https?://r\.search\.yahoo\.com/.*?/RU=(?P<target>https?%3a[^/]+)", re.IGNORECASE | re.DOTALL),
)
_WEB: Final = re.compile(
    r"(https?)://(?:[^/?#\\]*@)?([^/?#@\\:]+)(:\d{1,5})?([/][^?#]*)?(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL
)
_PAIRS: Final = re.compile(r"[&;]")
_TRAILING: Final = ".,;:!?'*_~|»”’、。，"
_ADDRESS: Final = re.compile(r"[^\s,;<>\"]+@[^\s,;<>\"]+")
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\x9f<>\"]")


class WebLink(NamedTuple):
    """The pieces of an http or https link, as they stood there; who signs in (`user@`) is left out."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    @classmethod
    def of(cls, url: str) -> WebLink | None:
        """None when `url` is no link to the web, or too long."""
        if len(url) > link_characters_max:
            return None
        found = _WEB.fullmatch(url.replace("\\", "/"))
        if found is None or not found[2].strip("."):
            return None
        return cls(*found.groups(""))

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Name and value of each parameter, the value still encoded."""
        for pair in _PAIRS.split(self.query[1:]):
            name, _, value = pair.partition("=")
            yield name.removeprefix("amp;"), value

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.port}{self.path}{self.query}{self.fragment}"


def unwrapped(url: str) -> str:
    """Where `url` leads when the rewriters around it are taken away; itself when there are none (LEAK-26)."""
    link = WebLink.of(url)
    for _ in range(layers_max):
        target = _target(link) if link is not None else None
        if target is None:
            break
        url, link = target, WebLink.of(target)
    return url


def without_trailing_signs(url: str) -> str:
    """A link as people mean it: the full stop behind it is the sentence's, a closing bracket only belongs with an open one."""
    while url:
        last = url[-1]
        if last in _TRAILING or (last == ")" and url.count("(") < url.count(")")) or (last == "]" and "[" not in url):
            url = url[:-1]
        else:
            break
    return url


def _target(link: WebLink) -> str | None:
    host = link.host.lower()
    if _HOST_LABELS.isdisjoint(host.split(".")):
        return None
    url = str(link)
    for pattern in _TARGET_IN_PATH:
        if found := pattern.match(url):
            return _web_only(unquote(found["target"]))
    for rewriter in REWRITERS:
        if not link.path.startswith(rewriter.path) or rewriter.host.fullmatch(host) is None:
            continue
        for name, value in link.parameters():
            if name == rewriter.parameter and (target := _web_only(_unpacked_target(value, rewriter.packing))):
                return target
    return None


def _unpacked_target(value: str, packing: Packing) -> str:
    match packing:
        case Packing.PERCENT:
            return unquote(value)
        case Packing.PROOFPOINT:
            return unquote(value.replace("-", "%").replace("_", "/"))
        case Packing.BASE64:
            plain = unquote(value).replace("-", "+").replace("_", "/").rstrip("=")
            try:
                return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return ""


def _web_only(target: str) -> str | None:
    target = _UNSAFE.sub(lambda found: quote(found[0]), target.strip())
    return target if WebLink.of(target) is not None else None


def scrubbed_link(url: str, reveals: Reveals) -> str | None:
    """A link to the web without what names somebody; None when nothing of it can stay.

    Parameters and pieces of the path that reveal somebody, in plain, percent, base64 or hexadecimal, are taken out. A link to a
    host that itself names somebody goes as a whole.
    """
    link = WebLink.of(url.strip())
    if link is not None and _target(link) is not None:
        link = WebLink.of(unwrapped(url.strip()))
        if link is not None and _target(link) is not None:
            return None
    if link is None:
        return None
    shown = str(link)
    if not names_somebody(shown, reveals):
        return shown
    if reveals(unquote(link.host)):
        return None
    path = "/".join("-" if names_somebody(piece, reveals) else piece for piece in link.path.split("/"))
    query = "&".join(pair for pair in _PAIRS.split(link.query[1:]) if pair and not names_somebody(pair, reveals))
    fragment = "" if names_somebody(link.fragment, reveals) else link.fragment
    cleaned = f"{link.scheme}://{link.host}{link.port}{path}{'?' if query else ''}{query}{fragment}"
    return None if names_somebody(cleaned, reveals) else cleaned


def names_somebody(text: str, reveals: Reveals) -> bool:
    """Whether a piece of a link names somebody under any of its encodings."""
    if reveals(text):
        return True
    if "%" not in text and "&" not in text:
        return might_be_packed(text) and any(map(reveals, unpacked(text)))
    layers = [text, *decodings(text, in_link=True)]
    return any(map(reveals, layers[1:])) or any(reveals(said) for layer in layers for said in unpacked(layer))


def scrubbed_mailto(url: str, alias_for: Callable[[str], str | None], masked: Callable[[str], str]) -> str | None:
    """A mailto link that leads to aliases alone, with its subject masked; None when no recipient is left (LEAK-40).

    `alias_for` gives the address that may stand in the place of another, or None. Copies and prepared bodies are dropped.
    """
    rest = url.partition(":")[2][:link_characters_max].replace("&amp;", "&")
    recipients, _, query = rest.partition("?")
    found = _ADDRESS.findall(_plain(recipients))
    subject = ""
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name.lower() == "to":
            found += _ADDRESS.findall(_plain(value))
        elif name.lower() == "subject":
            subject = masked(unquote(value))
    aliases = list(dict.fromkeys(alias for one in found if (alias := alias_for(one)) is not None))
    if not aliases:
        return None
    return f"mailto:{','.join(aliases)}{'?subject=' if subject else ''}{quote(subject)}"


def _plain(text: str) -> str:
    return unquote(unquote(text))
