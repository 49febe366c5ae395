"""Threads that are shared by routes."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from services.common.runtime.threads import Threads

ROUTES = ("one", "two", "three")
SHARED = 2


@dataclass
class Task:
    route: str
    begun: list[str]
    may_end: threading.Event
    seen: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False

    def service(self) -> None:
        self.begun.append(self.route)
        self.seen.set()
        self.may_end.wait(10)

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(ROUTES, SHARED, lambda task: str(task.route))
    yield made
    made.shutdown()


def test_every_route_has_a_thread_however_many_others_are_held_up(threads: Threads) -> None:
    begun: list[str] = []
    may_end = threading.Event()
    tasks = [Task(route, begun, may_end) for route in ("one",) * 10 + ("two",) * 10 + ("three",) * 10]
    for task in tasks:
        threads.add_task(task)
    for first in (tasks[0], tasks[10], tasks[20]):
        assert first.seen.wait(5)
    assert sorted(begun) == ["one"] * (SHARED + 1) + ["three", "two"]
    may_end.set()
    assert all(task.seen.wait(5) for task in tasks)


def test_what_came_first_begins_first(threads: Threads) -> None:
    begun: list[str] = []
    first, free = threading.Event(), threading.Event()
    held = [Task("one", [], first), *(Task(route, [], free) for route in ("one", "one", "two", "three"))]
    for task in held:
        threads.add_task(task)
    assert all(task.seen.wait(5) for task in held)
    later = [Task(route, begun, free) for route in ("three", "one", "two")]
    for task in later:
        threads.add_task(task)
    first.set()
    assert later[0].seen.wait(5)
    assert begun == ["three"]
    free.set()
    assert all(task.seen.wait(5) for task in later)


def test_a_task_that_breaks_costs_no_thread(threads: Threads) -> None:
    class Broken(Task):
        def service(self) -> None:
            raise SystemExit

    for _ in range(20):
        threads.add_task(Broken("one", [], threading.Event()))
    good = Task("one", [], threading.Event())
    threads.add_task(good)
    assert good.seen.wait(5)
    good.may_end.set()


def test_what_has_not_begun_at_the_end_is_cancelled(threads: Threads) -> None:
    may_end = threading.Event()
    tasks = [Task("one", [], may_end) for _ in range(10)]
    for task in tasks:
        threads.add_task(task)
    begun, waiting = tasks[: SHARED + 1], tasks[SHARED + 1 :]
    assert all(task.seen.wait(5) for task in begun)
    threading.Timer(0.2, may_end.set).start()
    threads.shutdown()
    assert not any(task.seen.is_set() for task in waiting)
    assert [task.cancelled for task in tasks] == [False] * len(begun) + [True] * len(waiting)
