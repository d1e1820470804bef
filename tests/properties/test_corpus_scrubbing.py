"""Real mail: its author is known, and cannot be found in what crosses; what a person wrote is still there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.masking import HIS, a_masker

from relay.errors import Unreadable
from relay.message.html import scrubbed_html, visible_text
from relay.message.mail import Entity
from relay.message.masker import Masker
from relay.message.normal import folded
from relay.message.parse import parse
from relay.message.text import scrubbed_text

CORPUS = Path(os.environ.get("RELAY_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
KINDS = ("replies", "plain", "html", "i18n", "list", "malformed", "spam")
WORDS_KEPT_MIN = 0.8
"""Quoted attributions and addresses are shortened, and images leave a phrase; all else stays."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of real mail at {CORPUS}; set RELAY_CORPUS"),
]


def scrubbed(part: Entity, masker: Masker) -> str | None:
    """The scrubbed text of a readable part, twice over the same; None for a part of another type, or one that is refused."""
    try:
        if part.media_type == "text/plain":
            once = scrubbed_text(part.text, masker).text
            assert scrubbed_text(once, masker).text == once
        elif part.media_type == "text/html":
            once = scrubbed_html(part.text, masker, {}).text
            assert scrubbed_html(once, masker, {}).text == once
        else:
            return None
    except Unreadable:
        return None
    return once


def words(text: str) -> set[str]:
    return {word for word in text.split() if word.isalpha()}


def mails(kind: str) -> Iterator[tuple[str, Entity, str, str]]:
    for file in sorted((CORPUS / kind).glob("*.eml")):
        try:
            mail = parse(file.read_bytes())
        except Unreadable:
            continue
        author = mail.authors[0] if mail.authors else None
        if author is not None and author.address is not None:
            yield file.name, mail.root, author.address.reveal(), author.name


@pytest.mark.parametrize("kind", KINDS)
def test_the_author_of_real_mail_is_not_found_in_what_crosses(kind: str) -> None:
    for name, root, address, author in mails(kind):
        masker = a_masker(addresses=(address,), name=author.strip()[:150] or "Ann Writer", others=(HIS,))
        for part in root.walk():
            text = scrubbed(part, masker)
            if text is None:
                continue
            assert folded(address) not in folded(text), f"{name}: {part.media_type}"
            before = visible_text(part.text) if part.media_type == "text/html" else part.text
            after = visible_text(text) if part.media_type == "text/html" else text
            lost = words(before) - words(after)
            assert len(lost) <= max(12, (1 - WORDS_KEPT_MIN) * len(words(before))), f"{name}: {len(lost)} words"
