"""Customers who order on and on, whatever happens: one kind with an Idempotency-Key, the other without."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ops.history.answers import Answer
from ops.history.operations import request_id
from ops.history.recording import History
from ops.history.window import Window

PAUSE = 0.05
"""Seconds after an unknown answer."""
TAKEN_FOR_LOST = 0.2
"""How many of the acknowledgements a customer with a key behaves as if they had not come, and repeats."""


@dataclass
class _Wish:
    """The operation at hand. `doubtful`: something was sent whose answer does not say what became of it."""

    operation: str
    product: str
    attempts: int = 0
    doubtful: bool = False


@dataclass
class Customer:
    """One person in one thread; `products` never end. What is open when they are stopped they go on with next time."""

    name: str
    account: str
    keyed: bool
    window: Window
    history: History
    products: Iterator[str]
    luck: random.Random
    run: str
    token: str = ""
    _wish: _Wish | None = field(default=None, init=False)

    def shop(self, stop: threading.Event) -> None:
        """Order until stopped."""
        while not stop.is_set():
            self._advance(stop)

    def settle(self, stop: threading.Event, within: float) -> None:
        """Repeat what is open until it is settled."""
        until = time.monotonic() + within
        while self._wish and not stop.is_set() and time.monotonic() < until:
            self._advance(stop)

    def _advance(self, stop: threading.Event) -> None:
        wish = self._wish = self._wish or self._wished()
        answer = self._ask(wish)
        if not self.keyed or self._is_content(wish, answer):
            self._wish = None
        if answer.verdict == "unknown":
            stop.wait(PAUSE)

    def _wished(self) -> _Wish:
        product = next(self.products)
        return _Wish(self.history.invoked(self.name, product, keyed=self.keyed), product)

    def _ask(self, wish: _Wish) -> Answer:
        wish.attempts += 1
        sent = time.monotonic()
        request = request_id(wish.operation, wish.attempts, self.run)
        answer = self.window.order(self.token, wish.product, request, wish.operation if self.keyed else None)
        self.history.answered(wish.operation, answer, sent)
        return answer

    def _is_content(self, wish: _Wish, answer: Answer) -> bool:
        """A repetition is over when it is acknowledged: a refusal of it says nothing of what came before."""
        if answer.verdict == "ok":
            lost = wish.attempts == 1 and self.luck.random() < TAKEN_FOR_LOST
            wish.doubtful = wish.doubtful or lost
            return not lost
        wish.doubtful = wish.doubtful or answer.verdict == "unknown"
        return not wish.doubtful
