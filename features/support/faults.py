"""Faults on the way between two services, for this scenario's requests alone, and how often a service was asked."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from features.support.places import Place
from ops.api import Injected, Journal, NotProven, Stack

ASKED_FOR = {"users": "/users/me", "products": "/products/*"}
"""What orders asks its peers for while it takes an order; signing keys are fetched by the way, now and then."""


class Faults:
    """The faults of one scenario; each is undone when `undo` is closed."""

    def __init__(self, stack: Stack, place: Place, journal: Journal, undo: ExitStack) -> None:
        self._stack = stack
        self._place = place
        self._journal = journal
        self._undo = undo
        self._injected: dict[str, Injected] = {}

    def status(self, peer: str, code: int, times: int) -> None:
        """From now on orders' calls to a peer get this status, this often, and then what the real peer answers."""
        fault = self._stack.wire.status(
            f"orders:{peer}", code, times=times, request_ids=self._place.request_ids, paths=ASKED_FOR[peer]
        )
        self._injected[peer] = self._undo.enter_context(self._proven(fault))

    def calls(self, peer: str, request_id: str) -> list[int | None]:
        """The statuses that one request met at a peer that a fault was put before, in the order of its attempts."""
        attempts = self._injected[peer].attempts()
        return [attempt.status for attempt in attempts if attempt.request_id == request_id]

    @contextmanager
    def _proven(self, fault: Injected) -> Iterator[Injected]:
        """The fault in force and then in the journal; raises NotProven if it took effect less often than asked."""
        try:
            with fault:
                yield fault
        finally:
            self._journal.write("fault", scenario=self._place.scenario, **fault.evidence())
        if not fault.confirmed():
            raise NotProven(fault.detail)
