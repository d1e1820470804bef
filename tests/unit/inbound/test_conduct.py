"""What networks have done, and what follows from it (GW-20, GW-27, FAULT-29)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from relay.inbound.conduct import Conduct
from relay.inbound.limits import Limits


@dataclass
class Watch:
    """A monotonic clock that the test moves."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def conduct(watch: Watch, **limits: float) -> Conduct:
    """Four guesses in 400 s, shut out for 100 s to 500 s; three refused messages in 300 s."""
    figures = {"guesses_max": 4, "guesses_s": 400.0, "shut_out_s_min": 100.0, "shut_out_s_max": 500.0}
    return Conduct(Limits(**{**figures, "refused_max": 3, "refused_s": 300.0, **limits}), watch)  # type: ignore[arg-type]  # figures by name


def test_the_guess_after_the_last_that_is_allowed_shuts_its_network_out() -> None:
    one = conduct(Watch())
    assert [one.guessed("a", local) for local in "1234"] == [1, 2, 3, 4]
    assert not one.is_shut_out("a")
    one.guessed("a", "5")
    assert [one.is_shut_out(network) for network in "ab"] == [True, False]


def test_the_same_address_counts_once() -> None:
    """A server tries a mistyped address again."""
    one = conduct(Watch())
    assert [one.guessed("a", "mistyped") for _ in range(50)] == [1] * 50
    assert not one.is_shut_out("a")


@pytest.mark.parametrize(("later_s", "allowed"), [(0, 40), (86_399, 40), (86_400, 4)])
def test_who_brought_mail_within_a_day_may_guess_ten_times_as_much(later_s: float, allowed: int) -> None:
    """One mail to a hundred mistyped recipients shuts nobody's provider out. It is no more, however much mail there was."""
    watch = Watch()
    one = conduct(watch)
    one.brought_mail("provider")
    watch.now += later_s
    for number in range(allowed):
        one.guessed("provider", str(number))
        if later_s == 0:
            one.brought_mail("provider")
    assert not one.is_shut_out("provider")
    one.guessed("provider", "one more")
    assert one.is_shut_out("provider")


def test_time_makes_up_for_as_many_guesses_as_are_allowed() -> None:
    watch = Watch()
    one = conduct(watch)
    one.brought_mail("provider")
    for number in range(500):
        one.guessed("provider", f"mistyped{number}")
        watch.now += 10.0  # a tenth of the time that others need for one
    assert not one.is_shut_out("provider")


def test_time_makes_up_for_guesses() -> None:
    watch = Watch()
    one = conduct(watch)
    for number in range(50):
        one.guessed("a", f"slow{number}")
        watch.now += 100.0  # the time for one
    assert not one.is_shut_out("a")
    for local in "12345":
        one.guessed("a", local)
    assert one.is_shut_out("a")


def test_each_time_it_takes_twice_as_long_up_to_the_longest() -> None:
    watch = Watch()
    one = conduct(watch)
    lasted = []
    number = 0
    for _ in range(5):
        while not one.is_shut_out("a"):
            one.guessed("a", str(number := number + 1))
        began = watch.now
        while one.is_shut_out("a"):
            watch.now += 50.0
        lasted.append(watch.now - began)
    assert lasted == [100, 200, 400, 500, 500]


def test_who_did_not_guess_for_as_long_as_it_takes_at_most_begins_anew() -> None:
    watch = Watch()
    one = conduct(watch)
    for _ in range(2):
        for number in range(5):
            one.guessed("a", str(number))
        watch.now += 99.0
        assert one.is_shut_out("a")
        watch.now += 1.0
        assert not one.is_shut_out("a")
        watch.now += 600.0


def test_guesses_that_were_under_way_when_it_was_shut_out_do_not_make_it_longer() -> None:
    """A hundred connections ask at the same time."""
    watch = Watch()
    one = conduct(watch)
    for number in range(100):
        one.guessed("a", str(number))
    watch.now += 100.0
    assert not one.is_shut_out("a")


def test_refused_messages_are_put_off_beyond_their_number_and_time_makes_up_for_them() -> None:
    """GW-27."""
    watch = Watch()
    one = conduct(watch)
    for _ in range(3):
        assert one.may_bring("a")
        one.was_refused("a")
    assert [one.may_bring(network) for network in "ab"] == [False, True]
    watch.now += 100.0
    assert one.may_bring("a")


def test_who_changes_the_ipv6_network_with_each_guess_is_shut_out_in_all_of_them() -> None:
    """A /48 has sixteen times as many guesses as one of its networks; what lies beside it is somebody else's."""
    one = conduct(Watch())
    for number in range(64):
        assert one.guessed(f"2001:db8:0:{number:x}::/64", str(number)) == 1
    assert not one.is_shut_out("2001:db8:0:1::/64")
    one.guessed("2001:db8:0:ffff::/64", "one more")
    assert one.is_shut_out("2001:db8:0:1::/64")
    assert one.is_shut_out("2001:db8:0:abcd::/64")
    assert not one.is_shut_out("2001:db8:1:1::/64")


def test_who_changes_the_ipv6_network_with_each_mail_has_to_slow_down_too() -> None:
    """GW-8, GW-27."""
    one = conduct(Watch(), to_house_max=3)
    for number in range(48):
        network = f"2001:db8:0:{number:x}::/64"
        assert one.may_bring(network)
        assert one.may_write_to_house(network)
        one.was_refused(network)
        one.wrote_to_house(network)
    for network, allowed in (("2001:db8:0:ffff::/64", False), ("2001:db8:1:1::/64", True)):
        assert one.may_bring(network) is allowed
        assert one.may_write_to_house(network) is allowed


def test_one_ipv6_network_is_shut_out_without_its_neighbours() -> None:
    one = conduct(Watch())
    for local in "12345":
        one.guessed("2001:db8:0:1::/64", local)
    assert [one.is_shut_out(f"2001:db8:0:{network}::/64") for network in "12"] == [True, False]


def test_mail_from_one_ipv6_network_speaks_for_its_neighbours_too() -> None:
    one = conduct(Watch())
    one.brought_mail("2001:db8:0:1::/64")
    for number in range(640):
        one.guessed(f"2001:db8:0:{number:x}::/64", str(number))
    assert not one.is_shut_out("2001:db8:0:2::/64")


def test_a_network_writes_to_the_house_so_often_and_time_makes_up_for_it() -> None:
    """GW-8, GW-27: all of it is kept, and goes to the operators."""
    watch = Watch()
    one = conduct(watch, to_house_max=3, to_house_s=300.0)
    for _ in range(3):
        assert one.may_write_to_house("a")
        one.wrote_to_house("a")
    assert [one.may_write_to_house(network) for network in "ab"] == [False, True]
    watch.now += 100.0
    assert one.may_write_to_house("a")
    one.wrote_to_house("")
    assert one.may_write_to_house("")


def test_without_a_number_neither_is_bounded() -> None:
    one = conduct(Watch(), guesses_max=0, refused_max=0)
    counted = set()
    for number in range(1_000):
        counted.add(one.guessed("a", str(number)))
        one.was_refused("a")
    assert (one.is_shut_out("a"), one.may_bring("a")) == (False, True)
    assert counted == {1}, "the tarpit would grow and never shrink"


def test_a_socket_of_this_machine_is_no_network() -> None:
    """Behind it is a front MTA, which brings what all others wrote."""
    one = conduct(Watch())
    for number in range(1_000):
        assert one.guessed("", str(number)) == 1
        one.was_refused("")
        one.brought_mail("")
    assert (one.is_shut_out(""), one.may_bring(""), len(one)) == (False, True, 0)


def test_so_many_networks_are_remembered_and_the_quietest_is_forgotten() -> None:
    """Invariant 12."""
    one = conduct(Watch(), networks_remembered_max=2)
    assert [one.guessed(network, str(number)) for number, network in enumerate("aaabacab")] == [1, 2, 3, 1, 4, 1, 5, 1]
    assert len(one) == 2
