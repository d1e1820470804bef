"""Bounces, receipts and complaints are recognised, and reduced to a few words (LEAK-80, LEAK-81, LEAK-83, GW-51)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Unreadable
from relay.message.parse import parse
from relay.message.reports import BounceReport, Cause, Complaint, Confirmation, bounce, complaint, confirmation

CORPUS = Path(os.environ.get("RELAY_CORPUS", Path(__file__).resolve().parents[4] / "shared" / "corpus"))
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no mail corpus at {CORPUS}; set RELAY_CORPUS")

FULL, LARGE, WRONG = Cause.MAILBOX_FULL, Cause.TOO_LARGE, Cause.ADDRESS_WRONG
BLOCKED, AWAY, OTHER = Cause.BLOCKED, Cause.SERVER_UNREACHABLE, Cause.OTHER


def failed(cause: Cause, status: str | None = None) -> BounceReport:
    return BounceReport(cause, permanent=True, status=status)


def delayed(cause: Cause, status: str | None = None) -> BounceReport:
    return BounceReport(cause, permanent=False, status=status)


def mail(text: str, sender: str = "MAILER-DAEMON@mx.example", subject: str = "Undelivered Mail", extra: str = "") -> bytes:
    return f"From: {sender}\r\nTo: x@reply.example.com\r\nSubject: {subject}\r\n{extra}\r\n{text}".replace("\r\n", "\n").encode()


def report(fields: str, kind: str = "delivery-status", part: str = "message/delivery-status", text: str = "Sorry.") -> bytes:
    body = (
        f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: {part}\n\n{fields}\n"
        "--b\nContent-Type: message/rfc822\n\nFrom: customer@home.example\nSubject: the message\n\nSecret\n--b--\n"
    )
    return mail(body, extra=f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n')


ABOUT = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; customer@home.example\n"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (ABOUT + "Action: failed\nStatus: 5.1.1\n", failed(WRONG, "5.1.1")),
        (ABOUT + "Action: failed\nStatus: 4.4.1\n", failed(AWAY, "4.4.1")),
        (ABOUT + "Action: delayed\nStatus: 4.4.1\n", delayed(AWAY, "4.4.1")),
        (ABOUT + "ACTION:Failed (expired)\nSTATUS:5.2.2 (full)\n", failed(FULL, "5.2.2")),
        (
            ABOUT + "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 5.3.4\n  too large\n",
            failed(LARGE, "5.0.0"),
        ),
        (ABOUT + "Action: failed\nDiagnostic-Code: smtp; 550 5.7.1 spam\n", failed(BLOCKED, "5.7.1")),
        (ABOUT + "Status: 4.2.2\n", delayed(FULL, "4.2.2")),
        (ABOUT + "Action: failed\nStatus: 553 Exceeded maximum inbound message size\n", failed(LARGE)),
        # no blank line between the message's fields and the recipient's; a second recipient without one, too
        (
            "Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.0.0\nFinal-Recipient: c\nStatus: 5.1.1",
            failed(WRONG, "5.1.1"),
        ),
        (ABOUT + "Action: delivered\nStatus: 2.0.0\n\nAction: failed\nStatus: 5.1.1\n", failed(WRONG, "5.1.1")),
        (ABOUT + "Action: delivered\nStatus: 2.0.0\n", None),
        (ABOUT + "Action: relayed\nStatus: 2.0.0\n", None),
        (ABOUT + "Status: 2.1.5\n", None),
    ],
)
def test_a_report_is_read_field_by_field(fields: str, expected: BounceReport | None) -> None:
    """RFC 3464, and how it is written in practice."""
    assert bounce(parse(report(fields))) == expected


def test_the_international_form_counts_as_well() -> None:
    """RFC 6533."""
    raw = report(ABOUT + "Action: failed\nStatus: 5.1.1\n", part="message/global-delivery-status")
    assert bounce(parse(raw)) == failed(WRONG, "5.1.1")


QMAIL = (
    "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n<c@home.example>:\n"
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one "
    "or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  c@home.example\n"
)
RETURNED = "\n--- Below this line is a copy of the message.\n\nSubject: my mailbox is full of spam, quota exceeded\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (mail(QMAIL + "Sorry, no mailbox here by that name. (#5.1.1)\n" + RETURNED), failed(WRONG, "5.1.1")),
        (mail(QMAIL + "Sorry, it did not work." + RETURNED, sender="bounce@mx.example"), failed(OTHER)),
        (
            mail(EXIM + "    Unrouteable address\n", extra="X-Failed-Recipients: c@home.example\n"),
            failed(WRONG),
        ),
        (
            mail(
                "This message was created automatically by mail delivery software.\nA message that you sent has not yet been "
                "delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.\n",
                subject="Warning: message 1GdV3O delayed 24 hours",
            ),
            delayed(OTHER),
        ),
        (
            mail(
                "Your message\n\n  To: c@home.example\n  Subject: my quota\n\ndid not reach the following recipient(s):\n\n"
                "c@home.example on Fri\n    The recipient name is not recognized\n",
                sender="postmaster@exchange.example",
                subject="Undeliverable: my quota",
            ),
            failed(WRONG),
        ),
        (
            mail(
                "Delivery to the following recipient failed permanently:\n\n  c@home.example\n\nTechnical details:\n"
                "550-5.1.1 The email account that you tried to reach does not exist.\n\n----- Original message -----\n\nspam\n",
                sender="mailer-daemon@googlemail.com",
            ),
            failed(WRONG, "5.1.1"),
        ),
        (
            mail(
                "Your message\n\n  Subject: Test\n\nwas not delivered to:\n\n  c@home.example\n\nbecause:\n\n"
                "  User c (c@home.example) not listed in Domino Directory\n",
                sender="Postmaster@notes.example",
                subject="DELIVERY FAILURE: User c not listed",
            ),
            failed(WRONG),
        ),
        (
            mail(
                "Message from yahoo.com.\nUnable to deliver message to the following address(es).\n\n<c@home.example>:\n"
                "Sorry, your message cannot be delivered.  This account is over quota.\n\n--- Original message follows.\n",
                subject="Delivery failure",
            ),
            failed(FULL),
        ),
        (
            mail(
                "The original message was received at Sat\n\n   ----- Transcript of session follows -----\n"
                "554 5.4.7 Could not be delivered for 5 days: connection timed out\n  ----- Unsent message follows -----\n",
                subject="Returned mail: Cannot send message for 5 days",
            ),
            failed(AWAY, "5.4.7"),
        ),
        (
            mail(
                "An error occurred.\n\nTechnical report:\n\nReporting-MTA: dsn; a27.example\n\nAction: failed\n"
                "Final-Recipient: rfc822; c@home.example\nDiagnostic-Code: smtp; 550 5.2.2 Mailbox Full\nStatus: 5.2.2\n",
            ),
            failed(FULL, "5.2.2"),
        ),
    ],
    ids="qmail qmail-other-name exim exim-delay exchange gmail notes yahoo sendmail workmail".split(),
)
def test_servers_own_forms_are_recognised(raw: bytes, expected: BounceReport) -> None:
    """CASE-25. What comes back of the message itself, its Subject above all, says nothing about the cause."""
    assert bounce(parse(raw)) == expected


@pytest.mark.parametrize(
    "raw",
    [
        mail("See you on Saturday.", sender="anna@home.example", subject="Re: Photos"),
        mail("My mailbox was full, so your mail could not be delivered. Sorry!", sender="anna@home.example", subject="Hello"),
        mail("Hello, could you look at this?\n\n> " + QMAIL, sender="anna@home.example", subject="Fwd: failure notice"),
        mail("Dear guest, your parcel could not be delivered.", sender="postmaster@hotel.example", subject="Re: parcel"),
        mail("Good morning from the front desk.", sender="postmaster@hotel.example", subject="Your stay"),
        mail("Ticket by unknown user", sender="", subject="unknown user").replace(b"From: \n", b""),
        mail(
            "--b\nContent-Type: text/plain\n\nLook!\n--b\nContent-Type: message/rfc822\n\n"
            + report(ABOUT + "Action: failed\nStatus: 5.1.1\n").decode()
            + "\n--b--\n",
            sender="anna@home.example",
            extra='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n',
        ),
        mail(
            "--b\nContent-Type: text/plain\n\nLook!\n--b\nContent-Type: message/delivery-status\n\n"
            + ABOUT
            + "Action: failed\n\n--b--\n",
            sender="anna@home.example",
            subject="Fwd: x",
            extra='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n',
        ),
    ],
    ids="person tells forwards-inline postmaster-replies postmaster-writes no-from forwards-attached forwards-apple".split(),
)
def test_a_person_has_bounced_nothing_even_with_a_bounce_in_hand(raw: bytes) -> None:
    assert bounce(parse(raw), "anna@home.example") is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (mail("Error: Invalid user address\n550 - no such user here\n", "post_master@vtext.example", "Re:Test"), failed(WRONG)),
        (mail("You sent mail to a@b.example. That's not a valid user here.\n", "a@b.example", ""), failed(WRONG)),
        (mail("Trouble. Full details follow:\n\nIt said: [552 5.2.2 over quota]\n"), failed(FULL, "5.2.2")),
    ],
)
def test_what_comes_from_the_null_path_is_read_further(raw: bytes, expected: BounceReport) -> None:
    """Apache James answers with `Re:`; mail.com's servers announce the details; some say hardly anything."""
    assert bounce(parse(raw), "") == expected


def test_the_null_return_path_makes_a_bounce_of_a_doubtful_text() -> None:
    raw = mail("Your message could not be delivered: user unknown", sender="servicio@correo.example", subject="Aviso")
    assert bounce(parse(raw), "anna@home.example") is None
    assert bounce(parse(raw), "") == failed(WRONG)


def test_nothing_of_the_remote_text_is_in_what_is_returned() -> None:
    """FAULT-74."""
    fields = (
        ABOUT
        + "Action: failed\nStatus: 5.1.1 customer@home.example\nDiagnostic-Code: smtp; 550 5.1.1 <customer@home.example> no\n"
    )
    assert "home.example" not in repr(bounce(parse(report(fields))))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (report("Feedback-Type: abuse\nVersion: 1\n", "feedback-report", "message/feedback-report"), Complaint.ABUSE),
        (report("Version: 1\nfeedback-type: ABUSE\n", "feedback-report", "message/feedback-report"), Complaint.ABUSE),
        (report("Feedback-Type: not-spam\n", "feedback-report", "message/feedback-report"), Complaint.NOT_SPAM),
        (report("Feedback-Type: auth-failure\n", "feedback-report", "message/feedback-report"), Complaint.AUTH_FAILURE),
        (report("Feedback-Type: unheard-of\n", "feedback-report", "message/feedback-report"), Complaint.OTHER),
        (report("nothing\n", "feedback-report", "text/plain"), Complaint.OTHER),
        (
            mail(
                "--b\nContent-Type: message/rfc822\n\nSubject: spam\n\nx\n--b--\n",
                sender="staff@hotmail.com",
                subject=" complaint about message from 192.0.2.1",
                extra='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n',
            ),
            Complaint.ABUSE,
        ),
        (mail("I have a complaint about message from 192.0.2.1", sender="anna@home.example", subject="complaint"), None),
        (report(ABOUT + "Action: failed\n"), None),
    ],
)
def test_a_complaint_is_told_by_its_feedback_type(raw: bytes, expected: Complaint | None) -> None:
    """CASE-26, RFC 5965."""
    parsed = parse(raw)
    assert complaint(parsed) is expected
    assert expected is None or bounce(parsed) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            report("Disposition: manual-action/MDN-sent-manually; displayed\n", "disposition-notification", "text/plain"),
            Confirmation.READ,
        ),
        (report("Disposition: x; deleted\n", "unknown", "message/disposition-notification"), Confirmation.READ),
        (report(ABOUT + "Action: delivered\nStatus: 2.0.0\n"), Confirmation.DELIVERED),
        (report(ABOUT + "Action: failed\nStatus: 5.0.0\n"), None),
        (mail("I have read it.", sender="anna@home.example", subject="Read: Photos"), None),
    ],
)
def test_receipts_are_no_bounces(raw: bytes, expected: Confirmation | None) -> None:
    """CASE-27: MDN is not DSN, and good news is no failure."""
    parsed = parse(raw)
    assert confirmation(parsed) is expected
    assert expected is None or bounce(parsed) is None


@given(st.binary(max_size=600), st.sampled_from(["message/delivery-status", "message/feedback-report", "text/plain"]))
def test_reading_a_report_never_raises(junk: bytes, part: str) -> None:
    raw = report("@@", part=part).replace(b"@@", junk)
    parsed = parse(raw)
    bounce(parsed)
    complaint(parsed)
    confirmation(parsed)


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bounces", "mdn", "replies", "reports"])
def test_real_bounces_are_found_and_real_mail_is_not_taken_for_one(kind: str) -> None:
    found, read = 0, 0
    for path in sorted((CORPUS / kind).glob("*.eml")):
        try:
            parsed = parse(path.read_bytes())
        except Unreadable:
            continue
        read += 1
        found += bounce(parsed) is not None
    assert read
    # 13 of the 358 are success reports, complaints, challenges and spam that came with the collections.
    assert found / read >= 0.95 if kind == "bounces" else found == 0
