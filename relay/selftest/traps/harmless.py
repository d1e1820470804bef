"""What must not be harmed: texts that only look as if they told about somebody, and what people may say (LEAK-25, LEAK-31)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from relay.selftest.traps.letters import MARKER, letter, mail, multipart, part
from relay.selftest.traps.trap import Scene, Trap

_PLAIN: Final = {
    "signs that are no address": "9:30 @ the fountain, 3 @ EUR 12, @home, user@, @tours, a @ b, $@!, f(@x), C@ 2, @ 5pm.",
    "signs in brackets": "2 (at) 5 EUR, 3 [at] 5.50, meet (at) noon.It rains, if (at) n.me = x[at]; {at} home.",
    "prices and times": "EUR 84.00, 1.234,56 zł, 17:00-18:30, 2026-06-01T12:00:00+02:00, 12.06.26, 09.30 Uhr, $84.",
    "coordinates": "47.2692° N, 11.4041° E or 47.2692,11.4041 or geo:47.2692,11.4041 or 47°16'09.1\"N",
    "references": "Booking GYG-48Z9@2, invoice 2026/0417-a, order #88-22.ab, voucher ABCD-EFGH-1234, ISBN 978-3-16-148410-0",
    "code": "if (a && b) { x = y[@i] << 2; } SELECT * FROM t WHERE a LIKE '%40'; @Override; git@{1}; ${HOME}; =3D",
    "prose like a header": "From: here you see the river.\nTo: get there, turn left.\nSubject: to change.\nDate: next Monday.",
    "prose like an attribution": "On Monday my sister wrote:\n> come soon\nThe guide says: Marta wrote a book.",
    "a provider as a word": "I looked at gmail.com and at web.de, but poczta.fm and outlook.com are down.",
    "meeting links": "https://meet.google.com/abc-defg-hij https://zoom.us/j/123456789?pwd=QWxhZGRpbjpvcGVu#success",
    "links": "https://maps.example.org/?q=47.26%2C11.39&z=12, https://www.google.com/maps/@47.26,11.39,15z (see https://a.example.org/x_(y)).",
    "emoji": "See you! 🎒🏔️👩‍👩‍👧‍👦🇦🇹 ✅ ♥︎",
    "four scripts": "Größe żółw Привет Ελλάδα שלום مرحبا 中文 日本語 한국어",
    "joiners that belong there": "می‌خواهم क्‍ष 👩‍🚀 co\u00adoperate",
    "dots and From at line ends": ".\n..two\n.three\nFrom here it is near\n>From there too",
    "patterns": "****\n----\n====\n____ [ ] [x] <-- --> <<< >>> :-) ;) \\o/ |a|b|",
    "tables": "Name\tDay\tPrice\nBoat\tMon\t12.00\n  indented   by  blanks",
    "percent and entities": "100% sure, 50%40, &amp; &lt; &#64 &nbsp; stay as they are in plain text",
    "long words": "Donaudampfschifffahrtsgesellschaftskapitän " + "a" * 300,
}
_CONTACTS: Final = {
    "phone": "Call +43 512 555 0140 or (0512) 5550141.",
    "bank account": "IBAN AT61 1904 3002 3457 3201, BIC RLNWATWW.",
    "payment link": "https://pay.example.org/i/8KZ2?amount=84.00",
    "profile": "https://www.instagram.com/the_boat_people/ and @the_boat_people",
}


def _flat(text: str) -> str:
    return " ".join(text.split())


def harmless() -> Iterator[Trap]:
    """The traps of LEAK-25 and LEAK-31: what they say arrives as it is."""
    for name, text in _CONTACTS.items():
        about = f"After the booking people may say how to reach them: {name}."
        yield _trap("LEAK-25", name, about, text)
    for name, text in _PLAIN.items():
        yield _trap("LEAK-31", name, f"It must not be harmed: {name}.", text)

    def first_names(scene: Scene) -> bytes:
        return letter(scene, f"Dear {scene.reader.name},\n{scene.writer.first_name} is looking forward to it.")

    yield Trap("LEAK-31 first names", "LEAK-31", "First names stay.", first_names, keeps=(MARKER, "is looking forward to it."))

    def own_alias(scene: Scene) -> bytes:
        return letter(scene, f"Answer to {scene.writer.alias}, not to {scene.reader.alias}.\nThe end.")

    yield Trap("LEAK-31 aliases", "LEAK-31", "The aliases may be named.", own_alias, keeps=(MARKER, "The end."))

    def two_megabytes(scene: Scene) -> bytes:
        return letter(scene, "Nine o'clock @ the fountain, and 3 @ 12.00. " * 45_000 + "\nThe end of it.")

    yield Trap("LEAK-31 two megabytes", "LEAK-31", "A text of 2 MB.", two_megabytes, keeps=(MARKER, "The end of it."))

    def long_line(scene: Scene) -> bytes:
        return mail(scene, f"{MARKER} {'one line ' * 556}it ends.\n", encoding="8bit")

    yield Trap("LEAK-31 one line of 5000", "LEAK-31", "One long line.", long_line, keeps=(MARKER, "it ends."))

    def markers_in_html(scene: Scene) -> bytes:
        html = "<p>9:30 @ the fountain &amp; 3 @ EUR&nbsp;12 &lt;b&gt; <i>Größe</i> 中文 🎒</p>"
        return multipart(scene, part(f"{MARKER}\n"), part(html, "text/html; charset=utf-8"), subtype="alternative")

    yield Trap("LEAK-31 html", "LEAK-31", "The same in HTML.", markers_in_html, keeps=(MARKER, "9:30 @ the fountain", "中文 🎒"))


def _trap(row: str, name: str, about: str, text: str) -> Trap:
    def build(scene: Scene) -> bytes:
        return letter(scene, text)

    return Trap(f"{row} {name}", row, about, build, keeps=(MARKER, *(_flat(line) for line in text.split("\n"))))
