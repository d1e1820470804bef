"""The tables of words that point to nobody."""

from __future__ import annotations

from relay.message.normal import folded
from relay.message.public_mail import COMMON_WORDS, PUBLIC_MAIL_DOMAINS


def test_public_domains_are_domains_in_lower_case() -> None:
    assert all("." in domain and domain == domain.lower() and " " not in domain for domain in PUBLIC_MAIL_DOMAINS)


def test_common_words_are_in_normal_form() -> None:
    assert all(word == folded(word) for word in COMMON_WORDS)
