"""What can be done from a mail, each with its own label."""

from __future__ import annotations

from typing import Final

from relay.correspondence.languages import marked as _
from relay.correspondence.notifications.wording import Button
from relay.correspondence.wording import SUPPORT_BUTTON

ACCEPT_REQUEST: Final = Button(_("Accept the request"), lambda of, _house: of.links.accept)
DECLINE_REQUEST: Final = Button(_("Decline the request"), lambda of, _house: of.links.decline)
OFFER_OTHER: Final = Button(_("Offer other terms"), lambda of, _house: of.links.counter)
CONTACT_CUSTOMER: Final = Button(_("Write to the customer"), lambda of, _house: of.links.contact)
ANSWER: Final = Button(_("Answer"), lambda of, _house: of.links.answer)
ACCEPT_OFFER: Final = Button(_("Accept the offer"), lambda of, _house: of.links.accept)
REFUSE_OFFER: Final = Button(_("Refuse the offer"), lambda of, _house: of.links.decline)
ACCEPT_CHANGE: Final = Button(_("Accept the change"), lambda of, _house: of.links.accept)
REFUSE_CHANGE: Final = Button(_("Refuse the change"), lambda of, _house: of.links.decline)
PROPOSE_OTHER: Final = Button(_("Propose other terms"), lambda of, _house: of.links.counter)
WITHDRAW: Final = Button(_("Withdraw the request"), lambda of, _house: of.links.cancel)
PAY: Final = Button(_("Pay now"), lambda of, _house: of.links.pay)
PAY_AGAIN: Final = Button(_("Try the payment again"), lambda of, _house: of.links.pay)
CANCEL_BOOKING: Final = Button(_("Cancel the booking"), lambda of, _house: of.links.cancel)
CANCEL_RESERVATION: Final = Button(_("Cancel the reservation"), lambda of, _house: of.links.cancel)
ASK_AGAIN: Final = Button(_("Ask again"), lambda of, _house: of.links.ask_again)
BOOK_AGAIN: Final = Button(_("Book again"), lambda of, _house: of.links.book_again)
RESERVE_AGAIN: Final = Button(_("Reserve again"), lambda of, _house: of.links.book_again)
VOUCHER: Final = Button(_("Open the voucher"), lambda of, _house: of.links.voucher)
REVIEW: Final = Button(_("Write a review"), lambda of, _house: of.guide.review_url)
MAIL_PARTNER: Final = Button(_("Write to the provider"), lambda of, _house: f"mailto:{of.other_alias}" if of.other_alias else "")
SUPPORT: Final = Button(SUPPORT_BUTTON, lambda _of, house: house.support_url)
REQUEST: Final = Button(_("Open the request"), lambda of, _house: of.links.booking)
RESERVATION: Final = Button(_("Open the reservation"), lambda of, _house: of.links.booking)
BOOKING: Final = Button(_("Open the booking"), lambda of, _house: of.links.booking)
"""Always there, by one of its names."""
