"""What the writer of an answer wrote themselves, from what their program made of it; nothing of our quoted mail stays."""

from __future__ import annotations

import pytest
from support.mails import a_mail

from relay.message.own_words import first_lines, line_below, own_characters_max, own_words, parted
from relay.message.parse import parse

MARKS = ("@reply.example.com", "https://reply.example.com/")
SECRET = "https://reply.example.com/bookings/q0Zk3J9vS1o2b7_yXcR4tUeWnMaLpDfG"
OURS = f"A new request waits for your answer\n\nAccept it here: {SECRET}\n"
QUOTED = "".join(f"> {line}\n" for line in OURS.splitlines())

GMAIL = f"""accept

On Mon, Jun 1, 2026 at 2:00\u202fPM Example Travel <booking-0123456789ab@reply.example.com>
wrote:

{QUOTED}"""
GMAIL_PL = f"""Akceptujemy

pon., 1 cze 2026 o 14:00 Example Travel <booking-0123456789ab@reply.example.com>
napisał(a):

{QUOTED}"""
APPLE = f"""Accept

> On 1 Jun 2026, at 14:00, Example Travel <booking-0123456789ab@reply.example.com> wrote:
>\u0020
{QUOTED}"""
APPLE_PHONE = f"""Decline: we are full

Sent from my iPhone

> On 1 Jun 2026, at 14:00, Example Travel <booking-0123456789ab@reply.example.com> wrote:
>\u0020
> \ufeff
{QUOTED}"""
THUNDERBIRD_BELOW = f"""Am 01.06.26 um 14:00 schrieb Example Travel:
{QUOTED}
Angenommen

--\u0020
Marco Bellini
+39 06 1234567
"""
THUNDERBIRD = f"""Angenommen

Am 01.06.26 um 14:00 schrieb Example Travel:
{QUOTED}"""
OUTLOOK = f"""Accepted

Marco

From: Example Travel <booking-0123456789ab@reply.example.com>
Sent: Monday, June 1, 2026 2:00 PM
To: Marco Bellini <marco@tours.example>
Subject: A new request

{OURS}"""
OUTLOOK_FR = f"""Refusé : complet

De : Example Travel
Envoyé : lundi 1 juin 2026 14:00
À : Marco Bellini
Objet : Nouvelle demande

{OURS}"""
OUTLOOK_PHONE = f"""Accept

Get Outlook for iOS<https://aka.ms/o0ukef>
________________________________
From: Example Travel
Sent: Monday, June 1, 2026 2:00:00 PM
Subject: A new request

{OURS}"""
OUTLOOK_OLD = f"""Rifiuto: siamo al completo

-----Messaggio originale-----
Da: Example Travel
Inviato: lunedì 1 giugno 2026 14:00

{OURS}"""
YAHOO = f"""Acepto

    El lunes, 1 de junio de 2026, 14:00:00 CEST, Example Travel <booking-0123456789ab@reply.example.com> escribió:\u0020
 \u0020
 {OURS}"""
GMX = f"""Abgelehnt, das Boot ist kaputt

Gesendet: Montag, 1. Juni 2026 um 14:00 Uhr
Von: "Example Travel" <booking-0123456789ab@reply.example.com>
An: marco@tours.example
Betreff: Neue Anfrage

{OURS}"""


@pytest.mark.parametrize(
    ("text", "first", "whole"),
    [
        (GMAIL, "accept", "accept"),
        (GMAIL_PL, "Akceptujemy", "Akceptujemy"),
        (APPLE, "Accept", "Accept"),
        (APPLE_PHONE, "Decline: we are full", "Decline: we are full\n\nSent from my iPhone"),
        (THUNDERBIRD, "Angenommen", "Angenommen"),
        (THUNDERBIRD_BELOW, "Angenommen", "Angenommen"),
        (OUTLOOK, "Accepted", "Accepted\n\nMarco"),
        (OUTLOOK_FR, "Refusé : complet", "Refusé : complet"),
        (OUTLOOK_PHONE, "Accept", "Accept\n\nGet Outlook for iOS<https://aka.ms/o0ukef>"),
        (OUTLOOK_OLD, "Rifiuto: siamo al completo", "Rifiuto: siamo al completo"),
        (YAHOO, "Acepto", "Acepto"),
        (GMX, "Abgelehnt, das Boot ist kaputt", "Abgelehnt, das Boot ist kaputt"),
        ("*Accept*\n", "Accept", "*Accept*"),
        ("\n\n  Accept  \n", "Accept", "Accept"),
        ("> only quoted\n> lines\n", None, ""),
        (QUOTED, None, ""),
        (OURS, "A new request waits for your answer", "A new request waits for your answer"),
        ("", None, ""),
        ("We are five:\n\nAnna, Ben", "We are five:", "We are five:\n\nAnna, Ben"),
        ("> How old?\n7 and 9\n> When?\nAt 10\n", "7 and 9", "7 and 9\nAt 10"),
    ],
)
def test_what_the_program_adds_and_quotes_stays_out(text: str, first: str | None, whole: str) -> None:
    """Nine programs in six languages; above the quote, below it, and between its lines."""
    own = own_words(parse(a_mail(to="booking-0123456789ab@reply.example.com", text=text)), MARKS)
    assert own == whole
    assert next(iter(first_lines(own)), None) == first
    assert "bookings/" not in own


PAGE = f"""<html><head><style>p {{ margin: 0 }}</style></head><body><div dir="ltr">Accept<br></div>
<div class="gmail_quote"><div class="gmail_attr">On Mon, Jun 1, 2026 Example Travel &lt;<a
href="mailto:x@reply.example.com">booking-0123456789ab@reply.example.com</a>&gt; wrote:<br></div>
<blockquote>A new request<br><a href="{SECRET}">Accept</a></blockquote></div></body></html>"""
OUTLOOK_PAGE = f"""<html><body><p class="MsoNormal">Declined: <b>we</b> are full</p><p>&nbsp;</p>
<div style="border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Example Travel &lt;booking-0123456789ab@reply.example.com&gt; <br>
<b>Sent:</b> Monday, June 1, 2026 2:00 PM<br></p></div><p>A new request <a href="{SECRET}">{SECRET}</a></p></body></html>"""


@pytest.mark.parametrize(
    ("page", "first"),
    [(PAGE, "Accept"), (OUTLOOK_PAGE, "Declined: we are full"), ("<p>Accept <b>not</b> at 10</p>", "Accept not at 10")],
)
def test_a_page_is_read_as_it_is_seen(page: str, first: str) -> None:
    mail = a_mail(to="booking-0123456789ab@reply.example.com", text=page).replace(b"text/plain", b"text/html")
    own = own_words(parse(mail), MARKS)
    assert first_lines(own)[0] == first
    assert "A new request" not in own
    assert "bookings/" not in own


@pytest.mark.parametrize(
    "unsaid",
    [
        *("<s>accept</s>", "<del>accept</del>", "<strike>accept</strike>", "<p style='text-decoration: line-through'>accept</p>"),
        *("<div style='display:none'>accept<p style='display:none'>x</p></div>", "<p hidden>accept</p>"),
        *("<p style='font-size:0'>accept</p>", "<select><option>accept</select>", "<textarea>accept</textarea>"),
        *("<div style='visibility:hidden'><i style='display:none'><b hidden>accept</b></i></div>", "<noscript>accept</noscript>"),
    ],
)
def test_what_is_hidden_struck_through_or_to_choose_from_is_not_said(unsaid: str) -> None:
    """It decides nothing, and nobody gets it."""
    mail = a_mail(to="x@reply.example.com", text=f"<html><body>{unsaid}<p>How old are they?</p></body></html>")
    assert own_words(parse(mail.replace(b"text/plain", b"text/html")), MARKS) == "How old are they?"


@pytest.mark.parametrize(
    ("line", "below"), [("accept", "but only for two"), ("but only for two", ""), ("of them", "Marco"), ("Marco", ""), ("", "")]
)
def test_the_line_below_is_the_very_next(line: str, below: str) -> None:
    text = "accept\n *but only for two*\n\nof them\n**Marco** "
    assert line_below(text, line) == below


def test_the_plain_form_of_an_alternative_counts_and_no_file_does() -> None:
    mail = (
        b"From: m@tours.example\r\nTo: booking-0123456789ab@reply.example.com\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\ndecline\r\n'
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ndecline\r\n"
        b'--b\r\nContent-Type: multipart/alternative; boundary="c"\r\n\r\n'
        b"--c\r\nContent-Type: text/html\r\n\r\n<p>decline</p>\r\n"
        b"--c\r\nContent-Type: text/plain; format=flowed\r\n\r\naccept \r\nplease\r\n--c--\r\n--b--\r\n"
    )
    assert own_words(parse(mail), MARKS) == "accept please"


def test_a_long_text_is_cut() -> None:
    own = own_words(parse(a_mail(to="x@reply.example.com", text="word " * 100_000)), MARKS)
    assert len(own) <= own_characters_max


@pytest.mark.parametrize(
    ("text", "new", "quoted"),
    [
        ("Thanks.\nMarco", "Thanks.\nMarco", ""),
        ("Yes.\n> Do you?\n> Really?", "Yes.", "> Do you?\n> Really?"),
        (
            "Yes.\n\nOn 3 May 2026 Anna <a@b.example> wrote:\n> Do you?",
            "Yes.\n",
            "On 3 May 2026 Anna <a@b.example> wrote:\n> Do you?",
        ),
        ("Yes.\n-----Original Message-----\nDo you?", "Yes.", "-----Original Message-----\nDo you?"),
        ("Yes.\nFrom: Anna\nSent: Monday\nTo: Marco\nSubject: Tour\n\nDo you?", "Yes.", None),
        ("Yes.\n__________\nFrom: Anna\nDo you?", "Yes.", None),
        ("> Do you?\nYes.", "Yes.", "> Do you?"),
        ("Write to a@b.example: we meet at 10", "Write to a@b.example: we meet at 10", ""),
    ],
)
def test_for_search_what_is_quoted_stands_apart_from_what_is_new(text: str, new: str, quoted: str | None) -> None:
    """AR-2: words are looked for in what was written anew."""
    assert parted(text)[0] == new
    if quoted is not None:
        assert parted(text)[1] == quoted
