"""A link before a target that is gone refuses connections, as the target would; it is back as soon as that is."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import pytest

from ops.faults.proxy.addresses import Address
from ops.faults.proxy.upstream_health import UpstreamHealth
from ops.tests.rig import ROOT, Client, answered, asked, proxy, service
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


LINK = "orders:products"
Child: TypeAlias = subprocess.Popen[str]
SERVICE = """
import sys, time
from ops.tests.rig import service
with service(int(sys.argv[1])) as running:
    print(running.address.port, flush=True)
    time.sleep(60)
"""


@contextmanager
def process(port: int = 0) -> Iterator[tuple[Address, Child]]:
    """The service as a process of its own, to be ended by a signal."""
    child = subprocess.Popen([sys.executable, "-c", SERVICE, str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    try:
        yield Address("127.0.0.1", int(child.stdout.readline())), child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def takes_connections(link: Address) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex((link.host, link.port)) == 0


def end(child: Child, how: signal.Signals) -> None:
    child.send_signal(how)
    child.wait(20)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_target_that_ended_is_refused_by_its_link_before_anybody_has_asked_in_vain(how: signal.Signals) -> None:
    with process() as (target, child), proxy(orders_products=target) as between:
        link = between.links[LINK]
        assert takes_connections(link)
        end(child, how)
        eventually(lambda: not takes_connections(link))
        assert between.faults.attempts(LINK) == []


def test_a_target_that_is_back_is_reached_at_once() -> None:
    with process() as (target, child), proxy(orders_products=target) as between:
        link = between.links[LINK]
        end(child, signal.SIGKILL)
        eventually(lambda: not takes_connections(link))
        with process(target.port):
            eventually(lambda: takes_connections(link), within=10)
            with asked(link) as connection:
                assert answered(connection).endswith(b"from the service")


def test_a_link_whose_target_was_never_there_refuses_until_it_comes() -> None:
    with service() as gone:
        target = gone.address
    with proxy(orders_products=target) as between:
        link = between.links[LINK]
        assert not takes_connections(link)
        with service(target.port):
            eventually(lambda: takes_connections(link))


def test_a_link_whose_targets_name_is_not_known_refuses() -> None:
    with proxy(orders_products=Address("nobody.invalid", 8000)) as between:
        eventually(lambda: not takes_connections(between.links[LINK]), within=10)


def test_a_connection_ends_with_its_target_and_the_next_is_refused() -> None:
    with process() as (target, child), proxy(orders_products=target) as between:
        client = Client(between.links[LINK])
        assert client.ask()[0] == 201
        end(child, signal.SIGKILL)
        assert client.connection.sock.recv(1) == b""
        eventually(lambda: not takes_connections(between.links[LINK]))
        client.close()


def test_a_target_that_stands_still_takes_connections_and_so_does_its_link() -> None:
    with process() as (target, child), proxy(orders_products=target) as between:
        child.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        assert takes_connections(between.links[LINK])


def test_a_target_that_keeps_what_it_has_but_takes_nothing_new_is_refused_from_the_second_connection_on() -> None:
    """So does a service that drains."""
    with socket.create_server(("127.0.0.1", 0)) as draining:
        draining.settimeout(5)
        target = Address("127.0.0.1", draining.getsockname()[1])
        with proxy(orders_products=target) as between, draining.accept()[0]:
            link = between.links[LINK]
            draining.close()
            with asked(link) as connection, pytest.raises(ConnectionResetError):
                answered(connection)
            eventually(lambda: not takes_connections(link))


def test_a_target_that_hangs_up_on_whoever_says_nothing_is_still_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as curt:
        curt.settimeout(5)
        target = Address("127.0.0.1", curt.getsockname()[1])
        with proxy(orders_products=target) as between:
            for _ in range(5):
                curt.accept()[0].close()
            assert takes_connections(between.links[LINK])


def test_a_link_that_is_down_stays_down_when_its_target_comes_back() -> None:
    with process() as (target, child), proxy(orders_products=target) as between:
        link = between.links[LINK]
        with between.faults.inject("down", LINK, times=None) as fault:
            end(child, signal.SIGKILL)
            with process(target.port):
                time.sleep(0.2)
                assert not takes_connections(link)
        assert fault.confirmed()


def test_a_fault_that_ends_does_not_open_a_link_whose_target_is_gone() -> None:
    with process() as (target, child), proxy(orders_products=target) as between:
        with between.faults.inject("down", LINK, times=None):
            end(child, signal.SIGKILL)
            time.sleep(0.1)
        assert not takes_connections(between.links[LINK])


def test_a_link_that_could_not_follow_its_target_tries_again() -> None:
    followed: list[bool] = []

    async def follow() -> None:
        followed.append(len(followed) != 1)
        if not followed[-1]:
            raise OSError("no free file descriptor")

    async def watched(target: Address) -> None:
        watch = UpstreamHealth(target, follow)
        await watch.begin()
        watch.doubt()
        async with asyncio.timeout(5):
            while len(followed) < 3:
                await asyncio.sleep(0.01)
        watch.close()

    with service() as running:
        asyncio.run(watched(running.address))
    assert followed[:3] == [True, False, True]
