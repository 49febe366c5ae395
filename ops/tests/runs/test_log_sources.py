"""`trace` and `logs` of a run whose stack is gone, as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.errors import Exit
from ops.tests.calls import called
from ops.tests.runs.conftest import Maker

pytestmark = pytest.mark.whole


ID = "orders.place_order.L12.1-20261121-080000-abc"


def span(own: str, parent: str) -> dict[str, str]:
    """The IDs of a span, each made of one letter."""
    return {"traceId": "f" * 32, "spanId": own * 16, "parentSpanId": parent * 16}


LINES = (
    ("users", {"event": "problem", **span("d", "c"), "ts": "2026-11-21T08:00:01.003Z", "code": "unauthenticated"}),
    ("users", {"event": "request", **span("d", "c"), "ts": "2026-11-21T08:00:01.004Z", "status": 401, "durationMs": 2}),
    (
        "orders",
        {"event": "peer-call", **span("c", "b"), "ts": "2026-11-21T08:00:01.005Z", "peer": "users", "attempt": 1},
    ),
    (
        "orders",
        {"event": "request", **span("b", "a"), "ts": "2026-11-21T08:00:01.006Z", "status": 401, "durationMs": 6},
    ),
    (
        "gateway",
        {
            "event": "request",
            **span("a", ""),
            "ts": "2026-11-21T08:00:01.007Z",
            "status": 401,
            "durationMs": 8,
            "upstreamAddr": "127.0.0.1:40001",
            "upstreamStatus": "401",
            "upstreamMs": 7,
        },
    ),
)


@pytest.fixture
def folder(make: Maker) -> Path:
    """A run, downloaded from somewhere, with the lines of one request."""
    run = make("20261121-080000-abc")
    for service, more in LINES:
        line = {"level": "info", "method": "POST", "path": "/orders", "requestId": ID, **more}
        if line["event"] == "peer-call":
            line.update(peerStatus=401, durationMs=3)
        run.write("log", requestId=ID, service=service, replica=None, line=line)
    return run.directory


def test_the_way_of_a_request_of_a_run_that_is_over(folder: Path) -> None:
    done = called("trace", "--run", str(folder), ID)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{ID}  POST /orders 401 in 8.0 ms")
    assert [line.strip("│├└─ ").split()[0] for line in lines[1:]] == ["gateway", "orders", "users", "!"]
    assert "code=unauthenticated" in lines[-1]


def test_its_requests_listed_and_its_lines(folder: Path) -> None:
    listed = called("trace", "--run", str(folder), "orders.*", "--json")
    assert [line["requestId"] for line in json.loads(listed.stdout)["requests"]] == [ID]
    lines = called("logs", "--run", str(folder), "--request-id", ID, "--service", "users").stdout.splitlines()
    assert [line.split()[1:4] for line in lines] == [["users", "info", "problem"], ["users", "info", "request"]]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nobody-1"], Exit.FAILED, "no line of the run 20261121-080000-abc (searched: "),
        (["nobody*"], Exit.FAILED, "journal.jsonl) is about a request 'nobody*'"),
        ([ID, "--name", "x"], Exit.USAGE, "--name is a stack that is up and --run a run that is over: choose one"),
    ],
)
def test_what_cannot_be_found_is_one_clear_line(folder: Path, arguments: list[str], code: Exit, said: str) -> None:
    done = called("trace", "--run", str(folder), *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert said in done.stderr
