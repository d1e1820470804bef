"""Pages: leaks.md section 3."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Final

from relay.selftest.traps.letters import HTML, MARKER, PLAIN, alternatives, filled, multipart, page, part
from relay.selftest.traps.pictures import a_png
from relay.selftest.traps.trap import CANARY, Scene, Trap

_MAILTO: Final = {
    "harmless text": '<a href="mailto:$address">write to me</a>',
    "percent-encoded": '<a href="mailto:$percent">write</a> <a href="mailto:$twice">again</a>',
    "entities": '<a href="&#109;ailto&colon;$address">write</a> <a href="mailto:$local&#64;$domain">again</a>',
    "copies inside": '<a href="mailto:$alias?cc=$address&amp;bcc=$second&amp;body=$percent&amp;subject=$percent">write</a>',
    "unquoted": "<a href=mailto:$address>write</a>",
    "odd case": '<A HREF="MailTo:$capitals">write</A>',
    "blanks": '<a href=" mail\nto:$address ">write</a> <a href="\tmailto: $address">again</a>',
    "several": '<a href="mailto:$address,$second,$stranger">write</a>',
    "to as a parameter": '<a href="mailto:?to=$percent&amp;cc=$second">write</a>',
    "area": '<map name="m"><area href="mailto:$address" alt="$address"></map>',
    "form": '<form action="mailto:$address"><input name="a" value="$address"></form>',
    "other schemes": '<a href="sip:$address">call</a> <a href="xmpp:$address">chat</a> <a href="skype:$canary?call">skype</a>',
    "the reader's": '<a href="mailto:$their_address">$their_address</a>',
    "script": "<a href=\"javascript:location='mailto:$address'\">write</a>",
}
_DROPPED: Final = {
    "comments": "<!-- $address $canary --><p>a<!-- $canary -->b</p><!-->",
    "conditional comments": "<!--[if mso]><p>$address $canary</p><![endif]--><![if !mso]><p>shown</p><![endif]>",
    "Office islands": "<xml><o:OfficeDocumentSettings><o:Author>$name $canary</o:Author></o:OfficeDocumentSettings></xml>",
    "smart tags": '<o:p></o:p><st1:PersonName w:st="on" o:x="$canary">$name</st1:PersonName>',
    "scripts": "<script>var a = '$address $canary';</script><noscript><p>$address</p></noscript>",
    "linked data": '<script type="application/ld+json">{"@type":"EmailMessage","author":"$address $canary"}</script>',
    "hidden inputs": '<input type=hidden value="$address $canary"><textarea>$address</textarea><select><option>$canary</select>',
    "meta": '<meta name="author" content="$name $canary"><meta name="Generator" content="$canary">',
    "title": "<title>$address $canary</title>",
    "base": '<base href="https://www.$domain/$canary/">',
    "link": '<link rel="author" href="mailto:$address"><link rel="stylesheet" href="https://$domain/$canary.css">',
    "object": '<object data="https://$domain/$canary"><param name="a" value="$address $canary"></object>',
    "embed and iframe": '<embed src="https://$domain/$canary"><iframe srcdoc="$address" src="https://$domain/$canary"></iframe>',
    "microdata": '<div itemscope itemtype="https://schema.org/$canary"><meta itemprop="email" content="$address"></div>',
    "processing instructions": "<?xml version='1.0' author='$address $canary'?><!DOCTYPE $canary '$address'>",
    "character data": "<![CDATA[ $address $canary ]]>",
    "template": "<template><p>$address $canary</p></template>",
    "media": '<video poster="https://$domain/$canary"><source src="https://$domain/$canary"></video>',
}
_ATTRIBUTES: Final = {
    "data": '<p data-mail="$address" data-x="$canary">a</p>',
    "title and alt": '<p title="$address">a</p><img src="cid:none" alt="$name, $address"><abbr title="$second">b</abbr>',
    "class, id and name": '<p class="$canary $local" id="$canary" name="$canary">a</p><a name="$address">b</a>',
    "aria": '<p aria-label="$address" aria-describedby="$canary">a</p>',
    "gmail_quote": '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, $name &lt;'
    '<a href="mailto:$address">$address</a>&gt; wrote:<br></div><blockquote>old</blockquote></div>',
    "moz-txt-link": '<a class="moz-txt-link-abbreviated" href="mailto:$address">$address</a> <div class="moz-cite-prefix">'
    "On 01.06.26, $name wrote:</div>",
    "originalsrc and shash": '<a href="https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmaps.example.org&amp;data='
    '$percent" originalsrc="https://$domain/$canary" shash="$canary">map</a>',
    "ms-outlook-mobile": '<div id="ms-outlook-mobile-signature" class="$canary">a</div><div id="divRplyFwdMsg"><b>From:</b> '
    "$name &lt;$address&gt;<br><b>Sent:</b> Monday<br><b>To:</b> $their_name &lt;$their_address&gt;</div>",
    "event handlers": "<p onclick=\"mail('$address $canary')\">a</p>",
    "language of styles": "<p style=\"font-family:'$address'; --x:$canary; background:url(https://$domain/$canary)\">a</p>",
    "cite": '<blockquote cite="mailto:$address" type="cite">a</blockquote><q cite="https://$domain/$canary">b</q>',
    "glued": "<p/data-x=\"$canary\"/title=$address>a</p><p class='$canary'id=$canary>b</p>",
    "doubled": '<p title="a" title="$address">a</p>',
}
_HIDDEN: Final = {
    "display none": '<div style="display:none">$address</div>',
    "size 0": '<span style="font-size:0">$address</span><font size="0">$second</font>',
    "same colour": '<span style="color:#ffffff;background:#fff">$address</span>',
    "preheader": '<div style="display:none;max-height:0;overflow:hidden">$address &zwnj;&nbsp;&#847;</div>',
    "hidden attribute": "<p hidden>$address</p><details><summary>a</summary>$address</details>",
    "outside the page": '<p style="position:absolute;left:-9999px">$address</p>',
    "behind the end": "</body></html>$address<p>$second</p>",
}
_SPLIT: Final[dict[str, Callable[[str], str]]] = {
    "spans": lambda address: "".join(f"<span>{one}</span>" for one in address),
    "comments": f"<!-- {CANARY} -->".join,
    "wbr": "<wbr>".join,
    "cells": lambda address: "<table><tr>" + "".join(f"<td>{one}</td>" for one in address.partition("@")) + "</tr></table>",
    "bold": lambda address: address.replace("@", "<b>@</b>").replace(".", "<i>.</i>"),
    "decimal": lambda address: "".join(f"&#{ord(one)};" for one in address),
    "decimal without semicolons": lambda address: "".join(f"&#{ord(one)}" for one in address) + " ",
    "hexadecimal": lambda address: "".join(f"&#x{ord(one):X};" for one in address),
    "padded": lambda address: "".join(f"&#0000{ord(one)};" for one in address),
    "named": lambda address: address.replace("@", "&commat;").replace(".", "&period;"),
    "soft hyphens": "&shy;".join,
    "zero-width": "&#8203;".join,
    "joiners": "&zwj;".join,
    "breaks": lambda address: address.replace("@", "<br>@"),
    "link around a part": lambda address: f'{address[:4]}<a href="https://a.example.org">{address[4:-4]}</a>{address[-4:]}',
    "hidden words between": lambda address: '<span style="display:none">NOSPAM</span>'.join(address.partition("@")),
    "images between": lambda address: '<img width="1" height="1" src="https://a.example.org/x.gif">'.join(address.partition("@")),
    "written backwards": lambda address: f'<bdo dir="rtl">{address[::-1]}</bdo>',
    "spaces": lambda address: address.replace("@", "&nbsp;@&nbsp;"),
    "words": lambda address: address.replace("@", " <i>(at)</i> ").replace(".", " [<b>dot</b>] "),
    "next label right behind": lambda address: f"<span>{address}</span><span>Telephone</span>",
    "twice encoded": lambda address: address.replace("@", "&amp;#64;"),
}
_REMOTE: Final = {
    "image": '<img src="https://$domain/$canary.png" alt="logo">',
    "srcset": '<img srcset="https://$domain/$canary.png 2x" src="cid:none"><picture><source srcset="https://$domain/a"></picture>',
    "background": '<table background="https://$domain/$canary.png"><tr><td background="//$domain/$canary">a</td></tr></table>',
    "style url": "<p style=\"background-image:url('https://$domain/$canary.png')\">a</p>",
    "style escaped": '<p style="background:u\\72l(https://$domain/$canary)">a</p><p style="list-style:url(//$host)">b</p>',
    "style content": '<style>p::after { content: "$address $canary" } .$canary { color: red }</style>',
    "import": "<style>@import url('https://$domain/$canary.css'); @font-face { src: url(https://$domain/$canary) }</style>",
    "style comment": "<style>/* $address $canary */ p { color: red }</style>",
    "tracking pixel": '<img width="1" height="1" src="https://t.example.org/o.gif?u=$percent&amp;c=$canary">',
    "host of the writer": '<a href="https://www.$domain/$canary">our site</a> <a href="//$host/$canary">machine</a>',
    "vml": '<v:fill src="https://$domain/$canary" /><v:image src="https://$domain/$canary" o:title="$address" />',
    "input image": '<input type="image" src="https://$domain/$canary">',
}
_PAGE_WITH_LOOK: Final = (
    '<style>.tour { color: #336699; font-weight: bold }</style><h2 class="tour">The tour</h2><table border="1" cellpadding="4">'
    '<tr><th>Day</th><td style="text-align:right">Mon &amp; Tue</td></tr></table><ul><li>boots</li><li>water &ndash; 2 l</li>'
    '</ul><p><a href="https://maps.example.org/?q=47.26%2C11.39">the map</a>, <b>bold</b>, <u>under</u>, <sub>2</sub></p>'
)


def _pages(row: str, about: str, templates: dict[str, str]) -> Iterator[Trap]:
    for name, template in templates.items():

        def build(scene: Scene, template: str = template) -> bytes:
            return page(scene, f"{filled(scene, template)}<p>And the rest.</p>")

        rest = () if "behind the end" in name else ("And the rest.",)
        yield Trap(f"{row} {name}", row, f"{about}: {name}.", build, keeps=(MARKER, *rest))


def _split() -> Iterator[Trap]:
    for name, spelled in _SPLIT.items():

        def build(scene: Scene, spelled: Callable[[str], str] = spelled) -> bytes:
            own, theirs = spelled(scene.writer.address), spelled(scene.reader.address)
            return page(scene, f"<div>Write to {own} please</div><div>not to {theirs} of course</div>")

        yield Trap(f"LEAK-44 {name}", "LEAK-44", f"The address is split: {name}.", build, keeps=(MARKER, "Write to", "of course"))


def _data_links() -> Iterator[Trap]:
    def linked(media_type: str, content: Callable[[Scene], bytes], tag: str) -> Callable[[Scene], bytes]:
        def build(scene: Scene) -> bytes:
            link = f"data:{media_type};base64,{base64.b64encode(content(scene)).decode()}"
            return page(scene, tag.replace("LINK", link))

        return build

    def card(scene: Scene) -> bytes:
        return filled(scene, "BEGIN:VCARD\r\nFN:$name\r\nEMAIL:$address\r\nEND:VCARD\r\n").encode()

    def drawing(scene: Scene) -> bytes:
        svg = '<svg xmlns="http://www.w3.org/2000/svg"><metadata>$address $canary</metadata><text>$address</text></svg>'
        return filled(scene, svg).encode()

    def picture(scene: Scene) -> bytes:
        return a_png(scene)

    for name, build in {
        "vCard": linked("text/vcard", card, '<a href="LINK">card</a>'),
        "svg": linked("image/svg+xml", drawing, '<img src="LINK">'),
        "picture with texts": linked("image/png", picture, '<img src="LINK">'),
        "page": linked("text/html", lambda scene: scene.writer.address.encode(), '<a href="LINK">page</a>'),
        "style": linked("image/svg+xml", drawing, '<p style="background:url(LINK)">a</p>'),
    }.items():
        yield Trap(f"LEAK-46 data link: {name}", "LEAK-46", f"A link that holds its target: {name}.", build, keeps=(MARKER,))

    def inline(scene: Scene) -> bytes:
        return page(scene, drawing(scene).decode() + f"<math><annotation>{scene.writer.address} {CANARY}</annotation></math>")

    yield Trap("LEAK-46 svg in the page", "LEAK-46", "A drawing with metadata in the page.", inline, keeps=(MARKER,))


def _alternatives() -> Iterator[Trap]:
    shown = "<p>Nine is fine.</p>"

    def with_third(content: str, body: str) -> Callable[[Scene], bytes]:
        def build(scene: Scene) -> bytes:
            html = part(f"<p>{MARKER}</p>{shown}", HTML)
            return multipart(scene, part(f"{MARKER}\n"), part(filled(scene, body), content), html, subtype="alternative")

        return build

    def only_text(scene: Scene) -> bytes:
        return alternatives(scene, f"Regards {scene.writer.name} {scene.writer.address}", shown)

    def only_html(scene: Scene) -> bytes:
        return alternatives(scene, "Nine is fine.", f"<p>{scene.writer.name} {scene.writer.address}</p>")

    def alone(scene: Scene) -> bytes:
        return page(scene, filled(scene, "<p>$name<br>$address</p>"))

    def related(scene: Scene) -> bytes:
        boundary = "=_inner"
        html = part(f"<p>{MARKER}</p><p>{scene.writer.address}</p>", HTML)
        inner = f"--{boundary}\r\n".encode() + html + f"\r\n--{boundary}--\r\n".encode()
        return multipart(
            scene, part(inner, f'multipart/related; boundary="{boundary}"; start="<{CANARY}>"'), subtype="alternative"
        )

    rtf = "{\\rtf1 {\\info{\\author $name}{\\company $canary}} $address $canary}"
    for name, build in {
        "only the text names the writer": only_text,
        "only the page names the writer": only_html,
        "page alone": alone,
        "page inside related": related,
        "AMP": with_third("text/x-amp-html; charset=utf-8", "<html amp4email><body>$address $canary</body></html>"),
        "watch": with_third("text/watch-html; charset=utf-8", "<p>$address $canary</p>"),
        "enriched": with_third("text/enriched", "<bold>$address $canary</bold>"),
        "RTF": with_third("text/rtf", rtf),
        "RTF as an application": with_third("application/rtf", rtf),
        "second plain text": with_third(PLAIN, "Nine is fine, $address"),
    }.items():
        yield Trap(f"LEAK-47 {name}", "LEAK-47", f"The same said several times: {name}.", build, keeps=(MARKER,))


def _look() -> Iterator[Trap]:
    keeps = ("The tour", "Mon & Tue", "boots", "water – 2 l", "the map", "bold", "https://maps.example.org/?q=47.26%2C11.39")

    def build(scene: Scene) -> bytes:
        return page(scene, _PAGE_WITH_LOOK)

    yield Trap("LEAK-48 look", "LEAK-48", "Tables, styles, lists, colours, links, entities.", build, keeps=(MARKER, *keeps))
    markup = ("<h2", "<table", "<th", "<li", "<b>", "<u>", "<sub>", "color", "text-align", "cellpadding")
    yield Trap("LEAK-48 markup", "LEAK-48", "The elements stay what they are.", build, keeps=markup)


HTML_PAGES: Final[tuple[Trap, ...]] = (
    *_pages("LEAK-40", "A link to write", _MAILTO),
    *_pages("LEAK-41", "What nobody sees", _DROPPED),
    *_pages("LEAK-42", "Attributes", _ATTRIBUTES),
    *_pages("LEAK-43", "Hidden text", _HIDDEN),
    *_split(),
    *_pages("LEAK-45", "Content from elsewhere", _REMOTE),
    *_data_links(),
    *_alternatives(),
    *_look(),
)
