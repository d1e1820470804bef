"""What is left of a booking when the people in it are erased: what was agreed on and paid, and nothing that they wrote (T26)."""

from __future__ import annotations

from dataclasses import replace

from relay.booking.booking import Booking


def without_words(booking: Booking) -> Booking:
    """The booking without wishes, reasons, and the names of those who noted something."""
    proposal = replace(booking.proposal, note="") if booking.proposal is not None else None
    terms = replace(booking.terms, note="")
    return replace(booking, terms=terms, proposal=proposal, reason="", contacted_by="", action_by="")
