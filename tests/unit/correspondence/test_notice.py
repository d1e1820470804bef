"""Notices: every topic, in every language, says what it must and nothing more (GW-52, GW-51, LEAK-86)."""

from __future__ import annotations

import email
import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.reading import Visible, body, read

from relay.conversation import Conversation, Party
from relay.correspondence.house import House
from relay.correspondence.notice import Cause, Delay, Hint, Occasion, Reason, Taken, Topic, files_max, has_notice, notice
from relay.correspondence.wording import WORDINGS
from relay.message.automatic import Automatic, automatic, may_be_answered
from relay.message.parse import parse
from relay.values import Alias, ConversationId, Language, MessageId, MsgId, NameShown, PartyId, RealAddress, Role, Window

HOUSE = House("Example Travel", "reply.example.com", "https://example.com/support?from=mail&kind=relay")
PARTNER_ALIAS = "local-partner-1a2b3c4d5678@reply.example.com"
CUSTOMER_ALIAS = "customer-12ab3456cd78@reply.example.com"
OPENS = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CLOSES = datetime(2026, 6, 17, 22, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 6, 18, 18, 5, tzinfo=UTC)
NOW = RECEIVED + timedelta(minutes=1)
OUR_ID = MsgId("n-1@reply.example.com")
THEIR_ID = MsgId("CAF=abc123@mail.operator.example")
NUMBER = MessageId("01jx3v9k2m7q8r4t5w6y0z1abc")
OURS = {"noreply@reply.example.com", PARTNER_ALIAS, CUSTOMER_ALIAS}
ALL_TOPICS: tuple[Topic, ...] = tuple(WORDINGS)
ADDRESS = re.compile(r"[^\s<>\"';,()]+@[^\s<>\"';,()]*[^\s<>\"';,().]")


def party(role: Role, language: Language) -> Party:
    alias, name = (PARTNER_ALIAS, "Lagoon Tours Ltd") if role is Role.PARTNER else (CUSTOMER_ALIAS, "Marta Kowalska")
    local, _, domain = alias.partition("@")
    return Party(PartyId(role.value), role, Alias(local, domain), name, language, (RealAddress(f"{role.value}@home.example"),))


def occasion(
    topic: Topic, language: Language = Language.EN, writer: Role = Role.PARTNER, subject: str = "Re: Photos"
) -> Occasion:
    conversation = Conversation(
        ConversationId("c1"),
        "BK-0815",
        party(Role.PARTNER, language),
        party(Role.CUSTOMER, language),
        OPENS,
        Window(OPENS, CLOSES),
    )
    return Occasion(
        topic=topic,
        writer=conversation.party(writer),
        conversation=conversation,
        subject=subject,
        message=NUMBER,
        original_id=THEIR_ID,
        at=RECEIVED,
        files=("voucher.exe",) if topic in {Reason.VIRUS, Reason.ATTACHMENT_TYPE, Reason.ATTACHMENTS_TOO_LARGE} else (),
        limit_bytes=10 * 1024 * 1024,
        until=RECEIVED + timedelta(days=2) if topic is Delay.DELAYED else None,
        taken=tuple(Taken) if topic is Hint.REMOVED else (),
    )


def written(about: Occasion, house: House = HOUSE) -> bytes:
    return notice(about, house, now=NOW, message_id=OUR_ID)


EVERY_WAY = [
    pytest.param(
        *(topic, language, writer),
        id=f"{writer.value}-{topic.value}-{language.value}",
        marks=[pytest.mark.slow] if (number + turn + who) % 2 else [],
    )
    for number, topic in enumerate(ALL_TOPICS)
    for turn, language in enumerate(Language)
    for who, writer in enumerate(Role)
]
"""Each topic in each language to each of the two. The fast tests have one of the two, in turn."""


@pytest.mark.parametrize(("topic", "language", "writer"), EVERY_WAY)
def test_every_topic_reads_in_every_language(topic: Topic, language: Language, writer: Role) -> None:
    about = occasion(topic, language, writer)
    raw = written(about)
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    message = read(raw)
    assert not [defect for part in message.walk() for defect in part.defects]
    text, page = body(message, "plain"), body(message, "html")
    shown = Visible(page)
    for content in (text, shown.text, str(message["Subject"])):
        assert "{" not in content
        assert "Re: Photos" in content
    for content in (text, shown.text):
        assert NUMBER in content
        assert "BK-0815" in content
        assert "2026, 18:05 UTC" in content
        assert HOUSE.brand in content
    assert HOUSE.support_url in text
    assert HOUSE.support_url in shown.links
    assert message["Content-Language"] == language.value
    assert f'lang="{language.value}"' in page


@pytest.mark.parametrize("topic", ALL_TOPICS, ids=lambda topic: topic.value)
@pytest.mark.parametrize("writer", Role)
def test_no_address_but_aliases_and_noreply_and_no_last_name(topic: Topic, writer: Role) -> None:
    """LEAK-86. The ids in angle brackets are ours and the writer's own."""
    subject = "From partner@home.example to Customer@Home.Example"
    raw = written(occasion(topic, writer=writer, subject=subject))
    message = read(raw)
    leaves = [str(part.get_payload(decode=True), "utf-8") for part in message.walk() if not part.is_multipart()]
    reported = [str(part.get_payload()) for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    seen = "\n".join([body(message, "plain"), html.unescape(body(message, "html")), str(message["Subject"]), *leaves, *reported])
    head = raw.partition(b"\r\n\r\n")[0].decode()
    for known in (THEIR_ID, OUR_ID):
        seen, head = seen.replace(known, ""), head.replace(known, "")
    assert {one.lower() for one in ADDRESS.findall(seen + head)} <= OURS
    assert "home.example" not in seen.lower()
    assert "Kowalska" not in seen
    assert "Ltd" not in seen


@pytest.mark.parametrize("topic", ALL_TOPICS, ids=lambda topic: topic.value)
def test_the_header_is_one_that_no_robot_answers_and_threads_under_the_message(topic: Topic) -> None:
    message = read(written(occasion(topic)))
    assert message["From"] == "Example Travel <noreply@reply.example.com>"
    assert message["To"] == PARTNER_ALIAS
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Message-ID"] == f"<{OUR_ID}>"
    assert message["In-Reply-To"] == message["References"] == f"<{THEIR_ID}>"
    assert message["Date"].datetime == NOW  # LEAK-6
    assert message["Date"].datetime.utcoffset() == timedelta(0)
    assert message["Reply-To"] is message["Cc"] is message["Bcc"] is message["Sender"] is None


@pytest.mark.parametrize(
    ("topic", "action", "status"),
    [
        (Reason.SEVERAL_CUSTOMERS, "failed", "5.7.1"),
        (Reason.ATTACHMENTS_TOO_LARGE, "failed", "5.3.4"),
        (Cause.MAILBOX_FULL, "failed", "5.2.2"),
        (Cause.SERVER_UNREACHABLE, "failed", "5.4.7"),
        (Cause.TOO_LARGE, "failed", "5.3.4"),
        (Cause.ADDRESS_WRONG, "failed", "5.1.1"),
        (Cause.BLOCKED, "failed", "5.7.1"),
        (Cause.OTHER, "failed", "5.0.0"),
        (Delay.DELAYED, "delayed", "4.4.1"),
    ],
    ids=str,
)
def test_a_failed_delivery_carries_a_report_with_the_alias_as_recipient(topic: Topic, action: str, status: str) -> None:
    """RFC 6522, RFC 3464, GW-52."""
    message = read(written(occasion(topic)))
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["multipart/alternative", "message/delivery-status", "text/rfc822-headers"]
    parts = list(message.iter_parts())
    about_message, about_recipient = parts[1].get_payload()
    assert about_message["Reporting-MTA"] == "dns; reply.example.com"
    assert about_recipient["Final-Recipient"] == f"rfc822; {CUSTOMER_ALIAS}"
    assert (about_recipient["Action"], about_recipient["Status"]) == (action, status)
    assert about_recipient["Diagnostic-Code"] is None
    assert ("Will-Retry-Until" in about_recipient) is (topic is Delay.DELAYED)
    returned = email.message_from_string(parts[2].get_content())
    assert returned.keys() == ["Subject", "Message-ID", "Date"]


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        (Reason.VIRUS, ("virus scan", "voucher.exe", "customer service", "contact form")),
        (Reason.SEVERAL_CUSTOMERS, ("several customers", "To or Cc", "Bcc", "privacy")),
        (Reason.CLOSED, ("closed", "17 June 2026, 22:00 UTC", "contact form")),
        (Reason.NOT_YET_OPEN, ("not confirmed", "once you have received the confirmation")),
        (Reason.ATTACHMENTS_TOO_LARGE, ("10 MB", "voucher.exe", "several messages")),
        (Reason.ATTACHMENT_TYPE, ("voucher.exe", "PDF")),
        (Reason.OWN_ALIAS, (CUSTOMER_ALIAS,)),
        (Reason.THIRD_PARTY, (CUSTOMER_ALIAS, "To or Cc")),
        (Reason.ENCRYPTED, ("encryption",)),
        (Reason.LEAK, ("contact details", "without the attached file")),
        (Reason.FAULT, ("You did nothing wrong", "as a new message")),
        (Cause.MAILBOX_FULL, ("mailbox is full", "contact form")),
        (Cause.SERVER_UNREACHABLE, ("cannot be reached", "contact form")),
        (Cause.TOO_LARGE, ("too large", "smaller files")),
        (Cause.ADDRESS_WRONG, ("mistyped", "contact form")),
        (Cause.BLOCKED, ("refused", "without links")),
        (Reason.CONTACT_DETAILS, ("a phone number, a bank account or a link", "without these details")),
        (Hint.REMOVED, ("was forwarded", "stay private", "Taken out: addresses last names", "phone numbers", CUSTOMER_ALIAS)),
        (Delay.DELAYED, ("20 June 2026, 18:05 UTC", "do not send the message again")),
    ],
    ids=str,
)
def test_a_notice_says_the_reason_and_what_to_do(topic: Topic, said: tuple[str, ...]) -> None:
    """GY-21 to GY-25, GW-51, GW-52."""
    text = " ".join(body(read(written(occasion(topic))), "plain").split())
    assert [one for one in said if one not in text] == []


@pytest.mark.parametrize(
    "topic",
    [
        Reason.UNKNOWN_ALIAS,
        Reason.UNPROVEN,
        Reason.DISOWNED,
        Reason.UNKNOWN_WRITER,
        Reason.NOT_ONE_AUTHOR,
        Reason.LOOP,
        Reason.REPORT,
        Reason.ANSWER,
        Reason.DUPLICATE,
    ],
)
def test_strangers_and_robots_get_no_notice(topic: Reason) -> None:
    """GW-20, GW-21, GW-28, GW-31, GW-53."""
    assert not has_notice(topic)
    with pytest.raises(ValueError, match=topic.value):
        occasion(topic)


def test_every_reason_and_cause_either_has_a_notice_or_is_one_of_those_without() -> None:
    assert {one for one in Reason if not has_notice(one)} == {
        Reason.UNKNOWN_ALIAS,
        Reason.UNPROVEN,
        Reason.DISOWNED,
        Reason.UNKNOWN_WRITER,
        Reason.NOT_ONE_AUTHOR,
        Reason.LOOP,
        Reason.REPORT,
        Reason.ANSWER,
        Reason.DUPLICATE,
    }
    assert all(has_notice(one) for one in (*Cause, *Delay, *Hint))


def test_too_large_without_its_limit_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="limit_bytes"):
        replace(occasion(Reason.ATTACHMENTS_TOO_LARGE), limit_bytes=None)


def test_a_conversation_that_support_closed_says_so() -> None:
    about = occasion(Reason.CLOSED)
    at = OPENS + timedelta(days=3, hours=1)
    closed = replace(about, conversation=replace(about.conversation, closed_at=at), at=at + timedelta(hours=1))
    text = body(read(written(closed)), "plain")
    assert "Our support closed this conversation on 4 June 2026, 10:00 UTC" in " ".join(text.split())


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (NameShown.FIRST, "Marta (customer), "),
        (NameShown.FULL, "Marta Kowalska (customer), "),
        (NameShown.NONE, "the customer, "),
    ],
)
def test_the_other_party_is_named_as_the_house_shows_names(names: NameShown, shown: str) -> None:
    """GW-40."""
    text = body(read(written(occasion(Cause.OTHER), replace(HOUSE, names=names))), "plain")
    assert f"To: {shown}{CUSTOMER_ALIAS}" in " ".join(text.split())


HOSTILE = (
    "\u202eexe.fdp",
    "a\r\nBcc: victim@home.example\r\n\r\nx",
    "</td><script>alert(1)</script><img src=https://evil.example/x>",
    "=?utf-8?q?=0D=0ABcc=3A_victim?=",
    "x" * 5000,
    "\ud800\x00\x1b[31m",
    "{alias} %(alias)s {{ page.brand }}",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_subject_or_file_name_stays_text(text: str) -> None:
    """LEAK-8, CASE-33: no header line, no markup, no turned reading direction, no placeholder of ours comes of it."""
    about = replace(occasion(Reason.VIRUS, subject=text), files=(text, "good.exe"), original_id=MsgId("a\r\nX-Evil: 1"))
    raw = written(about)
    harmless = written(replace(occasion(Reason.VIRUS), original_id=None))
    message = read(raw)
    assert message.keys() == read(harmless).keys()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    plain, page = body(message, "plain"), body(message, "html")
    assert Visible(page).tags == Visible(body(read(harmless), "html")).tags
    assert Visible(page).links == [HOUSE.support_url]
    for content in (plain, page, str(message["Subject"])):
        assert not set(content) & set("\u202e\u202a\u202b\u202d\u2066\u2067\x00\x1b")
        assert "victim@" not in content
    assert "good.exe" in plain
    assert all(len(line) < 200 for line in plain.split("\n"))


def test_many_files_are_named_up_to_a_bound_and_then_counted() -> None:
    about = replace(occasion(Reason.ATTACHMENT_TYPE, Language.PL), files=tuple(f"f{number:02}.exe" for number in range(15)))
    text = body(read(written(about)), "plain")
    assert len(re.findall(r"f\d\d\.exe", text)) == files_max
    assert "oraz 5 innych plików" in text


def test_a_message_without_subject_is_named_as_such() -> None:
    message = read(written(occasion(Cause.OTHER, Language.DE, subject="")))
    assert message["Subject"] == "Nicht zugestellt: Der Mailserver des Empfängers hat sie nicht angenommen"
    assert "(kein Betreff)" in body(message, "plain")


def test_the_text_is_wrapped_and_the_page_fetches_nothing() -> None:
    for language in Language:
        message = read(written(occasion(Cause.ADDRESS_WRONG, language)))
        assert all(len(line) <= 72 for line in body(message, "plain").split("\n"))
        page = body(message, "html")
        assert Visible(page).tags <= set("html head meta title style body table tr td h1 h2 p b br bdi a span".split())
        assert "url(" not in page


def test_the_same_occasion_gives_the_same_octets() -> None:
    """What is retried is the very same mail (invariant 8)."""
    assert written(occasion(Cause.BLOCKED)) == written(occasion(Cause.BLOCKED))


@pytest.mark.parametrize("topic", ALL_TOPICS, ids=lambda topic: topic.value)
def test_a_notice_that_comes_back_is_known_for_a_machines_mail_and_never_answered(topic: Topic) -> None:
    """GW-53: never a notice about a notice."""
    returned = parse(written(occasion(topic)))
    expected = {Hint.REMOVED: Automatic.AUTO_REPLY, Delay.DELAYED: Automatic.DELAYED}.get(topic, Automatic.BOUNCE)
    assert automatic(returned, "") is expected
    assert not may_be_answered(returned, "")
    assert not may_be_answered(returned, PARTNER_ALIAS)
