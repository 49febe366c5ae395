"""A stack under load is held to doing its work: what it acknowledges has to be stored, and it has to answer JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import pytest

from ops.bench import wrk
from ops.bench.load import Figures, Generator, Request, WorkNotDone
from ops.bench.source import Prepared
from ops.bench.subject import Subject, accounted, ask
from ops.progress import Progress
from ops.stacks.model import Stack, StackStatus, UpOptions
from ops.tests.bench.servers import Answer, serving

pytestmark = pytest.mark.whole


KEEP = "POST /things"


@dataclass
class Up:
    """A stack that is nothing but an address."""

    base_url: str

    def status(self) -> StackStatus:
        return StackStatus("stub", "local", self.base_url, "ready", None, None)


class Store:
    """Answers each request with `answer`, and keeps it unless `loses` says otherwise; counts what it keeps."""

    def __init__(self, answer: Answer = (201, b"{}"), loses: Callable[[int], bool] = lambda _number: False) -> None:
        self._answer = answer
        self._loses = loses
        self._kept: list[int] = []

    def take(self, number: int) -> Answer:
        if not self._loses(number):
            self._kept.append(number)
        return self._answer

    def prepare(self, url: str) -> Prepared:
        return Prepared([Request(KEEP, "POST", "/things", {}, "{}")], time.monotonic() + 60, {})

    def count(self, url: str, prepared: Prepared) -> Mapping[str, int]:
        return {KEEP: len(self._kept)}


def loaded(store: Store, generator: Generator | None = None) -> tuple[int | None, str]:
    """What is stored more after a load of a second over two connections, and why it does not count."""
    with serving(store.take) as server:
        subject = Subject("stub", "a stub", cast(Stack, Up(server.url)), UpOptions(), store)
        subject.prepare([KEEP])
        found = subject.load(1, KEEP, 2, 1, generator or wrk.provide(Progress(quiet=True)))
    return found.stored, found.void


def test_a_load_whose_answers_are_all_stored_counts() -> None:
    stored, void = loaded(Store())

    assert stored
    assert void == ""


def test_requests_that_are_acknowledged_and_not_stored_are_found() -> None:
    _, void = loaded(Store(loses=lambda number: number % 10 == 9))

    assert "acknowledged requests are not stored" in void


def test_requests_that_are_stored_twice_are_found() -> None:
    class Doubling(Store):
        def take(self, number: int) -> Answer:
            super().take(number)
            return super().take(number)

    _, void = loaded(Doubling())

    assert "were acknowledged over 2 connections" in void


@pytest.mark.parametrize(
    ("stored", "is_right"),
    [(99, False), (100, True), (104, True), (105, False)],
    ids=["lost", "exact", "cut", "doubled"],
)
def test_what_was_cut_off_at_the_end_may_be_stored_or_not(stored: int, is_right: bool) -> None:
    assert (accounted(100, 4, stored) == "") is is_right


def test_what_is_stored_late_is_waited_for() -> None:
    class Slow(Store):
        """The last one is counted one look later."""

        looks = 0

        def count(self, url: str, prepared: Prepared) -> Mapping[str, int]:
            self.looks += 1
            whole = super().count(url, prepared)[KEEP]
            return {KEEP: whole - 1 if self.looks == 2 else whole}

    class Two:
        def load(self, url: str, request: Request, connections: int, seconds: float) -> Figures:
            assert [ask(url, request) for _ in range(2)] == ["", ""]
            return Figures(1.0, 2, 0, 1.0, 1.0, 1.0, 1.0)

    assert loaded(Slow(), Two()) == (2, "")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((503, b'{"detail": "no"}'), "POST /things of stub does not do its work: 503"),
        ((201, b"<html>"), "POST /things of stub does not do its work: 201 without JSON"),
    ],
)
def test_a_request_that_does_not_do_its_work_is_named_before_anything_is_measured(answer: Answer, words: str) -> None:
    with pytest.raises(WorkNotDone, match=words):
        loaded(Store(answer))
