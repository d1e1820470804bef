"""Every rule of the policy, by the facts that trip it, and the order in which they speak (GW-20 to GW-31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.facts import facts
from support.world import CUSTOMER_ALIAS, DOMAIN, NOW, a_conversation, utc

from relay.policy import RULES, judge
from relay.policy.attachments import is_forbidden
from relay.policy.duplicate import told_once
from relay.policy.facts import Attachment, Crowd, Encrypted, Infection, LocalPolicy, Provenance, ThirdParties
from relay.policy.reasons import REPLIES, Reason
from relay.policy.verdict import Absorb, Defer, Hold, Pass, Refuse, Verdict
from relay.values import Alias, MessageId, RealAddress

OTHER_CUSTOMER = Alias("customer-ffffffffffff", DOMAIN)
LIMIT = 10 * 1024 * 1024
ZOFIA = a_conversation().customer
SECOND = RealAddress("zofia@second.example")


def a_file(name: str = "voucher.pdf", size: int = 1000, media_type: str = "application/pdf", **more: Any) -> Attachment:
    return Attachment(name=name, media_type=media_type, size=size, **more)


def test_a_clean_message_passes() -> None:
    assert judge(facts(), NOW) == Pass()


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"authors": 0}, Refuse(Reason.NOT_ONE_AUTHOR)),
        ({"authors": 2}, Refuse(Reason.NOT_ONE_AUTHOR)),
        ({"writer": None}, Refuse(Reason.UNPROVEN)),
        ({"provenance": Provenance.UNPROVEN}, Refuse(Reason.UNPROVEN)),
        ({"writer": None, "provenance": Provenance.STRANGER}, Hold(Reason.UNKNOWN_WRITER)),
        ({"provenance": Provenance.WITHOUT_MEANS}, Hold(Reason.UNKNOWN_WRITER)),
        ({"provenance": Provenance.DISOWNED}, Refuse(Reason.DISOWNED)),
        ({"writer": None, "provenance": Provenance.STRANGER, "unconfirmed": 19}, Hold(Reason.UNKNOWN_WRITER)),
        ({"writer": None, "provenance": Provenance.STRANGER, "unconfirmed": 20}, Defer(Reason.RATE)),
        ({"provenance": Provenance.WITHOUT_MEANS, "crowd": Crowd.WRITER}, Defer(Reason.RATE)),
        # The other party is not asked about their address, nor told.
        ({"provenance": Provenance.WITHOUT_MEANS, "recipient": a_conversation().partner}, Refuse(Reason.UNPROVEN)),
        # Nobody is asked about machines, nor where nothing may pass.
        ({"provenance": Provenance.WITHOUT_MEANS, "automatic": True}, Refuse(Reason.UNPROVEN)),
        ({"provenance": Provenance.WITHOUT_MEANS, "report": True}, Refuse(Reason.UNPROVEN)),
        (
            {"provenance": Provenance.STRANGER, "writer": None, "conversation": a_conversation(closed_at=NOW)},
            Refuse(Reason.UNPROVEN),
        ),
        ({"recipient": a_conversation().partner}, Refuse(Reason.OWN_ALIAS)),
        ({"conversation": a_conversation(opens_at=None)}, Refuse(Reason.NOT_YET_OPEN)),
        ({"conversation": a_conversation(closed_at=NOW)}, Refuse(Reason.CLOSED)),
        ({"recipient": replace(ZOFIA, suspended_at=NOW)}, Refuse(Reason.SUSPENDED)),
        ({"recipient": replace(ZOFIA, dead=ZOFIA.addresses)}, Refuse(Reason.UNREACHABLE)),
        ({"recipient": replace(ZOFIA, addresses=(*ZOFIA.addresses, SECOND), dead=ZOFIA.addresses)}, Pass()),
        ({"customers_shown": frozenset({CUSTOMER_ALIAS, OTHER_CUSTOMER})}, Refuse(Reason.SEVERAL_CUSTOMERS)),
        ({"third_parties_shown": 1}, Pass()),
        ({"third_parties_shown": 1, "local_policy": LocalPolicy(third_parties=ThirdParties.REFUSE)}, Refuse(Reason.THIRD_PARTY)),
        ({"attachments": (a_file(size=LIMIT),)}, Pass()),
        ({"attachments": (a_file(size=LIMIT + 1),)}, Refuse(Reason.ATTACHMENTS_TOO_LARGE, files=("voucher.pdf",))),
        (
            {"attachments": (a_file("a", 1), a_file("b", LIMIT - 2), a_file("c", 2))},
            Refuse(Reason.ATTACHMENTS_TOO_LARGE, files=("b", "c", "a")),
        ),
        ({"attachments": (a_file("x.exe"), a_file())}, Refuse(Reason.ATTACHMENT_TYPE, files=("x.exe",))),
        ({"infection": Infection("Eicar", ("x.zip",))}, Refuse(Reason.VIRUS, files=("x.zip",), detail="Eicar")),
        ({"encrypted_content": True}, Refuse(Reason.ENCRYPTED)),
        ({"encrypted_content": True, "local_policy": LocalPolicy(encrypted=Encrypted.RELAY)}, Pass()),
        ({"fragment": True}, Refuse(Reason.UNREADABLE, detail="a fragment, or a body that lies elsewhere")),
        ({"report": True}, Absorb(Reason.REPORT)),
        ({"report": True, "writer": None}, Refuse(Reason.UNPROVEN)),  # a stranger's report is no evidence
        ({"automatic": True, "automatic_today": 4}, Pass()),
        ({"automatic": True, "automatic_today": 5}, Absorb(Reason.LOOP, detail="automatic answers today: 5")),
        ({"automatic_today": 99}, Pass()),
        ({"crowd": Crowd.WRITER}, Defer(Reason.RATE)),
        ({"crowd": Crowd.CONVERSATION, "put_off_at": NOW - timedelta(minutes=59)}, Defer(Reason.RATE)),
        (
            {"crowd": Crowd.CONVERSATION, "put_off_at": NOW - timedelta(hours=1)},
            Refuse(Reason.RATE, detail="beyond the rate of the conversation"),
        ),
        ({"put_off_at": NOW - timedelta(hours=1)}, Pass()),  # its turn has come
        ({"crowd": Crowd.WRITER, "writer": None, "provenance": Provenance.UNPROVEN}, Refuse(Reason.UNPROVEN)),
        ({"duplicate_of": MessageId("m1")}, Absorb(Reason.DUPLICATE, detail="same as m1")),
        # What came before is a copy, whatever is against it by now (FAULT-52).
        (
            {"duplicate_of": MessageId("m1"), "recipient": replace(ZOFIA, dead=ZOFIA.addresses)},
            Absorb(Reason.DUPLICATE, detail="same as m1"),
        ),
        ({"duplicate_of": MessageId("m1"), "provenance": Provenance.UNPROVEN}, Refuse(Reason.UNPROVEN)),
        # What goes no further fills the archive all the same; and nobody is told that it does not pass.
        ({"duplicate_of": MessageId("m1"), "crowd": Crowd.WRITER}, Defer(Reason.RATE)),
        ({"duplicate_of": MessageId("m1"), "crowd": Crowd.WRITER, "put_off_at": NOW - timedelta(hours=2)}, Defer(Reason.RATE)),
        ({"ours_before": True, "crowd": Crowd.CONVERSATION}, Defer(Reason.RATE)),
        ({"ours_before": True, "writer": None, "crowd": Crowd.CONVERSATION}, Refuse(Reason.LOOP)),
        (
            {
                "recipient": a_conversation().partner,
                "crowd": Crowd.WRITER,
                "refused_before": {Reason.OWN_ALIAS: MessageId("m0")},
            },
            Defer(Reason.RATE),
        ),
        ({"received_fields": 24}, Pass()),
        ({"received_fields": 25}, Absorb(Reason.LOOP, detail="received fields: 25, own trace: False")),
        ({"ours_before": True}, Absorb(Reason.LOOP, detail="received fields: 3, own trace: True")),
        ({"ours_before": True, "writer": None}, Refuse(Reason.LOOP)),
    ],
)
def test_each_rule_decides_on_its_own_fact(changed: dict[str, Any], verdict: Verdict) -> None:
    """GW-7, GW-10, GW-21 to GW-31, FAULT-63, CASE-60, CASE-64, CASE-65."""
    assert judge(facts(**changed), NOW) == verdict


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-29T11:59:59+00:00", Reason.NOT_YET_OPEN),  # one second before the confirmation
        ("2026-05-29T12:00:00+00:00", None),
        ("2026-06-17T11:59:59+00:00", None),  # the last second of the seventh day after the activity
        ("2026-06-17T12:00:00+00:00", Reason.CLOSED),
    ],
)
def test_the_window_opens_at_confirmation_and_closes_seven_days_after_the_activity(now: str, expected: Reason | None) -> None:
    """GW-3, GW-22, GY-15, CASE-67."""
    verdict = judge(facts(), utc(now))
    assert (verdict.reason if isinstance(verdict, Refuse) else None) is expected


def test_a_window_that_support_extended_is_the_one_that_counts() -> None:
    """GW-3."""
    extended = a_conversation()
    extended = replace(extended, window=replace(extended.window, closes_at=NOW + timedelta(days=90)))
    assert judge(facts(conversation=extended), NOW + timedelta(days=89)) == Pass()


def test_a_stranger_learns_nothing_of_the_conversation_before_he_is_refused() -> None:
    """GW-21 stands before GW-22 and all rules on content: whoever is not the party gets one answer for everything."""
    everything_wrong = facts(
        writer=None,
        conversation=a_conversation(opens_at=None),
        customers_shown=frozenset({CUSTOMER_ALIAS, OTHER_CUSTOMER}),
        attachments=(a_file("x.exe", LIMIT + 1),),
        infection=Infection("Eicar"),
    )
    assert judge(everything_wrong, NOW) == Refuse(Reason.UNPROVEN)


@pytest.mark.parametrize(
    ("attachment", "forbidden"),
    [
        (a_file("photo.jpg", media_type="image/jpeg"), False),
        (a_file("photo.jpg", media_type="application/x-dosexec"), True),  # FAULT-68: the content counts
        (a_file("RUN.EXE", media_type="text/plain"), True),
        (a_file("run.exe. ", media_type="text/plain"), True),
        (a_file("exe", media_type="text/plain"), False),
        (a_file("tickets.zip", media_type="application/zip", members=("a.pdf", "b.jpg")), False),
        (a_file("tickets.zip", media_type="application/zip", members=("a.pdf", "inner/b.js")), True),
        (a_file("tickets.zip", media_type="application/zip", locked=True), True),
        (a_file("bomb.zip", media_type="application/zip", overgrown=True), True),
        (a_file("plan.docx", media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document"), False),
    ],
)
def test_what_runs_by_opening_it_is_refused_by_content_by_name_and_inside_archives(
    attachment: Attachment, forbidden: bool
) -> None:
    """GW-25, FAULT-65, FAULT-68."""
    assert is_forbidden(attachment) is forbidden


def test_every_reason_has_an_answer_on_the_wire_and_no_rule_is_dead() -> None:
    """A reason gives SMTP code and enhanced code (RFC 3463); the first digits agree."""
    unanswered = {
        Reason.UNKNOWN_WRITER,
        Reason.ANSWER,
        Reason.REPORT,
        Reason.DUPLICATE,
        Reason.LEAK,
        Reason.CONTACT_DETAILS,
        Reason.FAULT,
    }
    assert set(REPLIES) == set(Reason) - unanswered
    for answer in REPLIES.values():
        assert str(answer.code)[0] == answer.enhanced[0]
    assert len(set(RULES)) == len(RULES)


@pytest.mark.parametrize(
    ("proven", "before", "now_refused_as", "verdict"),
    [
        (True, {Reason.VIRUS: MessageId("m0")}, Reason.VIRUS, Absorb(Reason.DUPLICATE, "same as m0, refused as virus")),
        (True, {Reason.CLOSED: MessageId("m0")}, Reason.VIRUS, Refuse(Reason.VIRUS)),
        (True, {}, Reason.VIRUS, Refuse(Reason.VIRUS)),
        (True, {Reason.VIRUS: MessageId("m0")}, None, Pass()),  # nothing is against it any more
        (False, {Reason.VIRUS: MessageId("m0")}, Reason.VIRUS, Refuse(Reason.VIRUS)),  # no stranger writes into a timeline
    ],
)
def test_the_same_message_refused_for_the_same_reason_is_told_once(
    proven: bool, before: dict[Reason, MessageId], now_refused_as: Reason | None, verdict: Verdict
) -> None:
    """GW-31, GW-52: a server that lost our answer sends it again; a person sends again once the reason is gone."""
    otherwise = Refuse(now_refused_as) if now_refused_as is not None else Pass()
    assert (
        told_once(facts(provenance=Provenance.PROVEN if proven else Provenance.UNPROVEN, refused_before=before), otherwise)
        == verdict
    )


@pytest.mark.parametrize("otherwise", [Refuse(Reason.UNREADABLE), Hold(Reason.FAULT)])
def test_what_could_not_be_read_is_judged_by_its_header_first(otherwise: Verdict) -> None:
    """GW-30, invariant 4"""
    assert judge(facts(), NOW, otherwise) == otherwise
    assert judge(facts(conversation=a_conversation(closed_at=NOW)), NOW, otherwise) == Refuse(Reason.CLOSED)
    assert judge(facts(writer=None, provenance=Provenance.UNPROVEN), NOW, otherwise) == Refuse(Reason.UNPROVEN)


@pytest.mark.parametrize("at", [NOW - timedelta(days=400), NOW + timedelta(days=400)])
def test_judging_is_deterministic(at: datetime) -> None:
    assert judge(facts(), at) == judge(facts(), at)
