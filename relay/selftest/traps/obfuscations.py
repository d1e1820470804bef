"""How people, and programs that mean well, spell an address so that it does not look like one (LEAK-29)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_LOOKALIKES: Final = str.maketrans("aeopcyxi", "аеорсухі")
_MATHEMATICAL: Final = {ord("a") + at: 0x1D41A + at for at in range(26)}
_SCRIPT: Final = {ord("a") + at: 0x1D4EA + at for at in range(26)}
_CIRCLED: Final = {ord("a") + at: 0x24D0 + at for at in range(26)}
_FULL_WIDTH: Final = {at: at + 0xFEE0 for at in range(0x21, 0x7F)}


def _said(at: str, dot: str) -> Callable[[str], str]:
    return lambda address: address.replace(".", dot).replace("@", at)


OBFUSCATIONS: Final[dict[str, Callable[[str], str]]] = {
    "zero-width spaces": "\u200b".join,
    "zero-width joiners": "\u200d".join,
    "word joiners": "\u2060".join,
    "byte order marks": "\ufeff".join,
    "soft hyphens": "\u00ad".join,
    "zero-width at the sign": lambda address: address.replace("@", "\u200b@\u200c"),
    "full-width signs": lambda address: address.replace("@", "\uff20").replace(".", "\uff0e"),
    "full-width whole": lambda address: address.translate(_FULL_WIDTH),
    "small signs": lambda address: address.replace("@", "\ufe6b").replace(".", "\u3002"),
    "Cyrillic look-alikes": lambda address: address.translate(_LOOKALIKES),
    "mathematical letters": lambda address: address.translate(_MATHEMATICAL),
    "script letters": lambda address: address.translate(_SCRIPT),
    "circled letters": lambda address: address.translate(_CIRCLED),
    "combining marks": "\u0332".join,
    "variation selectors": "\ufe0f".join,
    "bidi controls": lambda address: address.replace("@", "\u200e@\u200f"),
    "bidi override": lambda address: f"\u202e{address[::-1]}\u202c",
    "bidi isolates": lambda address: f"\u2066{address}\u2069",
    "(at)": _said("(at)", "."),
    "[at] and [dot]": _said(" [at] ", " [dot] "),
    "(at) and (dot)": _said("(at)", "(dot)"),
    "{at}": _said("{at}", "{dot}"),
    "AT and DOT": _said(" AT ", " DOT "),
    "at and dot": _said(" at ", " dot "),
    "French": _said(" arobase ", " point "),
    "Spanish": _said(" arroba ", " punto "),
    "Polish": _said(" małpa ", " kropka "),
    "German": _said(" (ät) ", " (Punkt) "),
    "German at": _said(" at ", " Punkt "),
    "German ape": _said(" Klammeraffe ", " punkt "),
    "Italian": _said(" chiocciola ", " punto "),
    "spaces around the sign": _said(" @ ", "."),
    "spaces around the dots": _said("@", " . "),
    "spaces everywhere": _said(" @ ", " . "),
    "hard line break before the sign": lambda address: address.replace("@", "\n@"),
    "hard line break behind the sign": lambda address: address.replace("@", "@\n"),
    "hard line break in the domain": lambda address: f"{address[:-5]}\n{address[-5:]}",
    "line break with blanks": lambda address: address.replace("@", "@  \n   "),
    "entities": _said("&#64;", "&#46;"),
    "hexadecimal entities": _said("&#x40;", "&#x2E;"),
    "named entities": _said("&commat;", "&period;"),
    "percent": _said("%40", "%2E"),
    "percent twice": _said("%2540", "%252E"),
    "quoted-printable": _said("=40", "=2E"),
    "capitals": str.upper,
    "mixed case": str.title,
    "mailto": lambda address: f"mailto:{address}",
    "quoted local part": lambda address: '"' + address.replace("@", '"@'),
    "trailing dot": lambda address: f"{address}.",
    "tag": lambda address: address.replace("@", "+tours@"),
    "asterisks around the sign": _said("*@*", "."),
    "underscores": lambda address: f"__{address}__",
    "table cell": lambda address: f"|{address}|",
}
