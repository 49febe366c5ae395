"""Service faults on a real local stack: seen before, meanwhile and afterwards, and undone whatever happens."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from ops.errors import StackNotReady, WrongUsage
from ops.faults.catalogue import SERVICE, names
from ops.faults.errors import NotProven
from ops.faults.link_faults import LinkFaults
from ops.faults.service_faults import ServiceFault
from ops.progress import Progress
from ops.stacks import processes
from ops.stacks.layout import Layout
from ops.stacks.local.parts import LocalParts
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import UpOptions
from ops.stacks.parts import Observation, Part, Parts, ServiceState
from ops.stacks.usage import Usage
from ops.system import Link
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


ORDERS = Part("orders")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    stack = LocalStack(Layout("t", tmp_path_factory.mktemp("home") / ".ops"), dict(os.environ))
    try:
        stack.up(UpOptions(0), Progress(quiet=True))
        yield stack
    finally:
        stack.down()


def url(stack: LocalStack) -> str:
    assert stack.state
    return stack.state.url


def test_links_go_through_the_proxy_and_no_longer(stack: LocalStack) -> None:
    account = {"email": "lin@example.com", "password": "long enough"}
    assert requests.post(f"{url(stack)}/users/register", json=account, timeout=5).status_code == 201
    stack.relink([Link("gateway", "products"), Link("orders", "users")])
    assert (stack.status().state, "wire-faults" in stack.capabilities) == ("ready", True)
    assert stack.link_control
    wire = LinkFaults(stack.link_control)
    with wire.inject("status", "gateway:products", code=503):
        assert requests.get(f"{url(stack)}/products", timeout=5).status_code == 503
    stack.relink([])
    assert (stack.status().state, "wire-faults" in stack.capabilities) == ("ready", False)
    assert processes.of(stack.layout.directory, "ops.faults.proxy") == []
    assert requests.post(f"{url(stack)}/users/login", json=account, timeout=5).status_code == 200


def test_the_gateways_requests_all_pass_while_its_links_change(stack: LocalStack) -> None:
    over, answers = threading.Event(), []

    def ask() -> None:
        while not over.is_set():
            answers.append(requests.get(f"{url(stack)}/products?limit=1", timeout=5).status_code)

    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        stack.relink([Link("gateway", "products")])
        stack.relink([])
        over.set()
        asking.result()
    assert (set(answers), len(answers) > 20) == ({200}, True)


@pytest.mark.parametrize("kind", ["stopped", "paused"])
def test_the_first_fault_on_a_link_restores_nothing_that_is_broken(stack: LocalStack, kind: str) -> None:
    """Putting links through the proxy restarts services."""
    refused = pytest.raises(WrongUsage, match=f"orders is {kind}, and the first fault on a link restarts services")
    with breaking(stack, kind), refused:
        stack.provide_link(Link("orders", "products"), stay=True)
    assert stack.link_control is None


def breaking(stack: LocalStack, kind: str, part: Part = ORDERS) -> ServiceFault:
    return ServiceFault(stack.parts, part, kind, url(stack))


class Polite(LocalParts):
    """Asks to end where it is to kill."""

    def _signal(self, part: Part, number: int) -> None:
        super()._signal(part, signal.SIGTERM)


def test_what_was_asked_to_end_was_not_killed(stack: LocalStack) -> None:
    polite = Polite(stack.layout, stack._members, stack._launch)
    with (
        pytest.raises(NotProven, match="orders was killed, but it drained"),
        ServiceFault(polite, ORDERS, "killed", url(stack)),
    ):
        pytest.fail("it was taken for killed")
    eventually(lambda: stack.status().state == "ready")


def test_customers_are_told_that_a_stopped_service_is_away(stack: LocalStack) -> None:
    with breaking(stack, "stopped", Part("products")):
        assert requests.get(f"{url(stack)}/products", timeout=5).status_code in (502, 503)
    assert requests.get(f"{url(stack)}/products", timeout=5).status_code == 200


def test_whatever_is_raised_it_is_undone_first(stack: LocalStack) -> None:
    with pytest.raises(KeyboardInterrupt), breaking(stack, "paused"):
        raise KeyboardInterrupt
    assert stack.status().state == "ready"


def test_what_somebody_else_undoes_proves_nothing(stack: LocalStack) -> None:
    broken = breaking(stack, "stopped")
    with pytest.raises(NotProven, match=r"orders stopped: seen running → stopped → running"), broken:
        stack.parts.start(ORDERS)
    assert broken.state == "mismatch"


def test_what_does_not_run_cannot_be_broken(stack: LocalStack) -> None:
    refused = pytest.raises(WrongUsage, match="orders is paused already")
    with breaking(stack, "paused"), refused, breaking(stack, "killed"):
        pass
    assert stack.status().state == "ready"


def test_the_recovery_ends_with_the_first_good_step_of_the_journey(stack: LocalStack) -> None:
    steps = iter([False, False, True])
    with ServiceFault(stack.parts, ORDERS, "killed", url(stack), lambda: next(steps)) as broken:
        pass
    assert broken.recovery_ms
    assert next(steps, None) is None


def test_replicas_are_named_by_their_number(stack: LocalStack) -> None:
    there: Sequence[Part] = [Part("users"), ORDERS, Part("orders", 2)]
    assert [Part.parse(name, there) for name in ("orders", "orders.1", "orders.2")] == [ORDERS, *there[1:]]
    for stranger in ("orders.3", "gateway", "orders.x", ""):
        with pytest.raises(WrongUsage, match=r"there are users, orders, orders\.2"):
            Part.parse(stranger, there)


def test_a_service_that_ends_again_is_told_at_once_with_its_last_line(stack: LocalStack) -> None:
    assert stack.state
    stack.state.model_copy(update={"environment": {"LOG_LEVEL": "NONSENSE"}}).save(stack.layout.state)
    began = time.monotonic()
    with (
        pytest.raises(
            StackNotReady, match=r"orders was killed and ended again when it was started; .*LOG_LEVEL"
        ) as lost,
        breaking(stack, "killed"),
    ):
        pass
    assert time.monotonic() - began < 15
    assert lost.value.log
    stack.state.model_copy(update={"environment": {}}).save(stack.layout.state)
    stack.parts.start(ORDERS)
    eventually(lambda: stack.status().state == "ready", within=15)


class Stubborn:
    """Parts that nothing happens to."""

    def all(self) -> Sequence[Part]:
        return [ORDERS]

    def see(self, part: Part) -> Observation:
        return Observation("running", "1", "1")

    def usage(self, part: Part) -> Usage:
        return Usage(0, 0, 0, 0)

    def answers(self, part: Part) -> bool:
        return True

    def last_lines(self, part: Part) -> list[str]:
        return []

    def stop(self, part: Part) -> None: ...

    def kill(self, part: Part) -> None: ...

    def pause(self, part: Part) -> None: ...

    def resume(self, part: Part) -> None: ...

    def start(self, part: Part) -> None: ...

    def recreate(self, part: Part) -> Part:
        return part


@pytest.mark.parametrize("kind", names(SERVICE))
def test_a_fault_that_does_not_show_is_not_proven(kind: str) -> None:
    parts: Parts = Stubborn()
    broken = ServiceFault(parts, ORDERS, kind, "", lambda: True)
    with pytest.raises(NotProven, match=f"orders is running although it was {kind}|same"), broken:
        pytest.fail("it was taken for broken")
    assert broken.state == "mismatch"


class Veiled(Stubborn):
    """A part of which, for once, nothing can be seen, while its `state` is what was done to it."""

    def __init__(self) -> None:
        self.state: ServiceState = "running"
        self.veiled = False

    def see(self, part: Part) -> Observation:
        if self.veiled:
            self.veiled = False
            raise OSError("the engine does not answer")
        return Observation(self.state, "1", "1")

    def pause(self, part: Part) -> None:
        self.state = "paused"

    def resume(self, part: Part) -> None:
        self.state = "running"


def test_what_cannot_be_seen_at_the_end_is_undone_all_the_same() -> None:
    parts = Veiled()
    with pytest.raises(OSError, match="the engine"), ServiceFault(parts, ORDERS, "paused", "", lambda: True):
        parts.veiled = True
    assert parts.state == "running"
