"""Who takes payments, as the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.app.paying import Providers, providers
from relay.errors import WrongConfiguration
from relay.payments.manual import Manual
from relay.payments.stripe import Stripe
from relay.settings import Settings


def stripes(tmp_path: Path, key: str = "sk_test_1\n", webhook: str = "whsec_1\n") -> Settings:
    (tmp_path / "key").write_text(key)
    (tmp_path / "webhook").write_text(webhook)
    section = {"provider": "stripe", "stripe_key_file": tmp_path / "key", "stripe_webhook_secret_file": tmp_path / "webhook"}
    return Settings(payments=section)  # type: ignore[arg-type]  # as a file says it


def test_people_take_the_money_where_nothing_else_is_said() -> None:
    assert isinstance(providers(Settings()).chosen, Manual)


def test_stripe_takes_it_with_the_secrets_of_its_files(tmp_path: Path) -> None:
    pytest.importorskip("stripe", reason="stripe is not installed")
    assert isinstance(providers(stripes(tmp_path)).chosen, Stripe)


def test_what_people_took_goes_back_by_hand_whoever_takes_payments_since(tmp_path: Path) -> None:
    """SL-30: to where it came from."""
    both = providers(stripes(tmp_path))
    assert isinstance(both.of("stripe"), Stripe)
    assert isinstance(both.of("staff 7"), Manual)


@pytest.mark.parametrize(
    ("key", "webhook"),
    [
        ("", "whsec_1"),
        ("pk_test_1", "whsec_1"),
        ("sk_1 sk_2", "whsec_1"),
        ("sk_1", "sk_1"),
        ("sk_1é", "whsec_1"),
        ("sk_" + "1" * 500, "whsec_1"),
    ],
)
def test_what_is_no_secret_of_stripes_is_wrong_configuration_and_is_not_said(tmp_path: Path, key: str, webhook: str) -> None:
    with pytest.raises(WrongConfiguration, match="is expected there") as raised:
        providers(stripes(tmp_path, key, webhook))
    assert "_1" not in str(raised.value).replace(str(tmp_path), "")


def test_a_file_that_is_not_there_is_wrong_configuration(tmp_path: Path) -> None:
    settings = stripes(tmp_path)
    (tmp_path / "webhook").unlink()
    with pytest.raises(WrongConfiguration, match="webhook: No such file"):
        providers(settings)


class Counting(Manual):
    """Says how often it was closed."""

    closed = 0

    async def close(self) -> None:
        self.closed += 1


async def test_all_who_take_payments_are_closed_with_the_gateway() -> None:
    chosen, by_hand = Counting(), Counting()
    await Providers(chosen, by_hand).close()
    assert (chosen.closed, by_hand.closed) == (1, 1)
