"""Brings the catalogues of the pages up to date with their sentences: `python scripts/sentences.py`.

What is new comes in without a translation, what is gone goes; `--missing` prints what no translation is there for, and exits 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "relay" / "web"
MAILS: Final = ROOT / "relay" / "correspondence" / "catalogues" / "de" / "LC_MESSAGES" / "relay.po"
KEYWORDS: Final[dict[str, tuple[int, ...] | None]] = {
    "_": None,
    "gettext": None,
    "marked": None,
    "ngettext": (1, 2),
    "marked_plural": (1, 2),
}
HEADER: Final = """# Words of the pages.
msgid ""
msgstr ""
"Project-Id-Version: relay 1\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
Sentence = str | tuple[str, str]


def sentences() -> dict[Sentence, list[str]]:
    """Every sentence that templates and code mark, with the files in which it stands; without those that mails have too."""
    of_mails = {message.id if isinstance(message.id, str) else message.id[0] for message in read("de", MAILS)}
    found: dict[Sentence, list[str]] = {}
    methods = [("site/**.py", "python"), ("templates/**.html", "jinja2")]
    for file, _, message, _, _ in extract_from_dir(str(PAGES), method_map=methods, keywords=KEYWORDS):
        sentence = message if isinstance(message, str) else (message[0], message[1])
        if (sentence if isinstance(sentence, str) else sentence[0]) in of_mails:
            continue
        places = found.setdefault(sentence, [])
        if file not in places:
            places.append(file)
    return found


def catalogues() -> Iterator[tuple[str, Path]]:
    """The languages that have one, and where."""
    for path in sorted(PAGES.glob("catalogues/*/LC_MESSAGES/pages.po")):
        yield path.parent.parent.name, path


def read(language: str, path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    for message in catalogue:
        forms = (message.string,) if isinstance(message.string, str) else message.string
        if message.id and (not forms or not all(forms)):
            yield message


def renewed(language: str, old: Catalog) -> Catalog:
    """The catalogue with today's sentences, and of the old translations those that are still wanted."""
    new = Catalog(locale=language)
    for sentence, places in sorted(sentences().items(), key=lambda one: (one[1][0], str(one[0]))):
        known = old.get(sentence if isinstance(sentence, str) else sentence[0])
        kept = known.string if known is not None and type(known.id) is type(sentence) else None
        new.add(sentence, kept, locations=[(place, None) for place in places[:1]])
    return new


def main() -> int:
    missing = 0
    for language, path in catalogues():
        catalogue = renewed(language, read(language, path))
        if "--missing" in sys.argv[1:]:
            for message in untranslated(catalogue):
                missing += 1
                print(f"{language}: {message.id}")
            continue
        body = BytesIO()
        write_po(body, catalogue, width=130, omit_header=True, include_lineno=False)
        path.write_bytes(HEADER.format(language=language, plural=catalogue.plural_forms).encode() + body.getvalue())
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main())
