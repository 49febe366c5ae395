"""`trace` on a real stack, with a fault between orders and products."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from ops.errors import Exit
from ops.faults.link_faults import LinkFaults
from ops.stacks import registry
from ops.stacks.layout import ROOT
from ops.tests.calls import called
from ops.tests.trace.test_otlp import parsed

pytestmark = pytest.mark.whole


NAME = "t-trace"
UP = f"""
from ops.progress import Progress
from ops.stacks import registry
from ops.stacks.model import UpOptions
from ops.system import Link
up_options = UpOptions(0, (Link("orders", "products"),))
print(registry.of_kind("{NAME}", "local").up(up_options, Progress(quiet=True)).url)
"""
"""A stack outlives who brings it up: a process of its own."""

ACCOUNT = {"email": "ann@example.com", "password": "long enough"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The gateway of a stack, on which three requests were made: t-retried-1, t-replayed-1 twice."""
    stack = registry.stack(NAME)
    with stack.layout.held():
        try:
            base = subprocess.check_output([sys.executable, "-c", UP], cwd=ROOT, text=True).strip()
            control = stack.link_control
            assert control
            _use(base, LinkFaults(control))
            yield base
        finally:
            stack.down()


def _use(base: str, faults: LinkFaults) -> None:
    requests.post(f"{base}/users/register", json=ACCOUNT, timeout=5)
    token = requests.post(f"{base}/users/login", json=ACCOUNT, timeout=5).json()["accessToken"]
    with faults.inject("status", "orders:products", code=503, times=1):
        _order(base, token, "t-retried-1")
    _order(base, token, "t-replayed-1")
    _order(base, token, "t-replayed-1")


def _order(base: str, token: str, request_id: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": request_id, "Idempotency-Key": f"{request_id}-key"}
    wanted = {"productId": "espresso-cup"}
    assert requests.post(f"{base}/orders", json=wanted, headers=headers, timeout=5).status_code == 201


trace = partial(called, "trace", "--name", NAME)


def document(*arguments: str) -> dict[str, Any]:
    done = trace(*arguments, "--json")
    assert done.returncode == Exit.HELD, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_way_of_an_order_with_a_retry(url: str) -> None:
    lines = trace("t-retried-1").stdout.splitlines()
    assert lines[0].startswith("t-retried-1  POST /orders 201 in ")
    assert lines[1].startswith("gateway  POST /orders → 201  0.0 … ")
    assert [line.strip("│├└─ ").split()[0] for line in lines[2:6]] == ["orders", "users", "products", "attempt"]
    assert "GET /products/espresso-cup" in lines[4]
    assert "attempt 1 → 503" in lines[5]
    assert lines[5].endswith("(fault: status code=503 on orders:products)")
    assert "attempt 2 → 200" in lines[6]
    assert len(lines) == 7


def test_the_same_as_data(url: str) -> None:
    (request,) = document("t-retried-1")["requests"]
    assert len(request["traceId"]) == 32
    assert [
        (span["peer"], span["path"], span["status"], span["spans"] != []) for span in _orders(request)["spans"]
    ] == [
        ("users", "/users/me", 200, True),
        ("products", "/products/espresso-cup", 503, False),
        ("products", "/products/espresso-cup", 200, True),
    ]


def test_an_order_and_its_replay_have_one_id_and_a_trace_each(url: str) -> None:
    first, again = document("t-replayed-1")["requests"]
    assert [len(_orders(request)["spans"]) for request in (first, again)] == [2, 0]
    assert first["traceId"] != again["traceId"]


def _orders(request: dict[str, Any]) -> dict[str, Any]:
    """The span of orders: the gateway's only upstream led to it."""
    orders: dict[str, Any]
    ((orders,),) = (upstream["spans"] for upstream in request["spans"])
    assert orders["service"] == "orders"
    return orders


def test_a_clients_trace_is_continued(url: str) -> None:
    trace_id, span_id = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    headers = {"X-Request-ID": "t-continued-1", "traceparent": f"00-{trace_id}-{span_id}-01"}
    requests.get(f"{url}/products", headers=headers, timeout=5)
    (request,) = document("t-continued-1")["requests"]
    assert (request["traceId"], request["parentSpanId"]) == (trace_id, span_id)
    assert request["spans"][0]["spans"][0]["parentSpanId"] == request["spanId"]


def test_its_spans_as_a_file_for_other_tools(url: str, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    done = trace("t-retried-1", "--otlp", str(file))
    assert done.stdout == trace("t-retried-1").stdout
    assert done.stderr == f"7 spans are in {file}\n"
    assert len(parsed(json.loads(file.read_text()))) == 7


def test_what_cannot_be_written_says_why(url: str, tmp_path: Path) -> None:
    assert trace("t-*", "--otlp", str(tmp_path / "x")).returncode == Exit.USAGE
    done = trace("t-retried-1", "--otlp", str(tmp_path / "none" / "x"))
    assert done.returncode == Exit.USAGE
    assert "cannot be written: No such file or directory" in done.stderr


def test_ids_are_listed_newest_first(url: str) -> None:
    lines = trace("t-*").stdout.splitlines()
    assert [line.split("  ")[1] for line in lines[-2:]] == ["t-replayed-1", "t-retried-1"]
    assert [line["requestId"] for line in document("*replayed*")["requests"]] == ["t-replayed-1"]


@pytest.mark.parametrize("request_id", ["t-nobody-1", "nobody*", "t-retried-"])
def test_an_unknown_id_is_one_line_that_names_the_logs(url: str, request_id: str) -> None:
    done = trace(request_id)
    assert (done.returncode, done.stdout) == (Exit.FAILED, "")
    assert done.stderr.count("\n") == 1
    for log in ("access.log", "orders.log", "products.log", "users.log"):
        assert log in done.stderr
