"""One contract for every kind of stack: local, Compose, and a remote one, of which nothing but its answers is ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from ops.api import break_service, link_faults, log_lines, output, usage
from ops.checks import CheckResult
from ops.errors import OpsError, StackNotReady
from ops.faults import restore
from ops.faults.catalogue import KINDS, SERVICE, names
from ops.provision.docker import Docker
from ops.stacks import kinds, local, remote
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import Stack, UpOptions
from ops.stacks.parts import Part
from ops.stacks.remote import RemoteStack
from ops.stacks.swarm.cluster import INIT
from ops.stacks.swarm.stack import SwarmStack
from ops.system import Link, current, use
from ops.tests.compose.conftest import QUIET
from ops.tests.compose.conftest import docker as docker
from ops.tests.compose.conftest import environment as environment
from ops.tests.swarm.engine import is_swarm
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole

ORDERS = Part("orders")
LINK = Link("gateway", "products")
MADE_OF = (local.KIND, kinds.COMPOSE, kinds.SWARM, remote.KIND)
OF_ALL = {"exec", "logs", "gateway-config", "kill", "pause", "usage"}
OF_CONTAINERS = {"recreate", "wire-faults", "cut"}
MORE = {
    local.KIND: {"sqlite", "writable-secrets", "caller-addresses"},
    kinds.COMPOSE: {"sqlite", "writable-secrets", *OF_CONTAINERS},
    kinds.SWARM: {"postgres", *OF_CONTAINERS},
}


def made(kind: str, home: Path, request: pytest.FixtureRequest) -> Stack:
    if kind == kinds.COMPOSE:
        docker: Docker = request.getfixturevalue("docker")
        return ComposeStack(Layout("t-contract", home), docker.environment)
    if kind == kinds.SWARM:
        return on_swarm(home, request.getfixturevalue("docker"), request)
    return LocalStack(Layout("t-contract", home), dict(os.environ))


def on_swarm(home: Path, docker: Docker, request: pytest.FixtureRequest) -> SwarmStack:
    """Where this engine manages a Swarm already: the whole shop on one takes minutes."""
    if not is_swarm(docker):
        pytest.skip(f"this engine is no manager of a Swarm: {INIT}")
    request.addfinalizer(lambda: use(None))
    use("postgres")
    return SwarmStack(Layout("t-contract", home), docker.environment)


@pytest.fixture(scope="module", params=MADE_OF)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One that is up; the remote one is somebody else's local stack."""
    kind = str(request.param)
    own = made(kind, tmp_path_factory.mktemp("home") / ".ops", request)
    with own.held():
        try:
            own.up(UpOptions(0), QUIET)
            yield RemoteStack(own.base_url) if kind == remote.KIND else own
        finally:
            own.down()
    assert own.directory
    assert (own.status().state, own.directory.exists()) == ("down", False)


def of(stack: Stack, capability: str) -> Stack:
    if capability not in stack.capabilities:
        pytest.skip(f"a {stack.kind} stack has no {capability}")
    return stack


def test_it_says_what_it_is(stack: Stack) -> None:
    status = stack.status()
    assert (status.name, status.stack, status.url) == (stack.name, stack.kind, stack.base_url)
    assert (status.state, status.required_ready()) == ("ready", status)
    shown = [(one.name, one.state, bool(one.ready_ms)) for one in status.services]
    assert shown == [(part.name, "running", True) for part in current().parts if stack.directory]
    assert requests.get(f"{stack.base_url}/healthz", timeout=5).status_code == 200


def test_it_says_what_can_be_done_to_it(stack: Stack) -> None:
    assert stack.capabilities == (OF_ALL | MORE[stack.kind] if stack.directory else set())


def test_coming_up_again_changes_nothing(stack: Stack) -> None:
    before = stack.status()
    assert stack.up(UpOptions(None), QUIET) == before


@pytest.mark.parametrize(
    ("capability", "deed"),
    [
        ("exec", lambda stack: output(stack, "orders", "env")),
        ("gateway-config", lambda stack: stack.check_gateway()),
        ("usage", lambda stack: usage(stack, "orders")),
        ("kill", lambda stack: stack.parts),
        ("kill", lambda stack: break_service(stack, "killed", "orders")),
        ("kill", lambda stack: stack.kind == kinds.SWARM or stack.rollout("orders", QUIET)),
        ("wire-faults", lambda stack: link_faults(stack)),
        ("logs", lambda stack: stack.layout),
    ],
)
def test_what_it_lacks_is_refused_in_words(stack: Stack, capability: str, deed: Callable[[Stack], object]) -> None:
    if capability in stack.capabilities:
        assert deed(stack) is not None
        return
    with pytest.raises(StackNotReady, match=f"{stack.name}"):
        deed(stack)


def test_what_has_no_capabilities_takes_part_in_a_run_all_the_same(stack: Stack, tmp_path: Path) -> None:
    if stack.capabilities:
        pytest.skip("this one has")
    for deed in (stack.clear, stack.keep, stack.stop, stack.down, stack.withdraw_proxy, stack.withdraw_dead_proxy):
        deed()
    stack.keep_evidence(tmp_path / "kept")
    restore.all_of(stack)
    assert (stack.state, list(stack.log_files()), stack.versions(), list(tmp_path.iterdir())) == (None, [], {}, [])
    assert stack.status().state == "ready"


def test_a_command_runs_with_a_services_settings(stack: Stack) -> None:
    of(stack, "exec")
    assert "PRODUCTS_URL=http://" in output(stack, "orders", "env")
    row = "id,name,amount,currency\ncontract-cup,Cup,100,EUR\n"
    load = ("python", "-m", "services.products", "load", "-")
    assert output(stack, "products", *load, given=row) == "1 loaded, 0 refused\n"
    assert requests.get(f"{stack.base_url}/products/contract-cup", timeout=5).status_code == 200
    with pytest.raises(StackNotReady, match="account-not-found"):
        output(stack, "users", "python", "-m", "services.users", "grant", "nobody@example.test", "admin")


def test_a_request_is_found_in_the_logs_of_all_that_had_it(stack: Stack) -> None:
    of(stack, "logs")
    request_id = "contract-logs-1"
    requests.get(f"{stack.base_url}/products", headers={"X-Request-ID": request_id}, timeout=5)
    eventually(lambda: {line["service"] for line in log_lines(stack, request_id)} == {"gateway", "products"})


def test_its_gateway_is_checked_where_it_runs(stack: Stack) -> None:
    results: list[CheckResult] = list(of(stack, "gateway-config").check_gateway())
    assert (bool(results), [result for result in results if not result.ok]) == (True, [])


def test_it_says_on_what_it_runs(stack: Stack) -> None:
    versions = of(stack, "gateway-config").versions()
    assert ("nginx" in versions, "unknown" in versions.values()) == (True, False)


def test_evidence_is_taken_while_it_is_there(stack: Stack, tmp_path: Path) -> None:
    of(stack, "logs").keep_evidence(tmp_path)
    kept = {file.name: file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    assert "listening" in kept["orders.log"]


def test_what_a_service_uses_is_measured_while_it_runs(stack: Stack) -> None:
    used = usage(of(stack, "usage"), "orders")
    assert (used.memory > 20 * 1024 * 1024, used.threads > 1) == (True, True)
    with break_service(stack, "stopped", "orders"), pytest.raises(StackNotReady):
        usage(stack, "orders")


@pytest.mark.parametrize(
    ("kind", "meanwhile", "renewed"),
    [
        ("stopped", "stopped", (True, False)),
        ("killed", "stopped", (True, False)),
        ("paused", "paused", (False, False)),
        ("restarted", "running", (True, False)),
        ("recreated", "running", (True, True)),
    ],
)
def test_a_fault_is_seen_and_undone(stack: Stack, kind: str, meanwhile: str, renewed: tuple[bool, bool]) -> None:
    of(stack, KINDS[kind].capability)
    before = stack.parts.see(ORDERS)
    with break_service(stack, kind, "orders") as broken:
        assert stack.parts.see(broken.part).state == meanwhile
        assert {one.name: one.state for one in stack.status().services}["orders"] == meanwhile
        assert meanwhile == "running" or stack.status().state == "degraded"
    after = stack.parts.see(broken.part)
    has_body = stack.kind == kinds.COMPOSE  # a process is its own body, and Swarm makes new containers alone
    assert (after.run != before.run, after.body != before.body) == (renewed if has_body else (renewed[0], renewed[0]))
    assert requests.get(f"{stack.base_url}/orders", timeout=5).status_code == 401
    evidence = broken.evidence()
    assert {"kind": kind, "target": "orders", "state": "confirmed"}.items() <= evidence.items()
    assert set(evidence) == {"kind", "target", "state", "ms", "detail", "recoveryMs"}
    assert broken.recovery_ms
    assert broken.recovery_ms < 10_000


def test_every_kind_of_service_fault_is_here() -> None:
    assert names(SERVICE) == ["stopped", "killed", "paused", "restarted", "recreated"]


def test_a_link_that_had_no_fault_proxy_gets_one_and_loses_it_again(stack: Stack) -> None:
    of(stack, "kill").provide_link(LINK, stay=False)
    with link_faults(stack).inject("status", str(LINK), code=503):
        assert requests.get(f"{stack.base_url}/products", timeout=5).status_code == 503
    assert restore.clear(stack) == []
    assert requests.get(f"{stack.base_url}/products", timeout=5).status_code == 200
    assert (stack.status().state, list(restore.in_force(stack))) == ("ready", [])


def test_only_one_call_changes_it_at_a_time(stack: Stack) -> None:
    of(stack, "kill")
    with pytest.raises(OpsError, match="another ops call works on"), stack.held(0):
        pass
