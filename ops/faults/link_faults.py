"""Link faults as `with` blocks: told to the fault proxy, undone in any case, and proven to have taken effect."""

from typing import Any, Literal, TypedDict, Unpack

from ops.faults.link_fault import LinkFault
from ops.faults.proxy.attempts import Attempt
from ops.faults.proxy.control_client import Control, attempts

__all__ = ["LinkFault", "Limits", "LinkFaults"]


class Limits(TypedDict, total=False):
    """Which requests a fault is for: by globs of request ID and path (default: any), and how many (default: 1).

    `times` None means every time; `seconds` (default: 300) is when it ends by itself, should nobody be left to undo it.
    """

    times: int | None
    request_ids: str
    paths: str
    seconds: float


class LinkFaults:
    """Faults on the links of one stack, each in force while the `with` block of what is returned runs."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def status(self, link: str, code: int, **limits: Unpack[Limits]) -> LinkFault:
        """Answers with `code` (200 to 599) and a problem body; the real service is not asked."""
        return self.inject("status", link, **limits, code=code)

    def latency(self, link: str, ms: float, jitter_ms: float = 0, **limits: Unpack[Limits]) -> LinkFault:
        """The service is asked at once, its answer kept back for `ms` milliseconds, up to `jitter_ms` more or less."""
        return self.inject("latency", link, **limits, ms=ms, jitterMs=jitter_ms)

    def drip(
        self, link: str, size: int = 1, interval_ms: float = 100, *, head: bool = False, **limits: Unpack[Limits]
    ) -> LinkFault:
        """The body of the answer (with `head`: all of it) comes `size` bytes at a time, each after `interval_ms`."""
        return self.inject("drip", link, **limits, size=size, intervalMs=interval_ms, head=head)

    def reset(self, link: str, when: Literal["before", "after"] = "before", **limits: Unpack[Limits]) -> LinkFault:
        """A TCP reset instead of an answer, `before` the service is asked or `after` it has answered."""
        return self.inject("reset", link, **limits, when=when)

    def blackhole(self, link: str, **limits: Unpack[Limits]) -> LinkFault:
        """Nothing ever comes back and the service is not asked; connections are reset when the fault ends."""
        return self.inject("blackhole", link, **limits)

    def truncated(self, link: str, after: int = 1, **limits: Unpack[Limits]) -> LinkFault:
        """The real answer ends `after` bytes of its body, and the connection with it; its head promises all of it."""
        return self.inject("truncated", link, **limits, after=after)

    def garbled(self, link: str, what: Literal["json", "http"] = "json", **limits: Unpack[Limits]) -> LinkFault:
        """The real service answers, but what arrives is no JSON (with the status of the answer) or no HTTP at all."""
        return self.inject("garbled", link, **limits, what=what)

    def down(self, link: str, **limits: Unpack[Limits]) -> LinkFault:
        """Connections are refused and those there are reset; by default every time, for all requests.

        That is for the whole link. Limited to request IDs, paths or times, the link must listen to tell the requests
        that are meant: each of them is reset at once. A link that refuses connections counts no attempts; that it
        really refuses is tried out when the fault begins and before it ends.
        """
        limits.setdefault("times", None)
        return self.inject("down", link, **limits)

    def cut(self, link: str) -> LinkFault:
        """All packets between caller and peer vanish; for the whole link, where its stack has a network."""
        return self.inject("cut", link, None)

    def inject(
        self,
        kind: str,
        link: str,
        times: int | None = 1,
        request_ids: str = "*",
        paths: str = "*",
        seconds: float | None = None,
        **settings: object,
    ) -> LinkFault:
        """Any kind of fault, with its settings as the proxy's control address takes them."""
        order = {"kind": kind, "link": link, "times": times, "requestIds": request_ids, "paths": paths}
        return LinkFault(self._control, order | ({} if seconds is None else {"seconds": seconds}) | settings)

    def ask(self, link: str, request_id: str, within: float) -> None:
        """Send a request of our own over a link, as its caller would. Raises OrderRefused, ProxyUnreachable."""
        self._control.call("POST", "/requests", {"link": link, "requestId": request_id, "seconds": within})

    def look(self) -> None:
        """Return when every link does as its target does now: refuses connections or takes them.

        It would by itself, a moment later. Raises ProxyUnreachable.
        """
        self._control.call("POST", "/looks")

    def links(self) -> list[str]:
        """The names of the links. Raises ProxyUnreachable."""
        return list(self._control.call("GET", "/healthz")["links"])

    def in_force(self) -> list[dict[str, Any]]:
        """The faults in force. Raises ProxyUnreachable."""
        return list(self._control.call("GET", "/faults")["faults"])

    def remove(self, fault: str) -> None:
        """End one fault by its ID. Raises OrderRefused when there is none, ProxyUnreachable."""
        self._control.call("DELETE", f"/faults/{fault}")

    def clear(self) -> list[dict[str, Any]]:
        """Remove every fault; returns them as they were. Raises ProxyUnreachable."""
        return list(self._control.call("DELETE", "/faults")["faults"])

    def attempts(self, link: str = "*", request_ids: str = "*", paths: str = "*", since: int = 0) -> list[Attempt]:
        """The requests that came over `link`, oldest first. Raises ProxyUnreachable."""
        return attempts(self._control, link, request_ids, paths, since)
