"""What is read of hostile text, for every kind of value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from relay.settings import Settings, endpoints, kinds, quantities


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
        kinds.file_path,
        kinds.blobs_url,
        kinds.web_url,
        kinds.listed,
    ):
        try:
            reader(text)
        except ValueError as error:
            said.append(str(error))
    assert not any("\n" in sentence or len(sentence) > 300 for sentence in said)


PASSWORD = "hunter2"


@given(st.text(alphabet="ab:/@?#[]%0123456789.", max_size=30), st.text(alphabet="ab:/@?#[]%0123456789.", max_size=30))
def test_a_database_that_is_taken_is_understood_by_who_opens_it_and_shown_without_its_password(before: str, after: str) -> None:
    """What cannot be taken apart is a fault of the configuration, with its line, and not one of some command later on."""
    url = f"postgresql+psycopg://{before}{PASSWORD}{after}"
    try:
        kinds.database_url(url)
    except ValueError:
        return
    opened = make_url(url)
    shown = Settings(database={"url": url}).model_dump(mode="json", context={"redacted": True})["database"]["url"]  # type: ignore[arg-type]
    assert opened.password is None or opened.password == "" or opened.password not in shown.rpartition("@")[0]


@pytest.mark.parametrize(
    "url",
    [
        *("postgresql+psycopg://x@h:abc/y", "postgresql+psycopg://[::1/y", "postgresql+psycopg://h:99999/y"),
        *("postgresql+psycopg://u:hun/ter2@h/y", "postgresql+psycopg://u:1#hunter2@h/y", "postgresql+psycopg://u:hunter2@x@h/y"),
        *("sqlite:///:memory:", "sqlite:///var/relay.db?mode=ro", "sqlite:///var/rel\nay.db"),
    ],
)
def test_a_database_that_nobody_could_open_is_a_fault_and_no_password_is_told(url: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read; in a name or password|name a file, and nothing else") as fault:
        kinds.database_url(url)
    assert "hun" not in str(fault.value)


@pytest.mark.parametrize("text", ["", " ", "a\nb", "\0", "\u202e"])
def test_what_is_no_file_s_name_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        kinds.file_path(text)


@pytest.mark.parametrize("url", ["http://h:abc", "http://[::1", "https://h:0/x"])
def test_a_web_address_has_a_port_that_is_one(url: str) -> None:
    with pytest.raises(ValueError, match="is no web address"):
        kinds.web_url(url)
