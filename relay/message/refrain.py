"""How the text of an answer begins, to be known again: who answers each mail with the same is a robot (GW-28, CASE-59).

Robots quote what they answer below their own words, so the beginning counts; and programs break lines as they like.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from relay.message.mail import Mail
from relay.message.searchable import shown_texts

letters_max: Final = 400
"""Letters and digits of the beginning; two robots that quote each other's mail, and what it quoted, differ in what follows."""
letters_min: Final = 20
"""A text with fewer of them says "ok, see you then": people write that twice."""
_characters_max: Final = 32_000
"""Of one text, in which they are looked for; before those of HTML its styles stand, which take half of that in Outlook's."""
_AROUND_LETTERS: Final = re.compile(r"[\W_]+")


def refrain(mail: Mail) -> bytes | None:
    """A digest of how the text of `mail` begins; None where it answers no mail, or is too short to tell anybody by."""
    if not mail.references:
        return None
    text = next(shown_texts(mail.root, _characters_max), "")
    letters = _AROUND_LETTERS.sub("", text).casefold()[:letters_max]
    if len(letters) < letters_min:
        return None
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).digest()
