"""What pages allow from which somebody goes to pay."""

from __future__ import annotations

from typing import Final

from relay.web.site.layout import POLICY

TO_CHECKOUT: Final = POLICY.replace("form-action 'self'", "form-action 'self' https: http://127.0.0.1:*")
"""Browsers ask it of where a form's answer leads, too: the checkout is the payment provider's (SL-16)."""
