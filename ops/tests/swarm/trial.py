"""Three nodes of Swarm on one machine, and customers who order without a pause while one of them goes.

`.venv/bin/python -m ops.tests.swarm.trial`, as root, takes ten minutes. A service is replaced, by itself and by one
that does not start; a node is drained, cut off, and killed. For each it says how long no order came through, how many
attempts failed, after how long Swarm had what it wants again, and what became of the orders.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import requests

from ops.eventually import pause
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
"""Seconds of orders before something happens, and for which Swarm has to be content after it: it notices late."""
SETTLED_WITHIN = 150.0
COUNTS = ("service", "ls", "--format", "{{.Replicas}}")
PRODUCT = {"productId": "espresso-cup"}
Deed: TypeAlias = Callable[[], object]


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
        self.ledger.failures.append(str(answer.status_code))
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


def main() -> None:
    use("postgres")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as home, swarm(3) as nodes:
        stack = _up(nodes, Path(home))
        try:
            port = stack.base_url.rpartition(":")[2]
            urls = [f"http://{node.address}:{port}" for node in nodes]
            for what, deed, undo in _happenings(nodes, f"{stack.project().name}_orders"):
                if what in (sys.argv[1:] or what):
                    _try(what, nodes[0], Customers(urls), deed, undo)
        finally:
            stack.stop()


def _happenings(nodes: Sequence[Node], orders: str) -> list[tuple[str, Deed, Deed]]:
    """Each of a node that has containers of the services then: Swarm moves none back to a node that has returned."""
    first, second, third = nodes
    availability = partial(first.say, "node", "update", "--availability")
    update = partial(first.say, "service", "update", "--detach")
    return [
        ("orders replaced", lambda: update("--force", orders), nothing),
        ("a version of orders that does not start", lambda: update("--env-add", "DATABASE_URL=none", orders), nothing),
        (
            "drained",
            lambda: availability("drain", _id(first, second)),
            lambda: availability("active", _id(first, second)),
        ),
        ("cut off", lambda: third.cut_off(on=True), lambda: third.cut_off(on=False)),
        ("killed", second.kill, nothing),
    ]


def nothing() -> None:
    """It is over by itself, or for good."""


def _id(manager: Node, node: Node) -> str:
    """By its address: every node has this machine's name."""
    ids = manager.say("node", "ls", "--quiet").split()
    addresses = {manager.say("node", "inspect", "--format", "{{.Status.Addr}}", one): one for one in ids}
    return addresses[node.address]


def _try(what: str, manager: Node, shop: Customers, deed: Deed, undo: Deed) -> None:
    with shop.ordering():
        pause(BEFORE)
        deed()
        took = _settled(manager)
    undo()
    ledger, stored = shop.ledger, shop.stored()
    acknowledged = set(ledger.acknowledged.values())
    gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(ledger.times))]
    lost, doubled = len(acknowledged - set(stored)), len(stored) - len(set(stored) & acknowledged)
    failed = ", ".join(f"{ledger.failures.count(one)} {one}" for one in sorted(set(ledger.failures))) or "none"
    print(  # noqa: T201  # what it is for
        f"{what}: {len(acknowledged)} orders acknowledged, {lost} lost, {doubled} doubled; failed attempts: {failed}; "
        f"longest time without an order {max(gaps):.1f} s, slowest order {ledger.slowest:.1f} s; "
        f"Swarm has what it wants after {took:.1f} s",
        flush=True,
    )
    if undo is not nothing:
        _settled(manager)


def _settled(manager: Node) -> float:
    """Seconds until every service runs as often as it should, and does so for CALM seconds."""
    began = up_since = time.monotonic()
    while time.monotonic() < began + SETTLED_WITHIN:
        pause(0.3)
        if not all(_is_up(*line.split()) for line in manager.say(*COUNTS).splitlines()):
            up_since = time.monotonic()
        elif time.monotonic() - up_since > CALM:
            break
    return up_since - began


def _is_up(count: str, *completed: str) -> bool:
    """`2/2` is, and `3/2`, where a node that is gone may have one; a job says `0/1 (1/1 completed)`."""
    running, _, wanted = count.partition("/")
    return bool(completed) or int(running) >= int(wanted)


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
