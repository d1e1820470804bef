"""May a message pass? One rule a file; the order of the tuple is the policy (GW-20 to GW-31).

A rule reads the facts of one recipient and the instant, and answers with what it makes of the message, or None when it has
nothing against it. The first answer counts. Unknown aliases (GW-20) have no facts to judge: they end where they enter, with the
reply that `reasons.REPLIES` gives. Of unreadable octets (GW-30) the header is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from relay.policy.attachments import forbidden_type, heavy_attachments
from relay.policy.author import not_one_author, own_alias, unproven_writer
from relay.policy.automatic import auto_reply_budget, automatic_about_mail, loop
from relay.policy.duplicate import duplicate, told_once
from relay.policy.encrypted import encrypted
from relay.policy.facts import Facts
from relay.policy.fragment import fragment
from relay.policy.rate import rate, within_rate
from relay.policy.reader import suspended, unreachable
from relay.policy.several_customers import several_customers
from relay.policy.third_party import third_party
from relay.policy.verdict import Pass, Verdict
from relay.policy.virus import virus
from relay.policy.window import not_open

Rule = Callable[[Facts, datetime], Verdict | None]

RULES: Final[tuple[Rule, ...]] = (
    not_one_author,
    loop,
    own_alias,
    unproven_writer,
    duplicate,
    rate,
    automatic_about_mail,
    auto_reply_budget,
    not_open,
    suspended,
    unreachable,
    several_customers,
    third_party,
    fragment,
    heavy_attachments,
    forbidden_type,
    virus,
    encrypted,
)

ANSWER_RULES: Final[tuple[Rule, ...]] = (
    not_one_author,
    loop,
    own_alias,
    unproven_writer,
    duplicate,
    rate,
    automatic_about_mail,
    suspended,
    fragment,
    virus,
    encrypted,
)
"""Of an answer about a booking, which nobody gets as it is: neither window nor files nor other recipients matter (GY-6)."""


PASS: Final = Pass()


def judge(facts: Facts, now: datetime, otherwise: Verdict = PASS, rules: tuple[Rule, ...] = RULES) -> Verdict:
    """What becomes of a message for one recipient at `now` (aware): the first rule that has an answer decides.

    `otherwise` is what becomes of it when no rule has anything against it; not PASS where its content could not be read.
    """
    verdicts = (rule(facts, now) for rule in rules)
    return within_rate(facts, told_once(facts, next((one for one in verdicts if one is not None), otherwise)))
