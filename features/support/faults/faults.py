"""Faults on the way between two services, for this scenario's requests alone, and of services as a whole."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from features.support.faults.phrases import Trouble, trouble
from features.support.faults.recoveries import WITHIN, Journey, Recoveries
from features.support.waiting import eventually
from ops.api import (
    Attempt,
    Journal,
    LinkFault,
    NotProven,
    OpsError,
    Place,
    ServiceFault,
    Stack,
    StackNotReady,
    break_service,
    events,
    link_faults,
)

ASKED_FOR = {
    "orders:users": "/users/me",
    "orders:products": "/products/*",
    "gateway:users": "/users/me",
    "gateway:products": "/products/*",
    "gateway:orders": "/orders*",
}
"""What is broken of each link. Signing in is no part of that, nor are the signing keys, fetched now and then. Of a link
that is not listed, as one to a database, all that passes.
"""

KEYS = "/users/.well-known/jwks.json"

ALWAYS = None
Fault: TypeAlias = LinkFault | ServiceFault


@dataclass
class Asked:
    """A fault that the scenario asked for at a moment, and why it did not come about, if it did not."""

    fault: Fault
    began: datetime
    reason: str = ""

    def evidence(self) -> dict[str, object]:
        """The fields of the journal's `fault` event, save the scenario."""
        told = {"began": self.began.isoformat(), **self.fault.evidence()}
        return told | {"detail": f"{told['detail']}; {self.reason}"} if self.reason else told


class Faults:
    """The faults of one scenario, in force until `undo`."""

    def __init__(self, stack: Stack, place: Place, journal: Journal, recoveries: Recoveries) -> None:
        self._stack = stack
        self._place = place
        self._journal = journal
        self._recoveries = recoveries
        self._undo = ExitStack()
        self._asked: list[Asked] = []
        self._links: dict[str, LinkFault] = {}
        self._began = datetime.now(UTC)

    def __bool__(self) -> bool:
        """Whether any was asked for."""
        return bool(self._asked)

    def make(self, link: str, words: str, times: int | None = ALWAYS, place: Place | None = None) -> None:
        """From now on this is the trouble on a link ("orders:users"), this often, for the requests of one place."""
        what = trouble(words)
        limits = {"request_ids": (place or self._place).request_ids, "paths": ASKED_FOR.get(link)}
        self._inject(link, what, times, limits if limits["paths"] and not what.whole_link else {})

    def withhold_keys(self, link: str, words: str, times: int | None = ALWAYS) -> None:
        """From now on this is the trouble with the signing keys, which a service asks for in nobody's name."""
        self._inject(link, trouble(words), times, {"paths": KEYS})

    def break_service(self, service: str, kind: str, journey: Journey) -> None:
        """From now on a service is "stopped", "killed" or "paused", for everybody; `journey` tells that it is back."""
        self._begin(break_service(self._stack, kind, service, self._recoveries.probe(journey)))

    def restart(self, service: str) -> None:
        """Restart a service amid the other faults, and return when it answers strangers again."""
        restarted = break_service(self._stack, "restarted", service)
        self._begin(restarted)
        eventually(lambda: _require_back(restarted), within=WITHIN)

    def pass_by(self, service: str, kind: str, journey: Journey) -> None:
        """Break a service, and return when it is back."""
        self.break_service(service, kind, journey)
        self.mend()

    def cut(self, link: str) -> None:
        """From now on nothing passes a link ("orders:products"), for everybody."""
        self._begin(link_faults(self._stack).cut(link))

    def mend(self) -> None:
        """End all faults there are, and return when everything is back."""
        self._undo.close()

    def require_under_way(self) -> None:
        """An AssertionError unless a request of this scenario has come to a link that a fault is on."""
        assert any(fault.attempts() for fault in self._links.values()), "no request has come yet"

    def attempts(self, peer: str, request_id: str) -> list[Attempt]:
        """What one request asked of a peer that a fault was put before, each time that it did."""
        faults = [fault for link, fault in self._links.items() if link.endswith(f":{peer}")]
        return [attempt for attempt in faults[-1].attempts() if attempt.request_id == request_id]

    def key_requests(self, link: str) -> list[Attempt]:
        """When a service asked for the signing keys since the scenario began."""
        return [one for one in link_faults(self._stack).attempts(link, paths=KEYS) if moment(one) >= self._began]

    def fired(self, link: str) -> int:
        """How many requests the last fault on a link took on; as many as it was made for, however many they were."""
        return self._links[link].fired or 0

    def at_a_time(self, link: str) -> float:
        """How many requests were under way at the last fault on a link on the average, of those it remembers."""
        ended = [(moment(one).timestamp() * 1000, one.ms or 0) for one in self._links[link].attempts()]
        lasted = max(began + ms for began, ms in ended) - min(began for began, _ in ended)
        return sum(ms for _, ms in ended) / lasted

    def met(self, link: str, place: Place) -> set[bool]:
        """Whether requests of that place met trouble on a link: {True} if all did, {True, False} if some."""
        attempts = link_faults(self._stack).attempts(link, place.request_ids, ASKED_FOR[link])
        return {attempt.injected is not None for attempt in attempts}

    def undo(self, journey: Journey) -> None:
        """End all faults and tell the journal of each, with the time until the first `journey` that succeeds."""
        recovery: dict[str, float] = {}
        try:
            self._undo.close()
            began = time.monotonic()
            self._recoveries.wait(journey)
            recovery["recoveryMs"] = round((time.monotonic() - began) * 1000, 1)
        finally:
            for asked in self._asked:
                told = {"scenario": self._place.scenario, **recovery, **asked.evidence()}
                self._journal.write(events.Fault.model_validate(told))

    def require_proof(self) -> None:
        """Raises NotProven if one took effect less often than asked."""
        unproven = [asked.fault.detail for asked in self._asked if not asked.fault.confirmed()]
        if unproven:
            raise NotProven("; ".join(unproven))

    def _inject(self, link: str, what: Trouble, times: int | None, limits: dict[str, Any]) -> None:
        self._links[link] = link_faults(self._stack).inject(what.kind, link, times=times, **limits, **what.settings)
        self._begin(self._links[link])

    def _begin(self, fault: Fault) -> None:
        """In force until `undo`; whether it took effect is asked when all faults have ended."""
        asked = Asked(fault, datetime.now(UTC))
        self._asked.append(asked)
        try:
            fault.__enter__()
        except OpsError as error:
            asked.reason = str(error)
            raise
        self._undo.callback(self._end, fault)

    def _end(self, fault: Fault) -> None:
        try:
            with suppress(NotProven):
                fault.__exit__(None, None, None)
        except StackNotReady:
            self._recoveries.miss()
            raise


def moment(attempt: Attempt) -> datetime:
    """When an attempt began."""
    return datetime.fromisoformat(attempt.ts)


def pauses(attempts: Sequence[Attempt]) -> list[float]:
    """Seconds between the end of each attempt and the beginning of the next."""
    ends = [moment(one) + timedelta(milliseconds=one.ms or 0) for one in attempts]
    return [(moment(after) - end).total_seconds() for end, after in zip(ends, attempts[1:], strict=False)]


def _require_back(restarted: ServiceFault) -> None:
    assert restarted.recovery_ms is not None, f"not back yet: {restarted.detail}"
