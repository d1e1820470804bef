"""What the mails say from the confirmation to the end: confirmed, moved, cancelled, completed, closed.

The confirmation tells time and place and everything that was chosen (OR-16, OR-17), where the other side is reached and until
when (GY-15, GY-17), and what is to be done before (SV-11, SV-13, SV-18). A new date leaves the address as it is (SV-B4). A
cancellation says by whom and what goes back (SL-22); where support cannot cancel, it says why (SV-5). A review is asked for
at the end and nowhere else (GY-27), and a closed conversation leads to the contact form (GY-25).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.booking.booking import Cause
from relay.booking.notification import Notification, To
from relay.correspondence.languages import marked as _
from relay.correspondence.notifications import buttons, phrases
from relay.correspondence.notifications import conditions as given
from relay.correspondence.notifications.wording import When, Wording

N = Notification

_PAID: Final = _("{paid} has been paid.")
_ON_SITE: Final = When(given.is_paid_on_site, _("{outstanding} is to be paid on site."))
_LATER: Final = When(given.is_paid_later, _("{outstanding} is still to be paid."))
_INVITED: Final = When(given.invites, _("The calendar entry is attached."))
_INVITED_ANEW: Final = When(given.invites, _("The calendar entry attached replaces the earlier one."))
_NO_LONGER_INVITED: Final = When(given.takes_invitation_back, _("The entry in your calendar is cancelled by the attached one."))
_SAME_ADDRESS: Final = _("The address for messages about this booking stays the same.")
_VOUCHER_SHOWS_IT: Final = _("Your voucher shows it as well.")
_LOST: Final = _(
    "If something was left behind or a question is still open, please use the contact form: our support will help you."
)

_CANCELLED_REFUND: Final = (
    _("{amount} of the {paid} that was paid is refunded."),
    When(given.gives_nothing_back, _("By the terms of cancellation, nothing of the {paid} that was paid is refunded.")),
    _("The rule that was applied: {rule}"),
)

_CAUSES: Final = (
    When(given.is_because(Cause.OPERATIONAL), _("It cannot take place as planned.")),
    When(given.is_because(Cause.FORCE_MAJEURE), _("It cannot take place because of circumstances that nobody there can change.")),
    When(given.is_because(Cause.ISOLATED), _("It cannot take place because of something unforeseen that befell the provider.")),
    When(
        given.is_because(Cause.CUSTOMER_ASKED, Cause.CUSTOMER_ASKED_BY_POLICY),
        _("The provider says that you had asked for it."),
    ),
)
"""GY-B2"""

WORDINGS: Final[dict[tuple[N, To], Wording]] = {
    (N.BOOKED, To.CUSTOMER): Wording(
        headlines=(_("Your booking is confirmed"),),
        happened=(When(given.has_date, _("Everything is settled: time and place stand below.")), _PAID, _ON_SITE, _LATER),
        next=(
            When(given.action_is_open, _("Before you go, please do what is written in the box above.")),
            _INVITED,
            phrases.WRITE_TO_PARTNER,
        ),
        buttons=(buttons.VOUCHER, buttons.PAY, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
    (N.BOOKED_AND_PAID, To.PARTNER): Wording(
        headlines=(When(given.was_confirmed, _("The customer has paid")), _("New confirmed booking")),
        happened=(
            When(given.was_confirmed, _("The payment for a confirmed booking is in.")),
            _PAID,
            _ON_SITE,
            _LATER,
        ),
        next=(_INVITED, phrases.WRITE_TO_CUSTOMER),
    ),
    (N.RESCHEDULED, To.CUSTOMER): Wording(
        headlines=(When(given.has_moved, _("Your booking has a new date")), _("Your booking was changed")),
        happened=(
            When(given.by_customer, _("As you wished, your booking was changed.")),
            When(given.by_partner, _("The provider has changed your booking.")),
            When(given.by_house, _("Our support has changed your booking.")),
            _("It stays confirmed."),
            _LATER,
        ),
        next=(_INVITED_ANEW, _SAME_ADDRESS),
        buttons=(buttons.VOUCHER, buttons.PAY, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
    (N.RESCHEDULED, To.PARTNER): Wording(
        headlines=(When(given.has_moved, _("A booking has a new date")), _("A booking was changed")),
        happened=(
            When(given.by_customer, _("The customer has changed the booking.")),
            When(given.by_partner, _("The booking was changed from your side.")),
            When(given.by_house, _("Our support has changed the booking.")),
            _("It stays confirmed."),
        ),
        next=(_INVITED_ANEW, _SAME_ADDRESS),
    ),
    (N.ACTION_CHANGED, To.CUSTOMER): Wording(
        headlines=(
            When(given.action_is_done, _("Done: you are ready to go")),
            _("Something is to be done again before you go"),
        ),
        happened=(
            When(lambda of: given.action_is_done(of) and given.by_partner(of), _("The provider has confirmed that it is done.")),
            When(lambda of: given.action_is_done(of) and given.by_house(of), _("Our support has confirmed that it is done.")),
            When(
                lambda of: given.action_is_open(of) and given.by_partner(of),
                _("The provider has marked it as not done. Earlier it had been confirmed."),
            ),
            When(
                lambda of: given.action_is_open(of) and given.by_house(of),
                _("Our support has marked it as not done. Earlier it had been confirmed."),
            ),
        ),
        next=(When(lambda of: given.action_is_done(of) and given.has_voucher(of), _VOUCHER_SHOWS_IT),),
        buttons=(buttons.VOUCHER,),
    ),
    (N.CANCELLED, To.CUSTOMER): Wording(
        headlines=(_("Your booking is cancelled"),),
        happened=(
            When(given.by_customer, _("As you wished, your booking was cancelled.")),
            When(given.by_partner, _("We are sorry: the provider has cancelled your booking.")),
            *_CAUSES,
            When(given.by_house, _("Our support has cancelled your booking.")),
            phrases.OWE_NOTHING,
            *_CANCELLED_REFUND,
        ),
        next=(
            When(lambda of: bool(of.amount), phrases.REFUND_TIME),
            _NO_LONGER_INVITED,
            phrases.WRITE_TO_PARTNER,
        ),
        buttons=(buttons.ASK_AGAIN, buttons.BOOK_AGAIN),
    ),
    (N.CANCELLED, To.PARTNER): Wording(
        headlines=(_("A booking is cancelled"),),
        happened=(
            When(given.by_customer, _("The customer has cancelled the booking.")),
            When(given.by_partner, _("The booking was cancelled from your side.")),
            When(given.by_house, _("Our support has cancelled the booking.")),
            phrases.FREE_AGAIN,
            When(given.was_not_paid, _("Nothing had been paid.")),
            *_CANCELLED_REFUND,
        ),
        next=(
            _NO_LONGER_INVITED,
            phrases.WRITE_TO_CUSTOMER,
        ),
    ),
    (N.REFERRED_TO_PARTNER, To.CUSTOMER): Wording(
        headlines=(_("About your cancellation: please write to the provider"),),
        happened=(
            _("You would like to cancel. Our support cannot do that for you any more."),
            _("What the provider asked of you is done already, and binds you to the provider directly."),
        ),
        next=(
            _("Please write to the provider at {alias}, and agree on what is to happen."),
            _("Until then your booking stays as it is."),
        ),
        buttons=(buttons.MAIL_PARTNER,),
    ),
    (N.COMPLETED, To.CUSTOMER): Wording(
        headlines=(_("We hope you had a good time"),),
        happened=(_("Your booking is completed."),),
        next=(
            _("If you left something behind or have a question, you can write to the provider until {closed}."),
            When(lambda of: bool(of.guide.review_url), _("If you like, tell others how it was.")),
        ),
        buttons=(buttons.REVIEW,),
    ),
    (N.CONVERSATION_CLOSED, To.CUSTOMER): Wording(
        headlines=(_("Messages about your booking are closed"),),
        happened=(
            When(given.by_house, _("Our support has closed the conversation about this booking.")),
            When(given.by_nobody, _("Messages could be exchanged until {closed}.")),
            _("The address of the provider for this booking no longer accepts messages."),
        ),
        next=(_LOST,),
        buttons=(buttons.SUPPORT,),
    ),
    (N.CONVERSATION_CLOSED, To.PARTNER): Wording(
        headlines=(_("Messages about a booking are closed"),),
        happened=(
            When(given.by_house, _("Our support has closed the conversation about this booking.")),
            When(given.by_nobody, _("Messages could be exchanged until {closed}.")),
            _("The address of the customer for this booking no longer accepts messages."),
        ),
        next=(_LOST,),
        buttons=(buttons.SUPPORT,),
    ),
    (N.ACTION_OPEN, To.CUSTOMER): Wording(
        headlines=(_("Please remember: something is to be done before you go"),),
        happened=(_("Your booking is confirmed, and its date is near."),),
        next=(
            _("As soon as the provider has confirmed that it is done, we tell you."),
            When(given.has_voucher, _VOUCHER_SHOWS_IT),
            _("If you have done it already, there is nothing left to do."),
        ),
        buttons=(buttons.VOUCHER,),
    ),
}

PROPOSED: Final[dict[tuple[N, To], Wording]] = {
    (N.COUNTER_OFFER, To.CUSTOMER): Wording(
        headlines=(_("The provider proposes a change to your booking"),),
        happened=(
            _("The provider would like to change your confirmed booking. Please compare the change with how it is now."),
            _("Until you agree, your booking stays as it is."),
        ),
        next=(phrases.PROPOSAL_VALID, _("If you do not want the change, your booking stays as it is.")),
        buttons=(buttons.ACCEPT_CHANGE, buttons.REFUSE_CHANGE),
    ),
    (N.COUNTER_OFFER, To.PARTNER): Wording(
        headlines=(_("The customer proposes a change to a booking"),),
        happened=(
            _("The customer would like to change the confirmed booking. Please compare the change with how it is now."),
            _("Until you agree, the booking stays as it is."),
        ),
        next=(
            phrases.PROPOSAL_VALID,
            _("If you cannot offer it so, please refuse the change. The booking then stays as it is."),
        ),
        buttons=(buttons.ACCEPT_CHANGE, buttons.REFUSE_CHANGE),
    ),
}
"""In the place of an offer where a change of what is confirmed is proposed (T20)."""

RESERVATIONS: Final[dict[tuple[N, To], Wording]] = {
    (N.BOOKED, To.CUSTOMER): replace(
        WORDINGS[N.BOOKED, To.CUSTOMER],
        headlines=(_("Your reservation is confirmed: it is a firm purchase now"),),
    ),
    (N.CANCELLED, To.CUSTOMER): replace(
        WORDINGS[N.CANCELLED, To.CUSTOMER],
        headlines=(_("Your reservation is cancelled"),),
        buttons=(buttons.RESERVE_AGAIN, buttons.RESERVATION),
    ),
    (N.CANCELLED, To.PARTNER): replace(WORDINGS[N.CANCELLED, To.PARTNER], headlines=(_("A reservation is cancelled"),)),
}
"""What is said otherwise about what was reserved (ST-9)."""
