from __future__ import annotations

import pytest
from support.zones import looked_up

from relay.lookup import Type
from relay.zone.finding import State
from relay.zone.key import key_published

NAME = "relay._domainkey.reply.example.com"
RECORD = "v=DKIM1; k=rsa; p=MIIB"


@pytest.mark.parametrize(
    ("there", "state", "told"),
    [
        (["v=DKIM1; k=rsa; p=MIIB"], State.RIGHT, ""),
        (["v=DKIM1;p= MI IB ;"], State.RIGHT, ""),  # white space does not count, and k=rsa may be left out
        (["v=DKIM1; h=sha1:sha256; p=MIIB"], State.RIGHT, ""),
        (["v=DKIM1; p=MIIC"], State.WRONG, "another key"),
        (["v=DKIM1; p="], State.WRONG, "another key"),  # revoked
        (["v=DKIM1; k=ed25519; p=MIIB"], State.WRONG, "another key"),
        (["v=DKIM1; p=MIIB", "v=DKIM1; p=MIIB"], State.WRONG, "one record"),
        (["v=DKIM1; h=sha1; p=MIIB"], State.WRONG, "sha256"),
        (["v=DKIM1; t=y:s; p=MIIB"], State.ADVICE, "t=y"),
        ([], State.MISSING, 'publish: relay._domainkey.reply.example.com. IN TXT "v=DKIM1; k=rsa; p=MIIB"'),
        (None, State.TROUBLE, "no answer"),
    ],
)
def test_the_record_of_a_key_has_to_stand_there_alone(there: list[str] | None, state: State, told: str) -> None:
    """RFC 6376 §3.6.1, §3.6.2.2; GW-14"""
    found = looked_up(key_published(NAME, RECORD), {(NAME, Type.TXT): there})
    assert (found.state, told in found.fix) == (state, True)
    assert bool(found.fix) is (state is not State.RIGHT)
