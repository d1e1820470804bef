"""The second reading (leaks.md section 7; design.md section 4, invariants 1 and 2)."""

from __future__ import annotations

import ast
import base64
import time
from pathlib import Path

import pytest
from support.leaking import (
    ADDRESS,
    ALIASES,
    HOST,
    IP,
    OWN_ADDRESS,
    OWN_DOMAIN,
    PAGE,
    PARTIES,
    PROSE,
    READER_ALIAS,
    WRITER_ALIAS,
    a_jpeg,
    a_pdf,
    a_rendition,
    a_zip,
    an_office_file,
    attached,
    head,
    letter,
    message,
    mixed,
    page,
)

import relay.message.leaks as package
from relay.message.leaks import Finding, Kind, Watched, files, leaks
from relay.message.leaks.needles import needles, needles_of_hosts
from relay.message.leaks.patterns import compiled
from relay.message.leaks.watched import ORDINARY_WORDS, own_domain
from relay.message.public_mail import COMMON_WORDS


def kinds(octets: bytes) -> set[Kind]:
    return {one.kind for one in leaks(octets, PARTIES, allowed=ALIASES)}


def test_a_clean_rendition_has_no_findings() -> None:
    assert leaks(a_rendition(), PARTIES, allowed=ALIASES) == ()
    assert leaks(letter(PROSE), PARTIES, allowed=ALIASES) == ()
    assert leaks(page(PAGE), PARTIES, allowed=ALIASES) == ()


def test_it_shares_no_code_with_the_rest_of_the_surgery() -> None:
    """Invariant 2: what one of them misunderstands the other must not."""
    for module in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("relay"):
                assert node.module.startswith("relay.message.leaks"), module.name
            assert not (isinstance(node, ast.Import) and any(one.name.startswith("relay") for one in node.names)), module.name


@pytest.mark.parametrize(
    ("octets", "finding"),
    [
        (letter("x", f"Subject: {ADDRESS}"), Finding(Kind.ADDRESS, "header Subject", "raw")),
        (
            letter("x", "Subject: =?utf-8?q?=61nna=2Ekowalska=40gmail.com?="),
            Finding(Kind.ADDRESS, "header Subject", "encoded word"),
        ),
        (letter("x", f"X-Anna-Kowalska: {ADDRESS}"), Finding(Kind.ADDRESS, "header of another name", "raw")),
        (letter(f"see https://www.{OWN_DOMAIN}/en"), Finding(Kind.DOMAIN, "part 1 text/plain", "raw")),
        (letter(f"on {HOST} since"), Finding(Kind.HOST, "part 1 text/plain", "raw")),
        (letter(f"from [{IP}]"), Finding(Kind.HOST, "part 1 text/plain", "raw")),
        (letter("Yours, Anna Kowalska"), Finding(Kind.WORD, "part 1 text/plain", "raw")),
        (attached(b"x", "text/plain", f"{ADDRESS}.txt"), Finding(Kind.ADDRESS, "part 2 text/plain file name", "raw")),
        (attached(b"x", "application/pdf", "kowalska.pdf"), Finding(Kind.WORD, "part 2 application/pdf file name", "raw")),
        (attached(f"{ADDRESS}".encode(), "text/csv"), Finding(Kind.ADDRESS, "part 2 text/csv", "base64")),
        (attached(f"{ADDRESS}".encode("utf-16"), "text/csv"), Finding(Kind.ADDRESS, "part 2 text/csv", "base64 > utf-16-le")),
        (
            attached(a_pdf(author=ADDRESS, text=""), "application/pdf"),
            Finding(Kind.ADDRESS, "part 2 application/pdf", "base64 > pdf metadata"),
        ),
        (
            mixed(("Content-Type: text/plain", b"x"), ("Content-Type: message/rfc822", f"From: {ADDRESS}\r\n\r\nx".encode())),
            Finding(Kind.ADDRESS, "nested message 1 header From", "raw"),
        ),
        (page("anna.kowalska%40gm<b>ail</b>.com"), Finding(Kind.ADDRESS, "part 1 text/html", "percent > markup")),
    ],
)
def test_a_finding_tells_kind_place_and_layer(octets: bytes, finding: Finding) -> None:
    assert finding in leaks(octets, PARTIES, allowed=ALIASES)


@pytest.mark.parametrize("name", ["Jun", "Mon", "Date", "Text", "Html", "Charset", "Quoted", "Mixed"])
def test_a_name_that_every_head_has_in_it_stops_nothing(name: str) -> None:
    """Ms Jun writes in June; of her name elsewhere she is not robbed."""
    head = "Date: Mon, 01 Jun 2026 12:00:00 +0000\r\nX-Relay-Trace: 00abc00abc00"
    page = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    kinds = 'Content-Type: multipart/mixed;\r\n boundary="=_0123456789abcdef0123456789abcdef"'
    her = (Watched.of(("annwriter77@gmail.com",), (name,)),)
    for octets in (f"{head}\r\n{page}\r\n\r\nx\r\n", f"{head}\r\n{kinds}\r\n\r\nx\r\n"):
        assert leaks(octets.encode(), her) == ()
    assert leaks(f"{head}\r\n{page}; name={name}\r\n\r\nx".encode(), her)
    assert leaks(f"{head}\r\nSubject: Ann {name}\r\n{page}\r\n\r\nx".encode(), her)


@pytest.mark.parametrize(("booked", "written"), [("O'Brien", "O’Brien"), ("D’Angelo", "D'Angelo"), ("Müller", "Mueller")])
def test_a_name_is_found_as_keyboards_write_it(booked: str, written: str) -> None:
    octets = f"Content-Type: text/plain; charset=utf-8\r\n\r\nYours, {written}\r\n".encode()
    assert leaks(octets, (Watched.of(("annwriter77@gmail.com",), (booked,)),))


def test_a_finding_never_holds_what_was_found() -> None:
    """It goes to logs and operators, so not even a media type or a field name is taken over from the message."""
    octets = mixed((f"Content-Type: text/{OWN_DOMAIN}\r\nX-{OWN_DOMAIN}: {ADDRESS}\r\nContent-ID: <{ADDRESS}>", ADDRESS.encode()))
    found = leaks(octets, PARTIES, allowed=ALIASES)
    assert found
    assert not any("kowalska" in repr(one).lower() or "alpenhof" in repr(one).lower() for one in found)
    assert "kowalska" not in repr(PARTIES).lower()


@pytest.mark.parametrize(
    "text",
    [
        f"{ADDRESS}Tel. 77",
        f"{ADDRESS.capitalize()}Mobil77",
        f"Größe {ADDRESS}Telefon",
        f"{ADDRESS}Tel.: 1",
        f"{ADDRESS}info77@x.example",
        f"{ADDRESS}{WRITER_ALIAS}",
    ],
)
def test_an_address_is_found_with_the_next_word_right_behind_it(text: str) -> None:
    """LEAK-43, LEAK-44: the labels of a page have nothing between them."""
    assert kinds(letter(text)) == {Kind.ADDRESS}


def test_a_colleague_is_found_with_the_next_word_right_behind() -> None:
    """LEAK-22, LEAK-44: the domain is the party's own."""
    assert kinds(letter(f"desk@{OWN_DOMAIN}Tel. 77")) == {Kind.DOMAIN}
    assert kinds(letter(f"desk@{OWN_DOMAIN}Tel.example, desk@{OWN_DOMAIN}tica")) == set()


@pytest.mark.parametrize("domain", ["hotel-\r\n alpenhof.at", "hotel- alpenhof.at", "hotel-alp enhof.at", "hotel-alpenhof .at"])
def test_a_domain_is_found_where_its_header_line_was_folded(domain: str) -> None:
    """LEAK-9: masked up to the sign, such an address still tells whose it is."""
    assert leaks(letter("x", f"Subject: info.[…]@{domain} again"), PARTIES, allowed=ALIASES) == (
        Finding(Kind.DOMAIN, "header Subject", "folding" if "\n" in domain else "raw"),
    )


@pytest.mark.parametrize(
    "subject", ["At the hotel - Alpenhof. At noon", "Hotel Alpenhof at ten", "Hotel-Alpenhof. At noon", "my-hotel- alpenhof.at"]
)
def test_a_clean_subject_makes_no_domain(subject: str) -> None:
    """LEAK-31."""
    assert kinds(letter("x", f"Subject: {subject}")) == set()


@pytest.mark.parametrize(
    "text",
    [
        "johanna.kowalska@gmail.com",
        "x-anna.kowalska@gmail.com",
        "x.anna.kowalska@gmail.com",
        "anna.kowalska@gmail.community",
        "anna.kowalska@gmail.companies, JOHN.DOE@WEB.DESIGN",
        "anna.kowalska@gmail.comTel.example",
        "annA.kowalska@gmail.com-X.example",
        "anna.kowalska@gmail.com-x.example",
        "anna.kowalska@gmail.co",
        "anna.kowalski@gmail.com",
        "https://my-hotel-alpenhof.at/",
        "https://hotel-alpenhof.attica.example/",
        "Our Hotel Alpenhof. At noon we leave; info: the hotel, Alpenhof at the lake.",
        "gmail.com and Gmail and web.de are down",
        "184.115.20.7 or 84.115.20.71",
        "Is the hotel @ the lake? 3=40, 50%40, a&#b, =?utf-8?q?=?=, \\u004, +A-, data:;base64,",
        "mondesktop-4f2k1.fritz.box",
    ],
)
def test_what_only_resembles_an_identifier_is_left_alone(text: str) -> None:
    """LEAK-31."""
    assert kinds(letter(text)) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear Mrs Kowalska, welcome", True),
        ("KOWALSKA, ANNA", True),
        ("kowalska", False),
        ("my_Kowalska_variable", False),
        ("Kowalskas Hund", False),
        ("from Kowalska's house", True),
        ("Ko\u200bwal\u00adska", True),
    ],
)
def test_in_prose_a_last_name_counts_as_it_is_spelled_or_in_capitals(text: str, expected: bool) -> None:
    assert (Kind.WORD in kinds(letter(text))) is expected
    assert (Kind.WORD in kinds(page(f"<p>{text}</p>"))) is expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (letter("x", "Subject: voucher kowalska"), True),
        (letter("x", "Subject: Kowalskania"), False),
        (attached(b"x", name="VOUCHER_kowalska2025.pdf"), True),
        (mixed(("Content-Type: text/plain; name=kowalska", b"x")), True),
        (attached(a_pdf(author="A. KOWALSKA", text=""), "application/pdf"), True),
        (attached(a_pdf(author="", text="Kowalska"), "application/pdf"), False),
        (attached(a_jpeg(b"Kowalska"), "image/jpeg"), True),
        (attached(b"\0\1\2\3\4\5\6\7" * 99 + b" Kowalska "), False),
    ],
)
def test_in_fields_names_and_metadata_a_last_name_counts_in_any_case(octets: bytes, expected: bool) -> None:
    assert (Kind.WORD in kinds(octets)) is expected


@pytest.mark.parametrize("word", ["Hotel", "Tours", "Guide", "Reisen", "Żółty", "Li", "O"])
def test_ordinary_and_very_short_words_are_not_watched_for(word: str) -> None:
    text = f"The {word} is fine; {word.upper()} too."
    found = leaks(letter(text, f"Subject: {word}"), (Watched.of((ADDRESS,), (word,)),), allowed=ALIASES)
    assert (found == ()) is (word != "Żółty")


def test_whatever_the_surgery_takes_for_an_ordinary_word_is_not_held() -> None:
    """The tables are apart on purpose; but a name that is never masked by itself must not hold every message with it."""
    assert sorted(COMMON_WORDS - ORDINARY_WORDS) == []


def test_a_company_counts_as_a_phrase() -> None:
    company = (Watched.of((ADDRESS,), ("Old Town Tours",)),)
    assert leaks(letter("by Old  Town\r\nTours"), company, allowed=())
    assert leaks(letter("x", "Subject: old-town tours"), company, allowed=())
    assert not leaks(letter("in the old town there are tours; Old Town; Tours"), company, allowed=())


def test_a_last_name_is_found_with_its_umlauts_spelled_out() -> None:
    party = (Watched.of((ADDRESS,), ("Müller",)),)
    assert leaks(attached(b"x", name="mueller.pdf"), party, allowed=())
    assert leaks(letter("Frau MÜLLER"), party, allowed=())
    assert leaks(letter("Frau Mu\u0308ller"), party, allowed=())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a@gmail.com", None),
        ("a@Yahoo.co.uk", None),
        ("a@wp.pl", None),
        ("a@qq.com", None),
        ("a@hotel-alpenhof.at", "hotel-alpenhof.at"),
        ("a@mail.hotel-alpenhof.at", "hotel-alpenhof.at"),
        ("a@mail.example", "mail.example"),
        ("a@müller-reisen.de", "müller-reisen.de"),
        ("no address", None),
    ],
)
def test_the_domain_of_an_address_is_its_own_unless_everybody_has_one_there(address: str, expected: str | None) -> None:
    assert own_domain(address) == expected


@pytest.mark.parametrize(
    "text",
    [
        "info@müller-reisen.de",
        "info@xn--mller-reisen-dlb.de",
        "www.xn--mller-reisen-dlb.de",
        "INFO@MÜLLER-REISEN.DE",
        "info%40xn--mller-reisen-dlb.de",
    ],
)
def test_a_domain_counts_in_both_of_its_forms(text: str) -> None:
    for known in ("info@müller-reisen.de", "info@xn--mller-reisen-dlb.de"):
        assert leaks(letter(text), (Watched.of((known,)),), allowed=())


@pytest.mark.parametrize("known", ["info@straße-reisen.de", "info@xn--strae-reisen-o9a.de"])
@pytest.mark.parametrize("text", ["info@straße-reisen.de", "INFO@STRASSE-REISEN.DE", "www.xn--strae-reisen-o9a.de"])
def test_a_domain_with_a_letter_that_the_old_rules_replaced_counts_in_both_of_its_forms(known: str, text: str) -> None:
    """UTS #46 §4."""
    assert leaks(letter(text), (Watched.of((known,)),), allowed=())


def test_an_address_in_another_script_is_found() -> None:
    party = (Watched.of(("анна@пример.рф",)),)
    assert leaks(letter("пишите: АННА@ПРИМЕР.РФ!"), party, allowed=())
    assert leaks(letter("пишите: анна%40пример.рф"), party, allowed=())
    assert not leaks(letter("пишите нам, Анна, например, в РФ"), party, allowed=())


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("[2A01:4F8:0:0::1]", "from 2a01:4f8::1 by"),
        ("IPv6:2a01:4f8::1", "from [2a01:04f8:0000:0000:0000:0000:0000:0001] by"),
        ("DESKTOP-4F2K1", "C:\\users on desktop-4f2k1"),
        ("mx.alpenhof.example.", "mx.alpenhof.example"),
    ],
)
def test_hosts_are_found_in_any_spelling(host: str, text: str) -> None:
    assert [one.kind for one in leaks(letter(text), (Watched.of((ADDRESS,), hosts=(host,)),), allowed=())] == [Kind.HOST]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "::1", "laptop", "anna", "gmail.com", "mx1.reply.example.com", "", "!?", "mail"]
)
def test_hosts_that_say_nothing_are_not_watched_for(host: str) -> None:
    text = f"{host} and localhost, laptop, anna's mail, 127.0.0.1 :: gmail.com"
    assert leaks(letter(text), (Watched.of((ADDRESS,), hosts=(host,)),), allowed=ALIASES) == ()


def test_what_is_allowed_may_stand_anywhere() -> None:
    """The reply domain may even be below a party's own domain."""
    own = Watched.of(("boss@example.com",))
    text = f"{WRITER_ALIAS}, <{READER_ALIAS.upper()}>, mailto:{READER_ALIAS.replace('@', '%40')}"
    assert leaks(letter(text), (own,), allowed=ALIASES) == ()
    assert leaks(letter(text + " boss@example.com"), (own,), allowed=ALIASES) != ()
    folded = READER_ALIAS.replace("example", "exa\r\n mple")
    calendar = f"BEGIN:VCALENDAR\r\nATTENDEE:mailto:{folded}\r\nUID:7@{folded.partition('@')[2]}\r\nEND:VCALENDAR"
    assert leaks(message(calendar.encode(), content="text/calendar"), (own,), allowed=ALIASES) == ()
    mine = (Watched.of((f"my{READER_ALIAS}",)),)
    assert leaks(letter(f"my{READER_ALIAS}"), mine, allowed=ALIASES) != ()
    assert leaks(letter("support@example.com"), (own,), allowed={*ALIASES, "support@example.com"}) == ()
    assert leaks(letter("https://example.com"), (own,), allowed=ALIASES) != ()


def test_an_identifier_is_found_beside_letters_of_other_scripts() -> None:
    for text in (f"почтаа{ADDRESS}а", f"邮箱{ADDRESS}中文", f"é{ADDRESS}é"):
        assert Kind.ADDRESS in kinds(letter(text))


@pytest.mark.parametrize(
    "content",
    [
        a_pdf(author="", text=ADDRESS, packed=b"<< /Contents (" + ADDRESS.encode() + b") >>"),
        an_office_file("docProps/app.xml", b"<Company></Company>", body=f"<w:t>{ADDRESS}</w:t>".encode()),
        a_jpeg(b""),
        a_zip(("photo.jpg", a_jpeg(b"")), ("notes.txt", PROSE.encode())),
    ],
    ids=["pdf", "office", "picture", "archive"],
)
def test_the_visible_content_of_documents_is_the_persons_own_statement(content: bytes) -> None:
    """LEAK-65."""
    assert kinds(attached(content)) == set()


def test_an_own_domain_counts_in_metadata() -> None:
    assert kinds(attached(a_pdf(author=f"www.{OWN_DOMAIN}", text="x"))) == {Kind.DOMAIN}


def test_entities_nested_too_deep_are_a_finding_and_are_searched_all_the_same() -> None:
    """LEAK-55, invariant 12."""
    body = ADDRESS.encode()
    for level in range(200):
        body = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level) + body
    assert kinds(head().encode() + body) >= {Kind.UNREADABLE, Kind.ADDRESS}


def test_a_thousand_empty_parts_are_read() -> None:
    assert kinds(mixed(*[("Content-Type: text/plain", b"x")] * 1000)) == set()


@pytest.mark.parametrize("bound", [1_000_000, pytest.param(files.inflated_octets_max, marks=pytest.mark.slow)])
def test_an_archive_that_unpacks_beyond_the_bound_is_a_finding(bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """LEAK-64: an identifier could lie behind the bound; a large photo has no such inside."""
    monkeypatch.setattr(files, "inflated_octets_max", bound)
    bomb = a_zip(*((f"{one}.txt", bytes(bound // 5)) for one in range(6)))
    assert kinds(attached(bomb)) == {Kind.UNREADABLE}


def test_a_large_file_that_is_no_text_is_not_held() -> None:
    noise = bytes(one * 167 % 256 ^ (one >> 8) & 0xFF for one in range(20_000)) * 100
    for content in (noise, a_jpeg(b"") + noise, b"%PDF-1.4\n" + noise, a_zip(("a.bin", noise))):
        assert kinds(attached(content)) == set()


@pytest.mark.parametrize(
    "octets", [b"", b"\r\n", b"\0", b"\xff" * 99, b"From: x", b"Content-Type: multipart/mixed; boundary=\r\n\r\n--", b"\n" * 99]
)
def test_whatever_the_octets_are_nothing_is_raised(octets: bytes) -> None:
    assert leaks(octets, PARTIES, allowed=ALIASES) == ()


def test_parties_without_anything_to_look_for_are_no_error() -> None:
    assert leaks(letter(PROSE), (), allowed=()) == ()
    assert leaks(letter(PROSE), (Watched(("",), ("", " "), ("",), ("",)),), allowed=()) == ()
    assert leaks(letter(PROSE), (Watched(("@", "a@", "@b", '"'), ("\u200b",), (".",), ("[]",)),), allowed=("",)) == ()


@pytest.mark.parametrize(
    "body",
    [
        ("\u200b" * 9 + "x ").encode() * 12_000,
        b"<a " * 100_000,
        b"<a '\"" * 60_000,
        b"<!--" * 60_000,
        b"&#" * 150_000,
        b"=?a?q?" * 50_000,
        b"anna" * 70_000,
        b"anna.kowalska" * 20_000,
        b"a \r\n> " * 40_000,
        b"%25" * 100_000,
        b"(" * 300_000,
        b"\\u00" * 60_000,
        b"+AA" * 100_000,
        b"begin 644 x\r\n" * 20_000,
        base64.encodebytes(b"<a href=%41&#65;" * 12_000),
        b"A" * 300_000,
        (b"anna.kowalska gmail.com " + b"".join(b"%c" % one + b" " * 119 for one in b"annakowalsk") + b"!") * 200,
        b"anna.kowalska+" * 10_000 + b"@gmail,com",
        ("hotel-alpenhof\x02" + "\x02" * 500 + ",at").encode() * 300,
    ],
    ids=lambda body: repr(body[:9]),
)
def test_hostile_text_takes_linear_time(body: bytes) -> None:
    """Invariant 12: about 300 kB in a tenth of a second, where anything quadratic would take a minute."""
    watched = (Watched.of((ADDRESS, OWN_ADDRESS), ("Kowalska",), (HOST,)),)
    for octets in (message(body), letter("x", "X-Y: z").replace(b"X-Y: z", b"X-Y: " + body)):
        began = time.process_time()
        leaks(octets, watched, allowed=ALIASES)
        assert time.process_time() - began < 3


def test_every_needle_can_be_ruled_out_cheaply() -> None:
    """PERF-12: without its longest atom, of three characters at least here, nothing more is looked at."""
    for needle in (*needles(PARTIES, ALIASES), *needles_of_hosts(PARTIES, ALIASES)):
        assert len(needle.atoms[0]) >= 3
        assert compiled(needle.forms.pattern).search("thank you for the booking") is None
