"""What the masker takes out of a text, and what it leaves as it stood (LEAK-20 to LEAK-31, CASE-2, CASE-3, CASE-20, CASE-41)."""

from __future__ import annotations

import base64

import pytest
from support.masking import HER_ALIAS, HER_GMAIL, HERS, HIS, HIS_ALIAS, a_masker

from relay.message.masked import Kind, Left
from relay.message.treatment import Treatment
from relay.values import Language, NameShown, RealAddress, Role

OTHER_ALIAS = "customer-ffffffffffff@reply.example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"write to {HERS}.", f"write to {HER_ALIAS}."),  # LEAK-22
        (f"{HERS.upper()}, ({HER_GMAIL})", f"{HER_ALIAS}, ({HER_ALIAS})"),
        ("Ann.Writer+tag@Writer-Tours.example", HER_ALIAS),
        ("a.n.n.writer77+x@googlemail.com", HER_ALIAS),
        ("info@writer-tours.example", HER_ALIAS),  # a colleague at her own domain
        ("x@mx1.writer-tours.example", HER_ALIAS),
        (f"you are {HIS}?", f"you are {HIS_ALIAS}?"),  # LEAK-23
        (f"bounce+3-{HERS.replace('@', '=')}@list.example", HER_ALIAS),  # VERP, LEAK-26
        ("prvs=1234=annwriter77@gmail.com", f"prvs=1234={HER_ALIAS}"),  # BATV
        (f"SRS0=ab=cd=writer-tours.example=ann.writer@fwd.example", HER_ALIAS),  # noqa: F541
        (f"{HERS}1 and {HERS}12.", f"{HER_ALIAS}1 and {HER_ALIAS}12."),  # footnotes, set higher in a page
        (f"{HERS}\nwww.writer-tours.example\n", f"{HER_ALIAS}\n[address removed]\n"),  # two lines of a signature
        (f"{HERS}\n\nwww.writer-tours.example", f"{HER_ALIAS}\n\n[address removed]"),
        (f"{HER_GMAIL}.Thanks", f"{HER_ALIAS}.Thanks"),
        (f"邮箱{HER_GMAIL}谢谢", f"邮箱{HER_ALIAS}谢谢"),
        ("see www.writer-tours.example, or", "see [address removed], or"),
        ("see https://www.writer-tours.example/a?b=1.", "see [link removed]."),
        ("from mx1.writer-tours.example (x)", "from [address removed] (x)"),
        ("me@elsewhere.example", "[address removed]"),  # LEAK-24
        (f"{HERS}{HER_GMAIL}", "[address removed]"),  # neighbours in a page, LEAK-43
        (f"to x@y.exampleann1{HERS}{HIS}.", "to [address removed]."),
        (OTHER_ALIAS, "[address removed]"),
        ("bounce-7-1-abc@reply.example.com", "[address removed]"),
        # A report is believed by such an id: only who got the message may know it (FAULT-75).
        ("Message-ID: <01m83h399qm0yd0gpcgrman2ym@reply.example.com>", "Message-ID: <[address removed]>"),
    ],
)
def test_identifiers_are_replaced_where_they_stand(text: str, expected: str) -> None:
    assert a_masker().mask(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        f"{HER_ALIAS} and {HIS_ALIAS.upper()}",
        "support@example.com, help@reply.example.com",
        "2 @ 5 EUR, 10% off @ noon, @handle, user@host, git@github.com:a/b.git",
        "gmail.com is a provider, poczta.fm too",
        "code: x = a[i] @ b; def f(*args): return {'k': v}",
        "48.8584° N, 2.2945° E at 10:30; ref. 12/345-A; +48 600 100 200; PL61 1090 1014 0000 0712 1981 2874",  # LEAK-25
        "https://meet.example.net/j/123?pwd=QUJDREVGR0hJSktMTU5P",
        "From: here to eternity\nFrom Monday on\n.dot\n..two",
        "On Monday I wrote: nothing",
        "👩‍💻 Ünïcödé \u200fעברית\u200f 漢字 кириллица\u00a0nbsp \u202aLRE\u202c a\u00adb",
        "tours writer-tour writer-tours.examples writer-tours.example1",
        "Ann, dear Ann!",
        "a = '\\x40'; %41%42 &amp; &lt; =20 =3D",
    ],
)
def test_what_is_no_identifier_stays_as_it_is(text: str) -> None:
    """LEAK-31, CASE-41."""
    assert a_masker().mask(text) == a_masker().mask(text).__class__(text, ())


@pytest.mark.parametrize("text", ["bigann.writer@other.example", "big.annwriter77@gmail.com", "annwriter77@gmail.comx.example"])
def test_an_address_that_only_resembles_a_known_one_stays_where_unknown_ones_stay(text: str) -> None:
    assert a_masker(unknown=Treatment.KEEP).mask(text).text == text


@pytest.mark.parametrize(
    "written",
    [
        "ann.writer (at) writer-tours (dot) example",
        "ann.writer[at]writer-tours[dot]example",
        "ann . writer @ writer-tours . example",
        "ann dot writer at writer-tours dot example",
        "ann.writer arobase writer-tours point example",
        "ann.writer chiocciola writer-tours punto example",
        "ann.writer małpa writer-tours kropka example",
        "ann.writer arroba writer-tours punto example",
        "ann.writer Klammeraffe writer-tours Punkt example",
        "ann.writer@writer-\ntours.example",
        "ann.wri\n> > ter@writer-tours.example",
        "ann.writer\n  @writer-tours.example",
        "ann.wri=\nter@writer-tours.example",
        "ann.wr\u200bit\u00ader@writer-tours\u2060.example",
        "ａｎｎ．ｗｒｉｔｅｒ＠ｗｒｉｔｅｒ－ｔｏｕｒｓ．ｅｘａｍｐｌｅ",
        "аnn.writеr@writer-tоurs.example",
        "𝐚𝐧𝐧.writer@writer-tours.example",
        "\u202eelpmaxe.sruot-retirw@retirw.nna\u202c",
        "ann.writer%40writer-tours.example",
        "%61%6e%6e.writer%2540writer-tours.example",
        "&#97;nn.writer&#x40;writer-tours&period;example",
        "ann.writer=40writer-tours=2Eexample",
        base64.b64encode(b"ann.writer@writer-tours.example").decode(),
        base64.b64encode(b'{"to":"Ann.Writer@writer-tours.example"}').decode(),
        base64.encodebytes(b"something long before it, to ann.writer@writer-tours.example as one writes").decode().rstrip(),
        b"ann.writer@writer-tours.example".hex(),
    ],
)
def test_a_known_address_is_found_in_disguise(written: str) -> None:
    """LEAK-29. Under KEEP, so that it is found because it is known, not because it is an address."""
    masked = a_masker(unknown=Treatment.KEEP).mask(f"so {written} now").text
    assert masked.replace("\u202e", "").replace("\u202c", "") == f"so {HER_ALIAS} now"


@pytest.mark.parametrize(
    ("unknown", "text", "kinds"),
    [
        (Treatment.MASK, "[address removed]", (Kind.ADDRESS,)),
        (Treatment.MARK, "me@elsewhere.example", (Left(Kind.ADDRESS, Treatment.MARK),)),
        (Treatment.KEEP, "me@elsewhere.example", ()),
    ],
)
def test_unknown_addresses_follow_the_policy(unknown: Treatment, text: str, kinds: tuple[Kind, ...]) -> None:
    """LEAK-24."""
    masked = a_masker(unknown=unknown).mask("me@elsewhere.example")
    assert (masked.text, masked.removals) == (text, kinds)


@pytest.mark.parametrize(
    ("unknown", "text", "kinds"),
    [
        (Treatment.MASK, "ask [address removed] now", (Kind.ADDRESS,)),
        (Treatment.MARK, "ask me (at) elsewhere (dot) example now", (Left(Kind.ADDRESS, Treatment.MARK),)),
        (Treatment.HOLD, "ask me (at) elsewhere (dot) example now", (Left(Kind.ADDRESS, Treatment.HOLD),)),
        (Treatment.KEEP, "ask me (at) elsewhere (dot) example now", ()),
    ],
)
def test_unknown_addresses_in_words_follow_the_policy(unknown: Treatment, text: str, kinds: tuple[Kind, ...]) -> None:
    """LEAK-29."""
    masked = a_masker(unknown=unknown).mask("ask me (at) elsewhere (dot) example now")
    assert (masked.text, masked.removals) == (text, kinds)


@pytest.mark.parametrize("unknown", Treatment)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann.writer (at) writer-tours (dot) example", HER_ALIAS),
        ("info (at) writer-tours (dot) example", HER_ALIAS),
        (HIS_ALIAS.replace("@", " (at) "), HIS_ALIAS.replace("@", " (at) ")),
        ("support (at) example (dot) com", "support (at) example (dot) com"),
        ("https://t.example/?u=me(at)elsewhere.example", "https://t.example/?u=me(at)elsewhere.example"),
    ],
)
def test_what_is_known_or_ours_counts_as_such_in_words_as_well(unknown: Treatment, text: str, expected: str) -> None:
    assert a_masker(unknown=unknown).mask(text).text == expected


@pytest.mark.parametrize("known", [HERS, HER_GMAIL])
@pytest.mark.parametrize("form", ["{}", "tour of {} again"])
def test_wherever_a_title_was_folded_the_address_in_it_is_found(known: str, form: str) -> None:
    """LEAK-9: unfolding leaves a space; RFC 5322 §2.2.3 forbids such a fold, and programs make it."""
    for at in range(1, len(known)):
        title = form.format(f"{known[:at]} {known[at:]}")
        assert a_masker().mask(title, title=True).text == form.format(HER_ALIAS), title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("see writer-tou rs.example, or", "see [address removed], or"),
        ("see www.writer-tours. example", "see [address removed]"),
        ("With Writer-Tours. Example of a day", "With Writer-Tours. Example of a day"),
        ("With writer - tours by example", "With writer - tours by example"),
        ("annwriter7 7 at the lake, gmail.com", "annwriter7 7 at the lake, gmail.com"),
    ],
)
def test_a_domain_is_found_in_a_folded_title_and_not_made_of_two_sentences(title: str, expected: str) -> None:
    """LEAK-9, LEAK-31."""
    assert a_masker(name="Ann Rossi").mask(title, title=True).text == expected


@pytest.mark.parametrize(
    ("title", "known"),
    [
        (HERS, True),
        ("www.writer-tours.example", True),
        ("www.writer- tours.example", True),
        ("photo@2x.png", False),
        ("Ann", False),
    ],
)
def test_a_title_is_known_by_the_addresses_and_hosts_of_the_parties_alone(title: str, known: bool) -> None:
    """LEAK-51: whether the ending of a file name is the end of an address."""
    assert a_masker().knows(title) is known


@pytest.mark.parametrize("unknown", [Treatment.KEEP, Treatment.MARK])
@pytest.mark.parametrize(
    ("address", "alias"),
    [(HERS, HER_ALIAS), ("colleague@writer-tours.example", HER_ALIAS), (HER_GMAIL, HER_ALIAS), (HIS, HIS_ALIAS)],
)
@pytest.mark.parametrize("behind", ["Tel. 1", "Tel77", "Mobil"])
def test_a_known_address_with_a_word_right_behind_it_is_found_where_unknown_ones_stay(
    unknown: Treatment, address: str, alias: str, behind: str
) -> None:
    """LEAK-22, LEAK-44: the labels of a page have nothing between them."""
    assert a_masker(unknown=unknown).mask(f"mail {address}{behind}").text == f"mail {alias}{behind}"


def test_a_marked_address_stays_when_something_else_is_taken_out() -> None:
    masked = a_masker(unknown=Treatment.MARK).mask(f"me@elsewhere.example or {HERS}")
    assert masked.text == f"me@elsewhere.example or {HER_ALIAS}"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, "[address removed] [name removed]"),
        (Language.FR, "[adresse supprimée] [nom supprimé]"),
        (Language.ES, "[dirección eliminada] [nombre eliminado]"),
        (Language.PL, "[adres usunięty] [nazwisko usunięte]"),
        (Language.DE, "[Adresse entfernt] [Name entfernt]"),
        (Language.IT, "[indirizzo rimosso] [nome rimosso]"),
    ],
)
def test_masks_are_in_the_readers_language(language: Language, expected: str) -> None:
    assert a_masker(language=language).mask("me@elsewhere.example Writer").text == expected


def test_only_the_writers_name_is_withheld() -> None:
    """The reader knows their own."""
    assert a_masker().mask("Dear Bob Reader").text == "Dear Bob Reader"


def test_hosts_of_the_writers_machines_are_masked() -> None:
    masker = a_masker(hosts=("192.0.2.7", "anns-laptop.lan"))
    assert masker.mask("Received: from anns-laptop.lan ([192.0.2.7]) 192.0.2.77").text == (
        "Received: from [address removed] ([[address removed]]) 192.0.2.77"
    )


def test_masks_that_stand_there_already_are_no_names() -> None:
    masker = a_masker(name="Ann Name")
    assert masker.mask("Ann Name and [name removed]").text == "Ann [name removed] and [name removed]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see www.alpine-tours.example, or", "see [address removed], or"),
        ("info@alpine-tours.example", HER_ALIAS),
        ("https://alpine-tours.example/a", "[link removed]"),
        ("shop.alpine-tours [dot] example", "[address removed]"),
        ("www.valpine-tours.example and alpine-tours", "www.valpine-tours.example and alpine-tours"),
    ],
)
def test_who_writes_from_below_a_domain_owns_it(text: str, expected: str) -> None:
    """LEAK-22: marco@staff.alpine-tours.example is told by www.alpine-tours.example as well."""
    assert a_masker(addresses=("marco@staff.alpine-tours.example",)).mask(text).text == expected


def test_staff_who_write_from_the_houses_domain_do_not_hide_the_house() -> None:
    masker = a_masker(addresses=("tester@example.com",))
    assert (
        masker.mask(f"tester@example.com support@example.com {HIS_ALIAS}").text == f"{HER_ALIAS} support@example.com {HIS_ALIAS}"
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [(HERS, (HER_ALIAS, "Ann")), (HIS, (HIS_ALIAS, "Bob")), (HIS_ALIAS, (HIS_ALIAS, "Bob")), ("x@elsewhere.example", None)],
)
def test_a_party_can_be_replaced_in_calendars(address: str, expected: tuple[str, str] | None) -> None:
    assert a_masker().stand_in(RealAddress(address)) == expected


def test_the_writer_stands_in_for_an_unknown_organiser() -> None:
    masker = a_masker(names=NameShown.FULL)
    assert masker.writer_stand_in() == (HER_ALIAS, "Ann Writer")
    assert masker.party(Role.CUSTOMER).alias == HIS_ALIAS


PROSE = "The quick brown fox jumps over the lazy dog, and the price is 20 EUR; see you at 10:30.\n"


def test_two_megabytes_of_clean_text_are_left_alone() -> None:
    """LEAK-31."""
    masker, text = a_masker(), PROSE * 23_000
    assert masker.edits(text) == []


@pytest.mark.parametrize(
    "unit",
    [
        "a@a",
        "@",
        "gmail ",
        "writer-tours ",
        "%41 ",
        "&amp; ",
        "QUJDREVGR0hJSktM ",
        "=3D",
        "\n",
        "> ",
        "Writer ",
        "é@",
        "\u202e",
        "a=@x",
        "~~~~ ~~ ~~~~\n",
        "(",
    ],
)
@pytest.mark.parametrize("characters", [30_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_hostile_text_of_any_length_is_masked_once_and_for_all(unit: str, characters: int) -> None:
    """Invariant 12. What is not linear needs minutes for this, and would be seen here without a clock."""
    masker = a_masker()
    masked = masker.masked_text(unit * (characters // len(unit)))
    assert masker.masked_text(masked) == masked
