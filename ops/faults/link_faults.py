"""Link faults as `with` blocks: told to the fault proxy, undone in any case, and proven to have taken effect."""

from typing import Any

from ops.faults.link_fault import LinkFault
from ops.faults.proxy.attempts import Attempt
from ops.faults.proxy.control_client import Control, attempts

__all__ = ["LinkFault", "LinkFaults"]


class LinkFaults:
    """Faults on the links of one stack, each in force while the `with` block of what is returned runs."""

    def __init__(self, control: Control) -> None:
        self._control = control

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
        """A fault of any kind, with its settings as the classes in `proxy/` have them, in camel case: `jitterMs=9`.

        It is for `times` requests, None for every one, of which request ID and path match these globs. Should nobody be
        left to undo it, it ends by itself after `seconds` (default: 300).
        """
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
