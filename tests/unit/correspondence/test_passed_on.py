"""What one party writes to the other while no alias carries it."""

from __future__ import annotations

import pytest
from support.renditions import STYLE
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS, a_conversation

from relay.correspondence.passed_on import passed_on
from relay.values import Role

CONVERSATION = a_conversation()
SECRET = "q0Zk3J9vS1o2b7_yXcR4tUeWnMaLpDfG-hIjK5l6mN8"


@pytest.mark.parametrize("writer", Role)
@pytest.mark.parametrize("text", ["See you at the fountain.\n\nBring boots!", "Do you take dogs? <b>Two</b>, 7 & 9 years old"])
def test_what_tells_nobody_stays_as_it_was_written(writer: Role, text: str) -> None:
    assert passed_on(text, CONVERSATION, writer, STYLE) == text


@pytest.mark.parametrize(("writer", "address"), [(Role.PARTNER, PARTNER_ADDRESS), (Role.CUSTOMER, CUSTOMER_ADDRESS)])
@pytest.mark.parametrize("text", ["Write to {}", "Mail: {}!", "{}", "my address is <{}>.", "mailto:{}"])
def test_nobodys_address_crosses(writer: Role, address: str, text: str) -> None:
    """Invariant 1, GY-6."""
    for spelled in (address, address.upper(), address.replace("@", " at ").replace(".", " dot ")):
        crossed = passed_on(text.format(spelled), CONVERSATION, writer, STYLE)
        assert address.partition("@")[2].lower() not in crossed.lower()
        assert spelled not in crossed


@pytest.mark.parametrize(
    "text",
    [
        f"Accept it here: https://reply.example.com/bookings/{SECRET}",
        f"https://relay.example.com/base/bookings/{SECRET}?sent",
        f"reply.example.com/bookings/{SECRET}",
        f"https://reply.example.com/bookings/\n{SECRET}",
        f"<https://reply.example.com/questions/{SECRET}>",
        f"the code is {SECRET}.",
    ],
)
def test_a_link_that_decides_for_its_writer_never_reaches_the_other_side(text: str) -> None:
    for writer in Role:
        assert SECRET not in passed_on(text, CONVERSATION, writer, STYLE)


@pytest.mark.parametrize(
    "text", ["Call me at +39 333 444 5566!", "tel. 0365 123456", "see https://tours.example.net/boat", "www.tours.example.net"]
)
def test_no_number_and_no_link_crosses_whatever_messages_may_carry(text: str) -> None:
    """As the forms and receipts promise; LEAK-25 keeps them in what is written after the confirmation."""
    for writer in Role:
        crossed = passed_on(text, CONVERSATION, writer, STYLE)
        assert not {"5566", "123456"} & set(crossed.replace("!", "").split())
        assert "tours.example" not in crossed
        assert "[" in crossed
