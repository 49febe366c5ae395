"""How customers behave, at a window that answers as it is told to."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from pathlib import Path

from ops.history.answers import Answer
from ops.history.customers import Customer
from ops.history.recording import History
from ops.history.window import Window

OK, UNKNOWN, FAILED = Answer("ok", order="o1"), Answer("unknown", "502"), Answer("failed", "503 users-unavailable")

RUN = "20261122-230501-k3f"


class Told(Window):
    """Gives the answers of a list, then stops its customer."""

    def __init__(self, answers: list[Answer], stop: threading.Event) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self._answers = answers
        self._stop = stop

    def order(self, token: str, product: str, request_id: str, key: str | None) -> Answer:
        self.asked.append((product, key))
        answer = self._answers[len(self.asked) - 1]
        if len(self.asked) == len(self._answers):
            self._stop.set()
        return answer


class Luck(random.Random):
    """Draws the same every time."""

    def __init__(self, value: float) -> None:
        super().__init__(0)
        self._value = value

    def random(self) -> float:
        return self._value


def products() -> Iterator[str]:
    return (f"p{n}" for n in itertools.count(1))


def shopped(folder: Path, answers: list[Answer], *, keyed: bool, luck: float = 1.0) -> list[tuple[str, str | None]]:
    stop = threading.Event()
    window = Told(answers, stop)
    history = History(folder / "history.jsonl")
    Customer("ann", "u1", keyed, window, history, products(), Luck(luck), RUN).shop(stop)
    return window.asked


def test_without_a_key_nothing_is_repeated(tmp_path: Path) -> None:
    asked = shopped(tmp_path, [OK, UNKNOWN, FAILED, OK], keyed=False)
    assert asked == [("p1", None), ("p2", None), ("p3", None), ("p4", None)]


def test_with_a_key_the_unknown_is_repeated_until_it_is_acknowledged(tmp_path: Path) -> None:
    asked = shopped(tmp_path, [UNKNOWN, UNKNOWN, FAILED, OK, OK], keyed=True)
    assert asked == [("p1", "ann-1")] * 4 + [("p2", "ann-2")]


def test_with_a_key_what_failed_at_once_is_over(tmp_path: Path) -> None:
    assert shopped(tmp_path, [FAILED, OK], keyed=True) == [("p1", "ann-1"), ("p2", "ann-2")]


def test_an_acknowledgement_taken_for_lost_is_repeated_once(tmp_path: Path) -> None:
    asked = shopped(tmp_path, [OK, OK, OK, OK], keyed=True, luck=0.0)
    assert asked == [("p1", "ann-1")] * 2 + [("p2", "ann-2")] * 2


def test_a_repetition_that_is_not_acknowledged_goes_on(tmp_path: Path) -> None:
    asked = shopped(tmp_path, [OK, FAILED, UNKNOWN, OK, OK], keyed=True, luck=0.0)
    assert asked == [("p1", "ann-1")] * 4 + [("p2", "ann-2")]
