"""What a writer is told of what was taken out, and what is not worth a mail (GW-52)."""

from __future__ import annotations

import pytest

from relay.correspondence.hint import worth_telling
from relay.correspondence.wording import Taken
from relay.message.removal import Removal
from relay.message.treatment import Treatment


@pytest.mark.parametrize(
    ("removals", "told"),
    [
        ([], ()),
        ([Removal("address", "text/plain"), Removal("address", "Subject")], (Taken.ADDRESS,)),
        ([Removal("file", "application/pdf"), Removal("name", "text/html")], (Taken.NAME, Taken.FILE)),
        ([Removal("phone number", "text/plain"), Removal("bank account", "text/plain")], (Taken.PHONE, Taken.IBAN)),
        ([Removal("link", "text/html"), Removal("contact card", "text/vcard")], (Taken.LINK, Taken.CARD)),
        ([Removal(kind, "text/html") for kind in ("metadata", "markup", "footer", "image", "signature", "file name")], ()),
        ([Removal("phone number", "text/plain", Treatment.MARK), Removal("link", "Subject", Treatment.HOLD)], ()),
    ],
)
def test_a_hint_tells_each_kind_that_a_reader_misses_once(removals: list[Removal], told: tuple[Taken, ...]) -> None:
    assert worth_telling(removals) == told
