"""After signing in nobody is led elsewhere."""

from __future__ import annotations

import pytest

from relay.web.site.sign_in.ways import ours


@pytest.mark.parametrize("wanted", ["/", "/my", "/partner/p1?tab=active&page=2", "/support?q=from%3Acustomer", "/sign-in-help"])
def test_a_path_of_ours_is_where_somebody_is_led(wanted: str) -> None:
    assert ours(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "my",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "https://evil.example/",
        "https:/evil.example",
        "javascript:alert(1)",
        "/\t/evil.example/",
        "/my\r\nSet-Cookie: x=1",
        "/ｅvil",
        "/sign-in",
        "/sign-in/secret",
        "/sign-out",
        "/" + "a" * 500,
    ],
)
def test_anything_else_is_not(wanted: str) -> None:
    assert ours(wanted) == ""
