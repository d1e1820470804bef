"""SVG (LEAK-46, LEAK-60): what only editors understand goes, the drawing stays."""

from __future__ import annotations

import base64

import pytest
from support.canaries import ADDRESS, ALL, anybody, nobody, planted
from support.pictures import a_picture, saved

from relay.message.files import cleaned, is_known

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">'
PATH = b"<path d='M 0,0 L 10,10 > 3' style=\"fill:#fff\"/>"
PLAIN = HEAD + PATH + b"<text>Plan &amp; way</text></svg>\n"


@pytest.mark.parametrize(
    "told",
    [
        b"<!-- " + ALL + b" -->",
        b"<!-- <svg> " + ALL + b" -- -->",
        b"<metadata><rdf:RDF><dc:creator>" + ALL + b"</dc:creator></rdf:RDF></metadata>",
        b"<metadata><metadata/><g>" + ALL + b"</g></metadata>",
        b"<script>/*" + ALL + b"*/</script>",
        b"<script><![CDATA[ <a> " + ALL + b"]]></script>",
        b"<sodipodi:namedview a='" + ALL + b"'><inkscape:grid/></sodipodi:namedview>",
        b"<i:pgf id='x'>" + ALL + b"</i:pgf>",
        b"<?xpacket " + ALL + b"?>",
    ],
)
def test_what_nobody_sees_goes_and_leaves_the_drawing_as_it_was(told: bytes) -> None:
    clean = cleaned(PLAIN.replace(PATH, told + PATH), nobody)
    assert clean.octets == PLAIN
    assert clean.taken


@pytest.mark.parametrize(
    "attribute",
    [
        b' sodipodi:docname="C:\\Users\\' + ALL + b'.svg"',
        b"\n  inkscape:export-filename = '/home/" + ALL + b"/a.png'",
        b" onclick='" + ALL + b"'",
        b' xlink:href="file:///' + ALL + b'"',
        b' href="C:\\' + ALL + b'"',
        b' xlink:href="javascript:' + ALL + b'"',
    ],
)
def test_attributes_of_editors_and_scripts_go(attribute: bytes) -> None:
    assert cleaned(PLAIN.replace(b"<path", b"<path" + attribute), nobody).octets == PLAIN


@pytest.mark.parametrize(
    "drawing",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"<svg", b'<!DOCTYPE svg [ <!ENTITY ns "http://ns.adobe.com/"> ]>\n<svg'),
        PLAIN.replace(b"<svg", b"<ns0:svg"),
        PLAIN.replace(b"way", b"<![CDATA[<way>]]>"),
        PLAIN.replace(b"<path", b"<a xlink:href='https://t.example/'/><image href='data:image/png;base64,iVBORw0KGgo='/><path"),
    ],
)
def test_a_clean_drawing_keeps_its_very_octets(drawing: bytes) -> None:
    """LEAK-56."""
    clean = cleaned(drawing, anybody)
    assert clean.octets is drawing
    assert clean.taken == ()


@pytest.mark.parametrize("where", [b"Plan &amp; way", b"fill:#fff"])
def test_words_of_a_drawing_stay_unless_they_tell(where: bytes) -> None:
    told = PLAIN.replace(where, ADDRESS.replace(b"@", b"&#64;"))
    assert cleaned(told, nobody).octets is told
    clean = cleaned(told, anybody)
    assert clean.taken == ("text",)
    assert clean.octets == PLAIN.replace(b' style="fill:#fff"' if where.startswith(b"fill") else where, b"")
    assert cleaned(clean.octets, anybody).octets is clean.octets


def test_pictures_in_a_drawing_are_cleaned() -> None:
    def link(octets: bytes) -> bytes:
        return b"<image xlink:href='data:image/jpeg;base64," + base64.b64encode(octets).replace(b"A", b"A&#10;") + b"'/></svg>"

    told = PLAIN.replace(b"</svg>", link(saved(a_picture(), "JPEG", comment=ALL)))
    clean = cleaned(told, nobody)
    assert clean.taken == ("comment",)
    assert clean.octets == PLAIN.replace(b"</svg>", link(saved(a_picture(), "JPEG")).replace(b"&#10;", b""))
    assert not planted(clean.octets)


@pytest.mark.parametrize(
    "broken", [HEAD + b"<g " + ALL, HEAD + b"<!-- " + ALL, HEAD + b"<metadata>" + ALL, HEAD + b"<![CDATA[" + ALL]
)
def test_what_is_no_xml_stays_as_it_is(broken: bytes) -> None:
    assert cleaned(broken, nobody).octets is broken


@pytest.mark.parametrize("other", [b"<p><svg></svg></p>", b"<html><!-- a --><svg/></html>", b"<svgx/>", b"svg", b"<!--"])
def test_a_page_with_a_drawing_in_it_is_no_drawing(other: bytes) -> None:
    assert cleaned(other + b"<!-- a -->", nobody).octets == other + b"<!-- a -->"
    assert not is_known(PLAIN)
