"""Write docs/mails/: every mail about a booking in two languages, as its reader gets it. `--check` only compares.

The scenes are those of the tests (tests/support/notified.py): the same clock and ids every time, so the same octets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.notified import EXAMPLES, Example  # noqa: E402  the scenes are found by a path
from support.reading import body, read  # noqa: E402  the same

from relay.values import Language  # noqa: E402  after the path as well

TARGET = ROOT / "docs" / "mails"
LANGUAGES = (Language.EN, Language.DE)
SHOWN = ("From", "To", "Reply-To", "Subject", "Auto-Submitted", "Content-Language")
HEAD = """# The mails about a booking

Each notification of the catalogue as it is sent, to each that it is for, in English and in German. Written by `make mails`; a
test compares these pages with what the code renders now. The page is what most mail programs show; the text, with the header
and the calendar entry, is in one file a language: [en.txt](en.txt), [de.txt](de.txt).

| mail | to | English | German |
|---|---|---|---|
"""


def pages() -> dict[str, str]:
    """Every file below docs/mails by its name."""
    found = {"README.md": HEAD + "".join(f"{row}\n" for row in _rows())}
    for language in LANGUAGES:
        letters = [(one, one.written(language)) for one in EXAMPLES]
        for one, raw in letters:
            found[f"{language.value}/{one.name}.html"] = body(read(raw), "html")
        found[f"{language.value}.txt"] = "\n".join(_as_text(one, raw) for one, raw in letters)
    return found


def _rows() -> Iterator[str]:
    for one in EXAMPLES:
        links = " | ".join(f"[{one.name}]({language.value}/{one.name}.html)" for language in LANGUAGES)
        yield f"| {one.title} | {one.to} | {links} |"


def _as_text(one: Example, raw: bytes) -> str:
    message = read(raw)
    header = "".join(f"{name}: {message[name]}\n" for name in SHOWN if name in message)
    kinds = [part.get_content_type() for part in message.walk()]
    calendar = "\n" + body(message, "calendar") if "text/calendar" in kinds else ""
    return f"===== {one.name} =====\n{header}\n{body(message, 'plain')}{calendar}"


def main() -> int:
    wanted = pages()
    present = {path.relative_to(TARGET).as_posix(): path for path in TARGET.rglob("*") if path.is_file()}
    if "--check" in sys.argv:
        behind = sorted({*wanted, *present} - {name for name in wanted if _holds(present.get(name), wanted[name])})
        if behind:
            print(f"docs/mails is behind the code ({', '.join(behind[:5])}): make mails", file=sys.stderr)
        return 1 if behind else 0
    for name in present.keys() - wanted.keys():
        present[name].unlink()
    for name, text in wanted.items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


def _holds(path: Path | None, text: str) -> bool:
    return path is not None and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
