"""The fault proxy in a caller's network namespace: on a stack that knows nothing of it, and never left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ops.errors import StackNotReady
from ops.faults import on_links
from ops.faults.errors import NotProven, OrderRefused
from ops.faults.link_faults import LinkFaults
from ops.faults.service_faults import break_service
from ops.provision import base_image
from ops.stacks.compose import containers
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.conversations import Conversation
from ops.stacks.compose.images import Faults
from ops.stacks.compose.labels import CALLER
from ops.stacks.compose.proxies import Proxies, ProxyControl, targets_of
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import ROOT
from ops.stacks.model import UpOptions
from ops.stacks.parts import Part
from ops.system import Link
from ops.tests.compose.conftest import QUIET, Make, replace
from ops.tests.waiting import eventually
from ops.trace import logs

pytestmark = pytest.mark.whole


LINK = "orders:products"
ASK = """
import sys, time, urllib.request
began = time.monotonic()
try:
    told = urllib.request.urlopen(f"http://{sys.argv[1]}:8000/livez", timeout=2).status
except urllib.error.HTTPError as error:
    told = error.code
except OSError as error:
    told = type(getattr(error, "reason", error)).__name__
print(told, round(time.monotonic() - began, 3))
"""
TO_THE_END = """
import socket
with socket.create_connection(("products", 8000), 10) as peer:
    peer.sendall(b"GET /livez HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
    answer = b"".join(iter(lambda: peer.recv(4096), b""))
print(answer.split()[1].decode(), end="")
"""
FLOOD = """
import http.client, sys
peer = http.client.HTTPConnection("products", 8000, timeout=5)
for number in range(int(sys.argv[1])):
    peer.request("GET", "/livez", headers={"X-Request-ID": f"flood-{number:06}"})
    answer = peer.getresponse()
    answer.read()
    assert answer.status == 503, answer.status
print("all")
"""
STREAM = """
import sys, time, urllib.request
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    assert urllib.request.urlopen("http://products:8000/livez", timeout=2).status == 200
print("all")
"""
END_RELAYS = """
import os, pathlib, signal
every = pathlib.Path("/proc").glob("[0-9]*/cmdline")
relays = [one.parent.name for one in every if one.read_bytes().endswith(b".relay\\0")]
for relay in relays:
    os.kill(int(relay), signal.SIGKILL)
print(len(relays))
"""
MAKER = """
import json, sys
from pathlib import Path
from ops.faults.link_faults import LinkFaults
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
stack = ComposeStack(Layout(sys.argv[1], Path(sys.argv[2])), json.loads(sys.argv[3]))
with LinkFaults(stack.link_control).cut("orders:products"):
    print("cut", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    """One that knows of no faults."""
    stack = make("namespace")
    with stack.layout.held():
        stack.up(UpOptions(0), QUIET)
    return stack


@pytest.fixture(autouse=True)
def no_proxy(request: pytest.FixtureRequest, stack: ComposeStack) -> Iterator[None]:
    """Each test begins without one; those of a class share theirs."""
    yield
    if request.cls:
        return
    stack.proxies.remove()
    eventually(lambda: stack.proxies.running() == [], 5)


@pytest.fixture
def faults(stack: ComposeStack) -> LinkFaults:
    return LinkFaults(stack.link_control)


def asked(stack: ComposeStack, peer: str) -> tuple[str, float]:
    """What orders is answered by a peer, or why not, and after how many seconds."""
    (orders,) = stack.containers.of("orders")
    return answer(orders, peer)


def answer(container: Any, peer: str) -> tuple[str, float]:
    """The same of one container."""
    status, seconds = container.exec_run(["python", "-c", ASK, peer]).output.decode().split()
    return status, float(seconds)


def test_only_the_caller_meets_it_and_only_at_that_peer(stack: ComposeStack, faults: LinkFaults) -> None:
    before = [one.attrs["State"]["StartedAt"] for one in stack.containers.all()]
    with faults.inject("status", LINK, code=503) as fault:
        assert [asked(stack, peer)[0] for peer in ("users", "products", "products")] == ["200", "503", "200"]
    assert (fault.fired, [one.status for one in fault.attempts()]) == (1, [503, 200])
    assert [one.attrs["State"]["StartedAt"] for one in stack.containers.all()] == before


def test_each_request_that_meets_a_fault_has_a_line_however_many_they_are(
    stack: ComposeStack, faults: LinkFaults
) -> None:
    """More than the engine holds back for who attached to a container and does not read."""
    count = 15_000
    (orders,) = stack.containers.of("orders")
    with faults.inject("status", LINK, code=503, times=None):
        assert orders.exec_run(["python", "-c", FLOOD, str(count)]).output == b"all\n"
        last = f"flood-{count - 1:06}"
        (line,) = eventually(lambda: list(logs.lines(stack.log_files(), last)), 10)
    assert (line["event"], line["link"], line["code"]) == ("fault", LINK, 503)


def test_nothing_is_left_when_its_maker_is_killed(stack: ComposeStack) -> None:
    environment = json.dumps(dict(stack.project().docker.environment))
    maker = subprocess.Popen(
        [sys.executable, "-c", MAKER, stack.name, str(stack.layout.home), environment],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert maker.stdout
    assert maker.stdout.readline() == "cut\n"
    assert asked(stack, "products")[0] == "TimeoutError"
    os.kill(maker.pid, signal.SIGKILL)
    maker.communicate()
    eventually(lambda: stack.proxies.running() == [], 5)
    assert asked(stack, "products")[0] == "200"


def test_nothing_is_left_when_its_container_is_killed(stack: ComposeStack, faults: LinkFaults) -> None:
    with pytest.raises(NotProven), faults.cut(LINK) as fault:
        (proxy,) = stack.proxies.running("orders")
        proxy.kill()
        eventually(lambda: stack.proxies.running() == [], 5)
        assert asked(stack, "products")[0] == "200"
    assert fault.fired is None


def test_a_conversation_that_ended_is_opened_again(stack: ComposeStack, faults: LinkFaults) -> None:
    """As when the container has no memory left for one of the many processes that ask."""
    with faults.inject("status", LINK, code=503, times=None) as fault:
        (proxy,) = stack.proxies.running("orders")
        assert proxy.exec_run(["python3", "-c", END_RELAYS]).output == b"1\n"
        assert asked(stack, "products")[0] == "503"
        assert fault.fired == 1


def test_as_many_workers_as_a_large_machine_has_talk_to_it(stack: ComposeStack, faults: LinkFaults) -> None:
    stack.proxies.provide(["orders"])
    (proxy,) = stack.proxies.running("orders")
    with contextlib.ExitStack() as open_ones:
        for _ in range(16):
            conversation = Conversation(stack.containers.client, proxy.id)
            open_ones.callback(conversation.stream.close)
            assert conversation.ask("GET", "/healthz", None)[0] == 200


def test_one_that_is_to_stay_needs_nobody_and_is_found_by_its_label(stack: ComposeStack) -> None:
    there = Containers(stack.containers.client, stack.project().name)
    image = Faults(stack.project().docker, stack.project().tag, stack.project().builder)
    links = {"orders": {LINK: "products:8000"}}
    maker = Proxies(there, links, image)
    LinkFaults(ProxyControl(maker, stay=True)).inject("status", LINK, None, code=418).__enter__()
    maker.close()
    assert asked(stack, "products")[0] == "418"
    Proxies(there, links, image).remove()
    assert asked(stack, "products")[0] == "200"


def test_a_peer_that_is_recreated_is_met_at_its_new_address(stack: ComposeStack, faults: LinkFaults) -> None:
    with faults.inject("status", LINK, code=503, times=None):
        replace(stack, "products")
        eventually(lambda: asked(stack, "products")[0] in ("503", "200"), 10)
        assert asked(stack, "products")[0] == "503"
    eventually(lambda: asked(stack, "products")[0] == "200", 10)


def test_a_peer_that_takes_no_connections_refuses_them_through_the_proxy_too(
    stack: ComposeStack, faults: LinkFaults
) -> None:
    """So the caller tries the next address, or says that the peer is unavailable. DNS does not hold that up."""
    (products,) = stack.containers.of("products")
    (address,) = [one["IPAddress"] for one in products.attrs["NetworkSettings"]["Networks"].values()]
    stack.proxies.provide(["orders"])
    products.stop()
    try:
        began = time.monotonic()
        faults.look()
        assert time.monotonic() - began < 8
        assert asked(stack, address)[0] == "ConnectionRefusedError"
    finally:
        products.start()
    eventually(lambda: asked(stack, "products")[0] == "200", 10)


def test_no_connection_is_lost_of_many_short_ones(stack: ComposeStack, faults: LinkFaults) -> None:
    """Ports are used again, by the proxy and by the caller."""
    (orders,) = stack.containers.of("orders")
    stack.proxies.provide(["orders"])
    ask = "assert asking.urlopen('http://products:8000/livez').status == 200"
    many = f"import urllib.request as asking\nfor _ in range(1000): {ask}"
    assert orders.exec_run(["timeout", "200", "python", "-c", many]) == (0, b"")
    assert len(faults.attempts(LINK)) == 1000


def test_a_request_costs_the_caller_no_port(stack: ComposeStack) -> None:
    """The end that closes first keeps the port for a minute: that is the peer, as without the proxy."""
    (orders,) = stack.containers.of("orders")
    stack.proxies.provide(["orders"])
    kept = _kept_ports(stack, orders)
    for _ in range(5):
        assert orders.exec_run(["timeout", "30", "python", "-c", TO_THE_END]).output == b"200"
    assert _kept_ports(stack, orders) <= kept


def _kept_ports(stack: ComposeStack, caller: Any) -> set[str]:
    """Those of the caller's connections to products that are in TIME_WAIT."""
    address = containers.address(stack.containers.of("products")[0]) or ""
    products = f"{bytes(map(int, address.split('.')))[::-1].hex().upper()}:{8000:04X}"
    lines = caller.exec_run(["cat", "/proc/net/tcp"]).output.decode().splitlines()[1:]
    found = [line.split() for line in lines]
    return {mine for _, mine, theirs, state, *_ in found if (theirs, state) == (products, "06")}


def test_no_connection_is_lost_when_it_ends(stack: ComposeStack) -> None:
    (orders,) = stack.containers.of("orders")
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(orders.exec_run, ["timeout", "30", "python", "-c", STREAM, "6"])
        for _ in range(6):
            stack.proxies.provide(["orders"])
            stack.proxies.close()
            eventually(lambda: stack.proxies.running("orders") == [], 5)
        assert asking.result().output == b"all\n"


def test_it_ends_with_its_caller(stack: ComposeStack, faults: LinkFaults) -> None:
    stack.proxies.provide(["orders"])
    (orders,) = stack.containers.of("orders")
    orders.restart()
    eventually(lambda: stack.proxies.running("orders") == [], 15)
    with faults.inject("status", LINK, code=503):
        assert asked(stack, "products")[0] == "503"


def test_a_run_gives_a_caller_that_starts_again_its_proxy_again(stack: ComposeStack) -> None:
    stack.proxies.keep_up({"orders"})
    (before,) = stack.proxies.running("orders")
    (orders,) = stack.containers.of("orders")
    orders.restart()
    eventually(lambda: [one.id for one in stack.proxies.running("orders")] not in ([], [before.id]), 10)
    stack.proxies.close()
    orders.restart()
    eventually(lambda: stack.proxies.running("orders") == [], 15)
    time.sleep(1)
    assert stack.proxies.running("orders") == []


def test_one_that_is_to_stay_does_so_though_a_run_gives_its_caller_another(stack: ComposeStack) -> None:
    on_links.provide(stack, Link("orders", "products"), stay=True).inject("status", LINK, None, code=418).__enter__()
    run = Proxies(stack.containers, targets_of(stack.system), stack.proxies._image)
    run.keep_up({"orders"})
    try:
        with break_service(stack, "restarted", "orders"):
            time.sleep(1)
    finally:
        run.close()
    assert asked(stack, "products")[0] == "418"


def test_a_caller_that_does_not_run_is_named(stack: ComposeStack, faults: LinkFaults) -> None:
    (orders,) = stack.containers.of("orders")
    orders.stop()
    try:
        with pytest.raises(StackNotReady, match="orders does not run"), faults.inject("status", LINK, code=503):
            pass
    finally:
        orders.start()


def test_one_that_is_to_stay_does_so_when_its_caller_starts_again(stack: ComposeStack) -> None:
    on_links.provide(stack, Link("orders", "products"), stay=True).inject("status", LINK, None, code=418).__enter__()
    with break_service(stack, "restarted", "orders"):
        pass
    stack.proxies.close()
    time.sleep(1)
    assert asked(stack, "products")[0] == "418"


def test_a_caller_that_is_replaced_keeps_its_faults(stack: ComposeStack, faults: LinkFaults) -> None:
    with faults.inject("status", LINK, code=503, times=None):
        with break_service(stack, "recreated", "orders", lambda: True):
            pass
        assert asked(stack, "products")[0] == "503"


def test_a_caller_whose_proxy_ends_before_it_keeps_its_faults(stack: ComposeStack, faults: LinkFaults) -> None:
    caller = stack.containers.of("orders")[0]
    with faults.inject("status", LINK, code=503):
        with stack.proxies.keeping(caller):
            for proxy in stack.proxies.running("orders"):
                proxy.kill()
            caller.stop()
        caller.start()
        stack.proxies.renew(caller)
        assert asked(stack, "products")[0] == "503"


def test_one_that_does_not_answer_yet_is_awaited(stack: ComposeStack, faults: LinkFaults) -> None:
    stack.proxies.provide(["orders"])
    (proxy,) = stack.proxies.running("orders")
    stack.proxies.conversations.close()
    containers.freeze(proxy)
    thaw = threading.Timer(1.0, proxy.unpause)
    thaw.start()
    try:
        with faults.inject("status", LINK, code=503):
            assert asked(stack, "products")[0] == "503"
    finally:
        thaw.join()


def test_a_proxy_that_cannot_start_leaves_no_container(stack: ComposeStack) -> None:
    class Unfit(Faults):
        def built(self) -> str:
            return base_image.NAME

    there = stack.containers
    unfit = Proxies(there, {"orders": {LINK: "products:8000"}}, Unfit(stack.project().docker, "", ""))
    with pytest.raises(StackNotReady, match="the fault proxy does not start"):
        unfit.provide(["orders"])
    assert there.client.containers.list(all=True, filters={"label": [there.filters["label"], CALLER]}) == []


def test_each_replica_that_starts_again_has_its_own_faults_once(stack: ComposeStack, faults: LinkFaults) -> None:
    assert stack.state
    scale = ("--no-deps", "--no-recreate", "--scale")
    stack.project(stack.state.gateway.port).up(*scale, "orders=2", "orders")
    try:
        with faults.inject("status", LINK, code=503, times=1):
            for part in (Part("orders"), Part("orders", 2)):
                stack.parts.stop(part)
                stack.parts.start(part)
            first, second = stack.containers.of("orders")
            seen = [[answer(replica, "products")[0] for _ in range(2)] for replica in (first, second)]
    finally:
        stack.project(stack.state.gateway.port).up(*scale, "orders=1", "orders")
    assert seen == [["503", "200"], ["503", "200"]]


class TestWithoutHttp:
    """A link on which other bytes pass: the same faults, as far as they need no HTTP."""

    @pytest.fixture(scope="class")
    @classmethod
    def faults(cls, stack: ComposeStack) -> Iterator[LinkFaults]:
        links = {"orders": {LINK: "tcp:products:8000"}}
        image = Faults(stack.project().docker, stack.project().tag, stack.project().builder)
        proxies = Proxies(stack.containers, links, image)
        yield LinkFaults(ProxyControl(proxies))
        proxies.remove()

    @pytest.mark.parametrize(
        ("kind", "settings", "told", "least"),
        [
            ("latency", {"ms": 500}, "200", 0.5),
            ("reset", {}, "ConnectionResetError", 0),
            ("blackhole", {}, "TimeoutError", 2),
            ("down", {}, "ConnectionRefusedError", 0),
            ("cut", {}, "TimeoutError", 2),
        ],
    )
    def test_takes_what_needs_no_http(
        self, stack: ComposeStack, faults: LinkFaults, kind: str, settings: dict[str, Any], told: str, least: float
    ) -> None:
        with faults.inject(kind, LINK, None, **settings) as fault:
            answer, seconds = asked(stack, "products")
        assert (answer, seconds >= least, fault.state) == (told, True, "confirmed")
        assert asked(stack, "products")[0] == "200"

    @pytest.mark.parametrize("kind", ["status", "drip", "truncated", "garbled"])
    def test_refuses_the_others_by_name(self, faults: LinkFaults, kind: str) -> None:
        settings: dict[str, Any] = {"code": 503} if kind == "status" else {}
        refused = pytest.raises(OrderRefused, match=f"{kind} needs HTTP, which orders:products does not carry")
        with refused, faults.inject(kind, LINK, 1, **settings):
            pass
