"""Persons and machines are told apart, and a machine is never answered by us (GW-47, GW-53, CASE-27, CASE-28, FAULT-71)."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from relay.errors import Unreadable
from relay.message.automatic import Automatic, automatic, may_be_answered
from relay.message.parse import parse

CORPUS = Path(os.environ.get("RELAY_CORPUS", Path(__file__).resolve().parents[4] / "shared" / "corpus"))
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no mail corpus at {CORPUS}; set RELAY_CORPUS")
ANNA = "anna@home.example"
ADMIN = "admin@tours.example"


def mail(*fields: str, sender: str = ANNA, subject: str = "Re: Photos", text: str = "See you on Saturday.") -> bytes:
    return "\n".join((f"From: Anna <{sender}>", "To: x@reply.example.com", f"Subject: {subject}", *fields, "", text)).encode()


def kind(raw: bytes, return_path: str = ANNA) -> Automatic:
    return automatic(parse(raw), return_path)


def answerable(raw: bytes, return_path: str = ANNA) -> bool:
    return may_be_answered(parse(raw), return_path)


REPORT = "MIME-Version: 1.0\nContent-Type: multipart/report; report-type={}; boundary=b"
PART = "--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: message/{}\n\n{}\n--b--\n"


@pytest.mark.parametrize(
    ("raw", "return_path", "expected"),
    [
        (mail(), ANNA, Automatic.PERSON),
        (mail("Auto-Submitted: no"), ANNA, Automatic.PERSON),
        (mail("Auto-Submitted: No (really)"), ANNA, Automatic.PERSON),
        (mail("Auto-Submitted: auto-replied"), ANNA, Automatic.AUTO_REPLY),
        (mail("AUTO-SUBMITTED: Auto-Replied (vacation)"), ANNA, Automatic.AUTO_REPLY),
        (mail("Auto-Submitted: (a robot) auto-replied; owner-email=x"), ANNA, Automatic.AUTO_REPLY),
        (mail("Auto-Submitted: auto-generated"), ANNA, Automatic.AUTO_REPLY),
        (mail("Auto-Submitted: auto-notified"), ANNA, Automatic.AUTO_REPLY),
        (mail(subject="Automatic reply: away"), "", Automatic.AUTO_REPLY),
        (mail(), "", Automatic.AUTO_REPLY),
        (mail(subject="Undelivered mail", text="Your message could not be delivered: user unknown"), "", Automatic.BOUNCE),
        (mail("Auto-Submitted: auto-replied", sender="MAILER-DAEMON@mx.example"), "", Automatic.BOUNCE),
        (
            mail(REPORT.format("delivery-status"), text=PART.format("delivery-status", "Action: failed\nStatus: 5.1.1")),
            ANNA,
            Automatic.BOUNCE,
        ),
        (
            mail(REPORT.format("delivery-status"), text=PART.format("delivery-status", "Action: delayed\nStatus: 4.4.1")),
            "",
            Automatic.DELAYED,
        ),
        (
            mail(REPORT.format("delivery-status"), text=PART.format("delivery-status", "Action: delivered\nStatus: 2.0.0")),
            "",
            Automatic.RECEIPT,
        ),
        (
            mail(
                REPORT.format("disposition-notification"),
                text=PART.format("disposition-notification", "Disposition: x; displayed"),
            ),
            ANNA,
            Automatic.RECEIPT,
        ),
        (
            mail(REPORT.format("feedback-report"), text=PART.format("feedback-report", "Feedback-Type: abuse")),
            ANNA,
            Automatic.COMPLAINT,
        ),
        (mail(REPORT.format("tlsrpt"), text=PART.format("x", "y")), ANNA, Automatic.AUTO_REPLY),
        (mail("List-Id: <a.lists.example>"), ANNA, Automatic.LIST),
        (mail("List-Unsubscribe: <mailto:x@lists.example>"), ANNA, Automatic.LIST),
        (mail("Precedence: list"), ANNA, Automatic.LIST),
        (mail("List-Id: <a.lists.example>", "Auto-Submitted: auto-replied"), ANNA, Automatic.AUTO_REPLY),
        (mail("Precedence: bulk", subject="[Automatyczna odpowiedź] test"), ANNA, Automatic.AUTO_REPLY),
        (mail("X-Auto-Response-Suppress: All", subject="Automatische Antwort: Fotos"), ANNA, Automatic.AUTO_REPLY),
        (mail("In-Reply-To: <a@b.example>", subject="Out of office: Photos"), ANNA, Automatic.AUTO_REPLY),
        (mail("References: <a@b.example>", subject="Réponse automatique : Photos"), ANNA, Automatic.AUTO_REPLY),
        (mail("In-Reply-To: <a@b.example>", subject="Re: Out of office: Photos"), ANNA, Automatic.PERSON),
        (mail(subject="AUTO: Anna is out of the office (returning 05/01/2010)"), ANNA, Automatic.AUTO_REPLY),
        (mail(subject="AUTO: Anna ist außer Haus (Rückkehr am 05.01.2010)"), ANNA, Automatic.AUTO_REPLY),
        (mail(subject="Auto: two of us (we are 2) will come by car"), ANNA, Automatic.PERSON),
        # Who is called admin is somebody's mailbox, where the envelope says so too.
        (mail(sender=ADMIN, subject="Your tickets", text="We were unable to open your message."), ADMIN, Automatic.PERSON),
        (mail(sender=ADMIN, subject="Your tickets", text="They could not be delivered."), ADMIN.upper(), Automatic.PERSON),
        (mail(sender=ADMIN, subject="Your message", text="It could not be delivered."), "x@tours.example", Automatic.BOUNCE),
        (mail(sender=ADMIN, subject="Your message", text="It could not be delivered."), "", Automatic.BOUNCE),
    ],
)
def test_every_mail_has_one_kind_of_writer(raw: bytes, return_path: str, expected: Automatic) -> None:
    """CASE-27: `auto-generated` is no bounce, an MDN is no DSN; the return path and the case of values count."""
    assert kind(raw, return_path) is expected


ROBOTS = (
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated",
    "X-Autoreply: yes",
    "X-Auto-Reply: yes",
    "X-Mail-Autoreply: vacation",
    "X-AutoReply-From: anna@home.example",
    "X-Autorespond: Re: Photos",
    "X-Auto-Respond: yes",
    "X-Autoresponder: 1",
    "X-Auto-Generated: yes",
    "X-FC-MachineGenerated: true",
    "X-POST-MessageClass: 9; Autoresponder",
    "X-Cron-Env: <SHELL=/bin/sh>",
    "Delivered-To: Autoresponder",
    "Precedence: auto_reply",
    "X-Precedence: auto-reply",
    "Preference: auto_reply",
)
LISTS = (
    "List-Id: <a.example>",
    "List-Post: <mailto:a@lists.example>",
    "List-Unsubscribe: <https://lists.example>",
    "List-Subscribe: <https://lists.example>",
    "List-Archive: <https://lists.example>",
    "List-Owner: <mailto:o@lists.example>",
    "Precedence: list",
    "Mailing-List: contact x",
    "X-Mailman-Version: 2.1",
)
ONLY_UNANSWERED = (
    "Precedence: bulk",
    "Precedence: JUNK",
    "X-Auto-Response-Suppress: All",
    "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
    "X-Auto-Response-Suppress: OOF",
    "Feedback-ID: 1:2:3:x",
    "X-Loop: x",
    "List-Help: <https://lists.example>",
    "Auto-Submitted: something-new",
    "X-MS-Exchange-Inbox-Rules-Loop: anna@home.example",
)


@pytest.mark.parametrize("field", ROBOTS)
def test_marks_of_robots_make_an_automatic_mail(field: str) -> None:
    """CASE-28."""
    assert kind(mail(field)) is Automatic.AUTO_REPLY
    assert not answerable(mail(field))


@pytest.mark.parametrize("field", LISTS)
def test_marks_of_lists_make_list_mail(field: str) -> None:
    assert kind(mail(field)) is Automatic.LIST
    assert not answerable(mail(field))


@pytest.mark.parametrize("field", ONLY_UNANSWERED)
def test_what_people_s_mail_can_carry_leaves_them_persons_but_is_not_answered(field: str) -> None:
    """Outlook sets X-Auto-Response-Suppress on ordinary mail: it must arrive like any other, and get no robot's answer."""
    assert kind(mail(field)) is Automatic.PERSON
    assert not answerable(mail(field))


@pytest.mark.parametrize(
    "field",
    [
        "X-Auto-Response-Suppress: RN, NRN",
        "X-Auto-Response-Suppress: None",
        "Auto-Submitted: no",
        "X-Autoreply: no",
        "Precedence: first-class",
        "X-FC-MachineGenerated: false",
        "X-Mailer: Autoreply 3000",
    ],
)
def test_fields_that_ask_for_nothing_change_nothing(field: str) -> None:
    assert kind(mail(field)) is Automatic.PERSON
    assert answerable(mail(field))


@pytest.mark.parametrize(
    ("sender", "return_path", "expected"),
    [
        (ANNA, ANNA, True),
        (ANNA, "anna+tag@home.example", True),
        (ANNA, "", False),
        (ANNA, "<>", False),
        (ANNA, "MAILER-DAEMON@home.example", False),
        (ANNA, "list-bounces@lists.example", False),
        (ANNA, "owner-list@lists.example", False),
        (ANNA, "list-request@lists.example", False),
        (ANNA, "bounces+123-abc@esp.example", False),
        ("noreply@booking.example", "x@booking.example", False),
        ("No-Reply@booking.example", "x@booking.example", False),
        ("do_not_reply@booking.example", "x@booking.example", False),
        ("reservations.noreply@booking.example", "x@booking.example", False),
        ("postmaster@hotel.example", "postmaster@hotel.example", False),
        ("norbert@hotel.example", "norbert@hotel.example", True),
    ],
)
def test_addresses_at_which_nobody_reads_are_not_answered(sender: str, return_path: str, expected: bool) -> None:
    """RFC 3834 §2."""
    assert answerable(mail(sender=sender), return_path) is expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Automatic reply: Photos", False),
        ("Out of Office", False),
        ("Abwesenheitsnotiz: Fotos", False),
        ("Réponse automatique : Photos", False),
        ("AUTO: Anna is out of the office", False),
        ("Re: Automatic reply: Photos", True),
        ("Automatic gearbox?", True),
        ("Our holiday photos", True),
    ],
)
def test_an_unmarked_robots_subject_is_not_answered_and_alone_makes_no_robot(subject: str, expected: bool) -> None:
    assert kind(mail(subject=subject)) is Automatic.PERSON
    assert answerable(mail(subject=subject)) is expected


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "wanted", "share"),
    [
        ("bounces", {Automatic.BOUNCE, Automatic.DELAYED}, 0.95),
        ("mdn", {Automatic.RECEIPT}, 1.0),
        ("autoreplies", {Automatic.AUTO_REPLY, Automatic.BOUNCE}, 1.0),
        ("list", {Automatic.LIST, Automatic.AUTO_REPLY}, 1.0),
        ("plain", {Automatic.PERSON}, 0.98),
        # the others came over mailing lists
        ("replies", {Automatic.PERSON, Automatic.LIST}, 1.0),
    ],
)
def test_real_mail_is_told_apart(folder: str, wanted: set[Automatic], share: float) -> None:
    kinds: Counter[bool] = Counter()
    for path in sorted((CORPUS / folder).glob("*.eml")):
        try:
            parsed = parse(path.read_bytes())
        except Unreadable:
            continue
        written = parsed.root.first("return-path")
        return_path = written.value.decode("latin-1").strip(" <>\r\n") if written else ANNA
        kinds[automatic(parsed, return_path) in wanted] += 1
    assert kinds[True] >= share * kinds.total() > 0


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("folder", ["autoreplies", "list", "mdn"])
def test_no_real_automatic_mail_is_answered(folder: str) -> None:
    """CASE-28, FAULT-71."""
    for path in sorted((CORPUS / folder).glob("*.eml")):
        assert not may_be_answered(parse(path.read_bytes()), ANNA), path.name
