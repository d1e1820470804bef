"""What a mail of ours shows, as text and as HTML: what happened, what one can do, a button, which message it is about."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from relay.correspondence.letter import Part, multipart, text_part
from relay.values import MsgId

_TEXT_COLUMNS: Final = 72


@dataclass(frozen=True, slots=True)
class Page:
    """What both templates show: sentences in the reader's language, in the order of reading; `labelled` makes a title a label.

    The words of strangers in it are made fit before (`foreign`). `button` is what `link` is called.
    """

    language: str
    brand: str
    labelled: str
    headline: str
    greeting: str
    happened: tuple[str, ...]
    files_title: str
    files: tuple[str, ...]
    advice_title: str
    advice: tuple[str, ...]
    message_title: str
    rows: tuple[tuple[str, str], ...]
    number_hint: str
    button: str
    link: str
    automatic: str

    def part(self, message_id: MsgId) -> Part:
        """Both forms, for the mail of that Message-ID."""
        forms = (text_part("plain", rendered("page.txt", self)), text_part("html", rendered("page.html", self)))
        return multipart("alternative", forms, message_id)


def rendered(template: str, page: object) -> str:
    """`template` filled with `page`, which it knows by that name; what is written into HTML is escaped."""
    return _templates().get_template(template).render(page=page)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("relay.correspondence"),
        autoescape=select_autoescape(["html"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["wrapped"] = _wrapped
    return templates


def _wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """`text` in lines of 72 columns. Addresses and links stay in one piece, however long."""
    return textwrap.fill(
        text,
        _TEXT_COLUMNS,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
