"""Sockets are bound once and used by whoever is at work; those that were handed over come first."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from relay.app import activation
from relay.app.activation import Handed, handed_over
from relay.app.listeners import Listeners, Sockets, where
from relay.errors import WrongConfiguration
from relay.settings import Settings, Tcp, UnixSocket
from relay.settings.choices import SocketMode


def settings(
    smtp: Sequence[int] = (0,), web: int = 0, lmtp: Sequence[Tcp | UnixSocket] = (), mode: SocketMode = SocketMode.GROUP
) -> Settings:
    default = Settings()
    listen = tuple(Tcp("127.0.0.1", port) for port in smtp)
    return default.model_copy(
        update={
            "smtp": default.smtp.model_copy(
                update={"listen": listen, "lmtp_listen": tuple(lmtp), "lmtp_socket_mode": mode},
            ),
            "web": default.web.model_copy(update={"listen": Tcp("127.0.0.1", web)}),
        }
    )


def port(one: socket.socket) -> int:
    return int(one.getsockname()[1])


@pytest.fixture
def bound() -> Iterator[list[socket.socket]]:
    """What somebody else listens on: two ports of IPv4, one of IPv6."""
    families = (socket.AF_INET, socket.AF_INET, socket.AF_INET6)
    sockets = [socket.create_server(("::1" if one is socket.AF_INET6 else "127.0.0.1", 0), family=one) for one in families]
    yield sockets
    for one in sockets:
        one.close()


@pytest.fixture
def opened() -> Iterator[list[Sockets]]:
    every: list[Sockets] = []
    yield every
    for one in every:
        one.close()


def test_each_worker_has_a_queue_of_its_own_on_one_port(opened: list[Sockets]) -> None:
    sockets = Sockets(workers=3)
    opened.append(sockets)
    sockets.open(settings())
    workers = [sockets.of(number) for number in range(3)]
    assert len({one.smtp[0].fileno() for one in workers}) == 3
    assert len({port(one.smtp[0]) for one in workers}) == 1
    assert len({one.web[0].fileno() for one in workers}) == 1
    kept = workers[1]
    sockets.close(but=kept)
    assert [one.fileno() >= 0 for one in (workers[0].smtp[0], kept.smtp[0], kept.web[0])] == [False, True, True]
    kept.close()


def test_a_reload_binds_what_is_new_and_lets_go_of_the_rest_afterwards(opened: list[Sockets]) -> None:
    sockets = Sockets()
    opened.append(sockets)
    sockets.open(settings())
    before = sockets.of(0)
    further = socket.create_server(("127.0.0.1", 0))
    free = port(further)
    further.close()
    sockets.open(settings(smtp=(free,)))
    after = sockets.of(0)
    assert [port(one) for one in after.smtp] == [free]
    assert after.web == before.web
    assert before.smtp[0].fileno() >= 0
    sockets.close_the_others()
    assert before.smtp[0].fileno() < 0
    assert after.smtp[0].fileno() >= 0


def test_a_port_that_cannot_be_had_changes_nothing(bound: list[socket.socket], opened: list[Sockets]) -> None:
    sockets = Sockets()
    opened.append(sockets)
    sockets.open(settings())
    before = sockets.of(0)
    with pytest.raises(WrongConfiguration, match=r"smtp\.listen: cannot listen"):
        sockets.open(settings(smtp=(port(bound[0]),)))
    assert sockets.of(0) == before


def test_what_is_handed_over_by_name_is_used_wherever_it_listens(
    bound: list[socket.socket], opened: list[Sockets], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "smtp.sock"))
        unix.listen()
        sockets = Sockets(2, [Handed("smtp", bound[0]), Handed("smtp", bound[2]), Handed("smtp", unix), Handed("web", bound[1])])
        opened.append(sockets)
        sockets.open(settings(smtp=(1,), web=1))  # ports that could not be bound
        assert sockets.of(1) == Listeners([bound[0], bound[2], unix], [bound[1]], [])
        assert where(unix) == f"unix:{tmp_path}/smtp.sock"
        assert where(bound[2]) == f"[::1]:{port(bound[2])}"


def test_all_workers_share_one_socket_in_the_file_system_and_have_ports_of_their_own(
    opened: list[Sockets], tmp_path: Path
) -> None:
    path = tmp_path / "lmtp.sock"
    sockets = Sockets(workers=2)
    opened.append(sockets)
    sockets.open(settings(lmtp=[UnixSocket(path), Tcp("127.0.0.1", 0)]))
    first, second = sockets.of(0), sockets.of(1)
    assert first.lmtp[0] is second.lmtp[0]
    assert where(first.lmtp[0]) == f"unix:{path}"
    assert first.lmtp[1] is not second.lmtp[1]
    assert port(first.lmtp[1]) == port(second.lmtp[1])
    sockets.close(but=second)
    assert second.lmtp[0].fileno() >= 0
    second.close()


@pytest.mark.parametrize("mode", SocketMode)
def test_who_may_connect_to_a_socket_in_the_file_system_is_said_by_its_mode(
    mode: SocketMode, opened: list[Sockets], tmp_path: Path
) -> None:
    path = tmp_path / "lmtp.sock"
    sockets = Sockets()
    opened.append(sockets)
    before = os.umask(0o077)
    try:
        sockets.open(settings(lmtp=[UnixSocket(path)], mode=mode))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == int(mode.value, 8)


def test_a_socket_that_a_process_left_behind_is_replaced_and_nothing_else_is(opened: list[Sockets], tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    for _ in range(2):  # the second finds what the first left
        sockets = Sockets()
        sockets.open(settings(lmtp=[UnixSocket(path)]))
        sockets.close()
        assert path.is_socket()
    with socket.socket(socket.AF_UNIX) as busy:
        path.unlink()
        busy.bind(str(path))
        busy.listen()
        with pytest.raises(WrongConfiguration, match=r"smtp\.lmtp_listen: cannot listen at unix:.*: Address already in use"):
            Sockets().open(settings(lmtp=[UnixSocket(path)]))
        assert path.is_socket()
    path.unlink()
    path.write_text("somebody's")
    with pytest.raises(WrongConfiguration, match="something lies there that is no socket"):
        Sockets().open(settings(lmtp=[UnixSocket(path)]))
    assert path.read_text() == "somebody's"
    with pytest.raises(WrongConfiguration, match=r"smtp\.lmtp_listen: cannot listen at unix:.*: No such file or directory"):
        Sockets().open(settings(lmtp=[UnixSocket(tmp_path / "missing" / "lmtp.sock")]))
    with pytest.raises(WrongConfiguration, match="path too long"):
        Sockets().open(settings(lmtp=[UnixSocket(tmp_path / ("x" * 120))]))


@pytest.mark.parametrize("name", ["lmtp", "relay.socket"])
def test_a_socket_in_the_file_system_is_taken_over_by_name_or_by_its_path(
    name: str, opened: list[Sockets], tmp_path: Path
) -> None:
    path = tmp_path / "lmtp.sock"
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))
        unix.listen()
        sockets = Sockets(2, [Handed(name, unix)])
        opened.append(sockets)
        sockets.open(settings(lmtp=[UnixSocket(path)]))
        assert sockets.of(1).lmtp == [unix]


def test_what_is_handed_over_without_such_a_name_is_used_at_its_address(
    bound: list[socket.socket], opened: list[Sockets]
) -> None:
    sockets = Sockets(1, [Handed("relay.socket", bound[0])])
    opened.append(sockets)
    sockets.open(settings(smtp=(port(bound[0]), 0)))
    assert sockets.of(0).smtp[0] is bound[0]
    assert len(sockets.of(0).smtp) == 2


def test_what_nobody_knows_what_to_do_with_is_a_fault(bound: list[socket.socket]) -> None:
    with pytest.raises(WrongConfiguration, match=r"the socket relay\.socket at .*: not named lmtp or smtp or web"):
        Sockets(1, [Handed("relay.socket", bound[0])]).open(settings())


def environment(process: int, count: int, names: str) -> dict[str, str]:
    return {"LISTEN_PID": str(process), "LISTEN_FDS": str(count), "LISTEN_FDNAMES": names, "OTHER": "stays"}


def test_descriptors_are_taken_over_with_their_names_and_no_command_inherits_them(
    bound: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [os.dup(one.fileno()) for one in bound[:2]]
    if copies[1] != copies[0] + 1:
        pytest.skip("descriptors of this process are not in a row")
    monkeypatch.setattr(activation, "_first_descriptor", copies[0])
    told = environment(7, 2, "smtp:web")
    handed = handed_over(told, 7)
    assert [(one.name, port(one.socket)) for one in handed] == [("smtp", port(bound[0])), ("web", port(bound[1]))]
    assert told == {"OTHER": "stays"}
    assert not any(one.socket.get_inheritable() for one in handed)
    assert [one.socket.proto for one in handed] == [socket.IPPROTO_TCP] * 2
    for one in handed:
        one.socket.close()


@pytest.mark.parametrize("told", [{}, environment(8, 2, "smtp:web"), environment(7, 0, ""), {"LISTEN_PID": "7"}])
def test_what_is_meant_for_another_process_is_left_alone(told: dict[str, str]) -> None:
    assert list(handed_over(told, 7)) == []


def test_a_descriptor_that_does_not_listen_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        monkeypatch.setattr(activation, "_first_descriptor", os.dup(ours.fileno()))
        with pytest.raises(WrongConfiguration, match="does not listen"):
            handed_over(environment(7, 1, "smtp"), 7)
    read, write = os.pipe()
    monkeypatch.setattr(activation, "_first_descriptor", read)
    with pytest.raises(WrongConfiguration, match="is no socket"):
        handed_over(environment(7, 1, "smtp"), 7)
    os.close(read)
    os.close(write)
