"""Where whoever was at the payment provider's pages comes back to. What was paid only the provider's own message tells."""

from __future__ import annotations

from typing import Final

from relay.correspondence import wording as frame
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import words
from relay.correspondence.link_page import LinkPage
from relay.values import Language

PAID_HEADLINE: Final = _("Thank you for your payment")
PAID: Final = _("As soon as the payment provider has confirmed it, we write to you. You can close this page.")
LEFT_HEADLINE: Final = _("Nothing was paid")
LEFT: Final = _("The link in our mail leads to the payment again, for as long as the booking can be paid.")


def paid_page(language: Language) -> LinkPage:
    """For whoever has paid (SL-16)."""
    return _page(language, PAID_HEADLINE, PAID)


def left_page(language: Language) -> LinkPage:
    """For whoever has turned back."""
    return _page(language, LEFT_HEADLINE, LEFT)


def _page(language: Language, headline: str, sentence: str) -> LinkPage:
    said = words(language).gettext
    return LinkPage(
        language=language.value,
        headline=said(headline),
        alert="",
        sentences=(said(sentence),),
        changes_title="",
        changes=(),
        labelled=said(frame.LABELLED),
        support_button=said(frame.SUPPORT_BUTTON),
    )
