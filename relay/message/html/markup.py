"""What of HTML crosses: elements, attributes and the shape of their values, as data (LEAK-41, LEAK-42)."""

from __future__ import annotations

import re
from typing import Final

ELEMENTS: Final = frozenset(
    """
    a abbr acronym address article aside b bdi big blockquote body br button caption center cite code col colgroup dd del
    details dfn dir div dl dt em fieldset figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr html i img ins kbd label
    legend li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody
    td tfoot th thead time tr tt u ul var wbr
    """.split()
)
"""The elements that cross. Of any other, the content crosses without it."""

DROPPED: Final = frozenset(
    """
    applet area audio base canvas datalist embed frame frameset head iframe input link map math meta meter noembed noframes object
    param progress script select source style svg template title track video
    o:customdocumentproperties o:documentproperties o:officedocumentsettings w:latentstyles w:worddocument m:mathpr
    """.split()
)
"""The elements that go with all they hold; those with a colon are what Office notes about a document (LEAK-41)."""

RENAMED: Final = {"xmp": "pre", "listing": "pre", "plaintext": "pre"}
VOID: Final = frozenset("br col hr img wbr".split())
BLOCKS: Final = frozenset(
    """
    address article aside blockquote body br button caption center dd details dir div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary table tbody td textarea tfoot th
    thead title tr ul
    """.split()
)
"""Where a line begins and ends. Cells too: an address that is split over two of them is found like one split over two lines."""
KEEPS_SPACE: Final = frozenset({"pre", "textarea"})

_LENGTH: Final = re.compile(r"[+\-]?\d{1,5}(?:\.\d{1,4})?(?:px|pt|em|%|\*)?")
_NUMBER: Final = re.compile(r"[+\-]?\d{1,6}")
_COLOUR: Final = re.compile(r"#?[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20}|rgb\([\d, %]{5,20}\)")
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?")


def _words(text: str) -> re.Pattern[str]:
    return re.compile("|".join(text.split()), re.IGNORECASE)


_FLAG: Final = re.compile(r"[a-z]{0,12}", re.IGNORECASE)
_ALIGN: Final = _words("left right center justify char top middle bottom baseline absmiddle absbottom texttop start end")

ATTRIBUTES: Final[dict[str, re.Pattern[str]]] = {
    "align": _ALIGN,
    "alink": _COLOUR,
    "aria-hidden": _words("true false"),
    "bgcolor": _COLOUR,
    "border": _LENGTH,
    "bordercolor": _COLOUR,
    "bottommargin": _LENGTH,
    "cellpadding": _LENGTH,
    "cellspacing": _LENGTH,
    "charoff": _LENGTH,
    "clear": _words("left right all none both"),
    "color": _COLOUR,
    "cols": _NUMBER,
    "colspan": _NUMBER,
    "compact": _FLAG,
    "dir": _words("ltr rtl auto"),
    "face": re.compile(r"[\w ,\-]{1,100}"),
    "frame": _words("void above below hsides vsides lhs rhs box border"),
    "height": _LENGTH,
    "hidden": re.compile(r"[a-z\-]{0,12}", re.IGNORECASE),
    "hspace": _LENGTH,
    "lang": _LANGUAGE,
    "leftmargin": _LENGTH,
    "link": _COLOUR,
    "marginheight": _LENGTH,
    "marginwidth": _LENGTH,
    "noshade": _FLAG,
    "nowrap": _FLAG,
    "open": _FLAG,
    "reversed": _FLAG,
    "rightmargin": _LENGTH,
    "role": _words("presentation none article list listitem heading img separator main banner contentinfo navigation"),
    "rowspan": _NUMBER,
    "rules": _words("none groups rows cols all"),
    "size": _LENGTH,
    "span": _NUMBER,
    "start": _NUMBER,
    "target": _words("_blank"),
    "text": _COLOUR,
    "topmargin": _LENGTH,
    "type": _words("1 a i disc circle square cite"),
    "valign": _ALIGN,
    "value": _NUMBER,
    "vlink": _COLOUR,
    "vspace": _LENGTH,
    "width": _LENGTH,
}
"""The attributes that cross as they are, when their value has the shape; `style`, `class`, `id`, links and texts have code."""

TEXTS: Final = frozenset({"alt", "title", "aria-label"})
"""Attributes that people read: masked like text."""

_TRANSITIONAL: Final = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
)
DOCTYPES: Final = (
    (re.compile(r"<!doctype\s+html\s*(?:system[^>]*)?>", re.IGNORECASE), "<!DOCTYPE html>"),
    (re.compile(r"<!doctype[^>]*//dtd xhtml 1\.0 (?:transitional|frameset)//", re.IGNORECASE), _TRANSITIONAL),
    (re.compile(r"<!doctype[^>]*//dtd html 4\.01 (?:transitional|frameset)//[^>]*http", re.IGNORECASE), _TRANSITIONAL),
    (
        re.compile(r"<!doctype[^>]*//dtd (?:xhtml 1\.0 strict|xhtml 1\.1|html 4\.01|html 4\.0)//", re.IGNORECASE),
        "<!DOCTYPE html>",
    ),
)
"""The first that stands at the beginning of the page decides how it is laid out; without any it stays in the quirks that it was
made for (WHATWG HTML 13.2.6.4.1)."""
