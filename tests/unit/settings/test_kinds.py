"""What is read of hostile text, for every kind of value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relay.settings import endpoints, kinds, quantities


@given(st.text(max_size=400))
def test_no_text_brings_a_reader_down(text: str) -> None:
    said: list[str] = []
    for reader in (
        quantities.duration,
        quantities.size,
        endpoints.endpoint,
        endpoints.route,
        endpoints.loopback,
        endpoints.dns_server,
        kinds.network,
        kinds.domain,
        kinds.address,
        kinds.database_url,
        kinds.blobs_url,
        kinds.web_url,
        kinds.listed,
    ):
        try:
            reader(text)
        except ValueError as error:
            said.append(str(error))
    assert not any("\n" in sentence or len(sentence) > 300 for sentence in said)
