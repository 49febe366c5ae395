"""A container's health check, run from outside; no engine is asked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
import requests
from docker.errors import APIError

from ops.stacks.compose import ready

pytestmark = pytest.mark.whole


class Container:
    """One that ends with that code, or has ended since it was last looked at."""

    status = "running"
    labels = {"com.docker.compose.service": "orders"}

    def __init__(self, code: int | None, address: str = "nobody.invalid") -> None:
        self._code = code
        self.asked = False
        self.attrs: dict[str, Any] = {
            "Config": {"Healthcheck": {"Test": ["CMD", "true"]}},
            "NetworkSettings": {"Networks": {"n": {"IPAddress": address}}},
        }

    def exec_run(self, command: list[str]) -> Any:
        self.asked = True
        if self._code is None:
            gone = requests.Response()
            gone.status_code = HTTPStatus.CONFLICT
            raise APIError("container is not running", gone)
        return type("Done", (), {"exit_code": self._code})


@pytest.mark.parametrize(("code", "healthy"), [(0, True), (1, False), (None, False)])
def test_what_does_not_run_any_more_is_not_healthy(code: int | None, healthy: bool) -> None:
    assert ready.is_healthy(Container(code)) is healthy


@pytest.mark.parametrize(("address", "asked_inside"), [("127.0.0.1", False), ("nobody.invalid", True)])
def test_inside_is_asked_only_where_no_way_leads_to_it(address: str, asked_inside: bool) -> None:
    """Each time that takes a process in the container."""
    container = Container(0, address)
    ready.answers(container)
    assert container.asked is asked_inside
