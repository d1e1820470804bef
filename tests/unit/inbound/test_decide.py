"""Who learns what of a refusal: the reply, a notice, or an operator (GW-20 to GW-31, GW-52, GW-53, invariant 4)."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from support.facts import facts
from support.mails import a_mail, with_files
from support.world import CUSTOMER_ALIAS, DOMAIN, NOW, PARTNER_ADDRESS, a_conversation, a_party

from relay.correspondence.hint import RemovalHint
from relay.correspondence.house import House
from relay.inbound.decide import Decider, Draft, Rejected
from relay.inbound.gather import Gathered, Share
from relay.inbound.ports import AtAlias, Incoming
from relay.message.leaks import Kind
from relay.message.parse import parse
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.message.treatment import STANDARD, Treatment, Treatments
from relay.policy.facts import Facts, Infection, LocalPolicy, Provenance
from relay.policy.reasons import Reason
from relay.transit.crossing import Fate
from relay.transit.thread import ThreadIds
from relay.values import Alias, MessageId, Role

CONTENT = a_mail(to=str(CUSTOMER_ALIAS), message_id="one@alpine-tours.example")
INCOMING = Incoming(MessageId("m1"), NOW, PARTNER_ADDRESS, (AtAlias(CUSTOMER_ALIAS),), CONTENT, "203.0.113.9", "client.example")
OTHER = a_conversation(
    reference="OTHER", customer=a_party(Role.CUSTOMER, name="Jan Nowak", alias=Alias("customer-ffffffffffff", DOMAIN))
)


def a_decider(*, reject: bool = False, treatments: Treatments = STANDARD, removal_hint: RemovalHint = RemovalHint.OFF) -> Decider:
    numbers = count(1)
    style = Style("Example Travel", DOMAIN, Seal(bytes(32), DOMAIN), house_domains=(DOMAIN,), treatments=treatments)
    house = House("Example Travel", DOMAIN, "https://example.com/support")
    return Decider(style, house, reject, LocalPolicy().attachment_bytes_max, lambda: f"id{next(numbers)}", removal_hint)


def gathered(*shares: Facts, may_be_answered: bool = True) -> Gathered:
    told = tuple(Share(one, ThreadIds.nothing()) for one in shares)
    return Gathered(parse(CONTENT), told, may_be_answered, may_be_a_persons=True, fingerprint=bytes(32))


def test_a_clean_message_becomes_a_rendition_for_its_reader() -> None:
    decision = a_decider().decide(gathered(facts()), INCOMING)
    assert not isinstance(decision, Rejected)
    (draft,) = decision
    assert draft.fate is Fate.PASSED
    assert draft.rendition is not None
    assert draft.rendition.to.role is Role.CUSTOMER
    assert PARTNER_ADDRESS.encode() not in draft.rendition.content
    assert draft.notice is None


def test_a_proven_writer_gets_a_notice_and_a_stranger_the_smtp_answer() -> None:
    decision = a_decider().decide(gathered(facts(infection=Infection("Eicar"))), INCOMING)
    assert not isinstance(decision, Rejected)
    assert decision[0].fate is Fate.REFUSED
    assert decision[0].notice is not None
    assert decision[0].notice.to.role is Role.PARTNER
    stranger = a_decider().decide(
        gathered(facts(writer=None, provenance=Provenance.UNPROVEN, infection=Infection("Eicar"))), INCOMING
    )
    assert isinstance(stranger, Rejected)
    assert (stranger.reply.code, stranger.reply.enhanced) == (550, "5.7.1")


def test_a_house_that_rejects_answers_proven_writers_in_the_session_too() -> None:
    decision = a_decider(reject=True).decide(gathered(facts(infection=Infection("Eicar"))), INCOMING)
    assert isinstance(decision, Rejected)
    assert decision.reply.code == 554


def test_a_reason_about_the_message_is_told_once_and_one_about_a_conversation_for_each() -> None:
    """GW-52, CASE-8, CASE-19."""
    shown = frozenset({CUSTOMER_ALIAS, OTHER.customer.alias})
    both = gathered(facts(customers_shown=shown), facts(conversation=OTHER, customers_shown=shown))
    decision = a_decider().decide(both, INCOMING)
    assert not isinstance(decision, Rejected)
    assert [draft.fate for draft in decision] == [Fate.REFUSED, Fate.REFUSED]
    assert [draft.notice is not None for draft in decision] == [True, False]
    closed = gathered(facts(conversation=a_conversation(closed_at=NOW)), facts(conversation=replace(OTHER, closed_at=NOW)))
    decision = a_decider().decide(closed, INCOMING)
    assert not isinstance(decision, Rejected)
    assert [draft.notice is not None for draft in decision] == [True, True]


def test_nothing_is_answered_that_must_not_be_answered() -> None:
    """GW-53, FAULT-71: alone it is a 5xx; beside a recipient who gets it, it is archived."""
    closed = facts(conversation=a_conversation(closed_at=NOW))
    alone = a_decider().decide(gathered(closed, may_be_answered=False), INCOMING)
    assert isinstance(alone, Rejected)
    beside = a_decider().decide(gathered(closed, facts(conversation=OTHER), may_be_answered=False), INCOMING)
    assert not isinstance(beside, Rejected)
    assert [draft.fate for draft in beside] == [Fate.ABSORBED, Fate.PASSED]
    assert all(draft.notice is None for draft in beside)


def test_a_writer_who_is_unknown_in_one_of_the_conversations_is_refused_in_all() -> None:
    """docs/decisions/0003, invariant 6: no timeline says that somebody wrote who did not."""
    decision = a_decider().decide(
        gathered(facts(), facts(conversation=OTHER, writer=None, provenance=Provenance.UNPROVEN)), INCOMING
    )
    assert isinstance(decision, Rejected)
    assert (decision.reply.code, decision.reply.enhanced) == (550, "5.7.1")


def test_a_strangers_report_leaves_nothing_behind() -> None:
    """Invariants 6 and 11: whoever knows an alias cannot write into its timeline."""
    report = facts(writer=None, provenance=Provenance.UNPROVEN, report=True)
    assert isinstance(a_decider().decide(gathered(report, may_be_answered=False), INCOMING), Rejected)


def test_what_the_second_reading_finds_holds_the_message_with_what_would_have_gone_out() -> None:
    """Invariant 2, LEAK-63: a file of a kind that nobody rewrites keeps its octets, and does not cross with an address."""
    octets = b"\x00\x01\x02" + PARTNER_ADDRESS.encode() + b"\x00\xff"
    mail = parse(with_files(CONTENT, ("measurements.bin", octets)))
    decision = a_decider().decide(replace(gathered(facts()), mail=mail), INCOMING)
    assert not isinstance(decision, Rejected)
    assert (decision[0].fate, decision[0].reason) == (Fate.HELD, Reason.LEAK)
    assert decision[0].rendition is not None
    assert Kind.ADDRESS in {one.kind for one in decision[0].findings}
    assert PARTNER_ADDRESS not in repr(decision[0].findings)


def test_a_large_file_reaches_everybody_and_is_held_decoded_by_nobody() -> None:
    """PERF-6: a message of 25 MB holds 18 MB less while it is read a second time."""
    large = bytes(range(256)) * 1_000
    mail = parse(with_files(CONTENT, ("measurements.bin", large), ("note.bin", b"\x00\x01")))
    decision = a_decider().decide(replace(gathered(facts(), facts(conversation=OTHER)), mail=mail), INCOMING)
    assert not isinstance(decision, Rejected)
    assert [draft.fate for draft in decision] == [Fate.PASSED, Fate.PASSED]
    assert ["payload" in vars(one) for one in mail.attachments] == [False, True]
    for draft in decision:
        assert draft.rendition is not None
        assert parse(draft.rendition.content).attachments[0].payload == large == mail.attachments[0].payload


def test_a_duplicate_and_a_loop_are_taken_and_not_sent() -> None:
    """GW-28, GW-31."""
    decision = a_decider().decide(
        gathered(facts(duplicate_of=MessageId("m0")), facts(conversation=OTHER, ours_before=True)), INCOMING
    )
    assert not isinstance(decision, Rejected)
    assert [draft.fate for draft in decision] == [Fate.DUPLICATE, Fate.ABSORBED]
    assert all(draft.rendition is None and draft.notice is None for draft in decision)


def decided_on(text: str, by: Decider, *, may_be_answered: bool = True, shares: tuple[Facts, ...] = ()) -> tuple[Draft, ...]:
    mail = parse(a_mail(to=str(CUSTOMER_ALIAS), message_id="one@alpine-tours.example", text=text))
    decision = by.decide(replace(gathered(*(shares or (facts(),)), may_be_answered=may_be_answered), mail=mail), INCOMING)
    assert not isinstance(decision, Rejected)
    return decision


@pytest.mark.parametrize(
    ("treatments", "text", "seen"),
    [
        (Treatments(phone_numbers=Treatment.HOLD), "+48 600 100 200, +48 600 100 201", "phone number in text/plain (2 times)"),
        (Treatments(ibans=Treatment.HOLD), "PL61 1090 1014 0000 0712 1981 2874", "bank account in text/plain"),
        (Treatments(links=Treatment.HOLD), "https://shop.example.org/x", "link in text/plain"),
        (Treatments(unknown_addresses=Treatment.HOLD), "me@elsewhere.example", "address in text/plain"),
    ],
)
def test_details_that_the_house_wants_to_see_first_hold_the_message_as_it_is(
    treatments: Treatments, text: str, seen: str
) -> None:
    """GW-29, GW-55, LEAK-25: kind and place are told, never the content; a release sends the text as it was."""
    (draft,) = decided_on(text, a_decider(treatments=treatments, removal_hint=RemovalHint.MAIL))
    assert (draft.fate, draft.reason, draft.detail, draft.notice) == (Fate.HELD, Reason.CONTACT_DETAILS, seen, None)
    assert draft.rendition is not None
    assert text.encode() in draft.rendition.content


def test_a_writer_hears_once_a_message_what_kind_of_thing_was_taken_out() -> None:
    """GW-52: a hint under the message, without a report, of which nothing repeats what it was about."""
    by = a_decider(removal_hint=RemovalHint.MAIL)
    first, second = decided_on("me@elsewhere.example", by, shares=(facts(), facts(conversation=OTHER)))
    assert (first.fate, second.fate, second.notice) == (Fate.PASSED, Fate.PASSED, None)
    assert first.notice is not None
    assert first.notice.to.role is Role.PARTNER
    assert b"Auto-Submitted: auto-replied\r\n" in first.notice.content
    assert b"In-Reply-To: <one@alpine-tours.example>\r\n" in first.notice.content
    assert b"elsewhere.example" not in first.notice.content


@pytest.mark.parametrize(
    ("text", "hint", "may_be_answered", "automatic"),
    [
        ("nothing", RemovalHint.MAIL, True, False),
        ("me@elsewhere.example", RemovalHint.OFF, True, False),
        ("me@elsewhere.example", RemovalHint.MAIL, False, False),
        ("me@elsewhere.example", RemovalHint.MAIL, True, True),
    ],
)
def test_no_hint_without_a_removal_nor_by_default_nor_to_a_robot(
    text: str, hint: RemovalHint, may_be_answered: bool, automatic: bool
) -> None:
    """GW-53."""
    by = a_decider(removal_hint=hint)
    (draft,) = decided_on(text, by, may_be_answered=may_be_answered, shares=(facts(automatic=automatic),))
    assert (draft.fate, draft.notice) == (Fate.PASSED, None)
