"""What people wrote, without any mail address: as those of the house read it who may not see one (AR-1, LEAK-86).

Whose an address is makes no difference, and dictating it is no way around: `zofia (at) poczta (dot) example`.
"""

from __future__ import annotations

from relay.masking import MASK, masked
from relay.message.dictated import dictated
from relay.message.normal import Normal


def concealed(text: str, ours: str = "") -> str:
    """`text` with mail addresses masked, written or dictated, but for those at the domain `ours`, which are aliases."""
    pieces, done = [], 0
    for one in dictated(Normal(text)):
        if one.start >= done:
            pieces += [text[done : one.start], MASK]
            done = one.end
    return masked("".join((*pieces, text[done:])), ours)
