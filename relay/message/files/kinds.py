"""The kinds of file that can be cleaned: one row each, told by what the octets are. A declared type is not trusted (LEAK-60)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Cleaner, DocumentCleaner, DocumentMetadata, Tells
from relay.message.files.flac import clean_flac, is_flac
from relay.message.files.gif import clean_gif, is_gif
from relay.message.files.jpeg import clean_jpeg, is_jpeg
from relay.message.files.movie import clean_movie, is_movie
from relay.message.files.mp3 import clean_mp3, is_mp3
from relay.message.files.ole import clean_ole, is_ole
from relay.message.files.pdf_kind import clean_pdf, is_pdf
from relay.message.files.png import clean_png, is_png
from relay.message.files.recording import clean_recording, is_recording
from relay.message.files.rtf import clean_rtf, is_rtf
from relay.message.files.svg import clean_svg, is_svg
from relay.message.files.tiff import clean_tiff, is_tiff
from relay.message.files.webp import clean_webp, is_webp
from relay.message.files.zips import clean_zip, is_zip

depth_max: Final = 3
"""Files inside files that are cleaned; deeper ones stay as they are, for the second reading to judge."""

Row = tuple[Callable[[bytes], bool], Cleaner]
"""Is it of that kind, by its first octets; its cleaner. The first row that says yes cleans the file."""

PICTURES: Final[tuple[Row, ...]] = (
    (is_jpeg, clean_jpeg),
    (is_png, clean_png),
    (is_gif, clean_gif),
    (is_webp, clean_webp),
    (is_tiff, clean_tiff),
    (is_movie, clean_movie),
)
RECORDINGS: Final[tuple[Row, ...]] = (
    (is_mp3, clean_mp3),
    (is_flac, clean_flac),
    (is_recording, clean_recording),
)
"""Sounds and films; those that are made like pictures stand there."""
OLDER: Final[tuple[Row, ...]] = ((is_ole, clean_ole), (is_rtf, clean_rtf))
"""Documents that are edited in their places."""
DOCUMENTS: Final[tuple[tuple[Callable[[bytes], bool], DocumentCleaner], ...]] = (
    (is_pdf, clean_pdf),
    (is_zip, clean_zip),
    (is_svg, clean_svg),
)
"""The same for documents and archives, which have files in them: those are cleaned too, down to `depth_max`."""
BY_POLICY: Final = frozenset({clean_pdf})
"""Those that keep what does not tell anybody's name, unless the house says otherwise."""


def cleaned(octets: bytes, tells: Tells, metadata: DocumentMetadata = DocumentMetadata.IDENTIFYING, depth: int = 0) -> Cleaned:
    """`octets` without what software wrote into them about people (LEAK-60 to LEAK-64); cleaning that again changes nothing.

    The very same octets, and nothing taken, for a file that has nothing of the sort, for one of an unknown kind, and for a
    broken one: of that the second reading finds what can be found. Never raises. `depth`: in how many files this one lies.
    """
    cleaner = _cleaner_of(octets, metadata, depth)
    if cleaner is None:
        return Cleaned(octets)
    try:
        after = cleaner(octets, tells)
    except Unreadable:
        return Cleaned(octets)
    return Cleaned(octets) if after.octets == octets else after


def is_known(octets: bytes) -> bool:
    """Whether these are the octets of a file that has a cleaner and is no text, however it is declared."""
    return not is_rtf(octets) and not is_svg(octets) and _cleaner_of(octets, DocumentMetadata.IDENTIFYING, 0) is not None


def is_picture(octets: bytes) -> bool:
    """Whether these are the octets of a picture that has a cleaner."""
    return any(is_it(octets) for is_it, _ in PICTURES)


def _cleaner_of(octets: bytes, metadata: DocumentMetadata, depth: int) -> Cleaner | None:
    for is_it, cleaner in (*PICTURES, *RECORDINGS, *OLDER):
        if is_it(octets):
            return cleaner
    for is_one, document_cleaner in DOCUMENTS if depth < depth_max else ():
        if is_one(octets):
            return lambda octets, tells: document_cleaner(
                octets,
                _anything if document_cleaner in BY_POLICY and metadata is DocumentMetadata.ALWAYS else tells,
                lambda inner: cleaned(inner, tells, metadata, depth + 1),
            )
    return None


def _anything(said: str) -> bool:
    return bool(said.strip())
