"""Link faults as `with` blocks: told to the fault proxy, undone in any case, and proven to have taken effect."""

import http.client
import json
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias
from urllib.parse import urlencode, urlsplit

from ops.faults.attempts import Attempt
from ops.faults.errors import FaultError, NotProven, OrderRefused, ProxyUnreachable

State: TypeAlias = Literal["confirmed", "mismatch", "inconclusive"]
_TIMEOUT: Final = 5.0
_COMMON: Final = frozenset({"kind", "link", "times", "requestIds", "paths", "seconds"})


class ControlClient:
    """Speaks with the proxy's control address, `http://HOST:PORT`. Calls raise OrderRefused or ProxyUnreachable."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)

    def call(self, method: str, path: str, order: Mapping[str, Any] | None = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(*self._address, timeout=_TIMEOUT)
        try:
            connection.request(method, path, None if order is None else json.dumps(order))
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError) as wrong:
            raise ProxyUnreachable(f"the fault proxy at {self.url} does not answer: {wrong!r}") from wrong
        finally:
            connection.close()
        if reply.status >= 400:
            raise OrderRefused(str(answer.get("detail")))
        return dict(answer)

    def attempts(self, link: str, request_ids: str, paths: str, since: int) -> list[Attempt]:
        query = urlencode({"link": link, "requestIds": request_ids, "paths": paths, "since": since})
        return [Attempt.from_json(found) for found in self.call("GET", f"/attempts?{query}")["attempts"]]


class WireFaults:
    """Faults on the links of one stack."""

    def __init__(self, control_url: str) -> None:
        self._control = ControlClient(control_url)

    def status(
        self, link: str, code: int, times: int | None = 1, request_ids: str = "*", paths: str = "*"
    ) -> "Injected":
        """The next `times` matching requests (None: all) are answered with `code`; the real service is not asked."""
        return self.inject("status", link, times, request_ids, paths, code=code)

    def inject(
        self, kind: str, link: str, times: int | None = 1, request_ids: str = "*", paths: str = "*", **settings: object
    ) -> "Injected":
        """Any kind of fault, in force while the `with` block of what is returned runs."""
        order = {"kind": kind, "link": link, "times": times, "requestIds": request_ids, "paths": paths}
        return Injected(self._control, order | settings)

    def links(self) -> list[str]:
        """The names of the links. Raises ProxyUnreachable."""
        return list(self._control.call("GET", "/healthz")["links"])

    def in_force(self) -> list[dict[str, Any]]:
        """The faults in force. Raises ProxyUnreachable."""
        return list(self._control.call("GET", "/faults")["faults"])

    def clear(self) -> list[dict[str, Any]]:
        """Remove every fault; returns them as they were. Raises ProxyUnreachable."""
        return list(self._control.call("DELETE", "/faults")["faults"])

    def attempts(self, link: str = "*", request_ids: str = "*", paths: str = "*", since: int = 0) -> list[Attempt]:
        """The requests that came over `link`, oldest first. Raises ProxyUnreachable."""
        return self._control.attempts(link, request_ids, paths, since)


class Injected:
    """One fault, in force from entering to leaving the `with` block; what it did can still be asked afterwards."""

    def __init__(self, control: ControlClient, order: Mapping[str, Any]) -> None:
        self._control = control
        self._order = order
        self._fault: dict[str, Any] | None = None
        self._began = 0.0
        self._ms: float | None = None

    def __enter__(self) -> Self:
        self._fault = self._control.call("POST", "/faults", self._order)
        self._began, self._ms = time.monotonic(), None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Undo the fault. Raises NotProven if it never fired, unless another exception is under way."""
        asked = self._entered()
        self._ms = (time.monotonic() - self._began) * 1000
        try:
            self._fault = self._control.call("DELETE", f"/faults/{asked['id']}")
        except FaultError:
            self._fault = asked | {"fired": None}
        if error is None and not self._fault["fired"]:
            raise NotProven(self.detail)

    def attempts(self) -> list[Attempt]:
        """The requests since the fault began that it was meant for: those it answered and those it let through."""
        asked = self._entered()
        return self._control.attempts(asked["link"], asked["requestIds"], asked["paths"], asked["since"])

    def confirmed(self) -> bool:
        """Whether it took effect as often as asked (at least once, if asked for every time)."""
        return self.state == "confirmed"

    @property
    def fired(self) -> int | None:
        """How often it took effect so far; None if the proxy knows nothing of it."""
        asked = self._fault
        if asked is None:
            return None
        if self._ms is None:
            known = self._control.call("GET", "/faults")["faults"]
            return next((int(fault["fired"]) for fault in known if fault["id"] == asked["id"]), None)
        return None if asked["fired"] is None else int(asked["fired"])

    @property
    def state(self) -> State:
        """`mismatch`: it took effect less often than asked. `inconclusive`: the proxy knows nothing of it."""
        fired, times = self.fired, self._order["times"]
        if fired is None:
            return "inconclusive"
        return "confirmed" if fired >= (times or 1) else "mismatch"

    @property
    def detail(self) -> str:
        """In words: what was asked and how often it took effect."""
        settings = " ".join(f"{name}={value}" for name, value in self._order.items() if name not in _COMMON)
        times, fired = self._order["times"], self.fired
        asked = "every time" if times is None else _times(times)
        done = "the proxy lost it" if fired is None else f"took effect {_times(fired)}"
        return f"{self._order['kind']} {settings} on {self._order['link']}: asked for {asked}, {done}"

    def evidence(self) -> dict[str, object]:
        """The fields of the journal's `fault` event, save the scenario."""
        return {
            "kind": self._order["kind"],
            "target": self._order["link"],
            "state": self.state,
            "ms": None if self._ms is None else round(self._ms, 1),
            "detail": self.detail,
        }

    def _entered(self) -> dict[str, Any]:
        if self._fault is None:
            raise RuntimeError("a fault is in force only inside its `with` block")
        return self._fault


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
