"""Whatever is done to an identifier, it does not cross; whatever is none, crosses as it was (LEAK-20 to LEAK-48, invariant 1)."""

from __future__ import annotations

import base64
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from support.masking import HER_ALIAS, HER_GMAIL, HERS, HIS, HIS_ALIAS, a_masker, seen_in

from relay.message.html import scrubbed_html
from relay.message.normal import Joined, Normal, folded
from relay.message.spelled import Spellings
from relay.message.text import scrubbed_text
from relay.message.treatment import Treatment

MASKER = a_masker()
KEEPING = a_masker(unknown=Treatment.KEEP)
SPELLINGS = Spellings([MASKER.writer, MASKER.reader])
CIDS = {"old": "new", "new": "new"}

addresses = st.sampled_from([HERS, HER_GMAIL, HIS])
UNSEEN = ["\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u200f", "\u0336"]
AT = [
    "@",
    "＠",
    " @ ",
    " (at) ",
    "[at]",
    " at ",
    " arobase ",
    " chiocciola ",
    " małpa ",
    "{at}",
    "%40",
    "&#64;",
    "&commat;",
    "=40",
    "(@)",
]
DOT = [".", "．", " . ", " (dot) ", "[dot]", " dot ", " punto ", " kropka ", " point ", "[.]", "&#46;", "%2E"]
BREAKS = ["\n", "\n> ", "\r\n", "\n>> ", "\n> > ", " \n", "=\n"]
AROUND = [
    ("write to ", " now"),
    ("<", ">"),
    ("(", ")"),
    ("mailto:", ""),
    ("", "."),
    ("", ", or"),
    ("邮箱", "谢谢"),
    ("'", "'"),
    ('"', '"'),
    ("to=", "&x=1"),
    ("From: Ann Writer <", ">\nTo: you"),
    ("On Mon, 1 Jan 2024 at 10:00 Ann Writer <", "> wrote:\n> hello"),
    ("https://t.example/u?e=", "&k=2"),
    ("*", "*"),
    ("a\n", "\nb"),
    ("~~~~ ~~ ~~~~\n", "\n"),
]


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A known address as software or people may write it."""
    local, domain = draw(addresses).split("@")
    way = draw(st.integers(0, 7))
    if draw(st.booleans()):
        local = local.upper()
    if way == 0:
        return f"{local}+{draw(st.sampled_from(['tag', 'a-b', 'x.y']))}@{domain}"
    if way == 1:
        plain = f"{local}@{domain}"
        at = draw(st.integers(0, len(plain)))
        return plain[:at] + draw(st.sampled_from(UNSEEN)) + plain[at:]
    if way == 2:
        return "".join(chr(ord(one) + 0xFEE0) if draw(st.booleans()) else one for one in f"{local}@{domain}")
    if way == 3:
        dot = draw(st.sampled_from(DOT))
        return local.replace(".", dot) + draw(st.sampled_from(AT)) + domain.replace(".", dot)
    if way == 4:
        plain = f"{local}@{domain}"
        at = draw(st.integers(1, len(plain) - 1))
        return plain[:at] + draw(st.sampled_from(BREAKS)) + plain[at:]
    if way == 5:
        return draw(
            st.sampled_from(
                [
                    f"bounce+7-{local.lower()}={domain}@list.example",
                    f"prvs=12345={local}@{domain}",
                    f"SRS0=ab=cd={domain}={local.lower()}@fwd.example",
                ]
            )
        )
    if way == 6:
        return "".join(one.translate({0x61: "а", 0x65: "е", 0x6F: "о"}) for one in f"{local}@{domain}")
    return draw(
        st.sampled_from(
            [
                base64.b64encode(f"{local}@{domain}".encode()).decode(),
                f"{local}@{domain}".encode().hex(),
                quote(f"{local}@{domain}", safe=""),
                "".join(f"%{one:02x}" for one in f"{local}@{domain}".encode()),
                "".join(f"&#{ord(one)};" for one in f"{local}@{domain}"),
            ]
        )
    )


@st.composite
def a_text(draw: st.DrawFn) -> str:
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        before, after = draw(st.sampled_from(AROUND))
        pieces.append(f"{before}{draw(disguised())}{after}")
    return draw(st.sampled_from(["\n", "\n\n", "\n> ", " and "])).join(pieces)


BETWEEN = [
    "",
    "",
    "",
    "<wbr>",
    "<!-- x -->",
    "<span></span>",
    "</b><b>",
    "<i></i>",
    "<span style='color:red'>",
    "</span>",
    "&shy;",
    "\u200b",
]


@st.composite
def a_page(draw: st.DrawFn) -> str:
    """A known address, taken apart by markup and written in entities."""
    plain = draw(addresses)
    pieces = []
    for one in plain:
        pieces.append(draw(st.sampled_from([one, one, one, f"&#{ord(one)};", f"&#x{ord(one):x};"])))
        pieces.append(draw(st.sampled_from(BETWEEN)))
    if draw(st.booleans()):
        pieces.insert(draw(st.integers(1, len(pieces) - 1)), "</td><td>")
    inside = "".join(pieces)
    link = draw(st.sampled_from([plain, quote(plain, safe=""), "".join(f"&#{ord(one)};" for one in plain)]))
    return draw(
        st.sampled_from(
            [
                f"<p>write to <b>{inside}</b> now</p>",
                f"<table><tr><td>{inside}</td></tr></table>",
                f"<div>On Mon, 1 Jan 2024 at 10:00, Ann Writer &lt;<a href='mailto:{link}'>{inside}</a>&gt; wrote:<br></div>",
                f'<a href="https://click.example/?u={link}&amp;k=1">{inside}</a>',
                f"<a href='MAILTO:{link}?cc={link}' title='{link}'>mail</a><img alt='{link}' src='cid:old'>",
                f"<div style='display:none'>{inside}</div><!-- {plain} --><meta name=author content='{plain}'>",
                f"<style>.x{{font-family:'{plain}'}} .ann-writer{{color:red}}</style><p class='x ann-writer'>{inside}</p>",
                f"<script>{plain}</script><form action='{link}'><input type=hidden value='{plain}'>{inside}</form>",
            ]
        )
    )


def squeezed(text: str) -> str:
    return "".join(one for one in folded(text) if one.isalnum())


@given(a_text())
def test_no_known_address_survives_in_text_however_it_is_written(text: str) -> None:
    for masker in (MASKER, KEEPING):
        scrubbed = scrubbed_text(text, masker).text
        assert not seen_in(scrubbed, "text/plain"), scrubbed
        for address in (HERS, HER_GMAIL, HIS):
            assert squeezed(address) not in squeezed(scrubbed.replace(HER_ALIAS, "").replace(HIS_ALIAS, ""))


FRAGMENTS = st.lists(
    st.sampled_from(
        ["ann", "writer", "tours", "writer-tours", "example", "gmail", "com", "annwriter77", "x", *AT, *DOT, *BREAKS, "-"]
    )
).map("".join)


@given(a_text() | FRAGMENTS)
def test_where_the_quick_look_sees_no_domain_nothing_is_spelled(text: str) -> None:
    normal = folded(text)
    found = [*SPELLINGS.mailboxes(Joined(normal), []), *SPELLINGS.hosts(Joined(normal))]
    assert SPELLINGS.might_stand(normal) or not found


@given(a_text() | st.text(max_size=200))
def test_scrubbing_text_twice_is_scrubbing_it_once(text: str) -> None:
    once = scrubbed_text(text, MASKER).text
    assert scrubbed_text(once, MASKER).text == once


@given(a_page())
def test_no_known_address_survives_in_a_page_however_it_is_marked_up(page: str) -> None:
    for masker in (MASKER, KEEPING):
        scrubbed = scrubbed_html(page, masker, CIDS).text
        assert not seen_in(scrubbed, "text/html"), scrubbed


def as_markup(pieces: list[str]) -> str:
    """The pieces together; those that stand for white space as such."""
    return "".join(pieces).replace("&#32;", " ").replace("&#10;", "\n")


MARKUP = st.lists(
    st.sampled_from(
        """
        <p> </p> <b> </b> <i> <a> <a&#32;href='#x'> </a> <div> </div> <table> <tr> <td> </td> </tr> </table> <ul> <li> </ul>
        <pre>&#10; </pre> <span&#32;hidden> </span> <form> </form> <button> </button> <marquee> </marquee> <object> </object>
        <svg> </svg> <template> </template> <select> <option> </select> <textarea> </textarea> <noscript> </noscript> <h1> </h1>
        <font> <blockquote> </blockquote> <center> </font> <nobr> <br> <hr> <img&#32;src=x> <math> </math> <caption> <col> <dl>
        <dt> <dd> <body&#32;dir=rtl> <title> </title> <style>.a{color:red} </style> <plaintext> <ruby> <rt> <applet>
        <frameset> text &amp;
        &lt; &nbsp; &#13; &#10; &#32; x@y.zz ann.writer @ writer-tours .example Ann Writer
        """.split()
    ),
    max_size=25,
).map(as_markup)


@given(a_page() | MARKUP | st.text(alphabet="<>/ab&;#'\" =p", max_size=60))
def test_scrubbing_a_page_twice_is_scrubbing_it_once(page: str) -> None:
    once = scrubbed_html(page, MASKER, CIDS).text
    assert scrubbed_html(once, MASKER, CIDS).text == once


@given(st.text(alphabet=st.characters(blacklist_characters="@＠﹫ⓐⒶ%&=.。．․｡\u202e\u202d~"), max_size=300))
def test_text_without_a_sign_of_an_address_stays_as_it_is(text: str) -> None:
    """LEAK-31. Names need letters in their order, which are unlikely to be drawn; what was drawn is checked for that."""
    if "writer" not in folded(text):
        assert scrubbed_text(text, MASKER).text == text


@given(st.text(max_size=60))
def test_each_character_of_the_normal_form_leads_back_to_the_one_it_came_from(text: str) -> None:
    normal = Normal(text)
    origins = [place for place, char in enumerate(text) for _ in folded(char)]
    assert [normal.span(at, at + 1)[0] for at in range(len(normal.text))] == origins
