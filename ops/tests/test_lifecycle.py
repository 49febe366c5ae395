"""Local stacks for real: side by side, gone without a trace, and found again after whatever happened to ops."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from ops.errors import Exit
from ops.stacks import layout, ports, processes, registry
from ops.stacks.layout import ROOT, Layout
from ops.tests.calls import OPS, process
from ops.tests.calls import called as ops
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


NAMES = ("t-one", "t-two")
SHARED = "t-shared"


def up(name: str, *options: str) -> dict[str, Any]:
    done = process("up", "--name", name, "--port", "0", "--json", *options)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def living(name: str) -> list[psutil.Process]:
    return processes.of(Layout(name).directory)


@pytest.fixture(scope="module")
def shared() -> Iterator[dict[str, Any]]:
    """A stack for the tests that leave it as it is."""
    try:
        yield up(SHARED)
    finally:
        assert ops("down", "--name", SHARED).returncode == 0


@pytest.fixture(autouse=True, scope="module")
def no_traces() -> Iterator[None]:
    """At the end; a test may leave the first for the next, which brings it up, or mends it, all the same."""
    yield
    gone(*NAMES)


def gone(*names: str) -> None:
    for name in set(names) & set(layout.names()):
        assert ops("down", "--name", name).returncode == 0
    assert not set(names) & set(layout.names())


def test_that_another_port_than_the_usual_is_used_is_told() -> None:
    gone("t-one")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # taken already: as good
            other.bind(("127.0.0.1", ports.PREFERRED))
            other.listen()
        done = process("up", "--name", "t-one", "--json")
        again = process("up", "--name", "t-one")
    assert f"port 8080 is taken: the gateway is at {json.loads(done.stdout)['url']}" in done.stderr
    assert "port 8080" not in again.stderr


def test_two_stacks_never_meet(shared: dict[str, Any]) -> None:
    one, two = up("t-one"), shared
    assert {one["state"], two["state"]} == {"ready"}
    ports = [service["address"] for stack in (one, two) for service in stack["services"]]
    assert len(set(ports)) == 8
    account = {"email": "ann@example.com", "password": "long enough"}
    assert requests.post(f"{one['url']}/users/register", json=account, timeout=5).status_code == 201
    assert requests.post(f"{two['url']}/users/login", json=account, timeout=5).status_code == 401


def test_up_of_a_ready_stack_changes_nothing(shared: dict[str, Any]) -> None:
    second = up(SHARED)
    assert [service["pid"] for service in shared["services"]] == [service["pid"] for service in second["services"]]


def test_up_mends_a_broken_stack_and_keeps_its_data() -> None:
    broken = up("t-one")
    account = {"email": "bea@example.com", "password": "long enough"}
    requests.post(f"{broken['url']}/users/register", json=account, timeout=5)
    pids = {service["name"]: service["pid"] for service in broken["services"]}
    os.kill(pids["orders"], signal.SIGKILL)
    eventually(lambda: json.loads(ops("status", "--name", "t-one", "--json").stdout)["state"] == "degraded")
    mended = up("t-one")
    assert mended["state"] == "ready"
    assert requests.post(f"{mended['url']}/users/login", json=account, timeout=5).status_code == 200


def test_down_leaves_no_trace_nor_a_killed_gateways_workers_and_the_other_stack_as_it_is(
    shared: dict[str, Any],
) -> None:
    stack = up("t-one")
    gateway = next(service for service in stack["services"] if service["name"] == "gateway")
    os.kill(gateway["pid"], signal.SIGKILL)
    assert ops("down", "--name", "t-one").returncode == 0
    assert living("t-one") == []
    assert not Path(stack["directory"]).exists()
    assert requests.get(f"{shared['url']}/products", timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("blow", "services"), [(signal.SIGKILL, 1), (signal.SIGKILL, 4), (signal.SIGINT, 4), (signal.SIGTERM, 1)]
)
def test_ops_that_ends_during_up_leaves_nothing_after_down(blow: signal.Signals, services: int) -> None:
    gone("t-one")
    call = [*OPS, "up", "--name", "t-one", "--port", "0"]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as going:
        eventually(lambda: len(living("t-one")) >= services)
        going.send_signal(blow)
        code = going.wait()
    if blow != signal.SIGKILL:
        assert code == Exit.INTERRUPTED
        assert living("t-one") == []
    assert ops("down", "--name", "t-one").returncode == 0
    assert living("t-one") == []


def test_a_service_that_cannot_start_is_named_with_its_words() -> None:
    gone("t-one")
    data = Layout("t-one").data
    (data / "orders").mkdir(parents=True)
    (data / "orders" / "orders.db").write_bytes(b"no database" * 1000)
    done = process("up", "--name", "t-one", "--port", "0")
    assert done.returncode == Exit.NOT_READY
    assert "orders-migrate ended with 1" in done.stderr
    assert "not a database" in done.stderr
    gone("t-one")


def test_a_port_that_is_taken_is_one_clear_line(shared: dict[str, Any]) -> None:
    port = shared["url"].rsplit(":")[-1]
    done = process("up", "--name", "t-two", "--port", port)
    assert done.returncode == Exit.NOT_READY
    assert f"port {port} is taken" in done.stderr


@pytest.mark.parametrize(
    "call",
    [
        ["up", "--name", "../x"],
        ["nothing"],
        ["verify", "--base-url", "ftp://x"],
        ["verify", "--base-url", "http://127.0.0.1:1", "--stack", "compose"],
        ["verify", "--tags", "@a and"],
        ["verify", "--workers", "0"],
        ["verify", "--workers", "6"],
        ["verify", "--shuffle", "dice"],
        ["logs", "--service", "nobody"],
    ],
)
def test_wrong_usage_is_2_and_no_traceback(call: list[str]) -> None:
    done = ops(*call)
    assert done.returncode == Exit.USAGE
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_what_is_not_there() -> None:
    gone("t-one")
    done = ops("status", "--name", "t-one", "--json")
    assert done.returncode == ops("status", "--name", "t-one").returncode == Exit.NOT_READY
    document = json.loads(done.stdout)
    assert document["state"] == "down"
    assert {service["state"] for service in document["services"]} == {"absent"}
    assert [service["name"] for service in document["services"]] == ["users", "products", "orders", "gateway"]


def test_verify_does_not_touch_a_stack_that_is_in_use(shared: dict[str, Any]) -> None:
    done = ops("verify", "--name", SHARED, "--tags", "@journey")
    assert done.returncode == Exit.USAGE
    assert "in use since `up`" in done.stderr
    after = json.loads(ops("status", "--name", SHARED, "--json").stdout)
    assert after["services"] == shared["services"]


def test_verify_does_not_touch_a_stack_that_another_call_works_on() -> None:
    place = Layout("t-one")
    with place.held():
        (place.directory / "mine").touch()
        done = ops("verify", "--name", "t-one", "--tags", "@journey")
        assert done.returncode == Exit.USAGE
        assert (place.directory / "mine").exists()
        place.remove()


def test_a_selection_of_nothing_is_told_before_anything_comes_up() -> None:
    done = ops("verify", "--name", "t-one", "--tags", "@of-no-scenario")
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("no scenario is tagged @of-no-scenario")
    assert "t-one" not in layout.names()


def test_a_run_that_proves_nothing_is_no_success(shared: dict[str, Any]) -> None:
    done = process("verify", "--base-url", shared["url"], "--tags", "@needs.kill")
    assert done.returncode == Exit.FAILED
    assert "nothing is proven" in done.stdout


def test_what_a_killed_worker_had_broken_is_restored() -> None:
    call = [*OPS, "verify", "--name", "t-two", "--workers", "2", "--keep"]
    with subprocess.Popen(
        [*call, "--tags", "@alone and @needs.pause"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as going:
        eventually(lambda: "paused" in states("t-two"), within=60)
        for worker in behaves("t-two"):
            worker.kill()
        said = going.communicate(timeout=60)[0]
    assert going.returncode == Exit.FAILED
    assert "ended with exit code -9: restoring what it broke" in said
    assert states("t-two") == {"running"}
    assert ops("fault", "list", "--name", "t-two").stdout == "nothing of t-two is broken\n"
    run = re.search(r"runs/(\S+)/report.html", said)
    assert run
    assert re.search(rf"{run[1]} .*Not every scenario ran to its end\.", ops("report", "--list").stdout)


def states(name: str) -> set[str]:
    return {service.state for service in registry.stack(name).status().services}


def behaves(name: str) -> list[psutil.Process]:
    return [process for process in living(name) if _runs_behave(process)]


def _runs_behave(process: psutil.Process) -> bool:
    try:
        return "ops.run.behave" in process.cmdline()
    except psutil.NoSuchProcess:
        return False
