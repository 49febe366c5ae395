"""A Compose stack while it runs: its states, its commands, its logs."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest
import requests

from ops.provision.docker import Docker
from ops.stacks import processes
from ops.stacks.compose import containers, follower
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.tests.compose.conftest import LINK, QUIET, Make, replace
from ops.tests.waiting import eventually
from ops.trace import logs

pytestmark = pytest.mark.whole


def url(stack: ComposeStack) -> str:
    return str(stack.status().url)


def lines(stack: ComposeStack, request_id: str) -> list[logs.LogLine]:
    return list(logs.lines(stack.log_files(), request_id))


def test_it_tells_of_what_is_in_its_images_and_not_on_this_machine(stack: ComposeStack, docker: Docker) -> None:
    versions = stack.versions()
    assert set(versions) == {"docker engine", "docker compose", "nginx"}
    inside = containers.inside(docker, stack.containers.of("gateway")[0], ["nginx", "-v"]).stderr
    assert inside.strip().startswith(f"nginx version: nginx/{versions['nginx']}")
    assert "unknown" not in versions.values()


def test_the_log_of_each_service_begins_with_its_first_line(stack: ComposeStack) -> None:
    services = {"users", "products", "orders"}
    jobs = {"keys", *(f"{name}-migrate" for name in services)}
    assert {file.stem for file in stack.log_files()} == services | jobs | {"gateway", "faults"}
    events = {line["service"]: line["event"] for line in reversed(lines(stack, "*"))}
    assert (events["users"], events["orders"], events["products"]) == ("listening", "listening", "seeded")


def test_health_checks_are_not_in_the_gateways_log(stack: ComposeStack) -> None:
    time.sleep(1.5)
    assert not [line for line in lines(stack, "*") if line.get("client") == "127.0.0.1"]


def test_what_a_replaced_container_wrote_stays(stack: ComposeStack) -> None:
    requests.get(f"{url(stack)}/products", headers={"X-Request-ID": "compose-before-1"}, timeout=5)
    eventually(lambda: len(lines(stack, "compose-before-1")) == 2)
    replace(stack, "products")
    eventually(lambda: stack.status().state == "ready", 15)
    assert len(lines(stack, "compose-before-1")) == 2
    eventually(lambda: len([file for file in stack.log_files() if file.stem == "products"]) == 2)


def test_a_restarted_container_goes_on_in_its_file(stack: ComposeStack) -> None:
    stack.containers.of("users")[0].restart()
    own = [line for line in lines(stack, "*") if line["service"] == "users"]
    eventually(lambda: len([line for line in _of(stack, "users") if line["event"] == "listening"]) == 2)
    assert [line["event"] for line in own].count("drained") <= 1
    eventually(lambda: stack.status().state == "ready", 15)


def _of(stack: ComposeStack, service: str) -> list[logs.LogLine]:
    return [line for line in lines(stack, "*") if line["service"] == service]


def test_a_follower_that_was_killed_is_replaced_and_doubles_nothing(stack: ComposeStack) -> None:
    before = _of(stack, "orders")
    _follower(stack).kill()
    with stack.layout.held():
        stack.up(UpOptions(None, (LINK,)), QUIET)
    eventually(lambda: _of(stack, "orders")[: len(before)] == before)
    now = [str(line) for line in _of(stack, "orders")]
    assert len(set(now)) == len(now)
    assert _follower(stack).is_running()


def _follower(stack: ComposeStack) -> psutil.Process:
    (found,) = processes.of(stack.layout.directory, follower.MODULE)
    return found


def test_evidence_is_taken_while_it_is_there(stack: ComposeStack, tmp_path: Path) -> None:
    stack.keep_evidence(tmp_path)
    kept = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    orders = (tmp_path / "inspect" / f"{stack.containers.of('orders')[0].name}.json").read_text()
    assert "compose.yml" in kept
    assert '"ExitCode": 0' in orders
    assert '"Health"' in orders
    assert any(name.startswith("logs/orders.1-") for name in kept)


def test_the_stacks_of_a_checkout_share_their_images(stack: ComposeStack, make: Make) -> None:
    names = {one.attrs["Config"]["Image"] for one in stack.containers.all()}
    before = {one.image.id for one in stack.containers.all()}
    make("other").project().build()
    assert {stack.containers.client.images.get(name).id for name in names} == before
