"""The other side of the control address."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

from ops.faults.errors import OrderRefused, ProxyUnreachable
from ops.faults.proxy.attempts import Attempt

_TIMEOUT: Final = 5.0


class Control(Protocol):
    """Speaks with whatever makes the faults on links. Calls raise OrderRefused or ProxyUnreachable."""

    def call(self, method: str, path: str, order: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What it answers (ops.faults.proxy.control)."""


def attempts(control: Control, link: str, request_ids: str, paths: str, since: int) -> list[Attempt]:
    """The requests over a link that match, and are numbered above `since`."""
    query = urlencode({"link": link, "requestIds": request_ids, "paths": paths, "since": since})
    return [Attempt.from_json(found) for found in control.call("GET", f"/attempts?{query}")["attempts"]]


class ControlClient:
    """Speaks with the proxy's control address, `http://HOST:PORT`. Calls raise OrderRefused or ProxyUnreachable."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self._headers = {"Authorization": f"Bearer {secret}"}
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)

    def call(self, method: str, path: str, order: Mapping[str, Any] | None = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(*self._address, timeout=_TIMEOUT)
        try:
            connection.request(method, path, None if order is None else json.dumps(order), self._headers)
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError) as wrong:
            raise ProxyUnreachable(f"the fault proxy at {self.url} does not answer: {wrong!r}") from wrong
        finally:
            connection.close()
        if reply.status >= 400:
            raise OrderRefused(str(answer.get("detail")))
        return dict(answer)
