"""Letters that look like others, and signs that stand for them: the table behind the normal form (LEAK-29)."""

from __future__ import annotations

from typing import Final

_PAIRS: Final = (
    # Cyrillic: the letters of the usual confusables that a reader takes for Latin ones.
    ("аАвВеЕкКмМнНоОрРсСтТуУхХіІјЈѕЅԁһҺԛԝӏӀԌԍ", "aabbeekkmmhhooppccttyyxxiijjssdhhqwllgg"),
    # And those that stand for one at a second look.
    ("гпьчз", "rnby3"),
    # Greek: capitals and small letters resemble different Latin ones.
    ("αΑβΒεΕΖΗηΙικΚΜΝνοΟρΡτΤυΥχΧγϲϳδζλσω", "aabbeezhniikkmnvooppttuyxxycjdzlow"),
    # Armenian.
    ("օսոհցզյ", "ounhgqj"),
    # Latin letters that no normalisation form takes apart.
    ("ıłŁøØđĐðħĦŧŦƒɑɡɩʟɪɴʀʏʙɢʜᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱǫ", "illoodddhhttfagilinrybghacdejkmoptuvwzfsq"),
    # Signs of an address. Long dashes stay out: they stand between words, and would glue a word to a domain.
    ("ⓐⒶ。｡‐‑﹣", "@@..---"),
    ("·•∙⋅‧・", "......"),
    # The apostrophe of a name, as keyboards and programs write it.
    ("’‘ʼ′´", "'''''"),
)
_ENCLOSED: Final = (0x1F130, 0x1F150, 0x1F170)
"""Where the squared, the negative circled and the negative squared alphabets begin; NFKC knows the first alone."""

LOOKALIKES: Final[dict[str, str]] = {
    **{sign: plain for signs, plains in _PAIRS for sign, plain in zip(signs, plains, strict=True)},
    **{chr(start + at): chr(ord("a") + at) for start in _ENCLOSED for at in range(26)},
}
