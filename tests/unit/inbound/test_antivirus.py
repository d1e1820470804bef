"""Where clamd is, as the configuration says it."""

from __future__ import annotations

import pytest

from relay.errors import WrongConfiguration
from relay.inbound.antivirus import Place, place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unix:/run/clamav/clamd.ctl", Place(path="/run/clamav/clamd.ctl")),
        ("tcp:127.0.0.1:3310", Place(host="127.0.0.1", port=3310)),
        ("tcp:[::1]:3310", Place(host="::1", port=3310)),
        ("tcp:clamd.internal:3310", Place(host="clamd.internal", port=3310)),
    ],
)
def test_clamd_is_at_a_socket_file_or_at_a_port(text: str, expected: Place) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    "text", ["", "unix:", "unix:relative", "tcp:3310", "tcp::3310", "tcp:a:b", "tcp:a:0", "tcp:a:65536", "/run/x"]
)
def test_anything_else_is_a_fault_of_the_configuration(text: str) -> None:
    with pytest.raises(WrongConfiguration, match=r"antivirus\.clamd"):
        place(text)
