"""Three nodes of Swarm on one machine, and customers who order without a pause while one of them goes.

`.venv/bin/python -m ops.tests.swarm.trial [NAME...]`, as root, takes ten minutes. A service is replaced, by itself and
by a version that does not start; a node is drained, cut off, and killed, each with containers of the services on it.
For each it says how long no order came through, how many attempts failed, after how long all replicas were there
again, and what became of the orders.
"""

from __future__ import annotations

import itertools
import math
import signal
import subprocess
import tempfile
import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import click
import requests

from ops.eventually import eventually, pause
from ops.progress import Progress
from ops.provision import base_image
from ops.stacks import registry
from ops.stacks.compose import overlay
from ops.stacks.compose.plan import plan
from ops.stacks.layout import Layout
from ops.stacks.model import UpOptions
from ops.stacks.swarm.project import SwarmProject
from ops.stacks.swarm.stack import SwarmStack
from ops.system import use
from ops.tests import customers
from ops.tests.swarm.nodes import Node, swarm

SCALE = {"users": 2, "products": 2, "orders": 2}
CUSTOMERS = 4
PACE = 0.2
"""Seconds between two orders of one customer."""
BEFORE, CALM = 5.0, 25.0
"""Seconds of orders before something happens, and for which all replicas have to run after it: others may follow."""
NOTICED_WITHIN = 90.0
SETTLED_WITHIN = 240.0
PRODUCT = {"productId": "espresso-cup"}
Happening: TypeAlias = Callable[[Sequence[Node], str], AbstractContextManager[None]]
"""What happens, to the service of that name or to one of the nodes, and is undone once nobody orders any more."""


class Project(SwarmProject):
    """Its images come from this machine's own engine, as there is no registry."""

    nodes: Sequence[Node] = ()

    def build(self, *services: str) -> None:
        """Already done."""

    def _name_content(self, image: str) -> str:
        named = super()._name_content(image)
        for node in self.nodes[1:]:
            node.say("tag", image, named)
        return named


class Stack(SwarmStack):
    nodes: Sequence[Node] = ()

    def project(self, port: int = 0, progress: Progress | None = None) -> Project:
        engine = self._engine
        project = Project(
            engine.client, engine.docker, self.layout, self.system, port, progress or Progress(quiet=True)
        )
        project.nodes = self.nodes
        return project


@dataclass
class Ledger:
    """What the customers asked for and got: the order of each key, and when; what failed meanwhile."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Customers:
    """They take the nodes in turn, and ask another node again, with the same key, until they are answered."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = list(urls)
        self._signed_in = {"Authorization": f"Bearer {customers.token(urls[0])}"}
        self._over = threading.Event()
        self.ledger = Ledger()

    @contextmanager
    def ordering(self) -> Iterator[None]:
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            asking = [pool.submit(self._order_on, number) for number in range(CUSTOMERS)]
            try:
                yield
            finally:
                self._over.set()
        for one in asking:
            one.result()

    def _order_on(self, number: int) -> None:
        nodes = itertools.cycle(self._urls[number % len(self._urls) :] + self._urls[: number % len(self._urls)])
        while not self._over.wait(PACE):
            self._order(nodes)

    def _order(self, nodes: Iterator[str]) -> None:
        key, began = uuid.uuid4().hex, time.monotonic()
        while (order := self._attempt(next(nodes), key)) is None:
            pause(PACE)
        self.ledger.acknowledged[key] = order
        self.ledger.times.append(time.monotonic())
        self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - began)

    def _attempt(self, url: str, key: str) -> str | None:
        try:
            headers = {**self._signed_in, "Idempotency-Key": key}
            answer = requests.post(f"{url}/orders", json=PRODUCT, headers=headers, timeout=(1, 10))
        except requests.RequestException as failure:
            self.ledger.failures.append("nobody there" if _is_unsent(failure) else type(failure).__name__)
            return None
        if answer.status_code == 201:
            return str(answer.json()["id"])
        self.ledger.failures.append(f"{answer.status_code} {answer.json()['type'].rpartition(':')[2]}")
        return None

    def stored(self) -> list[str]:
        """The ID of each order that is kept."""
        found: list[str] = []
        after = ""
        while True:
            page = requests.get(f"{self._urls[0]}/orders?limit=100{after}", headers=self._signed_in, timeout=10)
            page.raise_for_status()
            found += [one["id"] for one in page.json()["items"]]
            if page.json()["next"] is None:
                return found
            after = f"&after={page.json()['next']}"


def _is_unsent(failure: requests.RequestException) -> bool:
    """Whether no connection came about."""
    return isinstance(failure, requests.ConnectTimeout) or "NewConnectionError" in repr(failure)


@contextmanager
def replaced(nodes: Sequence[Node], orders: str) -> Iterator[None]:
    nodes[0].say("service", "update", "--detach", "--force", orders)
    yield


@contextmanager
def not_starting(nodes: Sequence[Node], orders: str) -> Iterator[None]:
    nodes[0].say("service", "update", "--detach", "--env-add", "DATABASE_URL=none", orders)
    yield
    state = nodes[0].say("service", "inspect", "--format", "{{.UpdateStatus.State}}", orders)
    if state != "rollback_completed":
        raise RuntimeError(f"Swarm has not gone back to the version before: {state}")


@contextmanager
def drained(nodes: Sequence[Node], _: str) -> Iterator[None]:
    node = _id(nodes[0], _busiest(nodes))
    nodes[0].say("node", "update", "--availability", "drain", node)
    try:
        yield
    finally:
        nodes[0].say("node", "update", "--availability", "active", node)


@contextmanager
def cut_off(nodes: Sequence[Node], _: str) -> Iterator[None]:
    node = _busiest(nodes)
    node.cut_off(on=True)
    try:
        _await_down(nodes[0], node)
        yield
    finally:
        node.cut_off(on=False)
    if not eventually(lambda: _all_manage(nodes), NOTICED_WITHIN, every=0.3):
        raise RuntimeError(f"node {node.number} does not come back")


@contextmanager
def killed(nodes: Sequence[Node], _: str) -> Iterator[None]:
    node = _busiest(nodes)
    node.kill()
    _await_down(nodes[0], node)
    yield


HAPPENINGS: Mapping[str, Happening] = {
    "replaced": replaced,
    "not-starting": not_starting,
    "drained": drained,
    "cut-off": cut_off,
    "killed": killed,
}
"""In this order: a node that was killed does not come back."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(HAPPENINGS)))
def main(names: Sequence[str]) -> None:
    """Try all of it, or what is named; exit with 1 when an order is lost or doubled, or Swarm does not settle."""
    use("postgres")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as home, swarm(3) as nodes:
        stack = _up(nodes, Path(home))
        try:
            held = [_holds(name, nodes, stack) for name in HAPPENINGS if name in (names or HAPPENINGS)]
        finally:
            stack.stop()
    raise SystemExit(not all(held))


def _id(manager: Node, node: Node) -> str:
    """By its address: every node has this machine's name."""
    ids = manager.say("node", "ls", "--quiet").split()
    addresses = {manager.say("node", "inspect", "--format", "{{.Status.Addr}}", one): one for one in ids}
    return addresses[node.address]


def _await_down(manager: Node, node: Node) -> None:
    """Swarm notices late, and does nothing before."""
    ask = ("node", "inspect", "--format", "{{.Status.State}}", _id(manager, node))
    if not eventually(lambda: manager.docker.run(ask).stdout.strip() == "down", NOTICED_WITHIN, every=0.3):
        raise RuntimeError(f"Swarm does not notice that node {node.number} is gone")


def _all_manage(nodes: Sequence[Node]) -> bool:
    """Of three managers two have to be there: no other one may go before this one is back."""
    seen = nodes[0].docker.run(["node", "ls", "--format", "{{.Status}} {{.ManagerStatus}}"]).stdout.splitlines()
    return sorted(seen) == ["Ready Leader", *["Ready Reachable"] * (len(nodes) - 1)]


def _busiest(nodes: Sequence[Node]) -> Node:
    """The one with most containers of the services, beside the first, which has the database."""

    def count(node: Node) -> int:
        tasks = nodes[0].say("node", "ps", "--quiet", "--filter", "desired-state=running", _id(nodes[0], node))
        return len(tasks.split())

    return max(nodes[1:], key=count)


def _holds(name: str, nodes: Sequence[Node], stack: Stack) -> bool:
    """What goes wrong with one keeps none of the others from being tried."""
    try:
        return _try(name, nodes, stack)
    except Exception:  # noqa: BLE001  # shown at once
        traceback.print_exc()
        return False


def _try(name: str, nodes: Sequence[Node], stack: Stack) -> bool:
    """Whether every order is kept, once, and Swarm has what it wants."""
    port, project = stack.base_url.rpartition(":")[2], stack.project().name
    shop = Customers([f"http://{node.address}:{port}" for node in nodes])
    with ExitStack() as undone, shop.ordering():
        pause(BEFORE)
        began = time.monotonic()
        undone.enter_context(HAPPENINGS[name](nodes, f"{project}_orders"))
        took = _settled(nodes[0], project) - began
    return _judged(name, shop.ledger, shop.stored(), took)


def _judged(name: str, ledger: Ledger, stored: Sequence[str], took: float) -> bool:
    acknowledged = set(ledger.acknowledged.values())
    gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(ledger.times))]
    lost, doubled = len(acknowledged - set(stored)), len(stored) - len(set(stored) & acknowledged)
    failed = ", ".join(f"{ledger.failures.count(one)} {one}" for one in sorted(set(ledger.failures))) or "none"
    print(  # noqa: T201  # what it is for
        f"{name}: {len(acknowledged)} orders acknowledged, {lost} lost, {doubled} doubled; failed attempts: {failed}; "
        f"longest time without an order {max(gaps):.1f} s, slowest order {ledger.slowest:.1f} s; "
        f"all replicas are there after {took:.1f} s",
        flush=True,
    )
    return not (lost or doubled) and took < SETTLED_WITHIN


def _settled(manager: Node, project: str) -> float:
    """Since when as many replicas run as there should be, once they do so for CALM seconds; inf if that never is."""
    began = up_since = time.monotonic()
    while time.monotonic() < began + SETTLED_WITHIN:
        pause(0.3)
        if not _all_run(manager, project):
            up_since = time.monotonic()
        elif time.monotonic() - up_since > CALM:
            return up_since
    return math.inf


def _all_run(manager: Node, project: str) -> bool:
    """Nothing is known while Swarm chooses another leader. What runs on a node that is gone does not count."""
    format_ = ("--filter", "desired-state=running", "--format", "{{.Name}} {{.CurrentState}}")
    seen = [line.split()[:2] for line in manager.docker.run(["stack", "ps", project, *format_]).stdout.splitlines()]
    running = Counter(name.rpartition("_")[2].partition(".")[0] for name, state in seen if state == "Running")
    return all(running[service] >= wanted for service, wanted in SCALE.items())


def _up(nodes: Sequence[Node], home: Path) -> Stack:
    """Images from this machine's engine, then the stack by the first node."""
    own, first = registry.environment(), nodes[0]
    images = _built(SwarmStack(Layout("nodes", home / "built"), own))
    first.say("node", "update", "--label-add", "database=here", _id(first, first))
    for node in nodes:
        _load(node, images)
    stack = Stack(Layout("nodes", home / "nodes"), {**own, "DOCKER_HOST": first.host})
    stack.nodes = nodes
    with stack.held():
        stack.up(UpOptions(0, scale=SCALE), Progress())
    return stack


def _built(stack: SwarmStack) -> list[str]:
    """The names of the images, which this machine's engine has now."""
    stack.layout.make()
    project = stack.project()
    overlay.write(project.overlay, overlay.document(stack.layout, plan(UpOptions(0), None, ()), project.tag, ()))
    project.build()
    return sorted({str(one["image"]) for one in project.document()["services"].values()})


def _load(node: Node, images: Sequence[str]) -> None:
    save, load = ["docker", "save", *images, base_image.NAME], ["docker", "--host", node.host, "load", "--quiet"]
    with subprocess.Popen(save, stdout=subprocess.PIPE) as saved:
        subprocess.run(load, stdin=saved.stdout, check=True, capture_output=True)


if __name__ == "__main__":
    main()
