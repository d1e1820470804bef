"""Plain text: leaks.md section 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import Template
from textwrap import dedent, wrap
from typing import Final

from relay.selftest.traps.attributions import ATTRIBUTIONS, BLOCKS, LABELS
from relay.selftest.traps.encodings import encoded_texts, uuencoded
from relay.selftest.traps.harmless import harmless
from relay.selftest.traps.letters import MARKER, filled, letter, of, page
from relay.selftest.traps.obfuscations import OBFUSCATIONS
from relay.selftest.traps.trap import STRANGER, Fate, Scene, Trap

_QUOTED: Final = "Nine is fine for the four of us."
_IN_A_FILE: Final = "Ten is the hour of the bus."
_BEHIND: Final = "So much for the bus."
_levels: Final = 5

_SIGNATURES: Final = {
    "own address": "-- \n$first\n$address",
    "second known address": "-- \n$first $last\nmobile mail: $second",
    "capitals": "Best,\n$capitals",
    "in brackets": "Best,\n$first ($address) [$second] <$address> {$second}",
    "between signs": "mail:$address, or *$second*; _${address}_ |$second| «$address» “$second” /$address/ =$second= ",
    "before a full stop": "Write to $address. Or to $second! Really $address? $address...",
    "glued to words": "E-Mail:$address,Tel:+43 512 555 0140",
    "company footer": "--\n$name\n$company\nDorfstrasse 1\n$address | www.$domain | https://$domain/kontakt",
    "name and company": "Kind regards\n$name\n$company",
    "last name first": "$last, $first\n$company",
    "host": "sent from $host [$ip]",
    "tagged": "-- \n$local+booking@$domain",
    "own domain in other letters": "-- \nsupport@$domain, www.$domain, mail.$domain",
}
_COUNTERPART: Final = {
    "typed": "Your address is $their_address, is it?",
    "second": "I have $their_second and $their_address in my list.",
    "with the name": "$their_name <$their_address>",
    "own domain": "I saw your site, https://www.$their_domain/about, and mail.$their_domain.",
}
_STRANGERS: Final = {
    "in prose": "My wife's mailbox is $stranger, write there as well.",
    "in brackets": "Ask Nora Lindgren <$stranger> about the bus.",
    "mailto": "mailto:$stranger?subject=Bus",
}
_DICTATED: Final = ("(at)", "[at] and [dot]", "(at) and (dot)", "{at}", "AT and DOT", "German")
"""The obfuscations that leave no doubt, also about the address of a stranger."""
_LINKS: Final = {
    "mailto": "mailto:$address or mailto:$percent?cc=$second",
    "SafeLinks": "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmaps.example.org%2Ffountain&data=05%7C02%7C"
    "$percent%7C$canary%7C0&sdata=$canary&reserved=0",
    "Proofpoint v2": "https://urldefense.proofpoint.com/v2/url?u=https-3A__maps.example.org_fountain&d=DwMFaQ&c=$canary&r=$base64url&e=",
    "Proofpoint v3": "https://urldefense.com/v3/__https://maps.example.org/fountain__;!!$canary!$base64url$$ ",
    "Google": "https://www.google.com/url?q=https://maps.example.org/fountain&sa=D&source=$canary&ust=$percent",
    "Sophos": "https://eu-west-1.protection.sophos.com/?d=maps.example.org&u=aHR0cHM6Ly9tYXBzLmV4YW1wbGUub3JnL2ZvdW50YWlu&i=$canary&e=$base64",
    "SafeLinks in Proofpoint": "https://urldefense.com/v3/__https://eur02.safelinks.protection.outlook.com/"
    "?url=https*3A*2F*2Fmaps.example.org&data=${percent}__;JSUl!!$canary$$",
    "tracking with the address plain": "https://maps.example.org/fountain?u=$address&ref=1",
    "tracking with the address percent-encoded": "https://maps.example.org/fountain?u=$percent&ref=1",
    "tracking percent-encoded twice": "https://maps.example.org/fountain?u=$twice",
    "tracking in base64": "https://maps.example.org/fountain?u=$base64&ref=1",
    "tracking in base64 without padding": "https://maps.example.org/fountain/$base64url/open",
    "tracking in hexadecimal": "https://maps.example.org/fountain?u=$hex",
    "unsubscribe": "https://maps.example.org/unsubscribe/$percent/1",
    "in the fragment": "https://maps.example.org/fountain#$address",
    "signed in": "https://$address:secret@maps.example.org/fountain",
    "own site": "https://www.$domain/tours?x=1 and http://$domain and www.$domain/a",
    "VERP": "bounces+$returning@maps.example.org and bounce-77-$returning@lists.example.org",
    "SRS": "SRS0=HHH=TT=$domain=$local@maps.example.org",
    "BATV": "prvs=2711965b44=$address",
    "percent hack": "$local%$domain@maps.example.org",
}
_KINDS: Final = {
    "clear-signed with comments": """
        -----BEGIN PGP SIGNED MESSAGE-----
        Hash: SHA256
        Comment: $name <$address> $canary

        Nine is fine for the four of us.
        -----BEGIN PGP SIGNATURE-----
        Version: $canary
        Comment: $address

        iQEzBAEBCAAdFiEE
        =abcd
        -----END PGP SIGNATURE-----
        """,
    "key pasted": """
        Nine is fine for the four of us.
        -----BEGIN PGP PUBLIC KEY BLOCK-----
        Comment: $address
        Comment: $name

        mQENBFxyz$base64
        =abcd
        -----END PGP PUBLIC KEY BLOCK-----
        """,
    "vCard pasted": """
        Nine is fine for the four of us.
        BEGIN:VCARD
        VERSION:3.0
        N:$last;$first;;;
        FN:$name
        ORG:$company
        EMAIL;TYPE=INTERNET:$address
        EMAIL:$second
        URL:https://www.$domain
        END:VCARD
        """,
    "vCard with folded lines": """
        Nine is fine for the four of us.
        BEGIN:VCARD
        VERSION:3.0
        FN:$first
        EMAIL;TYPE=INTERNET:$local@
         $domain
        END:VCARD
        """,
    "whole header pasted": """
        Nine is fine for the four of us.
        Return-Path: <$address>
        Delivered-To: $second
        Received: from $host ($host [$ip])
          by mx.$domain (Postfix) with ESMTPS id 1 for <$second>; Mon, 1 Jun 2026 12:00:00 +0200
        From: =?utf-8?B?$base64?= <$address>
        Message-ID: <123@$domain>
        """,
    "delivery log": "Nine is fine for the four of us.\n550 5.1.1 <$address>: Recipient address rejected ($host[$ip])",
    "file path of the writer's machine": "Nine is fine for the four of us.\nC:\\Users\\$address\\Desktop\\tour.docx",
}


def _quoting() -> Iterator[Trap]:
    for language, template in ATTRIBUTIONS.items():

        def build(scene: Scene, template: str = template) -> bytes:
            line = Template(template).substitute(who=of(scene.writer))
            second = Template(template).substitute(who=f'"{scene.reader.name}" <{scene.reader.address}>')
            split = Template(template).substitute(who=of(scene.writer).replace(" <", "\n<"))
            narrow = "\n> ".join(wrap(line, 40, break_long_words=False, break_on_hyphens=False))
            return letter(scene, f"{line}\n> {_QUOTED}\n> {second}\n>> Fine.\n\n{split}\n\n> {narrow}\n>> Good.")

        about = f"An answer quotes the mail before, introduced in {language}, in one line and wrapped."
        yield Trap(f"LEAK-20 {language}", "LEAK-20", about, build, keeps=(MARKER, _QUOTED))


def _blocks() -> Iterator[Trap]:
    for language, labels in LABELS.items():

        def build(scene: Scene, labels: tuple[str, ...] = labels) -> bytes:
            author, date, to, cc, subject = labels
            block = f"{author}: {of(scene.writer)}\n{date}: 1.6.2026 17:00\n{to}: {of(scene.reader)}\n{cc}: $second, $stranger\n"
            block += f"{subject}: RE: $address"
            return letter(scene, filled(scene, block + f"\n\n{_QUOTED}"))

        about = f"A quoted header block in {language}."
        yield Trap(f"LEAK-21 {language}", "LEAK-21", about, build, keeps=(MARKER, _QUOTED, *labels))
    for name, template in BLOCKS.items():
        yield _text("LEAK-21", name, f"A header block as quoted by {name}.", f"{dedent(template)}\n{_QUOTED}", keeps=(_QUOTED,))
    yield Trap("LEAK-21 five levels", "LEAK-21", "Answers to answers.", _nested, keeps=(MARKER, _QUOTED))
    yield Trap("LEAK-21 re-wrapped", "LEAK-21", "Broken at the quote prefix.", _rewrapped, keeps=(MARKER, _QUOTED))
    yield Trap("LEAK-21 re-wrapped at each place", "LEAK-21", "Broken anywhere.", _wrapped_everywhere, keeps=(MARKER,))


def _nested(scene: Scene) -> bytes:
    quoted = _QUOTED
    for level in range(_levels):
        side = scene.writer if level % 2 else scene.reader
        above = f"On 1 June 2026 at 1{level}:00, {of(side)} wrote:"
        if level % 2:
            above = f"From: {of(side)}\nTo: {scene.writer.second_address}\nSubject: {level}\n"
        quoted = above + "\n" + "\n".join(f"> {line}" for line in quoted.split("\n"))
    return letter(scene, quoted)


def _rewrapped(scene: Scene) -> bytes:
    local, _, domain = scene.writer.address.partition("@")
    lines = (
        f"> > On 1 June 2026 {scene.writer.name} <{local}@",
        f"> > {domain}> wrote:",
        "> > > From: " + scene.writer.name + " <" + local,
        f"> > > @{domain}>",
        f"> > > To: {scene.reader.address[:6]}",
        f"> > > {scene.reader.address[6:]}",
        f"> > > {_QUOTED}",
    )
    return letter(scene, "\n".join(lines))


def _wrapped_everywhere(scene: Scene) -> bytes:
    address = scene.writer.address
    return letter(scene, "\n\n".join(f"> > mail {address[:at]}\n> > {address[at:]} again" for at in range(1, len(address))))


def _obfuscated() -> Iterator[Trap]:
    for name, spelled in OBFUSCATIONS.items():

        def build(scene: Scene, spelled: Callable[[str], str] = spelled) -> bytes:
            own, second, theirs = (
                spelled(one) for one in (scene.writer.address, scene.writer.second_address, scene.reader.address)
            )
            return letter(scene, f"Write to {own} please.\n{_QUOTED}\n{second}\n\nNot to {theirs}, thank you.")

        about = f"The known address is spelled: {name}."
        yield Trap(f"LEAK-29 {name}", "LEAK-29", about, build, keeps=(MARKER, _QUOTED, "please", "Not to"))


def _dictated() -> Iterator[Trap]:
    for name in _DICTATED:
        said = OBFUSCATIONS[name](STRANGER)
        text = f"Write to {said} please."

        def plain(scene: Scene, text: str = text) -> bytes:
            return letter(scene, f"{text}\n{_QUOTED}")

        def html(scene: Scene, text: str = text) -> bytes:
            return page(scene, f"<p>{text}</p><p>{_QUOTED}</p>")

        about = f"An address of nobody known is spelled: {name}."
        for kind, build in (("text", plain), ("page", html)):
            yield Trap(f"LEAK-29 stranger {name} {kind}", "LEAK-29", about, build, keeps=(MARKER, _QUOTED, "Write to", "please."))


def _text(row: str, name: str, about: str, template: str, keeps: tuple[str, ...] = (), fate: Fate = Fate.DELIVERED) -> Trap:
    def build(scene: Scene) -> bytes:
        return letter(scene, filled(scene, template))

    return Trap(f"{row} {name}", row, about, build, fate, (MARKER, *keeps))


def _inline_uuencode(scene: Scene) -> bytes:
    file = uuencoded(f"{_IN_A_FILE}\nmail {scene.writer.address}\n", f"{scene.writer.last_name}.txt")
    return letter(scene, f"{_QUOTED}\n\n{file}\n{_BEHIND}\n")


def _all() -> Iterator[Trap]:
    yield from _quoting()
    yield from _blocks()
    for name, template in _SIGNATURES.items():
        yield _text("LEAK-22", name, f"The signature: {name}.", template)
    for name, template in _COUNTERPART.items():
        yield _text("LEAK-23", name, f"The reader's own address: {name}.", template)
    for name, template in _STRANGERS.items():
        yield _text("LEAK-24", name, f"An address of nobody known: {name}.", template)
    for name, template in _LINKS.items():
        yield _text(
            "LEAK-26", name, f"A link that carries an address: {name}.", f"Here: {template} see.", keeps=("Here:", "see.")
        )
    yield from encoded_texts()
    yield from _obfuscated()
    yield from _dictated()
    for name, template in _KINDS.items():
        yield _text("LEAK-30", name, f"In the text: {name}.", dedent(template), keeps=(_QUOTED,))
    yield Trap(
        "LEAK-30 uuencoded file inline",
        "LEAK-30",
        "A uuencoded file in the text.",
        _inline_uuencode,
        keeps=(MARKER, _QUOTED, _IN_A_FILE, _BEHIND),
    )
    yield from harmless()


TEXT: Final[tuple[Trap, ...]] = tuple(_all())
