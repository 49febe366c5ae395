"""The shop as one customer reaches it: through the gateway, on a connection of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from ops.errors import StackNotReady
from ops.history.answers import Answer, judge

CONNECT, READ = 1.0, 6.0
"""Seconds; the gateway gives up on a service after 5."""
PATIENCE = 10.0
"""Seconds in which a reading, or a registration, must succeed."""
MOST_PAGES = 10_000


class Window:
    """Nothing is ever repeated behind the customer's back."""

    def __init__(self, base_url: str) -> None:
        timeout = urllib3.Timeout(connect=CONNECT, read=READ)
        self._base_url = base_url
        self._pool = urllib3.PoolManager(1, retries=False, timeout=timeout, maxsize=2)

    def register(self, email: str, password: str) -> str:
        """The new account's ID. Raises StackNotReady."""
        account = self._insist("POST", "/users/register", {}, {"email": email, "password": password}, expected=201)
        return str(account["id"])

    def order(self, token: str, product: str, request_id: str, key: str | None) -> Answer:
        """Ask once for one order."""
        headers = {"Authorization": f"Bearer {token}", "X-Request-ID": request_id}
        try:
            reply = self._send(
                "POST", "/orders", headers | ({"Idempotency-Key": key} if key else {}), {"productId": product}
            )
        except HTTPError as broken:
            return Answer("unknown", type(broken).__name__)
        return judge(reply.status, reply.data)

    def orders(self, token: str) -> Iterator[Mapping[str, Any]]:
        """All orders of that customer, page by page. Raises StackNotReady."""
        after = ""
        for _ in range(MOST_PAGES):
            page = self._insist("GET", f"/orders?limit=100{after}", {"Authorization": f"Bearer {token}"}, expected=200)
            yield from page["items"]
            if page["next"] is None:
                return
            after = f"&after={page['next']}"
        raise StackNotReady(f"the list of orders does not end after {MOST_PAGES} pages")

    def close(self) -> None:
        """Give the connection up."""
        self._pool.clear()

    def _insist(
        self, method: str, path: str, headers: Mapping[str, str], body: object = None, *, expected: int
    ) -> Mapping[str, Any]:
        until, last = time.monotonic() + PATIENCE, ""
        while time.monotonic() < until:
            try:
                reply = self._send(method, path, headers, body)
                if reply.status == expected:
                    return dict(reply.json())
                last = f"{reply.status} {reply.data[:300]!r}"
            except (HTTPError, ValueError) as broken:
                last = type(broken).__name__
            time.sleep(0.1)
        raise StackNotReady(f"{method} {path} is not answered {expected} within {PATIENCE:.0f} s: {last}")

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: object) -> urllib3.BaseHTTPResponse:
        content = {} if body is None else {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return self._pool.request(
            method, self._base_url + path, body=data, headers={**headers, **content}, redirect=False
        )
