"""The fields that the sentences of a notification may name, filled in for one matter."""

from __future__ import annotations

from datetime import datetime

from relay.booking.money import Money
from relay.correspondence.house import House
from relay.correspondence.languages import money
from relay.correspondence.notifications.cancelling import rule_applied
from relay.correspondence.notifications.conditions import outstanding
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.times import instant, waited


def known(matter: Matter, house: House, now: datetime) -> dict[str, str]:
    """What is known of `matter` at `now`, by the names that sentences use, as the recipient's language writes it."""
    language, booking = matter.recipient.language, matter.booking

    def at(when: datetime | None) -> str:
        return instant(when, matter.product.zone, language) if when is not None else ""

    def of(amount: Money | None) -> str:
        return money(amount, language) if amount is not None and amount else ""

    fields = {
        "brand": house.brand,
        "support_url": house.support_url,
        "total": of(booking.terms.total),
        "outstanding": of(Money(outstanding(matter), booking.terms.currency)),
        "paid": of(matter.account.captured) if matter.account is not None else "",
        "amount": of(matter.amount),
        "deadline": at(booking.deadline),
        "old_deadline": at(matter.before.deadline if matter.before is not None else None),
        "answer_by": at(matter.answer_by),
        "closed": at(booking.relay_until),
        "instruction_due": at(booking.action_due),
        "waited": waited(booking.created_at, now, language),
        "alias": str(matter.other_alias) if matter.other_alias is not None else "",
        "refund_days": "–".join(str(days) for days in dict.fromkeys(matter.guide.refund_days)),
        "rule": rule_applied(matter),
    }
    return {name: value for name, value in fields.items() if value}
