"""Links: rewriters unwrapped, parameters that name somebody taken out (LEAK-26, LEAK-40)."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from relay.message.links import link_characters_max, scrubbed_link, scrubbed_mailto, unwrapped, without_trailing_signs

A = "ann@x.example"
TARGET = "https://shop.example/a?b=1&c=2"
PROOFPOINT = (
    TARGET.replace("%", "-25").replace("/", "_").replace(":", "-3A").replace("?", "-3F").replace("=", "-3D").replace("&", "-26")
)


def names_ann(text: str) -> bool:
    return A in text.lower() or "x.example" in text.lower()


@pytest.mark.parametrize(
    "wrapped",
    [
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(TARGET, safe='')}&data=05%7C01%7Cann%40x.example%7C&sdata=x",
        f"https://eur01.safelinks.protection.outlook.com/GetUrlReputation?amp;url={quote(TARGET, safe='')}",
        f"https://www.google.com/url?q={quote(TARGET, safe='')}&sa=D&source=gmail",
        f"https://urldefense.proofpoint.com/v2/url?u={PROOFPOINT}&d=DwMF&e=",
        f"https://urldefense.com/v3/__{TARGET}__;!!abc!def$",
        f"https://linkprotect.cudasvc.com/url?a={quote(TARGET, safe='')}&c=E,1,x",
        f"https://deref-gmx.net/mail/client/abc/dereferrer/?redirectUrl={quote(TARGET, safe='')}",
        f"https://secure-web.cisco.com/1abc-def/{quote(TARGET, safe='')}",
        f"https://eu-west-1.protection.sophos.com?d=shop.example&u={base64.urlsafe_b64encode(TARGET.encode()).decode().rstrip('=')}&p=m",
        f"https://l.facebook.com/l.php?u={quote(TARGET, safe='')}&h=x",
    ],
)
def test_a_rewriter_is_unwrapped_to_its_target(wrapped: str) -> None:
    assert unwrapped(wrapped) == TARGET
    assert scrubbed_link(wrapped, names_ann) == TARGET


def test_rewriters_around_rewriters_are_unwrapped() -> None:
    inner = f"https://www.google.com/url?q={quote(TARGET, safe='')}"
    assert unwrapped(f"https://x.safelinks.protection.outlook.com/?url={quote(inner, safe='')}&data=1") == TARGET


def test_a_rewriter_that_hides_something_else_than_a_web_page_is_left_alone() -> None:
    link = "https://www.google.com/url?q=javascript:alert(1)"
    assert unwrapped(link) == link


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://t.example/u?e=ann@x.example&k=1", "https://t.example/u?k=1"),
        ("https://t.example/u?k=1&e=ann%40x%2Eexample", "https://t.example/u?k=1"),
        ("https://t.example/u?e=ann%2540x.example", "https://t.example/u"),
        (f"https://t.example/u?e={base64.b64encode(A.encode()).decode()}&k=1#top", "https://t.example/u?k=1#top"),
        (f"https://t.example/u/{A.encode().hex()}/open?k=1", "https://t.example/u/-/open?k=1"),
        ("https://t.example/u#ann@x.example", "https://t.example/u"),
        ("https://ann:secret@t.example/u?k=1", "https://t.example/u?k=1"),
        ("https://@@t.example/", "https://t.example/"),
        ("https://t.example:8443/a;b=1?x&y=#z", "https://t.example:8443/a;b=1?x&y=#z"),
        ("https://www.x.example/", None),
        ("https://t.example\\@x.example", "https://t.example/-"),
        ("https://", None),
        ("mailto:a@b.example", None),
        ("https://t.example/" + "a" * link_characters_max, None),
    ],
)
def test_what_names_somebody_is_taken_out_of_a_link_and_the_rest_stays(link: str, expected: str | None) -> None:
    assert scrubbed_link(link, names_ann) == expected


def alias_for(address: str) -> str | None:
    return {"ann@x.example": "alias@r.example", "alias@r.example": "alias@r.example"}.get(address.lower())


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("mailto:ann@x.example", "mailto:alias@r.example"),
        ("MAILTO:Ann%40X.example", "mailto:alias@r.example"),
        (
            "mailto:ann@x.example,eve@y.example?cc=eve@y.example&bcc=a@b.example&subject=Hi%20you&body=x",
            "mailto:alias@r.example?subject=HI%20YOU",
        ),
        ("mailto:?to=ann@x.example&amp;subject=a", "mailto:alias@r.example?subject=A"),
        ("mailto:alias@r.example", "mailto:alias@r.example"),
        ("mailto:eve@y.example", None),
        ("mailto:", None),
    ],
)
def test_a_mailto_link_leads_to_the_alias_or_nowhere(link: str, expected: str | None) -> None:
    """LEAK-40."""
    assert scrubbed_mailto(link, alias_for, str.upper) == expected


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://x.example/a.", "https://x.example/a"),
        ("https://x.example/a_(b)", "https://x.example/a_(b)"),
        ("https://x.example/a)!", "https://x.example/a"),
        ("https://x.example/a?b=[1]", "https://x.example/a?b=[1]"),
        ("https://x.example/a]", "https://x.example/a"),
    ],
)
def test_the_signs_behind_a_link_are_the_sentences(text: str, link: str) -> None:
    assert without_trailing_signs(text) == link
