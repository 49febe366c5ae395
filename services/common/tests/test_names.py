"""Names are looked up within a time, and never by more threads than there are names."""

import socket
import threading

import pytest

from services.common.peers.names import Addresses, Names, system


def test_an_address_is_its_own_answer() -> None:
    assert Names().addresses("127.0.0.1", 80, 0.0)[0][4] == ("127.0.0.1", 80)


def test_a_name_is_looked_up_by_the_system() -> None:
    assert Names().addresses("localhost", 80, 5.0) == system("localhost", 80)


def test_a_name_nobody_knows_is_the_systems_error() -> None:
    def unknown(_host: str, _port: int) -> Addresses:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(socket.gaierror):
        Names(unknown).addresses("nobody", 80, 5.0)


def test_a_lookup_that_hangs_is_given_up_and_shared() -> None:
    release, asked = threading.Event(), []

    def hanging(host: str, port: int) -> Addresses:
        asked.append(host)
        release.wait(5)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    names = Names(hanging)
    for _ in range(20):
        with pytest.raises(TimeoutError):
            names.addresses("slow", 80, 0.001)
    assert asked == ["slow"]
    release.set()
    assert names.addresses("slow", 80, 5.0)[0][4] == ("slow", 80)


def test_each_lookup_is_a_fresh_one() -> None:
    found: list[Addresses] = [[], []]
    names = Names(lambda _host, _port: found.pop())
    names.addresses("moving", 80, 5.0)
    names.addresses("moving", 80, 5.0)
    assert found == []


def test_what_cannot_be_a_name_is_an_error_each_time() -> None:
    names, label_too_long = Names(), "a" * 64
    for _ in range(2):
        with pytest.raises(OSError, match="too long"):
            names.addresses(label_too_long, 80, 5.0)
