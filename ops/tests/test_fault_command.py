"""`ops fault` by hand, on a real local stack."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator

import click
import psutil
import pytest
import requests

from ops.commands import lifecycle
from ops.commands.fault import fault as command
from ops.errors import Exit, WrongUsage
from ops.faults import on_links, restore
from ops.outcome import Outcome
from ops.stacks import probes, processes, registry
from ops.stacks.layout import ROOT
from ops.stacks.local import programs
from ops.stacks.parts import Part
from ops.tests import calls, rig
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


NAME = "t-fault"


def ops(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return calls.called(name, *arguments, "--name", NAME)


def up() -> int:
    return calls.process("up", "--port", "0", "--name", NAME).returncode


def call(name: str, *arguments: str) -> list[str]:
    return [*calls.OPS, name, *arguments, "--name", NAME]


def fault(*arguments: str) -> str:
    """What it says."""
    outcome = command.main([*arguments, "--name", NAME], standalone_mode=False)
    assert isinstance(outcome, Outcome)
    assert outcome.exit == Exit.HELD
    return str(outcome.text)


def broken() -> list[str]:
    """What `status` says is broken."""
    lines = str(lifecycle.status.main(["--name", NAME], standalone_mode=False).text).splitlines()
    return [line.removeprefix("  broken: ") for line in lines if line.startswith("  broken: ")]


def states() -> dict[str, str]:
    parts = registry.stack(NAME).parts
    return {part.service: parts.see(part).state for part in parts.all()}


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[None]:
    try:
        assert up() == 0
        yield
    finally:
        assert ops("down").returncode == 0


def test_what_is_broken_stays_until_it_is_cleared() -> None:
    assert fault("killed", "orders").startswith("confirmed: orders killed: seen running → stopped")
    fault("paused", "users")
    assert [line.partition(" since ")[0] for line in fault("list").splitlines()] == ["paused users", "killed orders"]
    assert (states()["orders"], states()["users"]) == ("stopped", "paused")
    assert broken() == fault("list").splitlines()
    assert {line.partition(" after ")[0] for line in fault("clear").splitlines()} == {"users is back", "orders is back"}
    assert set(states().values()) == {"running"}
    assert (fault("list"), broken()) == (f"nothing of {NAME} is broken", [])
    assert fault("clear") == f"nothing of {NAME} was broken"


def test_for_a_while() -> None:
    began = time.monotonic()
    done = ops("fault", "stopped", "products", "--for", "300ms")
    assert "stopped → stopped → running, back after" in done.stdout
    assert re.search(r"stopped products is in force until \d\d:\d\d:\d\d \S+; Ctrl-C ends it", done.stderr)
    assert time.monotonic() - began > 0.3
    assert set(states().values()) == {"running"}
    assert fault("list") == f"nothing of {NAME} is broken"


def test_a_restart_is_over_at_once() -> None:
    assert fault("restarted", "products").startswith("confirmed: products restarted")
    ready = {service.name: service.ready_ms for service in registry.stack(NAME).status().services}
    assert ready["gateway"]
    assert ready["products"] is None, "that time is of a process that is gone"


def test_a_rolling_restart_replaces_what_is_named_alone() -> None:
    before = {part.service: registry.stack(NAME).parts.see(part).run for part in registry.stack(NAME).parts.all()}
    done = ops("restart", "products", "--json")
    assert done.returncode == Exit.HELD, done.stderr
    after = {one["name"]: str(one["pid"]) for one in json.loads(done.stdout)["services"]}
    assert [name for name in before if before[name] != after[name]] == ["products"]
    assert states() == dict.fromkeys(before, "running")


def test_nothing_is_restarted_while_something_is_broken() -> None:
    fault("paused", "orders")
    refused = ops("restart", "products")
    assert (refused.returncode, refused.stdout) == (Exit.USAGE, "")
    assert re.search(r"broken: paused orders since .*; restore it with: .* fault clear --name t-fault", refused.stderr)
    fault("clear")


def test_faults_on_links_stay_beside_each_other_and_one_that_is_down_counts_nobody_until_all_are_cleared() -> None:
    """Not even who tried it out."""
    confirmed = fault("status", "gateway:products", "--code", "503", "--times", "1")
    assert confirmed.startswith(
        "confirmed on a request of our own: status code=503 on gateway:products: asked for once;"
    )
    fault("latency", "orders:users", "--ms", "200", "--jitter", "50")
    assert "asked for every time, seen to refuse connections;" in fault("down", "orders:products")
    url = str(registry.stack(NAME).status().url)
    assert [requests.get(f"{url}/products", timeout=5).status_code for _ in range(2)] == [503, 200]
    assert fault("list").splitlines() == [
        "status code=503 gateway:products, took effect 1 of 1 times, used up",
        "latency ms=200.0 jitterMs=50.0 orders:users, took effect never",
        "down orders:products, seen to refuse connections",
    ]
    assert broken() == fault("list").splitlines()[1:], "the first is used up"
    fault("blackhole", "gateway:orders")
    fault("killed", "orders")
    back, *ended = fault("clear").splitlines()
    assert back.partition(" after ")[0] == "orders is back", "once its link is, too"
    assert [line.partition(",")[0] for line in ended] == [
        "status code=503 gateway:products",
        "latency ms=200.0 jitterMs=50.0 orders:users",
        "down orders:products",
        "blackhole gateway:orders",
    ]
    assert ended[2] == "down orders:products, seen to refuse connections: cleared"
    assert fault("list") == f"nothing of {NAME} is broken"
    assert "wire-faults" not in registry.stack(NAME).capabilities


def test_the_first_fault_on_a_link_ends_no_fault_on_a_service() -> None:
    fault("paused", "orders")
    refused = ops("fault", "reset", "orders:users")
    assert (refused.returncode, states()["orders"]) == (Exit.USAGE, "paused")
    assert "orders is paused" in refused.stderr
    assert fault("clear").startswith("orders is back")


def lasting() -> list[str]:
    """The link faults in force, but for those that are only to be seen on a request of ours."""
    faults = on_links.wire(registry.stack(NAME))
    return [fault["kind"] for fault in faults.in_force() if fault["requestIds"] == "*"] if faults else []


def test_a_link_fault_that_a_killed_ops_left_ends_a_little_after_its_time_and_the_link_takes_another() -> None:
    """Which, cleared meanwhile, was not in force as long as asked."""
    going = subprocess.Popen(call("fault", "blackhole", "orders:users", "--for", "5s"), cwd=ROOT, text=True)
    eventually(lambda: lasting() == ["blackhole"])
    going.kill()
    going.wait()
    eventually(lambda: not lasting())
    done = ops("fault", "reset", "orders:users", "--for", "300ms")
    assert "reset orders:users is in force until" in done.stderr
    assert done.stdout.endswith("reset on orders:users: asked for every time, no other request met it\n")
    going = subprocess.Popen(
        call("fault", "reset", "orders:users", "--for", "5m"), cwd=ROOT, text=True, stderr=subprocess.PIPE
    )
    eventually(lambda: lasting() == ["reset"])
    refused = ops("fault", "latency", "orders:users", "--ms", "100")
    assert refused.returncode == Exit.USAGE
    assert "reset is in force on orders:users already, for any request; end it with" in refused.stderr
    fault("clear")
    assert "another call cleared it before its time" in going.communicate(timeout=60)[1]
    assert going.returncode == Exit.NOT_PROVEN


def during(seconds: str, stderr: int | None = None) -> subprocess.Popen[str]:
    """An ops that keeps orders paused."""
    going = subprocess.Popen(call("fault", "paused", "orders", "--for", seconds), cwd=ROOT, text=True, stderr=stderr)
    eventually(lambda: states()["orders"] == "paused")
    return going


def test_ctrl_c_restores_and_says_so() -> None:
    going = during("1m", stderr=subprocess.PIPE)
    assert going.stderr is not None
    assert "paused orders is in force until" in going.stderr.readline()
    going.send_signal(signal.SIGINT)
    said = going.communicate()[1]
    assert going.returncode == Exit.INTERRUPTED
    assert "paused orders is cleared" in said
    assert set(states().values()) == {"running"}


def test_what_a_killed_ops_left_is_cleared() -> None:
    going = during("1m")
    going.kill()
    going.wait()
    assert fault("list").startswith("paused orders since")
    assert fault("clear").startswith("orders is back after")
    assert set(states().values()) == {"running"}


def test_what_was_cleared_meanwhile_was_not_in_force_as_long_as_asked() -> None:
    going = during("5m", stderr=subprocess.PIPE)
    fault("clear")
    assert "paused orders was cleared by another call before its time" in going.communicate(timeout=60)[1]
    assert going.returncode == Exit.NOT_PROVEN


def test_what_could_not_be_restored_is_not_called_cleared_and_goes_on_standing() -> None:
    port = int(address("users").rpartition(":")[2])
    going = subprocess.Popen(
        call("fault", "killed", "users", "--for", "1m"), cwd=ROOT, text=True, stderr=subprocess.PIPE
    )
    eventually(lambda: states()["users"] == "stopped")
    assert going.stderr is not None
    assert "is in force until" in going.stderr.readline()
    with rig.service(port):
        going.send_signal(signal.SIGINT)
        said = going.communicate()[1]
    assert "users was killed and ended again when it was started" in said
    assert "cleared" not in said
    assert going.returncode == Exit.NOT_READY
    assert fault("list").startswith("killed users since")
    assert fault("clear").startswith("users is back")


def half_changed() -> bool:
    """The fault proxy is there, and not everybody goes through it yet."""
    state = registry.stack(NAME).state
    return state is not None and state.unfinished and bool(state.links)


def test_ctrl_c_while_links_change_leaves_every_service_running() -> None:
    going = subprocess.Popen(call("fault", "latency", "orders:products", "--ms", "100"), cwd=ROOT)
    await_drain("orders")
    going.send_signal(signal.SIGINT)
    assert going.wait() == Exit.INTERRUPTED
    assert set(states().values()) == {"running"}
    assert fault("list") == f"nothing of {NAME} is broken"
    fault("clear")


def test_links_that_a_killed_ops_left_half_changed_are_changed_whole() -> None:
    going = subprocess.Popen(call("fault", "latency", "orders:products", "--ms", "100"), cwd=ROOT)
    eventually(half_changed)
    going.kill()
    going.wait()
    again = ops("fault", "latency", "orders:products", "--ms", "100")
    if again.returncode == Exit.USAGE:
        assert "fault clear" in again.stderr, "a service was just being restarted"
        fault("clear")
        fault("latency", "orders:products", "--ms", "100")
    state = registry.stack(NAME).state
    assert state
    asked = psutil.Process(state.member("orders").pid).environ()["PRODUCTS_URL"]
    (port,) = state.links["orders:products"]
    assert asked.endswith(f":{port}")
    fault("clear")
    assert processes.of(registry.stack(NAME).layout.directory, programs.PROXY) == []


@pytest.mark.parametrize("kind", ["stopped", "restarted"])
def test_ctrl_c_while_a_service_drains_leaves_it_running(kind: str) -> None:
    going = subprocess.Popen(call("fault", kind, "orders"), cwd=ROOT)
    await_drain("orders")
    going.send_signal(signal.SIGINT)
    assert going.wait() == Exit.INTERRUPTED
    assert set(states().values()) == {"running"}
    assert fault("list") == f"nothing of {NAME} is broken"


def await_drain(service: str) -> None:
    """Return when it takes no connection any more, and still runs."""
    ready = f"http://{address(service)}/readyz"
    eventually(lambda: probes.status(ready, 1) is None, every=0.001)


def address(service: str) -> str:
    return str({one.name: one.address for one in registry.stack(NAME).status().services}[service])


def test_without_its_fault_proxy_a_stack_is_not_ready_until_it_is_cleared() -> None:
    fault("latency", "gateway:orders", "--ms", "100")
    fault("paused", "users")
    fault("killed", "orders")
    for proxy in processes.of(registry.stack(NAME).layout.directory, programs.PROXY):
        proxy.kill()
        proxy.wait()
    assert ops("fault", "list").returncode == Exit.NOT_READY
    assert registry.stack(NAME).status().state == "degraded"
    paused, killed, proxy_gone = broken()
    assert (paused.partition(" since ")[0], killed.partition(" since ")[0]) == ("paused users", "killed orders")
    assert "fault proxy" in proxy_gone
    cleared = fault("clear")
    assert ("users is back" in cleared, "orders is back" in cleared) == (True, True)
    assert registry.stack(NAME).status().state == "ready"


def test_what_a_dead_worker_has_broken_is_restored_without_the_fault_proxy() -> None:
    """Both may have died of the same thing."""
    fault("latency", "gateway:orders", "--ms", "100")
    fault("killed", "products")
    for proxy in processes.of(registry.stack(NAME).layout.directory, programs.PROXY):
        proxy.kill()
        proxy.wait()
    restore.all_of(registry.stack(NAME))
    assert registry.stack(NAME).status().state == "ready"


def test_what_no_fault_explains_is_not_called_whole_and_what_up_has_mended_is_forgotten() -> None:
    state = registry.stack(NAME).state
    assert state
    assert state.gateway.pid
    psutil.Process(state.gateway.pid).kill()
    eventually(lambda: registry.stack(NAME).status().state == "degraded")
    said = f", but it is degraded; bring it up again with: python3 -m ops up --name {NAME}"
    assert (fault("list"), fault("clear")) == (
        f"nothing of {NAME} is broken{said}",
        f"nothing of {NAME} was broken{said}",
    )
    fault("killed", "orders")
    assert up() == 0
    assert fault("list") == f"nothing of {NAME} is broken"
    registry.stack(NAME).parts.kill(Part("orders"))
    assert fault("list") == "orders is stopped, not by `ops fault`", "what `up` has mended does not stand any more"
    fault("clear")


def test_an_id_that_no_request_can_have_is_refused() -> None:
    refused = ops("fault", "reset", "orders:users", "--request-id", "demo-1")
    assert refused.returncode == Exit.USAGE
    assert "no request bears the ID 'demo-1'" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("burnt", "orders"), "there are stopped, killed, paused, restarted, recreated, status"),
        (("latncy", "orders:users", "--ms", "800"), "there is no fault 'latncy', the nearest is latency; there are"),
        (("latency", "orders:users"), "latency needs --ms MS"),
        (("status", "orders:users"), "status needs --code CODE"),
        (("cut", "orders:products"), "cut needs a stack on Compose: python3 -m ops up --stack compose"),
        (("killed", "basket"), "there are users, products, orders"),
        (("killed", "orders.2"), "there are users, products, orders"),
        (("killed",), "what is to be broken"),
        (("recreated", "orders"), "it knows stopped, killed, paused, restarted"),
        (("cut", "orders:products"), "it knows status, latency, drip"),
        (("killed", "orders", "--for", "soon"), "one looks like 30s"),
        (("down", "orders:basket"), "there are gateway:users, gateway:products"),
        (("latency", "orders:users", "--code", "503"), "it takes --ms, --jitter"),
        (("killed", "orders", "--ms", "5"), "killed takes no --ms"),
        (("reset", "orders:users", "--for", "61m"), "an hour at the most"),
        (("restarted", "orders", "--for", "3s"), "restarted is over at once: it takes no --for"),
        (("list", "--code", "503"), "list takes no --code"),
        (("clear", "--for", "3s"), "clear takes no --for"),
        (("list", "orders"), "takes no target"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_there_is(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises((WrongUsage, click.UsageError)) as refused:
        command.main([*arguments, "--name", NAME], standalone_mode=False)
    assert why in str(refused.value)
    assert getattr(refused.value, "exit_code", Exit.USAGE) == Exit.USAGE
    assert set(states().values()) == {"running"}
