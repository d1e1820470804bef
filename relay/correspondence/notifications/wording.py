"""What a notification is made of: sentences in English, some only where something holds; catalogues have the other languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import marked_plural as _n
from relay.correspondence.notifications.matter import Matter

Condition = Callable[[Matter], bool]


@dataclass(frozen=True, slots=True)
class When:
    """A sentence for where `holds`."""

    holds: Condition
    sentence: str


Sentence = str | When
"""Its fields in braces are filled in. One that names what is not known (a deadline where there is none) is not said."""


@dataclass(frozen=True, slots=True)
class Button:
    """What can be done from the mail; it is there where its link is."""

    label: str
    link: Callable[[Matter, House], str]


@dataclass(frozen=True, slots=True)
class Wording:
    """A notification in sentences. The first of `headlines` that can be said is the one, and the Subject begins with it; the
    first of `buttons` that has a link is the main one, the others are links."""

    headlines: tuple[Sentence, ...]
    happened: tuple[Sentence, ...]
    next: tuple[Sentence, ...] = ()
    buttons: tuple[Button, ...] = ()


# The frame around every notification.
NEXT_TITLE: Final = _("What happens next")
DETAILS_TITLE: Final = _("Details")
CHANGES_TITLE: Final = _("What changes")
PRICE_TITLE: Final = _("Price")
REASON_TITLE: Final = _("Reason")
WRITTEN_TITLE: Final = _("Message from the provider")
CUSTOMER_WROTE_TITLE: Final = _("Message from the customer")
HOW_TO_PAY_TITLE: Final = _("How to pay")
INSTRUCTION_TITLE: Final = _("To be done before you go")
INSTRUCTION_DONE_TITLE: Final = _("Done: nothing is left to do before you go")
INSTRUCTION_DUE: Final = _("Please do it by {instruction_due}.")
VOUCHER_TITLE: Final = _("Your voucher")
TO_CUSTOMER_TITLE: Final = _("To write to the customer")
TO_PARTNER_TITLE: Final = _("To write to the provider")
CONTACT_HINT: Final = _("Write from your usual mail program. Your own address stays private.")
CONTACT_UNTIL: Final = _("Messages can be exchanged until {closed}.")
TERMS_TITLE: Final = _("Terms of cancellation")
TIER: Final = _n(
    "Up to {count} day before the start: {share} of the price back.",
    "Up to {count} days before the start: {share} of the price back.",
)
TIER_LAST: Final = _("Until the start: {share} of the price back.")
TIER_NONE: Final = _("After that: nothing back.")
NOTHING_BACK: Final = _("Nothing is refunded after a cancellation.")
BY_SUPPORT_ALONE: Final = _("Only our support can cancel this booking.")
TERMS_LINK: Final = _("Terms and conditions")
HELP_LINK: Final = _("Help for providers")
AUTOMATIC: Final = _("This is an automatic message from {brand}.")
ANSWER_HINT: Final = _("You can reply to it, or use the links above.")

# The rows of the details.
REFERENCE_LABEL: Final = _("Reference")
OFFER_LABEL: Final = _("Offer")
VARIANT_LABEL: Final = _("Variant")
DATE_LABEL: Final = _("Date")
BEGINS_LABEL: Final = _("Begins")
ENDS_LABEL: Final = _("Ends")
NO_DATE: Final = _("no fixed date")
YOUR_TIME_LABEL: Final = _("In your time zone")
DURATION_LABEL: Final = _("Duration")
PLACE_LABEL: Final = _("Place")
PEOPLE_LABEL: Final = _("Participants")
PEOPLE: Final = _n("{count} person", "{count} people")
OPTIONS_LABEL: Final = _("Options")
NOTE_LABEL: Final = _("Note")
CUSTOMER_LABEL: Final = _("Customer")
PARTNER_LABEL: Final = _("Provider")
PAY_BY_LABEL: Final = _("To be paid by")
RESERVED_LABEL: Final = _("Reserved until")
ANSWER_BY_LABEL: Final = _("To be answered by")
GOODS_VALID_LABEL: Final = _("Valid until")
VALID_LABEL: Final = _("Offer valid until")

# The price.
EXTRA: Final = _("{text} (extra)")
RESERVED_UNTIL: Final = _("reserved until {deadline}")
SUBTOTAL_LABEL: Final = _("Before discount")
DISCOUNT: Final = _("Discount: {text}")
TOTAL_LABEL: Final = _("Total")
NO_PRICE: Final = _("not agreed on yet")
PAID_LABEL: Final = _("Paid")
REFUNDED_LABEL: Final = _("Refunded")
REFUNDING_LABEL: Final = _("Refund under way")
OUTSTANDING_LABEL: Final = _("Still to be paid")
NONE: Final = _("none")
